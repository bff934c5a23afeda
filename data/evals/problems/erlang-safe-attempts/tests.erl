-module(attempts_tests).
-include_lib("eunit/include/eunit.hrl").

%% A fun of any arity below 2 that notes that it was called, and then does something.
note(What) -> put(notes, [What | notes()]).

notes() ->
    case get(notes) of
        undefined -> [];
        Notes -> Notes
    end.

noted() -> lists:reverse(notes()).

call_test() ->
    ?assertEqual({ok, 7}, attempts:call(fun() -> 7 end)),
    ?assertEqual({ok, {error, x}}, attempts:call(fun() -> {error, x} end)),
    ?assertEqual({throw, x}, attempts:call(fun() -> throw(x) end)),
    ?assertEqual({exit, normal}, attempts:call(fun() -> exit(normal) end)),
    ?assertEqual({error, {bad, 1}}, attempts:call(fun() -> error({bad, 1}) end)),
    ?assertEqual({error, badarith}, attempts:call(fun() -> 1 div (length(noted()) * 0) end)).

using_test() ->
    erase(notes),
    Result = attempts:using(
        fun() -> note(open), res end,
        fun(R) -> note({use, R}), done end,
        fun(R) -> note({close, R}), closed end
    ),
    ?assertEqual(done, Result),
    ?assertEqual([open, {use, res}, {close, res}], noted()).

use_raises_test() ->
    erase(notes),
    Open = fun() -> res end,
    Close = fun(R) -> note({close, R}), closed end,
    ?assertThrow(a, attempts:using(Open, fun(_) -> throw(a) end, Close)),
    ?assertError(b, attempts:using(Open, fun(_) -> error(b) end, Close)),
    ?assertExit(c, attempts:using(Open, fun(_) -> exit(c) end, Close)),
    ?assertEqual([{close, res}, {close, res}, {close, res}], noted()).

open_raises_test() ->
    erase(notes),
    Note = fun(R) -> note(R) end,
    ?assertThrow(no, attempts:using(fun() -> throw(no) end, Note, Note)),
    ?assertExit(no, attempts:using(fun() -> exit(no) end, Note, Note)),
    ?assertEqual([], noted()).

close_raises_test() ->
    Open = fun() -> res end,
    Close = fun(R) -> error({close, R}) end,
    ?assertError({close, res}, attempts:using(Open, fun(_) -> fine end, Close)),
    ?assertError({close, res}, attempts:using(Open, fun(_) -> throw(a) end, Close)).

first_test() ->
    ?assertEqual({none, []}, attempts:first([])),
    ?assertEqual({ok, 1, []}, attempts:first([fun() -> 1 end, fun() -> 2 end])),
    Bad = [fun() -> error(a) end, fun() -> throw(b) end, fun() -> exit(c) end],
    Failures = [{error, a}, {throw, b}, {exit, c}],
    ?assertEqual({none, Failures}, attempts:first(Bad)),
    ?assertEqual({ok, none, Failures}, attempts:first(Bad ++ [fun() -> none end])).

later_ones_are_not_called_test() ->
    erase(notes),
    Funs = [fun() -> note(1), error(x) end, fun() -> note(2), ok end, fun() -> note(3) end],
    ?assertEqual({ok, ok, [{error, x}]}, attempts:first(Funs)),
    ?assertEqual([1, 2], noted()).

stop_test() ->
    erase(notes),
    Note = fun() -> note(called) end,
    Stop = fun() -> throw(stop) end,
    ?assertEqual({stopped, []}, attempts:first([Stop, Note])),
    ?assertEqual({stopped, [{exit, stop}]}, attempts:first([fun() -> exit(stop) end, Stop, Note])),
    ?assertEqual({none, [{error, stop}]}, attempts:first([fun() -> error(stop) end])),
    ?assertEqual([], noted()).
