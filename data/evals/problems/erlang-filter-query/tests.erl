-module(filterq_tests).
-include_lib("eunit/include/eunit.hrl").

comparisons_test() ->
    ?assertEqual({ok, {'>', "age", 30}}, filterq:parse("age>30")),
    ?assertEqual({ok, {'<', "a_b", -5}}, filterq:parse("  a_b  <  -5 ")),
    ?assertEqual({ok, {'=', "name", "Eva (not me)"}}, filterq:parse("name=\"Eva (not me)\"")),
    ?assertEqual({ok, {'=', "nota", ""}}, filterq:parse("nota=\"\"")).

binding_test() ->
    A = {'=', "a", 1},
    B = {'=', "b", 2},
    C = {'=', "c", 3},
    ?assertEqual({ok, {'or', A, {'and', B, C}}}, filterq:parse("a=1 or b=2 and c=3")),
    ?assertEqual({ok, {'or', {'and', A, B}, C}}, filterq:parse("a=1 and b=2 or c=3")),
    ?assertEqual({ok, {'and', {'and', A, B}, C}}, filterq:parse("a=1 and b=2 and c=3")),
    ?assertEqual({ok, {'or', {'or', A, B}, C}}, filterq:parse("a=1 or b=2 or c=3")),
    ?assertEqual({ok, {'and', {'or', A, B}, C}}, filterq:parse("(a=1 or b=2)and c=3")),
    ?assertEqual({ok, {'and', A, {'and', B, C}}}, filterq:parse("a=1and(b=2and((c=3)))")).

not_test() ->
    A = {'=', "a", 1},
    B = {'=', "b", 2},
    ?assertEqual({ok, {'and', {'not', A}, B}}, filterq:parse("not a=1 and b=2")),
    ?assertEqual({ok, {'not', {'and', A, B}}}, filterq:parse("not(a=1 and b=2)")),
    ?assertEqual({ok, {'not', {'not', A}}}, filterq:parse("not not a=1")).

ends_too_early_test() ->
    [
        ?assertEqual({error, length(String) + 1}, filterq:parse(String))
     || String <- ["", "   ", "a", "a=", "a=-", "a=\"x", "a=1 and", "not", "(a=1", "(a=1 or b=2 "]
    ].

positions_test() ->
    Cases = [
        {"a==1", 3}, {"a=b", 3}, {"1=a", 1}, {"a=1 b=2", 5}, {"a=1)", 4}, {"()", 2},
        {"a=1 and or b=2", 9}, {"and=1", 1}, {"a=1 and not=2", 12}, {"A=1", 1}, {"a=- 1", 3},
        {"a=1 & b=2", 5}, {"a=12x", 5}, {"(a=1 b", 6}, {"a b \"x", 3}, {"a=\"x\"\"y\"", 6}
    ],
    [?assertEqual({String, {error, At}}, {String, filterq:parse(String)}) || {String, At} <- Cases].

match_test() ->
    Map = #{"age" => 30, "name" => "eva"},
    ?assert(filterq:match({'=', "age", 30}, Map)),
    ?assertNot(filterq:match({'>', "age", 30}, Map)),
    ?assert(filterq:match({'>', "name", "adam"}, Map)),
    ?assertNot(filterq:match({'<', "age", "31"}, Map)),
    ?assertNot(filterq:match({'>', "name", 5}, Map)),
    ?assertNot(filterq:match({'=', "size", 5}, Map)),
    ?assert(filterq:match({'not', {'=', "size", 5}}, Map)).

parse_and_match_test() ->
    Rows = [#{"n" => N, "kind" => lists:nth(N rem 3 + 1, ["x", "y", "z"])} || N <- lists:seq(1, 12)],
    Found = fun(String) ->
        {ok, Tree} = filterq:parse(String),
        [N || #{"n" := N} = Row <- Rows, filterq:match(Tree, Row)]
    end,
    ?assertEqual([3, 6, 9, 12], Found("kind=\"x\"")),
    ?assertEqual([1, 2, 3, 12], Found("n<3 or kind=\"x\" and not (n>3 and n<12)")),
    ?assertEqual([2, 5, 8, 11], Found("not kind<\"z\"")).
