-module(netblock_tests).
-include_lib("eunit/include/eunit.hrl").

parse_test() ->
    ?assertEqual({ok, {{10, 1, 0, 0}, 16}}, netblock:parse(<<"10.1.0.0/16">>)),
    ?assertEqual({ok, {{0, 0, 0, 0}, 0}}, netblock:parse(<<"0.0.0.0/0">>)),
    ?assertEqual({ok, {{1, 2, 3, 255}, 32}}, netblock:parse(<<"1.2.3.255">>)).

host_bits_are_cleared_test() ->
    ?assertEqual({ok, {{10, 1, 0, 0}, 16}}, netblock:parse(<<"10.1.2.3/16">>)),
    ?assertEqual({ok, {{192, 168, 0, 128}, 25}}, netblock:parse(<<"192.168.0.200/25">>)),
    ?assertEqual({ok, {{0, 0, 0, 0}, 0}}, netblock:parse(<<"9.9.9.9/0">>)).

refused_test() ->
    Bad = [<<"">>, <<"1.2.3">>, <<"1.2.3.4.5">>, <<"1.2.3.256">>, <<"1.2.3.4/33">>, <<"1.2.3.4/">>,
           <<"1.2.3.-4">>, <<"+1.2.3.4">>, <<"a.b.c.d">>, <<"1.2.3.4/8/8">>, <<"1..3.4">>, <<" 1.2.3.4">>],
    [?assertEqual({Text, error}, {Text, netblock:parse(Text)}) || Text <- Bad].

contains_test() ->
    {ok, Block} = netblock:parse(<<"192.168.4.0/22">>),
    ?assert(netblock:contains(Block, {192, 168, 4, 0})),
    ?assert(netblock:contains(Block, {192, 168, 7, 255})),
    ?assertNot(netblock:contains(Block, {192, 168, 8, 0})),
    ?assertNot(netblock:contains(Block, {192, 168, 3, 255})).

everything_test() ->
    ?assert(netblock:contains({{0, 0, 0, 0}, 0}, {255, 1, 2, 3})).

size_test() ->
    ?assertEqual(1, netblock:size({{1, 2, 3, 4}, 32})),
    ?assertEqual(256, netblock:size({{1, 2, 3, 0}, 24})),
    ?assertEqual(4294967296, netblock:size({{0, 0, 0, 0}, 0})).
