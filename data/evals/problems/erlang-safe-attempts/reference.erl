-module(attempts).
-export([call/1, using/3, first/1]).

call(Fun) ->
    try Fun() of
        Value -> {ok, Value}
    catch
        Class:Reason -> {Class, Reason}
    end.

using(Open, Use, Close) ->
    Resource = Open(),
    try
        Use(Resource)
    after
        Close(Resource)
    end.

first(Funs) -> first(Funs, []).

first([], Failures) ->
    {none, lists:reverse(Failures)};
first([Fun | Rest], Failures) ->
    case call(Fun) of
        {ok, Value} -> {ok, Value, lists:reverse(Failures)};
        {throw, stop} -> {stopped, lists:reverse(Failures)};
        Failure -> first(Rest, [Failure | Failures])
    end.
