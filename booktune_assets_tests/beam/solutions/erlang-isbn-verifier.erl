-module(isbn_verifier).
-export([is_valid/1]).

is_valid(Text) ->
    Digits = [Char || Char <- Text, Char =/= $-],
    case re:run(Digits, "^[0-9]{9}[0-9X]$") of
        {match, _} -> lists:sum([N * value(C) || {N, C} <- lists:zip(lists:seq(1, 10), Digits)]) rem 11 =:= 0;
        nomatch -> false
    end.

value($X) -> 10;
value(Digit) -> Digit - $0.
