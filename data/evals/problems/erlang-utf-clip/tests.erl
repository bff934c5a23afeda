-module(clip_tests).
-include_lib("eunit/include/eunit.hrl").

bytes_test() ->
    Text = <<"aä€😀b"/utf8>>,
    Expected = [
        <<>>, <<"a">>, <<"a">>, <<"aä"/utf8>>, <<"aä"/utf8>>, <<"aä"/utf8>>, <<"aä€"/utf8>>,
        <<"aä€"/utf8>>, <<"aä€"/utf8>>, <<"aä€"/utf8>>, <<"aä€😀"/utf8>>, Text, Text
    ],
    ?assertEqual(Expected, [clip:bytes(Text, N) || N <- lists:seq(0, 12)]),
    ?assertEqual(<<>>, clip:bytes(<<>>, 5)).

points_test() ->
    Text = <<"aä€😀b"/utf8>>,
    Expected = [<<>>, <<"a">>, <<"aä"/utf8>>, <<"aä€"/utf8>>, <<"aä€😀"/utf8>>, Text, Text],
    ?assertEqual(Expected, [clip:points(Text, N) || N <- lists:seq(0, 6)]).

no_fault_test() ->
    ?assertEqual(none, clip:fault(<<>>)),
    ?assertEqual(none, clip:fault(<<"grün, 😀"/utf8>>)).

fault_test() ->
    ?assertEqual(0, clip:fault(<<255>>)),
    ?assertEqual(3, clip:fault(<<"aä"/utf8, 128, "b">>)),
    ?assertEqual(4, clip:fault(<<"€x"/utf8, 16#E2, 16#82>>)),
    ?assertEqual(1, clip:fault(<<"a", 16#C0, 16#80>>)),
    ?assertEqual(2, clip:fault(<<"ab", 16#ED, 16#A0, 16#80>>)).

repair_test() ->
    ?assertEqual(<<"grün"/utf8>>, clip:repair(<<"grün"/utf8>>)),
    ?assertEqual(<<"?a?ä?"/utf8>>, clip:repair(<<128, "a", 255, "ä"/utf8, 16#C3>>)),
    ?assertEqual(<<"??">>, clip:repair(<<16#E2, 16#82>>)),
    ?assertEqual(<<"?x">>, clip:repair(<<16#C3, "x">>)),
    ?assertEqual(<<"???">>, clip:repair(<<16#ED, 16#A0, 16#80>>)),
    ?assertEqual(<<>>, clip:repair(<<>>)).

together_test() ->
    Text = <<"Straße nach Łódź, 20 €, 👍🏽 fertig"/utf8>>,
    [
        begin
            Short = clip:bytes(Text, N),
            ?assert(byte_size(Short) =< N andalso byte_size(Short) > N - 4),
            ?assertEqual(none, clip:fault(Short)),
            ?assertEqual(Short, clip:points(Text, length(unicode:characters_to_list(Short))))
        end
     || N <- lists:seq(0, byte_size(Text))
    ].
