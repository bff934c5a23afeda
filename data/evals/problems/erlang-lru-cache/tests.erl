-module(lru_tests).
-include_lib("eunit/include/eunit.hrl").

filled(Max, Keys) ->
    {ok, Pid} = lru:start_link(Max),
    [ok = lru:put(Pid, Key, {value, Key}) || Key <- Keys],
    Pid.

empty_test() ->
    Pid = filled(2, []),
    ?assertEqual(miss, lru:get(Pid, a)),
    ?assertEqual([], lru:keys(Pid)).

get_test() ->
    Pid = filled(2, [a, b]),
    ?assertEqual({ok, {value, a}}, lru:get(Pid, a)),
    ?assertEqual(miss, lru:get(Pid, c)).

oldest_goes_test() ->
    Pid = filled(2, [a, b, c]),
    ?assertEqual([c, b], lru:keys(Pid)),
    ?assertEqual(miss, lru:get(Pid, a)).

reading_is_a_use_test() ->
    Pid = filled(3, [a, b, c]),
    {ok, _} = lru:get(Pid, a),
    ?assertEqual([a, c, b], lru:keys(Pid)),
    ok = lru:put(Pid, d, 1),
    ?assertEqual(miss, lru:get(Pid, b)),
    ?assertEqual([d, a, c], lru:keys(Pid)).

a_miss_is_no_use_test() ->
    Pid = filled(2, [a, b]),
    miss = lru:get(Pid, x),
    ?assertEqual([b, a], lru:keys(Pid)).

replacing_test() ->
    Pid = filled(3, [a, b]),
    ok = lru:put(Pid, a, new),
    ?assertEqual([a, b], lru:keys(Pid)),
    ?assertEqual({ok, new}, lru:get(Pid, a)),
    ?assertEqual({ok, {value, b}}, lru:get(Pid, b)).
