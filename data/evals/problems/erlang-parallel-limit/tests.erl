-module(plimit_tests).
-include_lib("eunit/include/eunit.hrl").

in_order_test() ->
    ?assertEqual([], plimit:map([], 3, strict)),
    ?assertEqual([1, 4, 9, 16], plimit:map([{square, N} || N <- [1, 2, 3, 4]], 2, strict)).

collect_test() ->
    ?assertEqual(
        [{ok, 25}, {error, no}, {ok, 0}, {error, normal}],
        plimit:map([{square, 5}, {fail, no}, {square, 0}, {fail, normal}], 4, collect)
    ).

strict_test() ->
    ?assertExit({failed, 2, bad}, plimit:map([{square, 1}, {fail, bad}, {square, 2}], 1, strict)),
    ?assertExit({failed, 1, {a, b}}, plimit:map([{fail, {a, b}}], 9, strict)).

limit_test() ->
    ?assertEqual([1, 1, 1, 1], plimit:map([peak, peak, peak, peak], 1, strict)),
    Peaks = plimit:map(lists:duplicate(50, peak), 4, strict),
    ?assertEqual(4, lists:max(Peaks)),
    ?assertEqual([1, 2, 3, 4], lists:sublist(Peaks, 4)).

goes_on_after_failures_test() ->
    Results = plimit:map([{fail, N} || N <- lists:seq(1, 30)] ++ [{square, 6}], 3, collect),
    ?assertEqual({ok, 36}, lists:last(Results)),
    ?assertEqual({error, 30}, lists:nth(30, Results)).

nothing_is_left_test() ->
    self() ! mine,
    catch plimit:map([{fail, x}, {square, 1}, {square, 2}, {fail, y}], 4, strict),
    plimit:map([{fail, x}, {square, 1}], 2, collect),
    ?assertEqual({messages, [mine]}, process_info(self(), messages)),
    receive mine -> ok end.
