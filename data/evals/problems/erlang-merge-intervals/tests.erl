-module(intervals_tests).
-include_lib("eunit/include/eunit.hrl").

empty_test() ->
    ?assertEqual([], intervals:merge([])).

apart_test() ->
    ?assertEqual([{1, 2}, {4, 5}], intervals:merge([{4, 5}, {1, 2}])).

overlap_test() ->
    ?assertEqual([{1, 6}], intervals:merge([{1, 4}, {3, 6}])).

touching_test() ->
    ?assertEqual([{1, 5}], intervals:merge([{1, 3}, {3, 5}])).

inside_test() ->
    ?assertEqual([{1, 9}, {11, 12}], intervals:merge([{1, 9}, {2, 3}, {11, 12}, {4, 5}])).
