-module(lapse_tests).
-include_lib("eunit/include/eunit.hrl").

reads_test() ->
    ?assertEqual({ok, 5400}, lapse:parse("1h30m")),
    ?assertEqual({ok, 5400}, lapse:parse("90m")),
    ?assertEqual({ok, 0}, lapse:parse("0s")),
    ?assertEqual({ok, 7}, lapse:parse("007s")),
    ?assertEqual({ok, 604800 + 2 * 86400 + 3 * 3600 + 4 * 60 + 5}, lapse:parse("1w2d3h4m5s")),
    ?assertEqual({ok, 604801}, lapse:parse("1w1s")).

refuses_test() ->
    Bad = ["", "h", "5", "1h30", "1m1h", "1h1h", "1x", " 1h", "1h ", "1h 2m", "-1h", "1.5h", "1H", "hm", "1hh", "1s2"],
    ?assertEqual([error || _ <- Bad], [lapse:parse(Text) || Text <- Bad]).

writes_test() ->
    ?assertEqual("0s", lapse:text(0)),
    ?assertEqual("59s", lapse:text(59)),
    ?assertEqual("1m", lapse:text(60)),
    ?assertEqual("1h30m", lapse:text(5400)),
    ?assertEqual("1w1s", lapse:text(604801)),
    ?assertEqual("6d23h59m59s", lapse:text(604799)),
    ?assertEqual("10w", lapse:text(6048000)).

there_and_back_test() ->
    [?assertEqual({ok, N}, lapse:parse(lapse:text(N))) || N <- lists:seq(0, 2000000, 7919)].

large_test() ->
    ?assertEqual({ok, 604800000000000000000}, lapse:parse("1000000000000000w")),
    ?assertEqual("1000000000000000w", lapse:text(604800000000000000000)).
