-module(quorum).
-export([ask/2]).

ask(Funs, Needed) ->
    Started = [spawn_monitor(fun() -> exit({?MODULE, value, Fun()}) end) || Fun <- Funs],
    collect(maps:from_list([{Monitor, Pid} || {Pid, Monitor} <- Started]), #{}, Needed).

collect(Running, Given, Needed) ->
    case lists:max([0 | maps:values(Given)]) of
        Needed ->
            stop(Running),
            [Value] = [Value || {Value, N} <- maps:to_list(Given), N =:= Needed],
            {ok, Value};
        Best when Best + map_size(Running) < Needed ->
            stop(Running),
            {error, undecided};
        _ ->
            next(Running, Given, Needed)
    end.

next(Running, Given, Needed) ->
    receive
        {'DOWN', Monitor, process, _, {?MODULE, value, Value}} when is_map_key(Monitor, Running) ->
            Votes = maps:update_with(Value, fun(N) -> N + 1 end, 1, Given),
            collect(maps:remove(Monitor, Running), Votes, Needed);
        {'DOWN', Monitor, process, _, _} when is_map_key(Monitor, Running) ->
            collect(maps:remove(Monitor, Running), Given, Needed)
    end.

stop(Running) -> maps:foreach(fun stop/2, Running).

stop(Monitor, Pid) ->
    exit(Pid, kill),
    receive {'DOWN', Monitor, process, Pid, _} -> ok end.
