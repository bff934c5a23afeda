-module(windows).
-export([sums/2, peaks/2, longest/2]).

sums(K, List) when length(List) < K -> [];
sums(K, List) ->
    {First, Rest} = lists:split(K, List),
    sums(List, Rest, lists:sum(First)).

sums(_Leaving, [], Sum) -> [Sum];
sums([Old | Leaving], [New | Coming], Sum) -> [Sum | sums(Leaving, Coming, Sum - Old + New)].

%% The queue holds {Place, Number} of those that may still be the greatest, greatest first.
peaks(K, List) -> peaks(K, List, 1, queue:new(), []).

peaks(_K, [], _At, _Queue, Found) -> lists:reverse(Found);
peaks(K, [N | Rest], At, Old, Found) ->
    Queue = in(At, N, left(At, K, Old)),
    {value, {_, Peak}} = queue:peek(Queue),
    if
        At >= K -> peaks(K, Rest, At + 1, Queue, [Peak | Found]);
        true -> peaks(K, Rest, At + 1, Queue, Found)
    end.

left(At, K, Queue) ->
    case queue:peek(Queue) of
        {value, {I, _}} when I =< At - K -> queue:drop(Queue);
        _ -> Queue
    end.

in(At, N, Queue) ->
    case queue:peek_r(Queue) of
        {value, {_, Last}} when Last =< N -> queue:in({At, N}, smaller(queue:drop_r(Queue), N));
        _ -> queue:in({At, N}, Queue)
    end.

smaller(Queue, N) ->
    case queue:peek_r(Queue) of
        {value, {_, Last}} when Last =< N -> smaller(queue:drop_r(Queue), N);
        _ -> Queue
    end.

longest(Limit, List) -> longest(Limit, List, List, 0, 0, 0).

%% A window from what is at First to before what is at Next.
longest(_Limit, _First, [], _Sum, _Length, Best) -> Best;
longest(Limit, First, [N | Next], Sum, Length, Best) when Sum + N =< Limit ->
    longest(Limit, First, Next, Sum + N, Length + 1, max(Best, Length + 1));
longest(Limit, [_ | First], [_ | Next], _Sum, 0, Best) ->
    longest(Limit, First, Next, 0, 0, Best);
longest(Limit, [Old | First], Next, Sum, Length, Best) ->
    longest(Limit, First, Next, Sum - Old, Length - 1, Best).
