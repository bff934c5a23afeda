-module(seats_tests).
-include_lib("eunit/include/eunit.hrl").

row(N, Taken) ->
    {ok, Row} = seats:take(seats:new(N), Taken),
    Row.

takes_test() ->
    ?assertEqual({5, 0}, seats:new(5)),
    ?assertEqual({5, 2#10001}, row(5, [1, 5])),
    ?assertEqual({5, 2#00110}, row(5, [3, 2, 3])),
    ?assertEqual({5, 0}, row(5, [])).

taken_test() ->
    Row = row(6, [2, 4, 6]),
    ?assertEqual({taken, [2, 6]}, seats:take(Row, [6, 1, 2, 6])),
    ?assertEqual({taken, [4]}, seats:take(Row, [4])),
    ?assertEqual({ok, {6, 2#101110}}, seats:take(Row, [3])).

gives_test() ->
    ?assertEqual({4, 2#0001}, seats:give(row(4, [1, 3]), [3, 4])),
    ?assertEqual({4, 2#0101}, seats:give(row(4, [1, 3]), [2, 2])),
    ?assertEqual({4, 2#0101}, seats:give(row(4, [1, 3]), [])).

block_test() ->
    Row = row(9, [2, 5]),
    ?assertEqual([1, 3, 6, 6, none], [seats:block(Row, K) || K <- [1, 2, 3, 4, 5]]),
    ?assertEqual(1, seats:block(seats:new(3), 3)),
    ?assertEqual(none, seats:block(seats:new(3), 4)),
    ?assertEqual(none, seats:block(seats:new(0), 1)),
    ?assertEqual(none, seats:block(row(3, [1, 2, 3]), 1)),
    ?assertEqual(4, seats:block(row(4, [1, 2, 3]), 1)).

free_test() ->
    ?assertEqual(7, seats:free(row(9, [2, 5]))),
    ?assertEqual(0, seats:free(row(2, [1, 2]))),
    ?assertEqual(40, seats:free(seats:new(40))),
    ?assertEqual(0, seats:free(seats:new(0))).
