-module(exits).
-export([run/1, first/1]).

run(Jobs) ->
    Monitors = start(Jobs),
    maps:from_list([
        receive {'DOWN', Ref, process, Pid, Reason} -> {Name, outcome(Tag, Reason)} end
     || {Ref, {Pid, Name, Tag}} <- maps:to_list(Monitors)
    ]).

first(Jobs) -> first_of(start(Jobs)).

first_of(Left) when map_size(Left) =:= 0 ->
    none;
first_of(Left) ->
    receive
        {'DOWN', Ref, process, _, Reason} when is_map_key(Ref, Left) ->
            {{_, Name, Tag}, Others} = maps:take(Ref, Left),
            case outcome(Tag, Reason) of
                {ok, Term} ->
                    kill(Others),
                    {Name, Term};
                _ ->
                    first_of(Others)
            end
    end.

kill(Left) ->
    maps:foreach(fun(_, {Pid, _, _}) -> exit(Pid, kill) end, Left),
    maps:foreach(fun(Ref, _) -> receive {'DOWN', Ref, process, _, _} -> ok end end, Left).

%% a tag that nobody else has marks what a process itself says of its end
start(Jobs) ->
    maps:from_list([
        begin
            Tag = make_ref(),
            {Pid, Ref} = spawn_monitor(fun() -> exit(work(Job, Tag)) end),
            {Ref, {Pid, Name, Tag}}
        end
     || {Name, Job} <- Jobs
    ]).

work({exit, Reason}, _) ->
    exit(Reason);
work({value, Term}, Tag) ->
    {Tag, {ok, Term}};
work({error, Reason}, Tag) ->
    try
        error(Reason)
    catch
        error:What -> {Tag, {error, What}}
    end;
work(forever, _) ->
    receive after infinity -> ok end.

outcome(Tag, {Tag, Outcome}) -> Outcome;
outcome(_, Reason) -> {exit, Reason}.
