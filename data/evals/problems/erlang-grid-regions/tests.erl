-module(regions_tests).
-include_lib("eunit/include/eunit.hrl").

nothing_test() ->
    [
        ?assertEqual({[], []}, {regions:sizes(Rows), regions:touching(Rows)})
     || Rows <- [[], [""], ["", ""], ["...", "..."]]
    ].

one_region_test() ->
    ?assertEqual([{$a, 1}], regions:sizes(["a"])),
    ?assertEqual([{$a, 6}], regions:sizes(["aaa", "aaa"])),
    ?assertEqual([{$a, 8}], regions:sizes(["aaa", "a.a", "aaa"])).

corners_test() ->
    ?assertEqual([{$x, 1}, {$x, 1}], regions:sizes(["x.", ".x"])),
    ?assertEqual([], regions:touching(["a.", ".b"])).

order_test() ->
    Rows = [
        "aab.cc",
        "abb..c",
        "..bzz.",
        "aaaz.."
    ],
    ?assertEqual([{$b, 4}, {$a, 3}, {$a, 3}, {$c, 3}, {$z, 3}], regions:sizes(Rows)),
    ?assertEqual([{$a, $b}, {$a, $z}, {$b, $z}], regions:touching(Rows)).

winding_test() ->
    Rows = [
        "sssss.s",
        "....s.s",
        "sss.s.s",
        "s.s.s.s",
        "s.sss.s",
        "s.....s",
        "sssssss"
    ],
    ?assertEqual([{$s, 31}], regions:sizes(Rows)),
    ?assertEqual([], regions:touching(Rows)).

other_characters_test() ->
    ?assertEqual([{$\s, 2}, {$1, 1}], regions:sizes(["1  "])),
    ?assertEqual([{$\s, $1}], regions:touching(["1  "])).
