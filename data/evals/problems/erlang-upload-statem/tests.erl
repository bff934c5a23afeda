-module(upload_tests).
-include_lib("eunit/include/eunit.hrl").

upload(Size, Parts) ->
    {ok, Pid} = upload:start_link(Size),
    hand_in(Pid, Parts),
    Pid.

hand_in(Pid, Parts) -> [ok = upload:part(Pid, N, Bytes) || {N, Bytes} <- Parts].

in_any_order_test() ->
    Pid = upload(3, [{3, <<"c">>}, {1, <<"a">>}]),
    ?assertEqual([2], upload:missing(Pid)),
    ?assertEqual(receiving, upload:state(Pid)),
    hand_in(Pid, [{2, <<"bb">>}]),
    ?assertEqual(complete, upload:state(Pid)),
    ?assertEqual(<<"abbc">>, upload:content(Pid)),
    ?assertEqual([], upload:missing(Pid)),
    ?assertEqual([{3, kept}, {1, kept}, {2, kept}], upload:log(Pid)).

more_than_nine_test() ->
    Pid = upload(12, [{N, <<N>>} || N <- lists:seq(12, 1, -1)]),
    ?assertEqual(list_to_binary(lists:seq(1, 12)), upload:content(Pid)).

outcomes_test() ->
    Pid = upload(2, [{0, <<"x">>}, {3, <<"x">>}, {-1, <<>>}, {1, <<"a">>}, {1, <<"z">>}, {2, <<"b">>}]),
    hand_in(Pid, [{1, <<"y">>}, {9, <<"y">>}]),
    ?assertEqual(<<"ab">>, upload:content(Pid)),
    ?assertEqual(
        [{0, range}, {3, range}, {-1, range}, {1, kept}, {1, duplicate}, {2, kept}, {1, late}, {9, late}],
        upload:log(Pid)
    ).

pauses_test() ->
    Pid = upload(3, [{1, <<"a">>}]),
    ?assertEqual(ok, upload:pause(Pid)),
    hand_in(Pid, [{2, <<"b">>}, {2, <<"c">>}, {7, <<"d">>}]),
    ?assertEqual(paused, upload:state(Pid)),
    ?assertEqual([2, 3], upload:missing(Pid)),
    ?assertEqual([{1, kept}], upload:log(Pid)),
    ?assertEqual(ok, upload:resume(Pid)),
    hand_in(Pid, [{3, <<"e">>}]),
    ?assertEqual([{1, kept}, {2, kept}, {2, duplicate}, {7, range}, {3, kept}], upload:log(Pid)),
    ?assertEqual(<<"abe">>, upload:content(Pid)).

complete_while_catching_up_test() ->
    Pid = upload(1, []),
    ok = upload:pause(Pid),
    hand_in(Pid, [{1, <<"first">>}, {1, <<"second">>}]),
    ok = upload:resume(Pid),
    ?assertEqual([{1, kept}, {1, late}], upload:log(Pid)),
    ?assertEqual(<<"first">>, upload:content(Pid)).

wrong_state_test() ->
    Pid = upload(1, []),
    ?assertEqual({error, receiving}, upload:resume(Pid)),
    ok = upload:pause(Pid),
    ?assertEqual({error, paused}, upload:pause(Pid)),
    ok = upload:resume(Pid),
    hand_in(Pid, [{1, <<>>}]),
    ?assertEqual({error, complete}, upload:pause(Pid)),
    ?assertEqual({error, complete}, upload:resume(Pid)),
    ?assertEqual(<<>>, upload:content(Pid)).

content_waits_test() ->
    Pid = upload(2, [{2, <<"b">>}]),
    Test = self(),
    [spawn_link(fun() -> Test ! {content, upload:content(Pid)} end) || _ <- [1, 2]],
    ok = upload:pause(Pid),
    ok = upload:resume(Pid),
    hand_in(Pid, [{1, <<"a">>}]),
    [
        receive {content, Content} -> ?assertEqual(<<"ab">>, Content)
        after 20000 -> error(nothing_came)
        end
     || _ <- [1, 2]
    ].
