-module(kiln_tests).
-include_lib("eunit/include/eunit.hrl").

%% Somebody who bakes and tells us, when that call has arrived.
baker(Pid, Name) ->
    Test = self(),
    Before = kiln:waiting(Pid),
    spawn_link(fun() -> Test ! {told, Name, kiln:bake(Pid, Name)} end),
    arrived(Pid, Before ++ [Name], 1000).

arrived(_Pid, _Names, 0) -> error(nobody_waits);
arrived(Pid, Names, Tries) ->
    case kiln:waiting(Pid) of
        Names -> ok;
        _ -> timer:sleep(5), arrived(Pid, Names, Tries - 1)
    end.

told(Name) ->
    receive {told, Name, Reply} -> Reply after 6000 -> nothing end.

heating_test() ->
    {ok, Pid} = kiln:start_link(100, 200),
    ?assertEqual({cold, 0}, kiln:state(Pid)),
    ?assertEqual({cold, 99}, kiln:heat(Pid, 99)),
    ?assertEqual({hot, 100}, kiln:heat(Pid, 1)),
    ?assertEqual({hot, 200}, kiln:heat(Pid, 100)),
    ?assertEqual({hot, 200}, kiln:state(Pid)),
    ?assertEqual([], kiln:waiting(Pid)).

hot_bakes_at_once_test() ->
    {ok, Pid} = kiln:start_link(1, 1),
    {hot, 1} = kiln:heat(Pid, 1),
    ?assertEqual({baked, cup, 1}, kiln:bake(Pid, cup)),
    ?assertEqual({baked, cup, 2}, kiln:bake(Pid, cup)).

cold_waits_test() ->
    {ok, Pid} = kiln:start_link(100, 200),
    ok = baker(Pid, a),
    ok = baker(Pid, b),
    {cold, 50} = kiln:heat(Pid, 50),
    ok = baker(Pid, c),
    ?assertEqual([a, b, c], kiln:waiting(Pid)),
    {hot, 150} = kiln:heat(Pid, 100),
    ?assertEqual([{baked, a, 1}, {baked, b, 2}, {baked, c, 3}], [told(N) || N <- [a, b, c]]),
    ?assertEqual([], kiln:waiting(Pid)),
    ?assertEqual({baked, d, 4}, kiln:bake(Pid, d)).

cooling_test() ->
    {ok, Pid} = kiln:start_link(100, 200),
    {cold, 60} = kiln:heat(Pid, 60),
    ?assertEqual(ok, kiln:cool(Pid)),
    ?assertEqual({cold, 60}, kiln:state(Pid)),
    {hot, 110} = kiln:heat(Pid, 50),
    ?assertEqual(ok, kiln:cool(Pid)),
    ?assertEqual({cold, 0}, kiln:state(Pid)),
    ok = baker(Pid, a),
    {hot, 100} = kiln:heat(Pid, 100),
    ?assertEqual({baked, a, 1}, told(a)).

breaking_test() ->
    {ok, Pid} = kiln:start_link(100, 200),
    ok = baker(Pid, a),
    ok = baker(Pid, b),
    ?assertEqual({broken, 0}, kiln:heat(Pid, 201)),
    ?assertEqual([{error, broken}, {error, broken}], [told(a), told(b)]),
    ?assertEqual({broken, 0}, kiln:state(Pid)),
    ?assertEqual([], kiln:waiting(Pid)),
    ?assertEqual({error, broken}, kiln:bake(Pid, c)),
    ?assertEqual({error, broken}, kiln:heat(Pid, 1)),
    ?assertEqual({error, broken}, kiln:cool(Pid)).

repair_test() ->
    {ok, Pid} = kiln:start_link(100, 200),
    ?assertEqual({error, cold}, kiln:repair(Pid)),
    {hot, 150} = kiln:heat(Pid, 150),
    ?assertEqual({error, hot}, kiln:repair(Pid)),
    {baked, x, 1} = kiln:bake(Pid, x),
    {broken, 0} = kiln:heat(Pid, 51),
    ?assertEqual(ok, kiln:repair(Pid)),
    ?assertEqual({cold, 0}, kiln:state(Pid)),
    ?assertEqual({hot, 100}, kiln:heat(Pid, 100)),
    ?assertEqual({baked, y, 2}, kiln:bake(Pid, y)).
