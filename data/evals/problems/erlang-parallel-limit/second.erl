-module(plimit).
-export([map/3]).

map(Instructions, Limit, Mode) ->
    Numbered = lists:zip(lists:seq(1, length(Instructions)), Instructions),
    Done = loop(Numbered, Limit, Mode, #{}, []),
    [Result || {_, Result} <- lists:sort(Done)].

%% Running: monitor => {pid, place in the list}
loop([{Index, Instruction} | Waiting], Limit, Mode, Running, Done) when map_size(Running) < Limit ->
    Count = map_size(Running) + 1,
    {Pid, Ref} = spawn_monitor(fun() -> exit({?MODULE, self(), work(Instruction, Count)}) end),
    loop(Waiting, Limit, Mode, Running#{Ref => {Pid, Index}}, Done);
loop([], _, _, Running, Done) when map_size(Running) =:= 0 ->
    Done;
loop(Waiting, Limit, Mode, Running, Done) ->
    receive
        {'DOWN', Ref, process, Pid, Reason} when is_map_key(Ref, Running) ->
            {{Pid, Index}, Others} = maps:take(Ref, Running),
            case {Reason, Mode} of
                {{?MODULE, Pid, Value}, collect} ->
                    loop(Waiting, Limit, Mode, Others, [{Index, {ok, Value}} | Done]);
                {{?MODULE, Pid, Value}, strict} ->
                    loop(Waiting, Limit, Mode, Others, [{Index, Value} | Done]);
                {_, collect} ->
                    loop(Waiting, Limit, Mode, Others, [{Index, {error, Reason}} | Done]);
                {_, strict} ->
                    kill(Others),
                    exit({failed, Index, Reason})
            end
    end.

work({square, N}, _) -> N * N;
work({fail, Reason}, _) -> exit(Reason);
work(peak, Count) -> Count.

kill(Running) ->
    [exit(Pid, kill) || {Pid, _} <- maps:values(Running)],
    [receive {'DOWN', Ref, process, _, _} -> ok end || Ref <- maps:keys(Running)].
