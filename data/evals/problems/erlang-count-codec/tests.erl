-module(counts_tests).
-include_lib("eunit/include/eunit.hrl").

empty_test() ->
    ?assertEqual(<<>>, counts:pack([])),
    ?assertEqual({ok, []}, counts:unpack(<<>>)).

one_group_test() ->
    ?assertEqual(<<0:6>>, counts:pack([0])),
    ?assertEqual(<<1:6>>, counts:pack([-1])),
    ?assertEqual(<<2:6>>, counts:pack([1])),
    ?assertEqual(<<30:6, 31:6>>, counts:pack([15, -16])).

groups_test() ->
    ?assertEqual(<<1:1, 1:5, 0:1, 0:5>>, counts:pack([16])),
    ?assertEqual(<<1:1, 1:5, 1:1, 0:5, 0:1, 1:5>>, counts:pack([-513])).

there_and_back_test() ->
    Big = 1 bsl 100,
    Numbers = [0, -1, 7, 16, -17, 512, -513, 123456789, Big, -Big, Big - 1],
    ?assertEqual({ok, Numbers}, counts:unpack(counts:pack(Numbers))).

truncated_test() ->
    Bits = counts:pack([3, 5000]),
    Size = bit_size(Bits),
    [
        begin
            <<Part:Length/bits, _/bits>> = Bits,
            ?assertEqual({error, truncated}, counts:unpack(Part))
        end
     || Length <- lists:seq(1, Size - 1), Length =/= 6
    ],
    ?assertEqual({error, truncated}, counts:unpack(<<0:3>>)).

padded_test() ->
    ?assertEqual({error, padded}, counts:unpack(<<1:1, 0:5, 0:1, 3:5>>)),
    ?assertEqual({error, padded}, counts:unpack(<<1:1, 0:5>>)),
    ?assertEqual({error, padded}, counts:unpack(<<4:6, 1:1, 0:5, 0:1, 3:5>>)),
    ?assertEqual({ok, [512]}, counts:unpack(<<1:1, 1:5, 1:1, 0:5, 0:1, 0:5>>)).

first_fault_test() ->
    ?assertEqual({error, padded}, counts:unpack(<<2:6, 1:1, 0:5, 1:1>>)),
    ?assertEqual({error, truncated}, counts:unpack(<<2:6, 1:1, 9:5, 1:1, 0:5>>)).
