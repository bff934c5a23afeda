-module(series_tests).
-include_lib("eunit/include/eunit.hrl").

filled(Values) ->
    {ok, Pid} = series:start_link(),
    [?assertEqual(ok, series:put(Pid, Name, Time, Value)) || {Name, Time, Value} <- Values],
    Pid.

empty_test() ->
    Pid = filled([]),
    ?assertEqual(none, series:at(Pid, a, 0)),
    ?assertEqual([], series:range(Pid, a, -9, 9)),
    ?assertEqual(0, series:trim(Pid, a, 9)),
    ?assertEqual([], series:names(Pid)).

the_latest_value_counts_test() ->
    Pid = filled([{a, 10, x}, {a, 30, z}, {a, 20, y}]),
    ?assertEqual(none, series:at(Pid, a, 9)),
    ?assertEqual({10, x}, series:at(Pid, a, 10)),
    ?assertEqual({10, x}, series:at(Pid, a, 19)),
    ?assertEqual({20, y}, series:at(Pid, a, 20)),
    ?assertEqual({30, z}, series:at(Pid, a, 1 bsl 70)).

series_are_apart_test() ->
    Pid = filled([{a, 5, 1}, {b, 7, 2}, {<<"a">>, 1, 3}]),
    ?assertEqual(none, series:at(Pid, b, 6)),
    ?assertEqual(none, series:at(Pid, <<"a">>, 0)),
    ?assertEqual({5, 1}, series:at(Pid, a, 100)),
    ?assertEqual([{7, 2}], series:range(Pid, b, -100, 100)),
    ?assertEqual(none, series:at(Pid, c, 100)),
    Other = filled([]),
    ?assertEqual([], series:names(Other)).

a_value_is_replaced_test() ->
    Pid = filled([{a, -1, old}, {a, -1, new}]),
    ?assertEqual({-1, new}, series:at(Pid, a, 0)),
    ?assertEqual([{-1, new}], series:range(Pid, a, -1, -1)).

ranges_include_both_ends_test() ->
    Times = [40, -5, 12, 0, 33, 7],
    Pid = filled([{a, Time, {v, Time}} || Time <- Times]),
    Told = fun(From, To) -> [Time || {Time, {v, Time}} <- series:range(Pid, a, From, To)] end,
    ?assertEqual(lists:sort(Times), Told(-5, 40)),
    ?assertEqual([0, 7, 12], Told(0, 12)),
    ?assertEqual([12], Told(8, 32)),
    ?assertEqual([], Told(12, 0)),
    ?assertEqual([], Told(13, 32)).

trimming_test() ->
    Pid = filled([{a, Time, Time * Time} || Time <- lists:seq(1, 10)] ++ [{b, 1, keep}]),
    ?assertEqual(3, series:trim(Pid, a, 4)),
    ?assertEqual(0, series:trim(Pid, a, 4)),
    ?assertEqual(none, series:at(Pid, a, 3)),
    ?assertEqual({4, 16}, series:at(Pid, a, 4)),
    ?assertEqual([b], [Name || Name <- series:names(Pid), Name =/= a]),
    ?assertEqual(7, series:trim(Pid, a, 100)),
    ?assertEqual([b], series:names(Pid)),
    ?assertEqual({1, keep}, series:at(Pid, b, 1)).

names_are_told_once_test() ->
    Names = [<<"z">>, q, <<"a">>, c, 'Upper'],
    Pid = filled([{Name, Time, v} || Name <- Names, Time <- [3, -1, 2]]),
    ?assertEqual(['Upper', c, q, <<"a">>, <<"z">>], series:names(Pid)).
