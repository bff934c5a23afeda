-module(fares).
-export([group/1, price/3]).

group(Age) ->
    Starts = [{65, senior}, {15, adult}, {6, child}, {0, infant}],
    hd([Group || {From, Group} <- Starts, Age >= From]).

price(Age, Zones, Hour) ->
    Checks = [
        {age, is_integer(Age) andalso Age >= 0},
        {zones, lists:any(fun(N) -> N =:= Zones end, [1, 2, 3, 4])},
        {hour, lists:any(fun(N) -> N =:= Hour end, lists:seq(0, 23))}
    ],
    case [Name || {Name, false} <- Checks] of
        [Name | _] -> {error, Name};
        [] -> {ok, round(full(Zones, Hour) * maps:get(group(Age), #{infant => 0, child => 0.5, adult => 1, senior => 0.5}))}
    end.

full(Zones, Hour) ->
    Each = [case N of 1 -> 200; _ -> 80 end || N <- lists:seq(1, Zones)],
    Cheap = lists:member(Hour, lists:seq(9, 15)),
    lists:sum([case Cheap of true -> Cents - 20; false -> Cents end || Cents <- Each]).
