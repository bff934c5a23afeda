-module(stages_tests).
-include_lib("eunit/include/eunit.hrl").

even(N) -> N rem 2 =:= 0.

no_stage_test() ->
    ?assertEqual([3, 1, 2], stages:run([], [3, 1, 2])),
    ?assertEqual([], (stages:fuse([]))([])).

single_stages_test() ->
    ?assertEqual([2, 4], stages:run([{map, fun(N) -> 2 * N end}], [1, 2])),
    ?assertEqual([2, 4], stages:run([{keep, fun even/1}], [1, 2, 3, 4])),
    ?assertEqual([1, 3], stages:run([{until, fun even/1}], [1, 3, 4, 5])),
    ?assertEqual([1, 3], stages:run([{until, fun even/1}], [1, 3])).

scan_test() ->
    ?assertEqual([11, 13, 16], stages:run([{scan, fun(N, Acc) -> N + Acc end, 10}], [1, 2, 3])),
    ?assertEqual([1, 1, 2], stages:run([{scan, fun(N, Acc) -> N - Acc end, 0}], [1, 2, 3])),
    ?assertEqual([], stages:run([{scan, fun(N, Acc) -> N + Acc end, 10}], [])).

order_test() ->
    Add = {map, fun(N) -> N + 1 end},
    Even = {keep, fun even/1},
    ?assertEqual([3, 5], stages:run([Even, Add], [1, 2, 3, 4])),
    ?assertEqual([2, 4], stages:run([Add, Even], [1, 2, 3, 4])).

chunk_test() ->
    ?assertEqual([[1, 2], [3, 4], [5]], stages:run([{chunk, 2}], [1, 2, 3, 4, 5])),
    ?assertEqual([[1, 2], [3, 4]], stages:run([{chunk, 2}], [1, 2, 3, 4])),
    ?assertEqual([[1]], stages:run([{chunk, 9}], [1])),
    ?assertEqual([], stages:run([{chunk, 2}], [])).

each_test() ->
    Inner = [{keep, fun even/1}, {chunk, 1}],
    ?assertEqual(
        [[[2]], [[4]], []],
        stages:run([{chunk, 2}, {each, Inner}], [1, 2, 3, 4, 5])
    ),
    ?assertEqual([[[9]]], stages:run([{each, [{each, [{map, fun(_) -> 9 end}]}]}], [[[1]]])).

a_fused_fun_is_used_twice_test() ->
    Sums = stages:fuse([{scan, fun(N, Acc) -> N + Acc end, 0}, {keep, fun even/1}]),
    ?assertEqual([6, 10], Sums([1, 2, 3, 4])),
    ?assertEqual([2, 4], Sums([2, 2])).

bad_stages_test() ->
    Tell = {map, fun(N) -> self() ! called, N end},
    ?assertError({bad_stage, sort}, stages:fuse([sort])),
    ?assertError({bad_stage, {chunk, 0}}, stages:run([Tell, {chunk, 0}], [1])),
    ?assertError({bad_stage, {map, 7}}, stages:fuse([{each, [{map, 7}]}])),
    ?assertError({bad_stage, odd}, stages:run([Tell, {each, [odd]}], [])),
    receive called -> error(a_fun_was_called) after 0 -> ok end.
