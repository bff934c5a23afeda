-module(steps).
-export([run/2, run/3]).

run(Steps, Start) -> run_all(Steps, Start, []).

run(Steps, Start, Close) ->
    try run(Steps, Start) after Close() end.

run_all([], Value, _Done) ->
    {ok, Value};
run_all([{Name, Do, Undo} | Steps], Value, Done) ->
    try Do(Value) of
        Next -> run_all(Steps, Next, [{Name, Undo, Next} | Done])
    catch
        Class:Reason -> {failed, Name, {Class, Reason}, undone(Done, [])}
    end.

undone([], Broken) ->
    lists:reverse(Broken);
undone([{Name, Undo, Result} | Done], Broken) ->
    try Undo(Result) of
        _ -> undone(Done, Broken)
    catch
        _:_ -> undone(Done, [Name | Broken])
    end.
