-module(printer_tests).
-include_lib("eunit/include/eunit.hrl").

prints_in_order_test() ->
    {ok, P} = printer:start_link(10),
    ?assertEqual(ready, printer:state(P)),
    ?assertEqual(ok, printer:submit(P, a, 3)),
    ?assertEqual(ok, printer:submit(P, b, 5)),
    ?assertEqual([a, b], printer:printed(P)),
    ?assertEqual(2, printer:sheets(P)),
    ?assertEqual(ready, printer:state(P)).

exactly_enough_test() ->
    {ok, P} = printer:start_link(4),
    ok = printer:submit(P, a, 4),
    ?assertEqual([a], printer:printed(P)),
    ?assertEqual({0, ready}, {printer:sheets(P), printer:state(P)}),
    ok = printer:submit(P, b, 1),
    ?assertEqual({[a], empty}, {printer:printed(P), printer:state(P)}).

nobody_overtakes_test() ->
    {ok, P} = printer:start_link(4),
    [ok = printer:submit(P, Name, Pages) || {Name, Pages} <- [{a, 2}, {b, 5}, {c, 1}, {d, 2}]],
    ?assertEqual([a], printer:printed(P)),
    ?assertEqual({2, empty}, {printer:sheets(P), printer:state(P)}),
    ?assertEqual(4, printer:fill(P, 2)),
    ?assertEqual({[a], empty}, {printer:printed(P), printer:state(P)}),
    ?assertEqual(6, printer:fill(P, 2)),
    ?assertEqual([a, b, c], printer:printed(P)),
    ?assertEqual({0, empty}, {printer:sheets(P), printer:state(P)}),
    ?assertEqual(9, printer:fill(P, 9)),
    ?assertEqual([a, b, c, d], printer:printed(P)),
    ?assertEqual({7, ready}, {printer:sheets(P), printer:state(P)}).

waits_while_off_test() ->
    {ok, P} = printer:start_link(9),
    ?assertEqual(off, printer:switch(P)),
    [ok = printer:submit(P, N, N) || N <- [1, 2, 3]],
    ?assertEqual({[], 9, off}, {printer:printed(P), printer:sheets(P), printer:state(P)}),
    ?assertEqual(on, printer:switch(P)),
    ?assertEqual([1, 2, 3], printer:printed(P)),
    ?assertEqual({3, ready}, {printer:sheets(P), printer:state(P)}).

filled_while_off_test() ->
    {ok, P} = printer:start_link(0),
    ok = printer:submit(P, a, 2),
    ?assertEqual(empty, printer:state(P)),
    ?assertEqual(off, printer:switch(P)),
    ok = printer:submit(P, b, 1),
    ?assertEqual(2, printer:fill(P, 2)),
    ?assertEqual({off, []}, {printer:state(P), printer:printed(P)}),
    ?assertEqual(on, printer:switch(P)),
    ?assertEqual({empty, [a]}, {printer:state(P), printer:printed(P)}),
    ?assertEqual(1, printer:fill(P, 1)),
    ?assertEqual({ready, [a, b]}, {printer:state(P), printer:printed(P)}).

still_empty_after_switching_test() ->
    {ok, P} = printer:start_link(1),
    ok = printer:submit(P, a, 2),
    off = printer:switch(P),
    ?assertEqual(off, printer:state(P)),
    on = printer:switch(P),
    ?assertEqual({empty, []}, {printer:state(P), printer:printed(P)}),
    ok = printer:submit(P, b, 1),
    ?assertEqual([], printer:printed(P)),
    ?assertEqual(3, printer:fill(P, 2)),
    ?assertEqual([a, b], printer:printed(P)).

many_documents_test() ->
    {ok, P} = printer:start_link(0),
    Names = lists:seq(1, 60),
    [ok = printer:submit(P, N, 1 + N rem 3) || N <- Names],
    [printer:fill(P, 1) || _ <- Names],
    [printer:fill(P, 2) || _ <- Names],
    ?assertEqual(Names, printer:printed(P)),
    Used = lists:sum([1 + N rem 3 || N <- Names]),
    ?assertEqual(180 - Used, printer:sheets(P)).
