-module(keeper_tests).
-include_lib("eunit/include/eunit.hrl").

kept(Workers, Most) ->
    {ok, Pid} = keeper:start(Workers, Most),
    Pid.

pid(Pid, Name) -> proplists:get_value(Name, keeper:running(Pid)).

%% Ends a worker and waits for that.
ended(Worker, Reason) ->
    Monitor = monitor(process, Worker),
    case Reason of
        kill -> exit(Worker, kill);
        _ -> Worker ! {finish, Reason}
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
    ?assert(is_pid(A) andalso is_pid(B) andalso A =/= B),
    ?assertEqual(0, keeper:restarts(Pid)),
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
     || {N, Reason} <- [{1, crash}, {2, normal}, {3, kill}, {4, {odd, 1}}, {5, shutdown}]
    ],
    ?assertEqual(B, pid(Pid, b)),
    keeper:stop(Pid).

transient_test() ->
    Pid = kept([{a, transient}], 10),
    ended(pid(Pid, a), shutdown),
    until(fun() -> keeper:restarts(Pid) =:= 1 end),
    ended(pid(Pid, a), normal),
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
    ended(pid(Pid, a), normal),
    ?assertEqual({too_many, a}, gone(Monitor)).

stops_test() ->
    Pid = kept([{a, permanent}, {b, transient}, {c, temporary}], 3),
    Monitors = [monitor(process, Worker) || {_, Worker} <- keeper:running(Pid)],
    Monitor = monitor(process, Pid),
    ?assertEqual(ok, keeper:stop(Pid)),
    ?assertEqual(3, length([gone(One) || One <- Monitors])),
    ?assertEqual(normal, gone(Monitor)).
