-module(exits_tests).
-include_lib("eunit/include/eunit.hrl").

nothing_test() ->
    ?assertEqual(#{}, exits:run([])),
    ?assertEqual(none, exits:first([])).

run_test() ->
    Jobs = [{a, {value, 7}}, {b, {exit, gone}}, {c, {error, badness}}, {d, {value, undefined}}],
    ?assertEqual(
        #{a => {ok, 7}, b => {exit, gone}, c => {error, badness}, d => {ok, undefined}},
        exits:run(Jobs)
    ).

normal_exit_is_no_result_test() ->
    ?assertEqual(#{a => {exit, normal}}, exits:run([{a, {exit, normal}}])),
    ?assertEqual(none, exits:first([{a, {exit, normal}}, {b, {error, x}}])).

many_test() ->
    Found = exits:run([{N, {value, N * N}} || N <- lists:seq(1, 200)]),
    ?assertEqual(200, map_size(Found)),
    ?assertEqual({ok, 144}, maps:get(12, Found)).

first_test() ->
    ?assertEqual({b, 1}, exits:first([{a, forever}, {b, {value, 1}}, {c, {exit, x}}])),
    {Name, Term} = exits:first([{a, {value, 1}}, {b, {value, 1}}]),
    ?assert(lists:member(Name, [a, b])),
    ?assertEqual(1, Term).

failures_do_not_end_the_race_test() ->
    Jobs = [{N, {error, x}} || N <- lists:seq(1, 50)] ++ [{last, {value, 1}}],
    ?assertEqual({last, 1}, exits:first(Jobs)).

nothing_is_left_test() ->
    self() ! mine,
    exits:first([{a, forever}, {b, {value, 1}}, {c, {value, 2}}, {d, {error, x}}]),
    exits:run([{a, {exit, kill}}, {b, {exit, shutdown}}]),
    ?assertEqual({messages, [mine]}, process_info(self(), messages)),
    receive mine -> ok end.
