-module(climb_tests).
-include_lib("eunit/include/eunit.hrl").

small_test() ->
    ?assertEqual(none, climb:longest([])),
    ?assertEqual({1, 1, 0}, climb:longest([7])),
    ?assertEqual([], climb:split([])),
    ?assertEqual([[7]], climb:split([7])).

longest_test() ->
    ?assertEqual({3, 3, 7}, climb:longest([5, 6, 1, 4, 8, 8, 9])),
    ?assertEqual({1, 4, 9}, climb:longest([-4, 0, 1, 5])),
    ?assertEqual({2, 2, 5}, climb:longest([3, 0, 5])),
    ?assertEqual({1, 3, 2}, climb:longest([1, 2, 3, 0, 90])).

ties_test() ->
    ?assertEqual({3, 2, 5}, climb:longest([1, 2, 0, 5, 1, 3])),
    ?assertEqual({1, 2, 4}, climb:longest([1, 5, 2, 6, 3, 7])),
    ?assertEqual({1, 1, 0}, climb:longest([3, 2, 1])).

equal_is_no_climb_test() ->
    ?assertEqual({1, 1, 0}, climb:longest([4, 4, 4])),
    ?assertEqual([[1], [1], [1, 2], [2]], climb:split([1, 1, 1, 2, 2])).

split_test() ->
    ?assertEqual([[5, 6], [1, 4, 8], [8, 9], [0]], climb:split([5, 6, 1, 4, 8, 8, 9, 0])),
    List = [(N * 7919) rem 101 || N <- lists:seq(1, 500)],
    Climbs = climb:split(List),
    ?assertEqual(List, lists:append(Climbs)),
    ?assertEqual(lists:max([length(C) || C <- Climbs]), element(2, climb:longest(List))).

one_pass_test() ->
    N = 200000,
    ?assertEqual({1, N, N - 1}, climb:longest(lists:seq(1, N))),
    ?assertEqual({1, 1, 0}, climb:longest(lists:seq(N, 1, -1))),
    ?assertEqual(N, length(climb:split(lists:seq(N, 1, -1)))).
