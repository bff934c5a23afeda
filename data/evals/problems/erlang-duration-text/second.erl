-module(lapse).
-export([parse/1, text/1]).

parse(Text) ->
    case re:run(Text, "\\A(?:([0-9]+)w)?(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?\\z",
                [unicode, {capture, all_but_first, list}]) of
        {match, Found} when Text =/= "" ->
            {ok, lists:sum([value(N, Size) || {N, Size} <- lists:zip(five(Found), sizes())])};
        _ ->
            error
    end.

five(Found) -> Found ++ lists:duplicate(5 - length(Found), "").

value("", _) -> 0;
value(Digits, Size) -> list_to_integer(Digits) * Size.

sizes() -> [7 * 24 * 60 * 60, 24 * 60 * 60, 60 * 60, 60, 1].

text(Seconds) when Seconds < 1 -> "0s";
text(Seconds) ->
    {Parts, 0} = lists:mapfoldl(
        fun({Size, Letter}, Left) -> {part(Left div Size, Letter), Left rem Size} end,
        Seconds,
        lists:zip(sizes(), "wdhms")
    ),
    lists:append(Parts).

part(0, _) -> [];
part(N, Letter) -> integer_to_list(N) ++ [Letter].
