-module(changes_tests).
-include_lib("eunit/include/eunit.hrl").

nothing_test() ->
    ?assertEqual([], changes:between(#{}, #{})),
    ?assertEqual([], changes:between(#{a => 1}, #{a => 1})).

between_test() ->
    Old = #{a => 1, b => 2, c => 3, d => undefined},
    New = #{b => 2, c => 4, d => undefined, e => 5},
    ?assertEqual([{added, e, 5}, {removed, a, 1}, {changed, c, 3, 4}], changes:between(Old, New)).

sorted_test() ->
    ?assertEqual(
        [{added, x, 1}, {added, y, 1}, {removed, a, 0}, {removed, b, 0}],
        changes:between(#{b => 0, a => 0}, #{y => 1, x => 1})
    ).

exact_test() ->
    ?assertEqual([{changed, a, 1, 1.0}], changes:between(#{a => 1}, #{a => 1.0})).

patch_test() ->
    Old = #{a => 1, b => 2},
    New = #{b => 3, c => 4},
    ?assertEqual({ok, New}, changes:patch(Old, changes:between(Old, New))),
    ?assertEqual({ok, Old}, changes:patch(Old, [])).

misfit_test() ->
    ?assertEqual({error, {added, a, 2}}, changes:patch(#{a => 1}, [{added, a, 2}])),
    ?assertEqual({error, {removed, a, 2}}, changes:patch(#{a => 1}, [{removed, a, 2}])),
    ?assertEqual({error, {changed, b, 1, 2}}, changes:patch(#{a => 1}, [{changed, b, 1, 2}])),
    ?assertEqual({error, {changed, a, 1.0, 2}}, changes:patch(#{a => 1}, [{changed, a, 1.0, 2}])),
    ?assertEqual(
        {error, {removed, a, 1}},
        changes:patch(#{a => 1}, [{removed, a, 1}, {removed, a, 1}])
    ).
