-module(inorder).
-export([start/1, put/3, held/1, skip/2]).

start(Sink) -> spawn(fun() -> loop(Sink, 1, #{}) end).

put(Pid, N, Term) ->
    Pid ! {?MODULE, put, N, Term},
    ok.

held(Pid) -> ask(Pid, held).

skip(Pid, N) -> ask(Pid, {skip, N}).

ask(Pid, Question) ->
    Ref = make_ref(),
    Pid ! {?MODULE, self(), Ref, Question},
    receive
        {Ref, Answer} -> Answer
    end.

loop(Sink, Next, Held) ->
    receive
        {?MODULE, put, N, Term} when N >= Next, not is_map_key(N, Held) ->
            deliver(Sink, Next, Held#{N => Term});
        {?MODULE, From, Ref, held} ->
            From ! {Ref, lists:sort(maps:keys(Held))},
            loop(Sink, Next, Held);
        {?MODULE, From, Ref, {skip, Last}} ->
            {Sent, GivenUp} =
                lists:partition(fun(N) -> is_map_key(N, Held) end, lists:seq(Next, max(Next - 1, Last))),
            [Sink ! {item, N, maps:get(N, Held)} || N <- Sent],
            From ! {Ref, GivenUp},
            deliver(Sink, max(Next, Last + 1), maps:without(Sent, Held));
        _Other ->
            loop(Sink, Next, Held)
    end.

deliver(Sink, Next, Held) ->
    case maps:take(Next, Held) of
        {Term, Rest} ->
            Sink ! {item, Next, Term},
            deliver(Sink, Next + 1, Rest);
        error ->
            loop(Sink, Next, Held)
    end.
