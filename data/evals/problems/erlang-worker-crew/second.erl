-module(crew).
-behaviour(supervisor).
-export([start_link/0, hire/2, count/1, add/3, total/2, crash/2, dismiss/2]).
-export([init/1, start_worker/2]).

start_link() -> supervisor:start_link(?MODULE, []).

init([]) ->
    Worker = #{id => worker, start => {?MODULE, start_worker, []}},
    {ok, {#{strategy => simple_one_for_one, intensity => 1000, period => 1}, [Worker]}}.

%% a worker and those that come in its place have one badge
start_worker(Start, Badge) -> {ok, proc_lib:spawn_link(fun() -> work(Start, Badge) end)}.

work(Total, Badge) ->
    receive
        {From, Ref, {add, N}} ->
            From ! {Ref, Total + N},
            work(Total + N, Badge);
        {From, Ref, badge} ->
            From ! {Ref, Badge},
            work(Total, Badge);
        {_, _, crash} ->
            exit(crash)
    end.

hire(Pid, Start) -> supervisor:start_child(Pid, [Start, make_ref()]).

count(Pid) -> proplists:get_value(active, supervisor:count_children(Pid)).

add(Pid, Worker, N) ->
    case lists:member(Worker, workers(Pid)) of
        true -> ask(Worker, {add, N});
        false -> {error, no_worker}
    end.

total(Pid, Worker) -> add(Pid, Worker, 0).

crash(Pid, Worker) ->
    case lists:member(Worker, workers(Pid)) andalso ask(Worker, badge) of
        Badge when is_reference(Badge) ->
            {error, no_worker} = ask(Worker, crash),
            {ok, successor(Pid, Worker, Badge)};
        _ ->
            {error, no_worker}
    end.

successor(Pid, Old, Badge) ->
    case [W || W <- workers(Pid), W =/= Old, ask(W, badge) =:= Badge] of
        [New] -> New;
        [] -> successor(Pid, Old, Badge)
    end.

dismiss(Pid, Worker) ->
    %% the supervisor says ok to any pid
    case lists:member(Worker, workers(Pid)) of
        true -> supervisor:terminate_child(Pid, Worker);
        false -> {error, no_worker}
    end.

workers(Pid) -> [W || {_, W, _, _} <- supervisor:which_children(Pid), is_pid(W)].

ask(Worker, What) ->
    Ref = monitor(process, Worker),
    Worker ! {self(), Ref, What},
    receive
        {Ref, Answer} ->
            demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, process, _, _} ->
            {error, no_worker}
    end.
