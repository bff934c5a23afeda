-module(plimit).
-export([map/3]).

map(Instructions, Limit, Mode) ->
    Jobs = lists:zip(lists:seq(1, length(Instructions)), Instructions),
    Found = loop(Jobs, #{}, #{}, Limit, Mode),
    [shown(Mode, maps:get(Index, Found)) || {Index, _} <- Jobs].

loop([], Running, Found, _Limit, _Mode) when map_size(Running) =:= 0 ->
    Found;
loop([{Index, Instruction} | Jobs], Running, Found, Limit, Mode) when map_size(Running) < Limit ->
    Peak = map_size(Running) + 1,
    {Pid, Ref} = spawn_monitor(fun() -> exit({result, work(Instruction, Peak)}) end),
    loop(Jobs, Running#{Ref => {Index, Pid}}, Found, Limit, Mode);
loop(Jobs, Running, Found, Limit, Mode) ->
    receive
        {'DOWN', Ref, process, _, Reason} when is_map_key(Ref, Running) ->
            {{Index, _}, Rest} = maps:take(Ref, Running),
            case {outcome(Reason), Mode} of
                {{error, Why}, strict} ->
                    maps:foreach(fun finish/2, Rest),
                    exit({failed, Index, Why});
                {Outcome, _} ->
                    loop(Jobs, Rest, Found#{Index => Outcome}, Limit, Mode)
            end
    end.

work({square, N}, _Peak) -> {ok, N * N};
work({fail, Reason}, _Peak) -> {error, Reason};
work(peak, Peak) -> {ok, Peak}.

outcome({result, Outcome}) -> Outcome;
outcome(Reason) -> {error, Reason}.

shown(strict, {ok, Value}) -> Value;
shown(collect, Outcome) -> Outcome.

finish(Ref, {_Index, Pid}) ->
    exit(Pid, kill),
    receive
        {'DOWN', Ref, process, Pid, _} -> ok
    end.
