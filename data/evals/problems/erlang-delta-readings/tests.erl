-module(readings_tests).
-include_lib("eunit/include/eunit.hrl").

single_test() ->
    ?assertEqual(<<1, 0:5, 7:16, 0:3>>, readings:pack([7])),
    ?assertEqual({ok, [7]}, readings:unpack(<<1, 0:5, 7:16, 0:3>>)),
    ?assertEqual(<<1, 0:5, -32768:16, 0:3>>, readings:pack([-32768])).

widths_test() ->
    ?assertEqual(<<3, 0:5, 5:16, 0:3>>, readings:pack([5, 5, 5])),
    ?assertEqual(<<3, 1:5, 5:16, 1:1, 0:1, 0:1>>, readings:pack([5, 4, 4])),
    ?assertEqual(<<2, 2:5, 5:16, 1:2, 0:1>>, readings:pack([5, 6])),
    ?assertEqual(<<3, 3:5, 0:16, -4:3, 3:3, 0:5>>, readings:pack([0, -4, -1])),
    ?assertEqual(<<2, 3:5, 5:16, 3:3>>, readings:pack([5, 8])),
    ?assertEqual(<<2, 4:5, 0:16, 4:4, 0:7>>, readings:pack([0, 4])),
    ?assertEqual(<<2, 17:5, -32768:16, 65535:17, 0:2>>, readings:pack([-32768, 32767])).

there_and_back_test() ->
    Series = [
        [0],
        [32767, -32768, 32767],
        [-1, 0, -1, 0],
        [N * N rem 997 - 400 || N <- lists:seq(1, 255)],
        lists:duplicate(255, -9)
    ],
    [?assertEqual({ok, S}, readings:unpack(readings:pack(S))) || S <- Series].

no_series_test() ->
    Bad = [[], [32768], [0, -32769], [1.0], [a], seven, lists:duplicate(256, 0)],
    [?assertEqual({error, bad_series}, readings:pack(One)) || One <- Bad].

short_and_long_test() ->
    Packed = readings:pack([1, 2, 40, 3]),
    Short = [binary:part(Packed, 0, N) || N <- lists:seq(0, byte_size(Packed) - 1)],
    [?assertEqual({error, bad_data}, readings:unpack(One)) || One <- [<<Packed/binary, 0>> | Short]].

not_the_smallest_test() ->
    ?assertEqual({error, bad_data}, readings:unpack(<<2, 3:5, 5:16, 1:3, 0:0>>)),
    ?assertEqual({error, bad_data}, readings:unpack(<<3, 1:5, 5:16, 0:2, 0:1>>)),
    ?assertEqual({error, bad_data}, readings:unpack(<<1, 4:5, 5:16, 0:3>>)).

bad_fields_test() ->
    ?assertEqual({error, bad_data}, readings:unpack(<<0, 0:5, 0:16, 0:3>>)),
    ?assertEqual({error, bad_data}, readings:unpack(<<1, 0:5, 7:16, 1:3>>)),
    ?assertEqual({error, bad_data}, readings:unpack(<<2, 2:5, 32767:16, 1:2, 0:1>>)).
