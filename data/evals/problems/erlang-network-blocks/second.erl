-module(netblock).
-export([parse/1, contains/2, size/1]).

parse(Binary) ->
    case re:run(Binary, "\\A([0-9]+)\\.([0-9]+)\\.([0-9]+)\\.([0-9]+)(?:/([0-9]+))?\\z", [{capture, all_but_first, list}]) of
        {match, Found} -> block([list_to_integer(Digits) || Digits <- Found]);
        nomatch -> error
    end.

block([A, B, C, D]) -> block([A, B, C, D, 32]);
block([_, _, _, _, Length]) when Length > 32 -> error;
block([A, B, C, D, Length]) ->
    case lists:max([A, B, C, D]) of
        Most when Most > 255 -> error;
        _ -> {ok, {address(cut(number({A, B, C, D}), Length)), Length}}
    end.

number({A, B, C, D}) -> ((A * 256 + B) * 256 + C) * 256 + D.

address(N) -> {N bsr 24, (N bsr 16) band 255, (N bsr 8) band 255, N band 255}.

cut(N, Length) -> N - N rem (1 bsl (32 - Length)).

contains({Start, Length}, Address) -> cut(number(Address), Length) =:= number(Start).

size({_, Length}) -> round(math:pow(2, 32 - Length)).
