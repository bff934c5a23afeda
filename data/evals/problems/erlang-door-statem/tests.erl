-module(door_tests).
-include_lib("eunit/include/eunit.hrl").

starts_closed_test() ->
    {ok, Pid} = door:start_link(42),
    ?assertEqual(closed, door:state(Pid)).

opens_and_closes_test() ->
    {ok, Pid} = door:start_link(42),
    ?assertEqual(ok, door:open(Pid)),
    ?assertEqual(open, door:state(Pid)),
    ?assertEqual({error, open}, door:open(Pid)),
    ?assertEqual(ok, door:close(Pid)),
    ?assertEqual(closed, door:state(Pid)),
    ?assertEqual({error, closed}, door:close(Pid)).

locks_test() ->
    {ok, Pid} = door:start_link(42),
    ?assertEqual({error, wrong_code}, door:lock(Pid, 41)),
    ?assertEqual(closed, door:state(Pid)),
    ?assertEqual(ok, door:lock(Pid, 42)),
    ?assertEqual({error, locked}, door:open(Pid)),
    ?assertEqual({error, locked}, door:lock(Pid, 42)),
    ?assertEqual(locked, door:state(Pid)).

unlocks_test() ->
    {ok, Pid} = door:start_link(secret),
    ok = door:lock(Pid, secret),
    ?assertEqual({error, wrong_code}, door:unlock(Pid, wrong)),
    ?assertEqual(locked, door:state(Pid)),
    ?assertEqual(ok, door:unlock(Pid, secret)),
    ?assertEqual(closed, door:state(Pid)),
    ?assertEqual(ok, door:open(Pid)).

state_is_told_before_the_code_test() ->
    {ok, Pid} = door:start_link(1),
    ?assertEqual({error, closed}, door:unlock(Pid, 2)),
    ok = door:open(Pid),
    ?assertEqual({error, open}, door:lock(Pid, 2)),
    ?assertEqual({error, open}, door:unlock(Pid, 1)).
