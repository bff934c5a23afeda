-module(keeper).
-export([start/2, running/1, restarts/1, stop/1]).
-export([init/3]).

start(Workers, Most) -> proc_lib:start(?MODULE, init, [self(), Workers, Most]).

init(Caller, Workers, Most) ->
    process_flag(trap_exit, true),
    List = [{Name, new(), Restart} || {Name, Restart} <- Workers],
    proc_lib:init_ack(Caller, {ok, self()}),
    keep(List, Most, Most).

keep(List, Left, Most) ->
    receive
        {ask, From, Ref, What} when What =/= stop ->
            From ! {Ref, case What of
                running -> lists:sort([{N, P} || {N, P, _} <- List]);
                restarts -> Most - Left
            end},
            keep(List, Left, Most);
        {ask, From, Ref, stop} ->
            Monitors = [{P, monitor(process, P)} || {_, P, _} <- List],
            [exit(P, kill) || {P, _} <- Monitors],
            [receive {'DOWN', M, process, P, _} -> dead end || {P, M} <- Monitors],
            From ! {Ref, ok};
        {'EXIT', Pid, Reason} ->
            case lists:keytake(Pid, 2, List) of
                {value, {Name, _, Restart}, Others} ->
                    Dead = Restart =:= temporary orelse (Restart =:= transient andalso Reason =:= normal),
                    if
                        Dead -> keep(Others, Left, Most);
                        Left =:= 0 -> exit({too_many, Name});
                        true -> keep([{Name, new(), Restart} | Others], Left - 1, Most)
                    end;
                false ->
                    keep(List, Left, Most)
            end
    end.

new() -> spawn_link(fun() -> receive {finish, Reason} -> exit(Reason) end end).

running(Pid) -> ask(Pid, running).
restarts(Pid) -> ask(Pid, restarts).

stop(Pid) ->
    M = monitor(process, Pid),
    ask(Pid, stop),
    receive {'DOWN', M, process, Pid, _} -> ok end.

ask(Pid, What) ->
    Ref = make_ref(),
    Pid ! {ask, self(), Ref, What},
    receive {Ref, Answer} -> Answer end.
