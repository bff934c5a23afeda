-module(counter_tree_tests).
-include_lib("eunit/include/eunit.hrl").

counts_test() ->
    {ok, Pid} = counter_tree:start_link([a, b]),
    ?assertEqual(0, counter_tree:value(Pid, a)),
    ?assertEqual(1, counter_tree:bump(Pid, a)),
    ?assertEqual(2, counter_tree:bump(Pid, a)),
    ?assertEqual(0, counter_tree:value(Pid, b)),
    counter_tree:stop(Pid).

restarts_at_zero_test() ->
    {ok, Pid} = counter_tree:start_link([a]),
    counter_tree:bump(Pid, a),
    ?assertEqual(ok, counter_tree:kill(Pid, a)),
    ?assertEqual(0, counter_tree:value(Pid, a)),
    ?assertEqual(1, counter_tree:bump(Pid, a)),
    counter_tree:stop(Pid).

others_keep_theirs_test() ->
    {ok, Pid} = counter_tree:start_link([a, b, c]),
    [counter_tree:bump(Pid, Name) || Name <- [a, b, c]],
    counter_tree:kill(Pid, b),
    ?assertEqual([1, 0, 1], [counter_tree:value(Pid, Name) || Name <- [a, b, c]]),
    counter_tree:stop(Pid).

many_kills_test() ->
    {ok, Pid} = counter_tree:start_link([x, y]),
    counter_tree:bump(Pid, y),
    [?assertEqual(ok, counter_tree:kill(Pid, x)) || _ <- lists:seq(1, 20)],
    ?assertEqual(1, counter_tree:value(Pid, y)),
    counter_tree:stop(Pid).

stop_test() ->
    {ok, Pid} = counter_tree:start_link([z, a, m]),
    counter_tree:bump(Pid, z),
    counter_tree:bump(Pid, z),
    counter_tree:bump(Pid, m),
    ?assertEqual([2, 0, 1], counter_tree:stop(Pid)).

two_trees_test() ->
    {ok, One} = counter_tree:start_link([a]),
    {ok, Two} = counter_tree:start_link([a]),
    counter_tree:bump(One, a),
    ?assertEqual(0, counter_tree:value(Two, a)),
    ?assertEqual([1], counter_tree:stop(One)),
    ?assertEqual([0], counter_tree:stop(Two)).
