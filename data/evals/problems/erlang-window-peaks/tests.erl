-module(windows_tests).
-include_lib("eunit/include/eunit.hrl").

sums_test() ->
    ?assertEqual([3, 5, 7], windows:sums(2, [1, 2, 3, 4])),
    ?assertEqual([4, -1], windows:sums(1, [4, -1])),
    ?assertEqual([10], windows:sums(4, [1, 2, 3, 4])),
    ?assertEqual([], windows:sums(5, [1, 2, 3, 4])),
    ?assertEqual([], windows:sums(1, [])).

peaks_test() ->
    ?assertEqual([3, 5, 5, 5, 2, 2], windows:peaks(3, [1, 3, 2, 5, 1, 0, 2, 2])),
    ?assertEqual([9, 8, 7], windows:peaks(2, [9, 8, 7, 6])),
    ?assertEqual([-3, -1], windows:peaks(2, [-5, -3, -1])),
    ?assertEqual([2, 1], windows:peaks(1, [2, 1])),
    ?assertEqual([], windows:peaks(3, [1, 2])).

peaks_by_hand_test() ->
    List = [(N * 37) rem 101 - 50 || N <- lists:seq(1, 120)],
    [
        ?assertEqual(
            [lists:max(lists:sublist(List, I, K)) || I <- lists:seq(1, 120 - K + 1)],
            windows:peaks(K, List)
        )
     || K <- [1, 2, 5, 17, 60, 119, 120]
    ].

longest_test() ->
    ?assertEqual(3, windows:longest(6, [5, 1, 2, 3, 9, 1, 1])),
    ?assertEqual(0, windows:longest(1, [2, 3])),
    ?assertEqual(0, windows:longest(5, [])),
    ?assertEqual(2, windows:longest(0, [0, 1, 0, 0])),
    ?assertEqual(4, windows:longest(100, [1, 2, 3, 4])),
    ?assertEqual(2, windows:longest(5, [9, 2, 3, 9, 1])).

quick_test() ->
    List = [(N * 7919) rem 10007 || N <- lists:seq(1, 100000)],
    Sums = windows:sums(40000, List),
    ?assertEqual({60001, lists:sum(lists:sublist(List, 40000))}, {length(Sums), hd(Sums)}),
    ?assertEqual(lists:duplicate(60001, 10006), windows:peaks(40000, List)),
    ?assertEqual(50000, windows:longest(50000, lists:duplicate(100000, 1))).

falling_test() ->
    List = lists:seq(100000, 1, -1),
    Peaks = windows:peaks(50000, List),
    ?assertEqual({50001, 100000, 50000}, {length(Peaks), hd(Peaks), lists:last(Peaks)}),
    ?assertEqual(lists:seq(50000, 100000), windows:peaks(50000, lists:seq(1, 100000))).
