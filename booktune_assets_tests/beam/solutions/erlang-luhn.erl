-module(luhn).
-export([valid/1]).

valid(Text) ->
    Digits = [Char || Char <- Text, Char =/= $\s],
    length(Digits) > 1 andalso
        lists:all(fun(Char) -> Char >= $0 andalso Char =< $9 end, Digits) andalso
        sum(lists:reverse(Digits), 1) rem 10 =:= 0.

sum([], _Times) -> 0;
sum([Digit | Rest], Times) ->
    Product = (Digit - $0) * Times,
    Product div 10 + Product rem 10 + sum(Rest, 3 - Times).
