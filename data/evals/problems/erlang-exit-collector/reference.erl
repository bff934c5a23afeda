-module(exits).
-export([run/1, first/1]).

run(Jobs) -> collect(start(Jobs), #{}).

first(Jobs) -> race(start(Jobs)).

start(Jobs) -> maps:from_list([start(Name, Job) || {Name, Job} <- Jobs]).

start(Name, Job) ->
    {Pid, Ref} = spawn_monitor(fun() -> work(Job) end),
    {Ref, {Name, Pid}}.

work({exit, Reason}) -> exit({left, {exit, Reason}});
work({value, Term}) -> exit({left, {ok, Term}});
work({error, Reason}) -> exit({left, {error, Reason}});
work(forever) -> timer:sleep(infinity).

collect(Running, Found) when map_size(Running) =:= 0 -> Found;
collect(Running, Found) ->
    {Name, Result, Rest} = next(Running),
    collect(Rest, Found#{Name => Result}).

race(Running) when map_size(Running) =:= 0 -> none;
race(Running) ->
    case next(Running) of
        {Name, {ok, Term}, Rest} ->
            [finish(Ref, Pid) || {Ref, {_, Pid}} <- maps:to_list(Rest)],
            {Name, Term};
        {_Name, _Result, Rest} ->
            race(Rest)
    end.

next(Running) ->
    receive
        {'DOWN', Ref, process, _, {left, Result}} when is_map_key(Ref, Running) ->
            {{Name, _}, Rest} = maps:take(Ref, Running),
            {Name, Result, Rest}
    end.

finish(Ref, Pid) ->
    exit(Pid, kill),
    receive
        {'DOWN', Ref, process, Pid, _} -> ok
    end.
