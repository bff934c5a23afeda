-module(totals_tests).
-include_lib("eunit/include/eunit.hrl").

rows() -> [{"oslo", tea, 3}, {"rome", tea, 1}, {"oslo", milk, 4}, {"bern", tea, -2}].

by_first_test() ->
    ?assertEqual(#{"oslo" => 7, "rome" => 1, "bern" => -2}, totals:by(1, rows())).

by_second_test() ->
    ?assertEqual(#{tea => 2, milk => 4}, totals:by(2, rows())).

empty_test() ->
    ?assertEqual(#{}, totals:by(1, [])),
    ?assertEqual([], totals:rank(#{})).

rank_test() ->
    ?assertEqual([{1, b, 9}, {2, c, 4}, {3, a, 1}], totals:rank(#{a => 1, b => 9, c => 4})).

equal_ranks_test() ->
    ?assertEqual(
        [{1, x, 9}, {2, a, 5}, {2, b, 5}, {4, c, 1}],
        totals:rank(#{c => 1, b => 5, a => 5, x => 9})
    ).

all_equal_test() ->
    ?assertEqual([{1, a, 0}, {1, b, 0}, {1, c, 0}], totals:rank(#{a => 0, b => 0, c => 0})).
