-module(crew_tests).
-include_lib("eunit/include/eunit.hrl").

empty_test() ->
    {ok, Pid} = crew:start_link(),
    ?assertEqual(0, crew:count(Pid)).

workers_have_their_totals_test() ->
    {ok, Pid} = crew:start_link(),
    {ok, One} = crew:hire(Pid, 10),
    {ok, Two} = crew:hire(Pid, 0),
    ?assertEqual(2, crew:count(Pid)),
    ?assertEqual(15, crew:add(Pid, One, 5)),
    ?assertEqual(-1, crew:add(Pid, Two, -1)),
    ?assertEqual(15, crew:total(Pid, One)).

crash_test() ->
    {ok, Pid} = crew:start_link(),
    {ok, One} = crew:hire(Pid, 10),
    {ok, Two} = crew:hire(Pid, 20),
    crew:add(Pid, One, 5),
    crew:add(Pid, Two, 5),
    {ok, New} = crew:crash(Pid, One),
    ?assertNotEqual(One, New),
    ?assertEqual(10, crew:total(Pid, New)),
    ?assertEqual(25, crew:total(Pid, Two)),
    ?assertEqual({error, no_worker}, crew:total(Pid, One)),
    ?assertEqual(2, crew:count(Pid)).

dismiss_test() ->
    {ok, Pid} = crew:start_link(),
    {ok, One} = crew:hire(Pid, 1),
    {ok, Two} = crew:hire(Pid, 2),
    ?assertEqual(ok, crew:dismiss(Pid, One)),
    ?assertEqual(1, crew:count(Pid)),
    ?assertEqual({error, no_worker}, crew:dismiss(Pid, One)),
    ?assertEqual({error, no_worker}, crew:add(Pid, One, 1)),
    ?assertEqual({error, no_worker}, crew:crash(Pid, One)),
    ?assertEqual(2, crew:total(Pid, Two)).

many_crashes_test() ->
    {ok, Pid} = crew:start_link(),
    {ok, First} = crew:hire(Pid, 7),
    Last = lists:foldl(
        fun(_, Worker) ->
            {ok, New} = crew:crash(Pid, Worker),
            New
        end,
        First,
        lists:seq(1, 20)
    ),
    ?assertEqual(7, crew:total(Pid, Last)),
    ?assertEqual(1, crew:count(Pid)).

strangers_test() ->
    {ok, Pid} = crew:start_link(),
    {ok, Other} = crew:start_link(),
    {ok, Worker} = crew:hire(Other, 1),
    ?assertEqual({error, no_worker}, crew:total(Pid, Worker)),
    ?assertEqual({error, no_worker}, crew:dismiss(Pid, Worker)),
    ?assertEqual(1, crew:total(Other, Worker)).
