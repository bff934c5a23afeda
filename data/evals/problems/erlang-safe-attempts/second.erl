-module(attempts).
-export([call/1, using/3, first/1]).

call(Fun) ->
    try Fun() of
        Value -> {ok, Value}
    catch
        throw:Term -> {throw, Term};
        error:Reason -> {error, Reason};
        exit:Reason -> {exit, Reason}
    end.

using(Open, Use, Close) ->
    Resource = Open(),
    Outcome = try {value, Use(Resource)} catch C:R:S -> {raised, C, R, S} end,
    Close(Resource),
    case Outcome of
        {value, Value} -> Value;
        {raised, Class, Reason, Stack} -> erlang:raise(Class, Reason, Stack)
    end.

first(Funs) -> first(Funs, []).

first([], Failures) -> {none, lists:reverse(Failures)};
first([Fun | Funs], Failures) ->
    case call(Fun) of
        {ok, Value} -> {ok, Value, lists:reverse(Failures)};
        {throw, stop} -> {stopped, lists:reverse(Failures)};
        Failure -> first(Funs, [Failure | Failures])
    end.
