-module(climb).
-export([longest/1, split/1]).

longest([]) -> none;
longest([First | Rest]) -> longest(Rest, First, {1, 1, 0}, {1, 1, 0}).

longest([], _Last, Now, Best) ->
    better(Now, Best);
longest([N | Rest], Last, {Start, Length, Gain}, Best) when N > Last ->
    longest(Rest, N, {Start, Length + 1, Gain + N - Last}, Best);
longest([N | Rest], _Last, {Start, Length, _} = Now, Best) ->
    longest(Rest, N, {Start + Length, 1, 0}, better(Now, Best)).

better({_, Length, Gain} = Now, {_, BestLength, BestGain}) when
    {Length, Gain} > {BestLength, BestGain}
->
    Now;
better(_Now, Best) ->
    Best.

split([]) -> [];
split([First | Rest]) -> split(Rest, [First], []).

split([], Climb, Done) ->
    lists:reverse([lists:reverse(Climb) | Done]);
split([N | Rest], [Last | _] = Climb, Done) when N > Last ->
    split(Rest, [N | Climb], Done);
split([N | Rest], Climb, Done) ->
    split(Rest, [N], [lists:reverse(Climb) | Done]).
