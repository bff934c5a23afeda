-module(steps_tests).
-include_lib("eunit/include/eunit.hrl").

note(What) -> put(noted, [What | noted()]).

noted() ->
    case get(noted) of
        undefined -> [];
        List -> List
    end.

all_noted() ->
    List = lists:reverse(noted()),
    erase(noted),
    List.

adds(Name, N) ->
    {Name, fun(V) -> note({do, Name, V}), V + N end, fun(V) -> note({undo, Name, V}) end}.

fails(Name, Fun) -> {Name, fun(_) -> Fun() end, fun(V) -> note({undo, Name, V}) end}.

stubborn(Name, Fun) -> {Name, fun(V) -> V * 2 end, fun(V) -> note({tried, Name, V}), Fun() end}.

all_well_test() ->
    ?assertEqual({ok, 7}, steps:run([], 7)),
    ?assertEqual({ok, 13}, steps:run([adds(a, 1), adds(b, 2)], 10)),
    ?assertEqual([{do, a, 10}, {do, b, 11}], all_noted()).

undone_test() ->
    Steps = [adds(a, 1), adds(b, 2), fails(c, fun() -> error(bad) end), adds(d, 1)],
    ?assertEqual({failed, c, {error, bad}, []}, steps:run(Steps, 0)),
    ?assertEqual([{do, a, 0}, {do, b, 1}, {undo, b, 3}, {undo, a, 1}], all_noted()).

classes_test() ->
    [
        ?assertEqual({failed, x, {Class, why}, []}, steps:run([fails(x, Fun)], 0))
     || {Class, Fun} <- [
            {throw, fun() -> throw(why) end},
            {error, fun() -> error(why) end},
            {exit, fun() -> exit(why) end}
        ]
    ],
    ?assertEqual([], all_noted()).

broken_undo_test() ->
    Steps = [
        stubborn(a, fun() -> throw(no) end),
        stubborn(b, fun() -> fine end),
        stubborn({c, 1}, fun() -> exit(no) end),
        fails(d, fun() -> throw(stop) end)
    ],
    ?assertEqual({failed, d, {throw, stop}, [{c, 1}, a]}, steps:run(Steps, 1)),
    ?assertEqual([{tried, {c, 1}, 8}, {tried, b, 4}, {tried, a, 2}], all_noted()).

closes_test() ->
    Close = fun() -> note(closed) end,
    ?assertEqual({ok, 1}, steps:run([adds(a, 1)], 0, Close)),
    ?assertEqual([{do, a, 0}, closed], all_noted()),
    Steps = [adds(a, 1), fails(b, fun() -> exit(off) end)],
    ?assertEqual({failed, b, {exit, off}, []}, steps:run(Steps, 0, Close)),
    ?assertEqual([{do, a, 0}, {undo, a, 1}, closed], all_noted()).

close_raises_test() ->
    ?assertThrow(stuck, steps:run([adds(a, 1)], 0, fun() -> throw(stuck) end)),
    ?assertError(stuck, steps:run([fails(a, fun() -> throw(x) end)], 0, fun() -> error(stuck) end)),
    ?assertEqual([{do, a, 0}], all_noted()).

undo_returns_anything_test() ->
    Odd = {a, fun(V) -> V end, fun(_) -> {error, bad} end},
    ?assertEqual({failed, b, {throw, t}, []}, steps:run([Odd, fails(b, fun() -> throw(t) end)], 0)).
