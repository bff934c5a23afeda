-module(counter_tree).
-behaviour(supervisor).
-export([start_link/1, bump/2, value/2, kill/2, stop/1]).
-export([init/1, start_counter/0, count/1]).

start_link(Names) -> supervisor:start_link(?MODULE, Names).

init(Names) ->
    Flags = #{strategy => one_for_one, intensity => 1000, period => 1},
    {ok, {Flags, [#{id => Name, start => {?MODULE, start_counter, []}} || Name <- Names]}}.

start_counter() -> {ok, proc_lib:spawn_link(?MODULE, count, [0])}.

count(N) ->
    receive
        {From, Ref, Add} ->
            From ! {Ref, N + Add},
            ?MODULE:count(N + Add)
    end.

bump(Pid, Name) -> ask(child(Pid, Name), 1).
value(Pid, Name) -> ask(child(Pid, Name), 0).

ask(Counter, Add) ->
    Ref = monitor(process, Counter),
    Counter ! {self(), Ref, Add},
    receive
        {Ref, N} ->
            demonitor(Ref, [flush]),
            N;
        {'DOWN', Ref, process, _, Reason} ->
            exit(Reason)
    end.

kill(Pid, Name) ->
    Old = child(Pid, Name),
    exit(Old, kill),
    started(Pid, Name, Old).

started(Pid, Name, Old) ->
    case child(Pid, Name) of
        New when is_pid(New), New =/= Old -> ok;
        _ -> started(Pid, Name, Old)
    end.

child(Pid, Name) ->
    {Name, Child, _, _} = lists:keyfind(Name, 1, supervisor:which_children(Pid)),
    Child.

stop(Pid) ->
    %% the latest child is told first
    Children = lists:reverse(supervisor:which_children(Pid)),
    Values = [ask(Counter, 0) || {_, Counter, _, _} <- Children],
    ok = gen_server:stop(Pid),
    Values.
