-module(pair).
-behaviour(supervisor).
-export([start_link/0, add/2, entries/1, count/2, crash/2, workers/1]).
-export([init/1, start_worker/0]).

start_link() -> supervisor:start_link(?MODULE, []).

add(Pid, Key) ->
    ok = ask(worker(Pid, journal), {add, Key}),
    ok = ask(worker(Pid, index), {add, Key}).

entries(Pid) -> lists:reverse(ask(worker(Pid, journal), all)).

count(Pid, Key) -> length([Key || One <- ask(worker(Pid, index), all), One =:= Key]).

workers(Pid) -> lists:sort([{Id, Child} || {Id, Child, _, _} <- supervisor:which_children(Pid)]).

crash(Pid, Which) ->
    Worker = worker(Pid, Which),
    Monitor = monitor(process, Worker),
    exit(Worker, kill),
    receive
        {'DOWN', Monitor, process, Worker, _} -> anew(Pid, Which, Worker)
    end.

init([]) ->
    Flags = #{strategy => one_for_all, intensity => 1000, period => 1},
    Children = [
        #{id => Id, start => {?MODULE, start_worker, []}, restart => permanent}
     || Id <- [journal, index]
    ],
    {ok, {Flags, Children}}.

start_worker() -> {ok, spawn_link(fun() -> loop([]) end)}.

loop(Keys) ->
    receive
        {From, Ref, {add, Key}} ->
            From ! {Ref, ok},
            loop([Key | Keys]);
        {From, Ref, all} ->
            From ! {Ref, Keys},
            loop(Keys)
    end.

ask(Worker, Question) ->
    Ref = make_ref(),
    Worker ! {self(), Ref, Question},
    receive
        {Ref, Answer} -> Answer
    end.

worker(Pid, Which) ->
    {Which, Worker} = lists:keyfind(Which, 1, workers(Pid)),
    Worker.

%% The supervisor starts all again before it answers anybody.
anew(Pid, Which, Old) ->
    case worker(Pid, Which) of
        New when is_pid(New), New =/= Old -> ok;
        _ -> anew(Pid, Which, Old)
    end.
