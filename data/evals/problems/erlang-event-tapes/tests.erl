-module(tapes_tests).
-include_lib("eunit/include/eunit.hrl").

records_test() ->
    {ok, Pid} = tapes:start_link(),
    ?assertEqual([], tapes:ids(Pid)),
    ?assertEqual(ok, tapes:tell(Pid, info, "nobody hears")),
    ?assertEqual(ok, tapes:add(Pid, a, [info])),
    ?assertEqual({ok, []}, tapes:read(Pid, a)),
    ?assertEqual(ok, tapes:tell(Pid, info, "one")),
    ?assertEqual(ok, tapes:tell(Pid, info, "two")),
    ?assertEqual(ok, tapes:tell(Pid, error, "three")),
    ?assertEqual({ok, ["one", "two"]}, tapes:read(Pid, a)).

levels_test() ->
    {ok, Pid} = tapes:start_link(),
    ok = tapes:add(Pid, {both, 1}, [info, error]),
    ok = tapes:add(Pid, "error", [error]),
    ok = tapes:add(Pid, none, []),
    [ok = tapes:tell(Pid, Level, Text) || {Level, Text} <- [{error, "e"}, {info, "i"}]],
    ?assertEqual({ok, ["e", "i"]}, tapes:read(Pid, {both, 1})),
    ?assertEqual({ok, ["e"]}, tapes:read(Pid, "error")),
    ?assertEqual({ok, []}, tapes:read(Pid, none)),
    ?assertEqual([none, {both, 1}, "error"], tapes:ids(Pid)).

ids_are_used_once_test() ->
    {ok, Pid} = tapes:start_link(),
    ok = tapes:add(Pid, a, [info]),
    ok = tapes:tell(Pid, info, "kept"),
    ?assertEqual({error, exists}, tapes:add(Pid, a, [error])),
    ?assertEqual({ok, ["kept"]}, tapes:read(Pid, a)),
    ?assertEqual({error, no_tape}, tapes:read(Pid, b)).

take_test() ->
    {ok, Pid} = tapes:start_link(),
    ok = tapes:add(Pid, a, [info]),
    [ok = tapes:tell(Pid, info, Text) || Text <- ["x", "y", ""]],
    ?assertEqual({ok, ["x", "y", ""]}, tapes:take(Pid, a)),
    ?assertEqual({error, no_tape}, tapes:take(Pid, a)),
    ?assertEqual({error, no_tape}, tapes:read(Pid, a)),
    ?assertEqual(ok, tapes:add(Pid, a, [info])),
    ?assertEqual({ok, []}, tapes:read(Pid, a)).

swap_test() ->
    {ok, Pid} = tapes:start_link(),
    ok = tapes:add(Pid, old, [info]),
    [ok = tapes:tell(Pid, info, Text) || Text <- ["1", "2"]],
    ?assertEqual(ok, tapes:swap(Pid, old, new, [error])),
    ?assertEqual([new], tapes:ids(Pid)),
    [ok = tapes:tell(Pid, Level, "3") || Level <- [info, error]],
    ?assertEqual({ok, ["1", "2", "3"]}, tapes:read(Pid, new)),
    ?assertEqual(ok, tapes:swap(Pid, new, new, [info])),
    ok = tapes:tell(Pid, info, "4"),
    ?assertEqual({ok, ["1", "2", "3", "4"]}, tapes:take(Pid, new)).

no_swap_test() ->
    {ok, Pid} = tapes:start_link(),
    ok = tapes:add(Pid, a, [info]),
    ok = tapes:add(Pid, b, [info]),
    ok = tapes:tell(Pid, info, "1"),
    ?assertEqual({error, no_tape}, tapes:swap(Pid, c, d, [])),
    ?assertEqual({error, no_tape}, tapes:swap(Pid, c, a, [])),
    ?assertEqual({error, exists}, tapes:swap(Pid, a, b, [])),
    ?assertEqual([a, b], tapes:ids(Pid)),
    ok = tapes:tell(Pid, info, "2"),
    ?assertEqual({ok, ["1", "2"]}, tapes:read(Pid, a)).

crash_test() ->
    {ok, Pid} = tapes:start_link(),
    ok = tapes:add(Pid, a, [info]),
    ok = tapes:add(Pid, b, [info, error]),
    ok = tapes:add(Pid, c, [error]),
    ok = tapes:tell(Pid, info, "1"),
    ok = tapes:tell(Pid, error, "2"),
    ?assertEqual(ok, tapes:tell(Pid, info, <<"no list">>)),
    ?assertEqual([c], tapes:ids(Pid)),
    ?assertEqual({ok, ["2"]}, tapes:read(Pid, c)),
    ?assertEqual(ok, tapes:tell(Pid, error, [a])),
    ?assertEqual([], tapes:ids(Pid)),
    ok = tapes:add(Pid, a, [info]),
    ?assertEqual({ok, []}, tapes:read(Pid, a)).
