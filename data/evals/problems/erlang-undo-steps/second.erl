-module(steps).
-export([run/2, run/3]).

run(Steps, Start) -> run(Steps, Start, fun() -> ok end).

run(Steps, Start, Close) ->
    Result = lists:foldl(fun forward/2, {{ok, Start}, []}, Steps),
    Answer = answer(Result),
    Close(),
    Answer.

forward({Name, Do, Undo}, {{ok, Value}, Done}) ->
    case attempt(Do, Value) of
        {returned, Next} -> {{ok, Next}, [{Name, Undo, Next} | Done]};
        {raised, Class, Reason} -> {{failed, Name, {Class, Reason}}, Done}
    end;
forward(_, Failed) ->
    Failed.

answer({{ok, Value}, _}) ->
    {ok, Value};
answer({{failed, Name, Why}, Done}) ->
    Tried = [{N, attempt(Undo, Result)} || {N, Undo, Result} <- Done],
    {failed, Name, Why, [N || {N, {raised, _, _}} <- Tried]}.

attempt(Fun, Value) ->
    try {returned, Fun(Value)}
    catch C:R -> {raised, C, R}
    end.
