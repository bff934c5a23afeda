-module(shift_tests).
-include_lib("eunit/include/eunit.hrl").

%% The name is gone: what the supervisor knows may lag behind the end of the worker.
gone(Pid, Names) -> gone(Pid, Names, 1000).

gone(_Pid, _Names, 0) -> error(still_there);
gone(Pid, Names, Tries) ->
    case shift:present(Pid) of
        Names -> ok;
        _ -> timer:sleep(5), gone(Pid, Names, Tries - 1)
    end.

down(Ref) ->
    receive {'DOWN', Ref, process, _, Reason} -> Reason after 6000 -> still_running end.

counts_down_test() ->
    process_flag(trap_exit, true),
    {ok, Pid} = shift:start_link([{b, 3}, {a, 2}]),
    ?assertEqual([a, b], shift:present(Pid)),
    ?assertEqual(3, shift:left(Pid, b)),
    ?assertEqual({ok, 2}, shift:work(Pid, b)),
    ?assertEqual({ok, 1}, shift:work(Pid, b)),
    ?assertEqual({ok, 1}, shift:work(Pid, a)),
    ?assertEqual(1, shift:left(Pid, b)),
    ?assertEqual(1, shift:left(Pid, a)).

goes_home_test() ->
    process_flag(trap_exit, true),
    {ok, Pid} = shift:start_link([{a, 1}, {b, 1}]),
    ?assertEqual({ok, 0}, shift:work(Pid, a)),
    ?assertEqual(ok, gone(Pid, [b])),
    ?assertEqual({error, absent}, shift:work(Pid, a)),
    ?assertEqual({error, absent}, shift:left(Pid, a)),
    ?assertEqual({error, absent}, shift:crash(Pid, a)),
    ?assertEqual(1, shift:left(Pid, b)).

unknown_test() ->
    process_flag(trap_exit, true),
    {ok, Pid} = shift:start_link([{a, 1}]),
    ?assertEqual({error, absent}, shift:work(Pid, x)),
    ?assertEqual({error, absent}, shift:left(Pid, x)),
    ?assertEqual({error, absent}, shift:crash(Pid, x)),
    ?assertEqual([a], shift:present(Pid)).

crash_test() ->
    process_flag(trap_exit, true),
    {ok, Pid} = shift:start_link([{a, 3}, {b, 3}]),
    {ok, 2} = shift:work(Pid, a),
    {ok, 2} = shift:work(Pid, b),
    ?assertEqual(ok, shift:crash(Pid, a)),
    ?assertEqual(3, shift:left(Pid, a)),
    ?assertEqual(2, shift:left(Pid, b)),
    ?assertEqual([a, b], shift:present(Pid)).

many_crashes_test() ->
    process_flag(trap_exit, true),
    {ok, Pid} = shift:start_link([{a, 2}]),
    [?assertEqual(ok, shift:crash(Pid, a)) || _ <- lists:seq(1, 20)],
    ?assertEqual({ok, 1}, shift:work(Pid, a)).

shuts_down_test() ->
    process_flag(trap_exit, true),
    {ok, Pid} = shift:start_link([{N, N} || N <- [1, 2, 3]]),
    Ref = monitor(process, Pid),
    [?assertEqual({ok, 0}, lists:last([shift:work(Pid, N) || _ <- lists:seq(1, N)])) || N <- [3, 1]],
    ?assertEqual(ok, gone(Pid, [2])),
    ?assertEqual(ok, shift:crash(Pid, 2)),
    ?assertEqual({ok, 1}, shift:work(Pid, 2)),
    ?assertEqual({ok, 0}, shift:work(Pid, 2)),
    ?assertEqual(shutdown, down(Ref)).
