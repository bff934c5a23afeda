-module(stages).
-export([run/2, fuse/1]).

run(Stages, List) -> (fuse(Stages))(List).

fuse(Stages) ->
    Funs = lists:map(fun stage/1, Stages),
    fun(List) -> lists:foldl(fun(Fun, Given) -> Fun(Given) end, List, Funs) end.

stage({map, F}) when is_function(F, 1) ->
    fun(List) -> lists:map(F, List) end;
stage({keep, F}) when is_function(F, 1) ->
    fun(List) -> lists:filter(F, List) end;
stage({scan, F, Acc}) when is_function(F, 2) ->
    fun(List) -> scan(F, Acc, List) end;
stage({until, F}) when is_function(F, 1) ->
    fun(List) -> lists:takewhile(fun(Element) -> not F(Element) end, List) end;
stage({each, Stages}) when is_list(Stages) ->
    Fused = fuse(Stages),
    fun(List) -> lists:map(Fused, List) end;
stage({chunk, N}) when is_integer(N), N > 0 ->
    fun(List) -> chunk(N, List) end;
stage(Stage) ->
    error({bad_stage, Stage}).

scan(F, Acc, List) ->
    Step = fun(Element, Before) ->
        Result = F(Element, Before),
        {Result, Result}
    end,
    {Results, _} = lists:mapfoldl(Step, Acc, List),
    Results.

chunk(_N, []) -> [];
chunk(N, List) when length(List) =< N -> [List];
chunk(N, List) ->
    {Front, Rest} = lists:split(N, List),
    [Front | chunk(N, Rest)].
