-module(keeper).
-export([start/2, running/1, restarts/1, stop/1]).

start(Workers, Most) ->
    Caller = self(),
    Ref = make_ref(),
    Pid = spawn(fun() ->
        process_flag(trap_exit, true),
        Started = maps:from_list([begin_work(Worker) || Worker <- Workers]),
        Caller ! {Ref, started},
        loop(Started, Most, 0)
    end),
    receive
        {Ref, started} -> {ok, Pid}
    end.

running(Pid) -> ask(Pid, running).
restarts(Pid) -> ask(Pid, restarts).

stop(Pid) ->
    Monitor = monitor(process, Pid),
    ok = ask(Pid, stop),
    receive
        {'DOWN', Monitor, process, Pid, _} -> ok
    end.

begin_work(Worker) -> {spawn_link(fun work/0), Worker}.

work() ->
    receive
        {finish, Reason} -> exit(Reason)
    end.

loop(Workers, Most, Count) ->
    receive
        {'EXIT', Pid, Reason} when is_map_key(Pid, Workers) ->
            {{Name, Restart} = Worker, Left} = maps:take(Pid, Workers),
            case again(Restart, Reason) of
                false -> loop(Left, Most, Count);
                true when Count >= Most -> exit({too_many, Name});
                true ->
                    {New, _} = begin_work(Worker),
                    loop(Left#{New => Worker}, Most, Count + 1)
            end;
        {From, Ref, running} ->
            From ! {Ref, lists:sort([{Name, Pid} || {Pid, {Name, _}} <- maps:to_list(Workers)])},
            loop(Workers, Most, Count);
        {From, Ref, restarts} ->
            From ! {Ref, Count},
            loop(Workers, Most, Count);
        {From, Ref, stop} ->
            [kill(Pid) || Pid <- maps:keys(Workers)],
            From ! {Ref, ok}
    end.

again(permanent, _Reason) -> true;
again(transient, Reason) -> Reason =/= normal;
again(temporary, _Reason) -> false.

kill(Pid) ->
    exit(Pid, kill),
    receive
        {'EXIT', Pid, _} -> ok
    end.

ask(Pid, Question) ->
    Ref = make_ref(),
    Pid ! {self(), Ref, Question},
    receive
        {Ref, Answer} -> Answer
    end.
