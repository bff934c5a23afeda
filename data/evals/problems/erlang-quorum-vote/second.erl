-module(quorum).
-export([ask/2]).

ask(Funs, Needed) when length(Funs) < Needed ->
    {error, undecided};
ask(Funs, Needed) ->
    Me = self(),
    Tag = make_ref(),
    Workers = [spawn_monitor(fun() -> Me ! {Tag, self(), Fun()} end) || Fun <- Funs],
    Result = wait(Tag, maps:from_list(Workers), [], Needed),
    [end_it(Worker) || Worker <- Workers],
    flush(Tag),
    Result.

%% A value comes before the end of its process; who ends while it is open gives none.
wait(Tag, Open, Values, Needed) ->
    receive
        {Tag, Pid, Value} ->
            judge(Tag, maps:remove(Pid, Open), [Value | Values], Needed);
        {'DOWN', Monitor, process, Pid, _} when map_get(Pid, Open) =:= Monitor ->
            judge(Tag, maps:remove(Pid, Open), Values, Needed)
    end.

judge(Tag, Open, Values, Needed) ->
    Counts = [{length([1 || Other <- Values, Other =:= Value]), Value} || Value <- Values],
    {Best, Value} = lists:foldl(
        fun({N, _} = Now, {M, _}) when N > M -> Now; (_, Old) -> Old end, {0, none}, Counts),
    if
        Best >= Needed -> {ok, Value};
        Best + map_size(Open) < Needed -> {error, undecided};
        true -> wait(Tag, Open, Values, Needed)
    end.

end_it({Pid, Monitor}) ->
    Last = monitor(process, Pid),
    exit(Pid, kill),
    receive {'DOWN', Last, process, Pid, _} -> ok end,
    demonitor(Monitor, [flush]).

flush(Tag) ->
    receive {Tag, _, _} -> flush(Tag) after 0 -> ok end.
