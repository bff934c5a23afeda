-module(inbox_tests).
-include_lib("eunit/include/eunit.hrl").

filled(Messages) ->
    Pid = inbox:start(),
    [ok = inbox:send(Pid, Priority, Message) || {Priority, Message} <- Messages],
    Pid.

oldest_first_test() ->
    Pid = filled([{normal, 1}, {normal, 2}]),
    ?assertEqual({normal, 1}, inbox:next(Pid)),
    ?assertEqual({normal, 2}, inbox:next(Pid)),
    ?assertEqual([], inbox:rest(Pid)).

priority_first_test() ->
    Pid = filled([{low, a}, {normal, b}, {high, c}, {low, d}, {high, e}]),
    ?assertEqual({high, c}, inbox:next(Pid)),
    ?assertEqual({high, e}, inbox:next(Pid)),
    ?assertEqual({normal, b}, inbox:next(Pid)),
    ?assertEqual({low, a}, inbox:next(Pid)),
    ?assertEqual([{low, d}], inbox:rest(Pid)).

rest_test() ->
    Pid = filled([{low, 1}, {high, 2}, {normal, 3}, {high, 4}, {low, 5}]),
    ?assertEqual([{high, 2}, {high, 4}, {normal, 3}, {low, 1}, {low, 5}], inbox:rest(Pid)).

waits_test() ->
    Pid = inbox:start(),
    Test = self(),
    spawn_link(fun() -> Test ! {got, inbox:next(Pid)} end),
    ok = inbox:send(Pid, low, late),
    receive
        {got, Message} -> ?assertEqual({low, late}, Message)
    after 20000 -> ?assert(false)
    end,
    ?assertEqual([], inbox:rest(Pid)).

ends_test() ->
    Pid = inbox:start(),
    Ref = monitor(process, Pid),
    [] = inbox:rest(Pid),
    receive
        {'DOWN', Ref, process, _, Reason} -> ?assertEqual(normal, Reason)
    after 20000 -> ?assert(false)
    end.
