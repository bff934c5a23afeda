-module(keeper_tests).
-include_lib("eunit/include/eunit.hrl").

worker() -> fun() -> receive {stop, return} -> ok; {stop, Reason} -> exit(Reason) end end.

kept(Workers, Most) ->
    {ok, Pid} = keeper:start([{Name, worker(), Restart} || {Name, Restart} <- Workers], Most),
    Pid.

pid(Pid, Name) -> proplists:get_value(Name, keeper:running(Pid)).

%% Ends a worker and waits for that.
ended(Worker, Reason) ->
    Monitor = monitor(process, Worker),
    case Reason of
        kill -> exit(Worker, kill);
        _ -> Worker ! {stop, Reason}
    end,
    gone(Monitor).

gone(Monitor) ->
    receive {'DOWN', Monitor, process, _, Reason} -> Reason after 6000 -> error(no_end) end.

until(Done) -> until(Done, 600).

until(Done, 0) -> ?assert(Done());
until(Done, Tries) ->
    case Done() of
        true -> ok;
        false -> timer:sleep(5), until(Done, Tries - 1)
    end.

starts_test() ->
    Pid = kept([{b, permanent}, {a, temporary}], 1),
    [{a, A}, {b, B}] = keeper:running(Pid),
    ?assert(is_process_alive(A) andalso is_process_alive(B) andalso A =/= B),
    ?assertEqual(0, keeper:restarts(Pid)),
    ?assertEqual(false, lists:member(Pid, element(2, process_info(self(), links)))),
    keeper:stop(Pid).

permanent_test() ->
    Pid = kept([{a, permanent}, {b, permanent}], 10),
    B = pid(Pid, b),
    [
        begin
            Old = pid(Pid, a),
            ended(Old, Reason),
            until(fun() -> keeper:restarts(Pid) =:= N end),
            ?assert(pid(Pid, a) =/= Old)
        end
     || {N, Reason} <- [{1, crash}, {2, return}, {3, kill}, {4, normal}, {5, shutdown}]
    ],
    ?assertEqual(B, pid(Pid, b)),
    keeper:stop(Pid).

transient_test() ->
    Pid = kept([{a, transient}], 10),
    ended(pid(Pid, a), shutdown),
    until(fun() -> keeper:restarts(Pid) =:= 1 end),
    ended(pid(Pid, a), return),
    until(fun() -> keeper:running(Pid) =:= [] end),
    ?assertEqual(1, keeper:restarts(Pid)),
    keeper:stop(Pid).

temporary_test() ->
    Pid = kept([{a, temporary}, {b, temporary}], 0),
    ended(pid(Pid, a), crash),
    until(fun() -> [Name || {Name, _} <- keeper:running(Pid)] =:= [b] end),
    ?assertEqual(0, keeper:restarts(Pid)),
    keeper:stop(Pid).

gives_up_test() ->
    Pid = kept([{a, permanent}, {b, transient}, {c, temporary}], 2),
    Monitor = monitor(process, Pid),
    C = pid(Pid, c),
    Last = monitor(process, C),
    ended(pid(Pid, a), crash),
    until(fun() -> keeper:restarts(Pid) =:= 1 end),
    ended(pid(Pid, b), crash),
    until(fun() -> keeper:restarts(Pid) =:= 2 end),
    ended(pid(Pid, b), crash),
    ?assertEqual({too_many, b}, gone(Monitor)),
    gone(Last).

none_at_all_test() ->
    Pid = kept([{a, permanent}], 0),
    Monitor = monitor(process, Pid),
    ended(pid(Pid, a), return),
    ?assertEqual({too_many, a}, gone(Monitor)).

stops_test() ->
    Test = self(),
    Stubborn = fun() ->
        process_flag(trap_exit, true),
        Test ! {up, self()},
        receive never -> ok end
    end,
    {ok, Pid} = keeper:start([{a, Stubborn, permanent}, {b, worker(), permanent}], 3),
    A = receive {up, One} -> One after 6000 -> error(not_up) end,
    B = pid(Pid, b),
    Monitor = monitor(process, Pid),
    ?assertEqual(ok, keeper:stop(Pid)),
    ?assertEqual([false, false, false], [is_process_alive(One) || One <- [A, B, Pid]]),
    ?assertEqual(normal, gone(Monitor)).
