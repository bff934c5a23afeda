-module(stock_tests).
-include_lib("eunit/include/eunit.hrl").

stock() ->
    {ok, Pid} = stock:start_link(),
    [
        ok = stock:put(Pid, Item, Place, Count)
     || {Item, Place, Count} <- [{nut, {a, 1}, 40}, {bolt, {a, 1}, 3}, {"wire", b, 0}, {cog, b, 1}]
    ],
    Pid.

nothing_test() ->
    {ok, Pid} = stock:start_link(),
    ?assertEqual({[], [], 0}, {stock:low(Pid, 100), stock:places(Pid), stock:purge(Pid)}),
    ?assertEqual({error, unknown}, stock:take(Pid, nut, 1)),
    ?assertEqual(0, stock:move(Pid, a, b)).

takes_test() ->
    Pid = stock(),
    ?assertEqual({ok, 38}, stock:take(Pid, nut, 2)),
    ?assertEqual({error, {short, 3}}, stock:take(Pid, bolt, 4)),
    ?assertEqual({ok, 0}, stock:take(Pid, bolt, 3)),
    ?assertEqual({error, {short, 0}}, stock:take(Pid, bolt, 1)),
    ?assertEqual({error, unknown}, stock:take(Pid, wire, 1)),
    ?assertEqual({ok, 37}, stock:take(Pid, nut, 1)).

puts_again_test() ->
    Pid = stock(),
    ok = stock:put(Pid, nut, c, 5),
    ?assertEqual({ok, 4}, stock:take(Pid, nut, 1)),
    ?assertEqual([b, c, {a, 1}], stock:places(Pid)).

low_test() ->
    Pid = stock(),
    ?assertEqual([{bolt, 3}, {cog, 1}, {"wire", 0}], stock:low(Pid, 40)),
    ?assertEqual([{"wire", 0}], stock:low(Pid, 1)),
    ?assertEqual([], stock:low(Pid, 0)).

moves_test() ->
    Pid = stock(),
    ?assertEqual(2, stock:move(Pid, {a, 1}, c)),
    ?assertEqual([b, c], stock:places(Pid)),
    ?assertEqual(0, stock:move(Pid, {a, 1}, c)),
    ?assertEqual(2, stock:move(Pid, b, c)),
    ?assertEqual([c], stock:places(Pid)),
    ?assertEqual([{bolt, 3}, {cog, 1}, {nut, 40}, {"wire", 0}], stock:low(Pid, 100)).

purges_test() ->
    Pid = stock(),
    {ok, 0} = stock:take(Pid, cog, 1),
    ?assertEqual(2, stock:purge(Pid)),
    ?assertEqual(0, stock:purge(Pid)),
    ?assertEqual([{a, 1}], stock:places(Pid)),
    ?assertEqual({error, unknown}, stock:take(Pid, "wire", 1)).

servers_apart_test() ->
    One = stock(),
    {ok, Two} = stock:start_link(),
    ?assertEqual([], stock:places(Two)),
    ok = stock:put(Two, nut, z, 1),
    ?assertEqual({ok, 39}, stock:take(One, nut, 1)).
