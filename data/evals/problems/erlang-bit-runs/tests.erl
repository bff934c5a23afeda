-module(bitruns_tests).
-include_lib("eunit/include/eunit.hrl").

empty_test() ->
    ?assertEqual([], bitruns:runs(<<>>)),
    ?assertEqual(<<>>, bitruns:bits([])).

runs_test() ->
    ?assertEqual([{1, 8}], bitruns:runs(<<255>>)),
    ?assertEqual([{0, 4}, {1, 2}, {0, 1}, {1, 1}], bitruns:runs(<<2#00001101>>)).

over_bytes_test() ->
    ?assertEqual([{0, 7}, {1, 9}], bitruns:runs(<<1, 255>>)).

odd_length_test() ->
    ?assertEqual([{1, 1}, {0, 1}, {1, 1}], bitruns:runs(<<5:3>>)),
    ?assertEqual([{0, 11}], bitruns:runs(<<0:11>>)).

bits_test() ->
    ?assertEqual(<<2#00001101>>, bitruns:bits([{0, 4}, {1, 2}, {0, 1}, {1, 1}])),
    ?assertEqual(<<7:3>>, bitruns:bits([{1, 1}, {0, 0}, {1, 2}])).

there_and_back_test() ->
    [?assertEqual(<<N:13>>, bitruns:bits(bitruns:runs(<<N:13>>))) || N <- [0, 1, 2, 77, 4095, 8191]].
