-module(opts_tests).
-include_lib("eunit/include/eunit.hrl").

spec() ->
    [
        {color, boolean, true},
        {depth, integer, 3},
        {mode, {one_of, [fast, "slow", 1]}, fast},
        {tags, {list, atom}, []},
        {quiet, boolean, false}
    ].

defaults() -> #{color => true, depth => 3, mode => fast, tags => [], quiet => false}.

read(Options) -> opts:read(spec(), Options).

defaults_test() ->
    ?assertEqual({ok, defaults()}, read([])),
    ?assertEqual({ok, #{}}, opts:read([], [])),
    ?assertEqual({ok, #{n => many}}, opts:read([{n, integer, many}], [])).

values_test() ->
    Expected = #{color => false, depth => -7, mode => "slow", tags => [b, a], quiet => true},
    Options = [quiet, {mode, "slow"}, {tags, [b, a]}, {depth, -7}, {color, false}],
    ?assertEqual({ok, Expected}, read(Options)).

the_first_counts_test() ->
    ?assertEqual({ok, (defaults())#{depth := 1}}, read([{depth, 1}, {depth, 2}])),
    ?assertEqual({ok, (defaults())#{depth := 1}}, read([{depth, 1}, {depth, x}])),
    ?assertEqual({error, [{bad_value, depth, x}]}, read([{depth, x}, {depth, 1}])),
    ?assertEqual({ok, (defaults())#{color := false}}, read([no_color, color])),
    ?assertEqual({ok, defaults()}, read([color, no_color])).

no_test() ->
    ?assertEqual({ok, (defaults())#{color := false}}, read([{no_color, true}])),
    ?assertEqual({ok, (defaults())#{quiet := true}}, read([{no_quiet, false}])),
    ?assertEqual({error, [{bad_value, color, 1}]}, read([{no_color, 1}])),
    ?assertEqual({error, [{unknown, no_depth}]}, read([no_depth])),
    Spec = [{x, boolean, true}, {no_x, integer, 0}],
    ?assertEqual({ok, #{x => true, no_x => 5}}, opts:read(Spec, [{no_x, 5}])),
    ?assertEqual({error, [{bad_value, no_x, true}]}, opts:read(Spec, [no_x])).

bad_values_test() ->
    Bad = [{depth, 1.0}, {mode, 1.0}, {tags, [a, "b"]}, {quiet, 0}],
    ?assertEqual(
        {error, [{bad_value, K, V} || {K, V} <- lists:sort(Bad)]},
        read(Bad)
    ),
    ?assertEqual({error, [{bad_value, tags, [a | b]}]}, read([{tags, [a | b]}])),
    ?assertEqual({error, [{bad_value, depth, true}]}, read([depth])),
    ?assertEqual(
        {ok, #{m => [[1], []]}},
        opts:read([{m, {list, {list, integer}}, required}], [{m, [[1], []]}])
    ).

all_errors_test() ->
    Spec = [{need, integer, required} | spec()],
    ?assertEqual(
        {error, [
            {missing, need},
            {unknown, a},
            {bad_option, {"x", 1}},
            {bad_option, "depth"},
            {bad_value, depth, zero}
        ]},
        normal(opts:read(Spec, [a, {depth, zero}, {a, 2}, "depth", {"x", 1}, "depth"]))
    ).

%% In an order that does not depend on the length of the tuples alone.
normal({error, Errors}) ->
    Sorted = lists:sort(Errors),
    ?assertEqual(Sorted, Errors),
    Kinds = [missing, unknown, bad_option, bad_value],
    {error, [E || Kind <- Kinds, E <- Errors, element(1, E) =:= Kind]}.

write_test() ->
    ?assertEqual([], opts:write(spec(), defaults())),
    Map = #{color => false, depth => 4, mode => 1, tags => [x], quiet => true},
    Options = opts:write(spec(), Map),
    ?assertEqual([no_color, {depth, 4}, {mode, 1}, {tags, [x]}, quiet], Options),
    ?assertEqual({ok, Map}, read(Options)).

write_edges_test() ->
    Spec = [{x, boolean, required}, {no_x, integer, 0}, {a, atom, b}, {n, integer, 1.0}],
    Map = #{x => false, no_x => 0, a => true, n => 1},
    ?assertEqual([{x, false}, a, {n, 1}], opts:write(Spec, Map)),
    ?assertEqual({ok, Map}, opts:read(Spec, [{x, false}, a, {n, 1}])),
    ?assertEqual([x, {a, false}], opts:write(Spec, Map#{x := true, a := false, n := 1.0})).
