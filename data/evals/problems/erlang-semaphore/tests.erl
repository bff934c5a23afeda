-module(sema_tests).
-include_lib("eunit/include/eunit.hrl").

want(Pid, K, Waiting) ->
    Test = self(),
    Tag = make_ref(),
    spawn_link(fun() -> Test ! {Tag, sema:acquire(Pid, K)} end),
    until(fun() -> sema:waiting(Pid) =:= Waiting end, 600),
    Tag.

until(Done, 0) -> ?assert(Done());
until(Done, Tries) ->
    case Done() of
        true -> ok;
        false ->
            timer:sleep(5),
            until(Done, Tries - 1)
    end.

served(Tag) ->
    receive
        {Tag, Answer} -> Answer
    after 6000 -> late
    end.

takes_and_gives_test() ->
    {ok, Pid} = sema:start_link(3),
    ?assertEqual(3, sema:free(Pid)),
    ?assertEqual(ok, sema:acquire(Pid, 2)),
    ?assertEqual(1, sema:free(Pid)),
    ?assertEqual(ok, sema:release(Pid, 2)),
    ?assertEqual(3, sema:free(Pid)).

never_enough_test() ->
    {ok, Pid} = sema:start_link(2),
    ?assertEqual({error, too_many}, sema:acquire(Pid, 3)),
    ?assertEqual(ok, sema:acquire(Pid, 2)),
    ?assertEqual(0, sema:waiting(Pid)).

not_taken_test() ->
    {ok, Pid} = sema:start_link(2),
    ?assertEqual({error, not_taken}, sema:release(Pid, 1)),
    ok = sema:acquire(Pid, 1),
    ?assertEqual({error, not_taken}, sema:release(Pid, 2)),
    ?assertEqual(1, sema:free(Pid)).

waits_test() ->
    {ok, Pid} = sema:start_link(2),
    ok = sema:acquire(Pid, 2),
    Tag = want(Pid, 1, 1),
    ok = sema:release(Pid, 1),
    ?assertEqual(ok, served(Tag)),
    ?assertEqual({0, 0}, {sema:free(Pid), sema:waiting(Pid)}).

no_overtaking_test() ->
    {ok, Pid} = sema:start_link(3),
    ok = sema:acquire(Pid, 2),
    Big = want(Pid, 2, 1),
    Small = want(Pid, 1, 2),
    ?assertEqual(1, sema:free(Pid)),
    ok = sema:release(Pid, 1),
    ?assertEqual(ok, served(Big)),
    ?assertEqual({0, 1}, {sema:free(Pid), sema:waiting(Pid)}),
    ok = sema:release(Pid, 1),
    ?assertEqual(ok, served(Small)).

several_at_once_test() ->
    {ok, Pid} = sema:start_link(3),
    ok = sema:acquire(Pid, 3),
    Tags = [want(Pid, 1, N) || N <- [1, 2, 3]],
    ok = sema:release(Pid, 3),
    ?assertEqual([ok, ok, ok], [served(Tag) || Tag <- Tags]),
    ?assertEqual(0, sema:free(Pid)).
