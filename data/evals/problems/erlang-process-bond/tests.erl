-module(bond_tests).
-include_lib("eunit/include/eunit.hrl").

plain() -> spawn(fun plain_loop/0).

plain_loop() ->
    receive
        {stop, Reason} -> exit(Reason);
        {ping, From} -> From ! {pong, self()}, plain_loop()
    end.

%% Tells us of every exit signal that it traps.
trapper() ->
    Test = self(),
    Pid = spawn(fun() -> process_flag(trap_exit, true), Test ! {up, self()}, trap_loop(Test) end),
    receive {up, Pid} -> Pid end.

trap_loop(Test) ->
    receive
        {'EXIT', From, Reason} -> Test ! {trapped, self(), From, Reason}, trap_loop(Test);
        {stop, Reason} -> exit(Reason);
        {ping, From} -> From ! {pong, self()}, trap_loop(Test)
    end.

lives(Pid) ->
    Pid ! {ping, self()},
    receive {pong, Pid} -> true after 10000 -> false end.

ended(Pid, How) ->
    Monitor = monitor(process, Pid),
    How(Pid),
    receive {'DOWN', Monitor, process, _, Reason} -> Reason after 10000 -> no_end end.

wait(Monitor) ->
    receive {'DOWN', Monitor, process, _, Reason} -> Reason after 10000 -> no_end end.

stop(Reason) -> fun(Pid) -> Pid ! {stop, Reason} end.

until(_Done, 0) -> error(it_never_came);
until(Done, Tries) ->
    case Done() of
        true -> ok;
        false -> timer:sleep(5), until(Done, Tries - 1)
    end.

one_takes_the_other_along_test() ->
    {A, B} = {plain(), plain()},
    {ok, Bond} = bond:tie([A, B]),
    ?assertEqual([A, B], bond:members(Bond)),
    [MB, MBond] = [monitor(process, Pid) || Pid <- [B, Bond]],
    ?assertEqual(oops, ended(A, stop(oops))),
    ?assertEqual({bond, oops}, wait(MB)),
    ?assertEqual(normal, wait(MBond)),
    ?assertEqual([], bond:members(Bond)).

killing_is_told_test() ->
    {A, B} = {plain(), plain()},
    {ok, _} = bond:tie([A, B]),
    MA = monitor(process, A),
    killed = ended(B, fun(Pid) -> exit(Pid, kill) end),
    ?assertEqual({bond, killed}, wait(MA)).

all_others_are_told_test() ->
    Traps = [trapper() || _ <- lists:seq(1, 3)],
    A = plain(),
    {ok, Bond} = bond:tie([hd(Traps), A | tl(Traps)]),
    {bad, 7} = ended(A, stop({bad, 7})),
    [
        receive
            {trapped, Pid, From, Reason} -> ?assertEqual({Bond, {bond, {bad, 7}}}, {From, Reason})
        after 10000 -> error(not_told)
        end
     || Pid <- Traps
    ],
    ?assert(lists:all(fun lives/1, Traps)).

calm_ends_test() ->
    [begin
         {A, B} = {plain(), plain()},
         {ok, Bond} = bond:tie([A, B]),
         MBond = monitor(process, Bond),
         Calm = ended(A, stop(Calm)),
         ?assertEqual(normal, wait(MBond)),
         ?assert(lives(B))
     end || Calm <- [normal, shutdown, {shutdown, done}]].

the_rest_stays_tied_test() ->
    [A, B, C] = Pids = [plain() || _ <- lists:seq(1, 3)],
    {ok, Bond} = bond:tie(Pids),
    normal = ended(B, stop(normal)),
    until(fun() -> bond:members(Bond) =:= [A, C] end, 1000),
    MC = monitor(process, C),
    oops = ended(A, stop(oops)),
    ?assertEqual({bond, oops}, wait(MC)).

untied_test() ->
    {A, B} = {plain(), plain()},
    {ok, Bond} = bond:tie([A, B]),
    MBond = monitor(process, Bond),
    ?assertEqual(ok, bond:untie(Bond)),
    ?assertEqual(normal, wait(MBond)),
    ?assert(lives(A) andalso lives(B)),
    oops = ended(A, stop(oops)),
    ?assert(lives(B)),
    ?assertEqual(ok, bond:untie(Bond)).

the_dead_take_along_test() ->
    {A, B} = {plain(), trapper()},
    normal = ended(A, stop(normal)),
    {ok, Bond} = bond:tie([B, A]),
    receive
        {trapped, B, From, Reason} -> ?assertEqual({Bond, {bond, noproc}}, {From, Reason})
    after 10000 -> error(not_told)
    end,
    ?assertEqual(ok, bond:untie(Bond)),
    ?assert(lives(B)).

two_bonds_test() ->
    [A, B, C] = [plain() || _ <- lists:seq(1, 3)],
    {ok, One} = bond:tie([A, B]),
    {ok, _Two} = bond:tie([B, C]),
    [MB, MC] = [monitor(process, Pid) || Pid <- [B, C]],
    ok = bond:untie(One),
    oops = ended(A, stop(oops)),
    ?assert(lives(B)),
    D = plain(),
    {ok, _} = bond:tie([D, B]),
    high = ended(D, stop(high)),
    ?assertEqual({bond, high}, wait(MB)),
    ?assertEqual({bond, {bond, high}}, wait(MC)).
