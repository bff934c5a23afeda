-module(inorder).
-export([start/1, put/3, held/1, skip/2]).

start(Sink) -> spawn(fun() -> loop(Sink, 1, []) end).

put(Pid, N, Term) ->
    Pid ! {?MODULE, put, N, Term},
    ok.

held(Pid) -> call(Pid, held).
skip(Pid, N) -> call(Pid, {skip, N}).

call(Pid, What) ->
    Ref = monitor(process, Pid),
    Pid ! {?MODULE, call, self(), Ref, What},
    receive
        {Ref, Answer} ->
            demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, process, _, Reason} ->
            exit(Reason)
    end.

%% Held: {Number, Term}, ascending, all numbers greater than Next
loop(Sink, Next, Held) ->
    receive
        {?MODULE, put, N, _} when N < Next ->
            loop(Sink, Next, Held);
        {?MODULE, put, N, Term} ->
            %% what is there already comes first and stays
            deliver(Sink, Next, lists:ukeymerge(1, Held, [{N, Term}]));
        {?MODULE, call, From, Ref, held} ->
            From ! {Ref, [N || {N, _} <- Held]},
            loop(Sink, Next, Held);
        {?MODULE, call, From, Ref, {skip, To}} ->
            {Now, Later} = lists:splitwith(fun({N, _}) -> N =< To end, Held),
            From ! {Ref, lists:seq(Next, max(To, Next - 1)) -- [N || {N, _} <- Now]},
            [Sink ! {item, N, Term} || {N, Term} <- Now],
            deliver(Sink, max(Next, To + 1), Later);
        _ ->
            loop(Sink, Next, Held)
    end.

deliver(Sink, Next, [{Next, Term} | Held]) ->
    Sink ! {item, Next, Term},
    deliver(Sink, Next + 1, Held);
deliver(Sink, Next, Held) ->
    loop(Sink, Next, Held).
