-module(rooms_tests).
-include_lib("eunit/include/eunit.hrl").

free_test() ->
    Bookings = [{ann, b, 9}, {bob, a, 10}],
    ?assertEqual([{b, 10}, {a, 9}], rooms:free([b, a], [9, 10], Bookings)),
    ?assertEqual([{b, 10}, {b, 9}, {a, 10}, {a, 9}], rooms:free([b, a], [10, 9], [])).

nothing_is_free_test() ->
    ?assertEqual([], rooms:free([], [9, 10], [])),
    ?assertEqual([], rooms:free([a], [9], [{x, a, 9}, {y, a, 9}])),
    ?assertEqual([{a, 9}], rooms:free([a], [9], [{x, b, 9}, {x, a, 8}])).

clashes_test() ->
    Bookings = [{z, r, 1}, {y, r, 2}, {x, r, 1}, {w, q, 1}, {v, r, 1}, {u, r, 2}],
    ?assertEqual([{z, x}, {z, v}, {y, u}, {x, v}], rooms:clashes(Bookings)),
    ?assertEqual([], rooms:clashes([])),
    ?assertEqual([], rooms:clashes([{a, r, 1}, {a, q, 1}, {a, r, 2}])).

the_same_name_may_clash_test() ->
    ?assertEqual([{a, a}], rooms:clashes([{a, r, 1}, {a, r, 1}])).

load_test() ->
    Bookings = [{a, r, 2}, {b, r, 1}, {c, r, 2}, {d, q, 2}],
    ?assertEqual([{s, 0}, {r, 2}, {q, 1}], rooms:load([s, r, q], Bookings)),
    ?assertEqual([], rooms:load([], Bookings)).

exact_test() ->
    ?assertEqual([{1, 7}], rooms:free([1], [7], [{a, 1.0, 7}])),
    ?assertEqual([], rooms:clashes([{a, 1, 7}, {b, 1.0, 7}, {c, 1, 7.0}])),
    ?assertEqual([{1, 2}, {1.0, 1}], rooms:load([1, 1.0], [{a, 1, 7}, {b, 1, 7.0}, {c, 1.0, 7}])).
