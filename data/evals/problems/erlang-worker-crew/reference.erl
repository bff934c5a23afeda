-module(crew).
-behaviour(supervisor).
-export([start_link/0, hire/2, count/1, add/3, total/2, crash/2, dismiss/2]).
-export([init/1, start_worker/1]).

start_link() -> supervisor:start_link(?MODULE, []).

hire(Pid, Start) -> supervisor:start_child(Pid, [Start]).

count(Pid) -> length(workers(Pid)).

add(Pid, Worker, N) -> with(Pid, Worker, fun() -> ask(Worker, {add, N}) end).

total(Pid, Worker) -> with(Pid, Worker, fun() -> ask(Worker, {add, 0}) end).

dismiss(Pid, Worker) -> with(Pid, Worker, fun() -> supervisor:terminate_child(Pid, Worker) end).

crash(Pid, Worker) ->
    with(Pid, Worker, fun() ->
        Others = workers(Pid),
        Ref = monitor(process, Worker),
        Worker ! crash,
        receive
            {'DOWN', Ref, process, Worker, _} -> {ok, newcomer(Pid, Others)}
        end
    end).

init([]) ->
    Flags = #{strategy => simple_one_for_one, intensity => 1000, period => 1},
    {ok, {Flags, [#{id => worker, start => {?MODULE, start_worker, []}}]}}.

start_worker(Start) -> {ok, spawn_link(fun() -> loop(Start) end)}.

loop(Total) ->
    receive
        {From, Ref, {add, N}} ->
            From ! {Ref, Total + N},
            loop(Total + N);
        crash ->
            exit(crash)
    end.

ask(Worker, Question) ->
    Ref = make_ref(),
    Worker ! {self(), Ref, Question},
    receive
        {Ref, Answer} -> Answer
    end.

with(Pid, Worker, Fun) ->
    case lists:member(Worker, workers(Pid)) of
        true -> Fun();
        false -> {error, no_worker}
    end.

workers(Pid) -> [Child || {_, Child, _, _} <- supervisor:which_children(Pid), is_pid(Child)].

newcomer(Pid, Others) ->
    case workers(Pid) -- Others of
        [New] -> New;
        [] -> newcomer(Pid, Others)
    end.
