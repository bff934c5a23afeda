-module(office_tests).
-include_lib("eunit/include/eunit.hrl").

holder() -> spawn(fun() -> receive {stop, Reason} -> exit(Reason) end end).

ended(Holder, Reason) ->
    Monitor = monitor(process, Holder),
    Holder ! {stop, Reason},
    receive {'DOWN', Monitor, process, _, _} -> ok after 6000 -> error(no_end) end.

office(Seats) ->
    {ok, Pid} = office:start_link(Seats),
    Pid.

states(Pid) -> [State || {_, State} <- office:plan(Pid)].

until(Pid, States) -> until(Pid, States, 600).

until(Pid, States, 0) -> ?assertEqual(States, states(Pid));
until(Pid, States, Tries) ->
    case states(Pid) of
        States -> ok;
        _ -> timer:sleep(5), until(Pid, States, Tries - 1)
    end.

holds_test() ->
    Pid = office([b, a]),
    H = holder(),
    ?assertEqual([{b, free}, {a, free}], office:plan(Pid)),
    ?assertEqual({ok, b}, office:hold(Pid, H)),
    ?assertEqual([{b, held}, {a, free}], office:plan(Pid)),
    ?assertEqual({ok, a}, office:hold(Pid, H)),
    ?assertEqual(full, office:hold(Pid, holder())),
    ?assertEqual(full, office:hold(office([]), H)).

gives_up_test() ->
    Pid = office([1, 2, 3]),
    {H, G} = {holder(), holder()},
    [{ok, _} = office:hold(Pid, One) || One <- [H, G, H]],
    ?assertEqual({error, not_held}, office:give_up(Pid, H, 2)),
    ?assertEqual({error, not_held}, office:give_up(Pid, H, 9)),
    ?assertEqual(ok, office:give_up(Pid, H, 1)),
    ?assertEqual({error, not_held}, office:give_up(Pid, H, 1)),
    ?assertEqual([free, held, held], states(Pid)),
    ?assertEqual({ok, 1}, office:hold(Pid, G)).

sells_test() ->
    Pid = office([1, 2, 3, 4]),
    {H, G} = {holder(), holder()},
    [{ok, _} = office:hold(Pid, One) || One <- [H, G, H]],
    ok = office:give_up(Pid, H, 1),
    {ok, 1} = office:hold(Pid, H),
    ?assertEqual({ok, [1, 3]}, office:sell(Pid, H)),
    ?assertEqual({error, nothing}, office:sell(Pid, H)),
    ?assertEqual({error, not_held}, office:give_up(Pid, H, 1)),
    ?assertEqual([sold, held, sold, free], states(Pid)),
    ?assertEqual({ok, 4}, office:hold(Pid, H)),
    ?assertEqual({ok, [4]}, office:sell(Pid, H)).

frees_test() ->
    Pid = office([1, 2, 3, 4]),
    {H, G} = {holder(), holder()},
    [{ok, _} = office:hold(Pid, One) || One <- [H, G, H]],
    ended(H, crash),
    until(Pid, [free, held, free, free]),
    ?assertEqual({ok, 1}, office:hold(Pid, G)),
    ended(G, normal),
    until(Pid, [free, free, free, free]).

sold_stays_test() ->
    Pid = office([1, 2]),
    H = holder(),
    {ok, 1} = office:hold(Pid, H),
    {ok, [1]} = office:sell(Pid, H),
    {ok, 2} = office:hold(Pid, H),
    ended(H, shutdown),
    until(Pid, [sold, free]).

dead_holder_test() ->
    Pid = office([1, 2]),
    H = holder(),
    ended(H, normal),
    ?assertEqual({ok, 1}, office:hold(Pid, H)),
    until(Pid, [free, free]).

odd_messages_test() ->
    Pid = office([x]),
    Pid ! hello,
    Pid ! {'DOWN', make_ref(), process, self(), normal},
    ?assertEqual([{x, free}], office:plan(Pid)),
    ?assertEqual({ok, x}, office:hold(Pid, holder())).
