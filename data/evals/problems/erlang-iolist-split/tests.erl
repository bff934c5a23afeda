-module(chunks_tests).
-include_lib("eunit/include/eunit.hrl").

take(N, IoList) ->
    {Bin, Rest} = chunks:take(N, IoList),
    {Bin, iolist_to_binary(Rest)}.

take_test() ->
    IoList = ["ab", [<<"cde">>, [[], $f | <<"gh">>]], <<>>, "i"],
    Whole = iolist_to_binary(IoList),
    [
        ?assertEqual({binary:part(Whole, 0, N), binary:part(Whole, N, 9 - N)}, take(N, IoList))
     || N <- lists:seq(0, 9)
    ],
    ?assertEqual({<<"ab">>, <<"c">>}, take(2, <<"abc">>)).

short_test() ->
    ?assertEqual({short, 3}, chunks:take(4, ["a", <<"bc">>])),
    ?assertEqual({short, 0}, chunks:take(1, [])),
    ?assertEqual({short, 0}, chunks:take(1, [[], <<>>, [[]]])),
    ?assertEqual({<<>>, <<>>}, take(0, [])),
    ?assertEqual({<<0, 255>>, <<>>}, take(2, [0 | <<255>>])).

used_up_test() ->
    IoList = [[N rem 256, [<<"xy">>]] || N <- lists:seq(1, 60)],
    ?assertEqual(iolist_to_binary(IoList), iolist_to_binary(lists:reverse(bytes(IoList, [])))).

bytes(IoList, Taken) ->
    case chunks:take(1, IoList) of
        {short, 0} -> Taken;
        {Byte, Rest} -> bytes(Rest, [Byte | Taken])
    end.

lines_test() ->
    ?assertEqual([<<"ab">>, <<"cd">>], chunks:lines(["a", <<"b\nc">>, [$d, "\n"]])),
    ?assertEqual([<<"ab">>, <<"cd">>], chunks:lines(["ab\nc" | <<"d">>])),
    ?assertEqual([<<>>, <<"x">>, <<>>, <<"y">>], chunks:lines(<<"\nx\n\ny">>)),
    ?assertEqual([<<>>, <<>>], chunks:lines("\n\n")),
    ?assertEqual([], chunks:lines([[], <<>>])).

compact_test() ->
    Long = <<"123456789">>,
    ?assertEqual([<<"abcd">>], chunks:compact(["a", [[<<"bc">>], $d], <<>>])),
    ?assertEqual(
        [<<"ab">>, Long, Long, <<"c">>, Long],
        chunks:compact([$a, "b", [Long, [] | Long], "c", [<<>>, Long]])
    ),
    ?assertEqual([Long], chunks:compact(Long)),
    ?assertEqual([<<"x">>], chunks:compact(<<"x">>)),
    ?assertEqual([], chunks:compact([<<>>, [[]]])).

what_is_long_test() ->
    Eight = <<"12345678">>,
    ?assertEqual([<<"1234567812345678">>], chunks:compact([Eight, Eight])),
    ?assertEqual([<<"123456789">>], chunks:compact("123456789")),
    ?assertEqual([<<"1234567890a">>], chunks:compact(["1234567890" | <<"a">>])).
