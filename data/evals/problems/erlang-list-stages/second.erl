-module(stages).
-export([run/2, fuse/1]).

run(Stages, List) -> (fuse(Stages))(List).

%% each stage becomes a function of lists
fuse(Stages) ->
    Steps = [step(Stage) || Stage <- Stages],
    fun(List) -> lists:foldl(fun(Step, L) -> Step(L) end, List, Steps) end.

step({map, F}) when is_function(F, 1) ->
    fun(List) -> [F(X) || X <- List] end;
step({keep, F}) when is_function(F, 1) ->
    fun(List) -> [X || X <- List, F(X) =:= true] end;
step({scan, F, Acc}) when is_function(F, 2) ->
    fun(List) ->
        {Results, _} = lists:mapfoldl(fun(X, A) -> R = F(X, A), {R, R} end, Acc, List),
        Results
    end;
step({until, F}) when is_function(F, 1) ->
    fun(List) -> lists:takewhile(fun(X) -> F(X) =/= true end, List) end;
step({each, Stages}) when length(Stages) >= 0 ->
    Inner = fuse(Stages),
    fun(List) -> lists:map(Inner, List) end;
step({chunk, N}) when is_integer(N), N > 0 ->
    fun(List) -> chunks(List, N) end;
step(Stage) ->
    error({bad_stage, Stage}).

chunks([], _) -> [];
chunks(List, N) when length(List) =< N -> [List];
chunks(List, N) ->
    {Chunk, Rest} = lists:split(N, List),
    [Chunk | chunks(Rest, N)].
