-module(shift).
-behaviour(supervisor).
-export([start_link/1, work/2, left/2, crash/2, present/1]).
-export([init/1, start_worker/1]).

start_link(Tasks) -> supervisor:start_link(?MODULE, Tasks).

init(Tasks) ->
    Flags = #{
        strategy => one_for_one, intensity => 1000, period => 1, auto_shutdown => all_significant
    },
    {ok, {Flags, [
        #{
            id => Name, start => {?MODULE, start_worker, [Count]},
            restart => transient, significant => true
        }
     || {Name, Count} <- Tasks
    ]}}.

start_worker(Count) -> {ok, proc_lib:spawn_link(fun() -> worker(Count) end)}.

worker(Count) ->
    receive
        {crash, _, _} ->
            exit(crash);
        {left, From, Ref} ->
            From ! {Ref, Count},
            worker(Count);
        {work, From, Ref} ->
            From ! {Ref, {ok, Count - 1}},
            Count > 1 andalso worker(Count - 1)
    end.

work(Pid, Name) ->
    case ask(Pid, Name, work) of
        {Worker, {ok, 0}} ->
            changed(Pid, Name, Worker),
            {ok, 0};
        {_, Answer} ->
            Answer
    end.

left(Pid, Name) -> element(2, ask(Pid, Name, left)).

crash(Pid, Name) ->
    case ask(Pid, Name, crash) of
        {none, Absent} -> Absent;
        {Worker, _} -> changed(Pid, Name, Worker)
    end.

present(Pid) -> lists:sort([Name || {Name, Worker} <- children(Pid), Worker =/= undefined]).

%% {process, its answer}; of one that crashed the reason
ask(Pid, Name, What) ->
    case proplists:get_value(Name, children(Pid)) of
        Worker when is_pid(Worker) ->
            Ref = monitor(process, Worker),
            Worker ! {What, self(), Ref},
            receive
                {Ref, {ok, 0} = Answer} ->
                    receive {'DOWN', Ref, process, _, _} -> {Worker, Answer} end;
                {Ref, Answer} ->
                    demonitor(Ref, [flush]),
                    {Worker, Answer};
                {'DOWN', Ref, process, _, crash} when What =:= crash ->
                    {Worker, crash};
                {'DOWN', Ref, process, _, _} ->
                    changed(Pid, Name, Worker),
                    ask(Pid, Name, What)
            end;
        restarting ->
            ask(Pid, Name, What);
        undefined ->
            {none, {error, absent}}
    end.

changed(Pid, Name, Worker) ->
    case proplists:get_value(Name, children(Pid)) of
        Worker -> changed(Pid, Name, Worker);
        restarting -> changed(Pid, Name, Worker);
        _ -> ok
    end.

children(Pid) ->
    try
        [{Name, Worker} || {Name, Worker, _, _} <- supervisor:which_children(Pid)]
    catch
        %% all have gone home
        exit:_ -> []
    end.
