-module(tlv_tests).
-include_lib("eunit/include/eunit.hrl").

flat_test() ->
    ?assertEqual(<<>>, tlv:encode([])),
    ?assertEqual(<<7, 2, "ab", 0, 0>>, tlv:encode([{7, <<"ab">>}, {0, <<>>}])).

nested_test() ->
    ?assertEqual(<<131, 4, 1, 2, "hi">>, tlv:encode([{3, [{1, <<"hi">>}]}])),
    ?assertEqual(<<129, 0>>, tlv:encode([{1, []}])).

decode_test() ->
    ?assertEqual({ok, []}, tlv:decode(<<>>)),
    ?assertEqual({ok, [{7, <<"ab">>}, {127, <<>>}]}, tlv:decode(<<7, 2, "ab", 127, 0>>)),
    ?assertEqual({ok, [{3, [{1, <<"hi">>}]}, {2, []}]}, tlv:decode(<<131, 4, 1, 2, "hi", 130, 0>>)).

there_and_back_test() ->
    Tree = [{1, [{2, [{3, <<0, 255>>}]}, {4, <<"x">>}]}, {5, binary:copy(<<"y">>, 255)}],
    ?assertEqual({ok, Tree}, tlv:decode(tlv:encode(Tree))).

too_long_test() ->
    Long = binary:copy(<<"y">>, 256),
    ?assertEqual({error, too_long}, tlv:encode([{5, Long}])),
    ?assertEqual({error, too_long}, tlv:encode([{1, [{5, binary:copy(<<"y">>, 254)}]}])).

truncated_test() ->
    ?assertEqual({error, truncated}, tlv:decode(<<7>>)),
    ?assertEqual({error, truncated}, tlv:decode(<<7, 3, "ab">>)),
    ?assertEqual({error, truncated}, tlv:decode(<<131, 3, 1, 2, "h">>)),
    ?assertEqual({error, truncated}, tlv:decode(<<7, 0, 1>>)).
