-module(windows).
-export([sums/2, peaks/2, longest/2]).

%% By sums from the beginning: a window's sum is a difference of two.
sums(K, List) ->
    Totals = totals(List),
    case length(List) >= K of
        true -> differences(Totals, lists:nthtail(K, Totals));
        false -> []
    end.

differences(_, []) -> [];
differences([Before | As], [After | Bs]) -> [After - Before | differences(As, Bs)].

totals(List) -> lists:reverse(lists:foldl(fun(N, [Sum | _] = All) -> [Sum + N | All] end, [0], List)).

%% In blocks of K: a window is the end of one and the beginning of the next.
peaks(K, List) when length(List) < K -> [];
peaks(K, List) ->
    Blocks = blocks(K, List),
    Ends = lists:append([lists:reverse(running(lists:reverse(Block))) || Block <- Blocks]),
    Starts = lists:append([running(Block) || Block <- Blocks]),
    zip(Ends, lists:nthtail(K - 1, Starts)).

zip([E | Ends], [S | Starts]) -> [max(E, S) | zip(Ends, Starts)];
zip(_, []) -> [].

blocks(_, []) -> [];
blocks(K, List) ->
    {Block, Rest} = lists:split(min(K, length_up_to(K, List)), List),
    [Block | blocks(K, Rest)].

length_up_to(0, _) -> 0;
length_up_to(_, []) -> 0;
length_up_to(K, [_ | T]) -> 1 + length_up_to(K - 1, T).

running([H | T]) -> running(T, H, [H]).
running([], _, Done) -> lists:reverse(Done);
running([H | T], Max, Done) -> running(T, max(H, Max), [max(H, Max) | Done]).

%% The longest is searched by halving: shorter windows of a good one are good.
longest(Limit, List) -> search(Limit, List, 0, length(List)).

search(_, _, Low, Low) -> Low;
search(Limit, List, Low, High) ->
    Middle = (Low + High + 1) div 2,
    case lists:any(fun(Sum) -> Sum =< Limit end, sums(Middle, List)) of
        true -> search(Limit, List, Middle, High);
        false -> search(Limit, List, Low, Middle - 1)
    end.
