-module(quorum_tests).
-include_lib("eunit/include/eunit.hrl").

says(Value) -> fun() -> Value end.

%% Tells who runs it and never ends.
hangs() ->
    Test = self(),
    fun() ->
        process_flag(trap_exit, true),
        Test ! {hangs, self()},
        hang()
    end.

hang() ->
    receive _ -> hang() end.

hanging() ->
    receive {hangs, Pid} -> Pid after 6000 -> error(not_started) end.

agree_test() ->
    ?assertEqual({ok, a}, quorum:ask([says(a)], 1)),
    ?assertEqual({ok, {b, 1}}, quorum:ask([says({b, 1}), says(x), says({b, 1})], 2)),
    ?assertEqual({ok, y}, quorum:ask([says(y) || _ <- lists:seq(1, 200)], 200)).

undecided_test() ->
    ?assertEqual({error, undecided}, quorum:ask([], 1)),
    ?assertEqual({error, undecided}, quorum:ask([says(a)], 2)),
    ?assertEqual({error, undecided}, quorum:ask([says(a), says(b), says(c)], 2)),
    ?assertEqual({error, undecided}, quorum:ask([says(1), says(1.0)], 2)).

failures_test() ->
    Fails = [fun() -> error(bad) end, fun() -> exit(bad) end, fun() -> throw(bad) end],
    Calm = fun() -> exit(normal) end,
    ?assertEqual({error, undecided}, quorum:ask([Calm | Fails], 1)),
    ?assertEqual({ok, v}, quorum:ask([says(v), Calm, says(v) | Fails], 2)).

at_once_test() ->
    ?assertEqual({ok, a}, asked([hangs(), says(a), says(a)], 2)),
    ?assertEqual({error, undecided}, asked([hangs(), says(a), says(b)], 3)),
    receive_all().

%% In a process of its own, so that a call that never returns is noticed.
asked(Funs, Needed) ->
    Test = self(),
    Ref = make_ref(),
    spawn_link(fun() -> Test ! {Ref, quorum:ask(Funs, Needed)} end),
    receive {Ref, Result} -> Result after 6000 -> no_result end.

all_have_ended_test() ->
    Test = self(),
    Waits = fun() ->
        Test ! {waits, self()},
        receive go -> a end
    end,
    Asker = spawn_link(fun() ->
        Result = quorum:ask([hangs_for(Test), Waits], 1),
        Test ! {result, Result, [Pid || Pid <- pids(), is_process_alive(Pid)]}
    end),
    Hanging = hanging(),
    Asker ! {pid, Hanging},
    receive {waits, Pid} -> Pid ! go after 6000 -> error(not_started) end,
    receive {result, Result, Alive} -> ?assertEqual({{ok, a}, []}, {Result, Alive})
    after 6000 -> error(no_result)
    end.

hangs_for(Test) ->
    fun() ->
        process_flag(trap_exit, true),
        Test ! {hangs, self()},
        hang()
    end.

pids() -> receive {pid, Pid} -> [Pid] after 6000 -> error(no_pid) end.

mailbox_test() ->
    self() ! mine,
    {ok, a} = quorum:ask([says(a), says(a), says(b), says(a)], 2),
    {error, undecided} = quorum:ask([says(a), fun() -> error(bad) end], 2),
    ?assertEqual({messages, [mine]}, process_info(self(), messages)),
    receive mine -> ok end.

no_links_test() ->
    {links, Before} = process_info(self(), links),
    {monitors, Watched} = process_info(self(), monitors),
    ?assertEqual({ok, a}, quorum:ask([fun() -> exit(bad) end, says(a)], 1)),
    ?assertEqual({links, Before}, process_info(self(), links)),
    ?assertEqual({monitors, Watched}, process_info(self(), monitors)).

receive_all() -> receive {hangs, _} -> receive_all() after 0 -> ok end.
