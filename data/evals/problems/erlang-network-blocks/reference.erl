-module(netblock).
-export([parse/1, contains/2, size/1]).

parse(Binary) ->
    case binary:split(Binary, <<"/">>, [global]) of
        [Address] -> block(Address, <<"32">>);
        [Address, Length] -> block(Address, Length);
        _ -> error
    end.

contains({Address, Length}, Other) -> masked(Other, Length) =:= Address.

size({_Address, Length}) -> 1 bsl (32 - Length).

block(Address, Length) ->
    Parts = [number(Part, 255) || Part <- binary:split(Address, <<".">>, [global])],
    case {Parts, number(Length, 32)} of
        {[A, B, C, D], N} when A >= 0, B >= 0, C >= 0, D >= 0, N >= 0 ->
            {ok, {masked({A, B, C, D}, N), N}};
        _ ->
            error
    end.

%% -1 stands for no number
number(Text, Max) ->
    Digits = Text =/= <<>> andalso lists:all(fun(C) -> C >= $0 andalso C =< $9 end, binary_to_list(Text)),
    case Digits andalso binary_to_integer(Text) of
        Number when is_integer(Number), Number =< Max -> Number;
        _ -> -1
    end.

masked({A, B, C, D}, Length) ->
    <<Kept:Length/bits, _/bits>> = <<A, B, C, D>>,
    <<W, X, Y, Z>> = <<Kept/bits, 0:(32 - Length)>>,
    {W, X, Y, Z}.
