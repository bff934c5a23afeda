-module(shift).
-behaviour(supervisor).
-export([start_link/1, work/2, left/2, crash/2, present/1]).
-export([init/1, start_worker/1]).

start_link(Tasks) -> supervisor:start_link(?MODULE, Tasks).

work(Pid, Name) -> with(Pid, Name, fun(Worker) -> ask(Worker, work) end).

left(Pid, Name) -> with(Pid, Name, fun(Worker) -> ask(Worker, left) end).

crash(Pid, Name) ->
    with(Pid, Name, fun(Worker) ->
        Ref = monitor(process, Worker),
        Worker ! crash,
        receive
            {'DOWN', Ref, process, Worker, _} -> await(Pid, Name, Worker)
        end
    end).

present(Pid) -> lists:sort([Name || {Name, Child, _, _} <- workers(Pid), Child =/= undefined]).

init(Tasks) ->
    Flags = #{
        strategy => one_for_one,
        intensity => 1000,
        period => 1,
        auto_shutdown => all_significant
    },
    {ok, {Flags, [worker(Task) || Task <- Tasks]}}.

worker({Name, Count}) ->
    #{
        id => Name,
        start => {?MODULE, start_worker, [Count]},
        restart => transient,
        significant => true
    }.

start_worker(Count) -> {ok, spawn_link(fun() -> loop(Count) end)}.

loop(Count) ->
    receive
        {From, Ref, left} ->
            From ! {Ref, Count},
            loop(Count);
        {_From, _Ref, work} when Count =:= 1 ->
            ok;
        {From, Ref, work} ->
            From ! {Ref, {ok, Count - 1}},
            loop(Count - 1);
        crash ->
            exit(crash)
    end.

%% A worker answers, or has done its last thing.
ask(Worker, Question) ->
    Ref = monitor(process, Worker),
    Worker ! {self(), Ref, Question},
    receive
        {Ref, Answer} ->
            demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, process, Worker, normal} when Question =:= work ->
            {ok, 0};
        {'DOWN', Ref, process, Worker, _} ->
            {error, absent}
    end.

with(Pid, Name, Fun) ->
    case lists:keyfind(Name, 1, workers(Pid)) of
        {Name, Worker, _, _} when is_pid(Worker) ->
            case is_process_alive(Worker) of
                true -> Fun(Worker);
                false -> with(Pid, Name, Fun)
            end;
        {Name, restarting, _, _} ->
            with(Pid, Name, Fun);
        _ ->
            {error, absent}
    end.

await(Pid, Name, Old) ->
    case lists:keyfind(Name, 1, workers(Pid)) of
        {Name, New, _, _} when is_pid(New), New =/= Old -> ok;
        _ -> await(Pid, Name, Old)
    end.

workers(Pid) ->
    try
        supervisor:which_children(Pid)
    catch
        exit:_ -> []
    end.
