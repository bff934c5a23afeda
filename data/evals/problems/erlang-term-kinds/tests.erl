-module(kinds_tests).
-include_lib("eunit/include/eunit.hrl").

split_test() ->
    Terms = [<<"b">>, [], {z}, #{a => 1}, b, 2.5, "text", {a, b}, <<1:3>>, a, -1, [[]]],
    ?assertEqual(
        [
            {number, [-1, 2.5]},
            {atom, [a, b]},
            {tuple, [{z}, {a, b}]},
            {map, [#{a => 1}]},
            {list, [[], "text", [[]]]},
            {bitstring, [<<1:3>>, <<"b">>]}
        ],
        kinds:split(Terms)
    ),
    ?assertEqual([], kinds:split([])).

odd_kinds_test() ->
    Self = self(),
    ?assertMatch(
        [{atom, [x, x]}, {reference, [_]}, {function, [_]}, {pid, [_]}, {list, [[a | b]]}],
        kinds:split([Self, x, [a | b], fun erlang:abs/1, make_ref(), x])
    ).

equal_numbers_stay_test() ->
    ?assertEqual([{number, [1, 1.0, 1, 2.0, 2]}], kinds:split([2.0, 1, 1.0, 2, 1])),
    ?assertEqual([{tuple, [{1.0}, {1}, {1.0}]}], kinds:split([{1.0}, {1}, {1.0}])).

unique_test() ->
    ?assertEqual([1, 1.0], kinds:unique([1, 1.0, 1])),
    ?assertEqual([b, {1}, {1.0}, a, []], kinds:unique([b, {1}, {1.0}, b, a, [], {1}, []])),
    ?assertEqual([], kinds:unique([])).

unique_is_quick_test() ->
    Numbers = lists:seq(1, 50000),
    ?assertEqual(Numbers, kinds:unique(Numbers ++ Numbers)),
    ?assertEqual(100000, length(kinds:unique(Numbers ++ [float(N) || N <- Numbers]))).

sort_test() ->
    Rows = [{b, 2, x}, {a, 1, y}, {b, 1, z}, {a, 2, w}],
    ?assertEqual([{a, 1, y}, {a, 2, w}, {b, 2, x}, {b, 1, z}], kinds:sort([{1, asc}], Rows)),
    ?assertEqual([{b, 2, x}, {b, 1, z}, {a, 1, y}, {a, 2, w}], kinds:sort([{1, desc}], Rows)),
    ?assertEqual(
        [{b, 1, z}, {b, 2, x}, {a, 1, y}, {a, 2, w}],
        kinds:sort([{1, desc}, {2, asc}], Rows)
    ),
    ?assertEqual(Rows, kinds:sort([], Rows)).

equal_keys_test() ->
    Rows = [{1.0, b}, {1, a}, {2, c}, {1.0, a}],
    ?assertEqual([{1, a}, {1.0, a}, {1.0, b}, {2, c}], kinds:sort([{1, asc}, {2, asc}], Rows)),
    ?assertEqual([{2, c}, {1.0, b}, {1, a}, {1.0, a}], kinds:sort([{1, desc}], Rows)),
    Many = [{N rem 3, N} || N <- lists:seq(1, 60)],
    Groups = [[T || {K, _} = T <- Many, K =:= R] || R <- [2, 1, 0]],
    ?assertEqual(lists:append(Groups), kinds:sort([{1, desc}], Many)).

short_tuples_test() ->
    Rows = [{}, {5}, {1, b}, {2}, {3, a}],
    ?assertEqual([{3, a}, {1, b}, {}, {5}, {2}], kinds:sort([{2, asc}], Rows)),
    ?assertEqual([{1, b}, {3, a}, {}, {5}, {2}], kinds:sort([{2, desc}], Rows)),
    ?assertEqual([{1, b}, {3, a}, {5}, {2}, {}], kinds:sort([{2, desc}, {1, desc}], Rows)).
