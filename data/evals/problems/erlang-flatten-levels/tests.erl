-module(levels_tests).
-include_lib("eunit/include/eunit.hrl").

list() -> [1, [2, [3, [4]], []], [[5]], six].

flatten_test() ->
    ?assertEqual(list(), levels:flatten(list(), 0)),
    ?assertEqual([1, 2, [3, [4]], [], [5], six], levels:flatten(list(), 1)),
    ?assertEqual([1, 2, 3, [4], 5, six], levels:flatten(list(), 2)).

flatten_all_test() ->
    ?assertEqual([1, 2, 3, 4, 5, six], levels:flatten(list(), 3)),
    ?assertEqual([1, 2, 3, 4, 5, six], levels:flatten(list(), 9)),
    ?assertEqual([], levels:flatten([[], [[]]], 2)).

depth_test() ->
    ?assertEqual(1, levels:depth([])),
    ?assertEqual(1, levels:depth([1, 2])),
    ?assertEqual(2, levels:depth([[], 1])),
    ?assertEqual(3, levels:depth([[], 1, [[2]]])),
    ?assertEqual(4, levels:depth(list())).

at_test() ->
    ?assertEqual([1, six], levels:at(list(), 1)),
    ?assertEqual([2], levels:at(list(), 2)),
    ?assertEqual([3, 5], levels:at(list(), 3)),
    ?assertEqual([], levels:at(list(), 7)).
