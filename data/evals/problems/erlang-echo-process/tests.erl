-module(ledger_tests).
-include_lib("eunit/include/eunit.hrl").

starts_at_zero_test() ->
    Pid = ledger:start(),
    ?assertEqual(0, ledger:total(Pid)),
    ledger:stop(Pid).

adds_test() ->
    Pid = ledger:start(),
    ?assertEqual(ok, ledger:add(Pid, 5)),
    ?assertEqual(ok, ledger:add(Pid, -2)),
    ?assertEqual(3, ledger:total(Pid)),
    ledger:stop(Pid).

two_are_apart_test() ->
    One = ledger:start(),
    Two = ledger:start(),
    ok = ledger:add(One, 1),
    ?assertEqual(0, ledger:total(Two)),
    ledger:stop(One),
    ledger:stop(Two).

stops_test() ->
    Pid = ledger:start(),
    Ref = erlang:monitor(process, Pid),
    ok = ledger:add(Pid, 4),
    ?assertEqual(4, ledger:stop(Pid)),
    receive
        {'DOWN', Ref, process, Pid, Reason} -> ?assertEqual(normal, Reason)
    after 5000 ->
        ?assert(false)
    end.
