-module(inorder_tests).
-include_lib("eunit/include/eunit.hrl").

%% Takes so many items from the mailbox; each has to come.
items(Count) ->
    [receive {item, N, Term} -> {N, Term} after 6000 -> nothing end || _ <- lists:seq(1, Count)].

%% What was put before has been worked off when an answer comes.
none_left(Pid) ->
    inorder:held(Pid),
    receive {item, N, _} -> {more, N} after 50 -> none end.

in_order_test() ->
    Pid = inorder:start(self()),
    [?assertEqual(ok, inorder:put(Pid, N, {t, N})) || N <- [1, 2, 3]],
    ?assertEqual([{1, {t, 1}}, {2, {t, 2}}, {3, {t, 3}}], items(3)),
    ?assertEqual([], inorder:held(Pid)).

too_early_test() ->
    Pid = inorder:start(self()),
    [inorder:put(Pid, N, N) || N <- [5, 3, 2]],
    ?assertEqual([2, 3, 5], inorder:held(Pid)),
    ?assertEqual(none, none_left(Pid)),
    inorder:put(Pid, 1, 1),
    ?assertEqual([{1, 1}, {2, 2}, {3, 3}], items(3)),
    ?assertEqual([5], inorder:held(Pid)),
    ?assertEqual(none, none_left(Pid)).

the_first_counts_test() ->
    Pid = inorder:start(self()),
    [inorder:put(Pid, N, T) || {N, T} <- [{2, a}, {2, b}, {1, c}, {1, d}, {2, e}, {0, f}, {3, g}]],
    ?assertEqual([{1, c}, {2, a}, {3, g}], items(3)),
    ?assertEqual([], inorder:held(Pid)),
    ?assertEqual(none, none_left(Pid)).

backwards_test() ->
    Pid = inorder:start(self()),
    [inorder:put(Pid, N, N) || N <- lists:seq(300, 1, -1)],
    ?assertEqual([{N, N} || N <- lists:seq(1, 300)], items(300)).

skip_test() ->
    Pid = inorder:start(self()),
    [inorder:put(Pid, N, N) || N <- [2, 4, 6, 7]],
    ?assertEqual([1, 3, 5], inorder:skip(Pid, 5)),
    ?assertEqual([{2, 2}, {4, 4}, {6, 6}, {7, 7}], items(4)),
    inorder:put(Pid, 3, late),
    inorder:put(Pid, 8, 8),
    ?assertEqual([{8, 8}], items(1)),
    ?assertEqual([], inorder:skip(Pid, 4)),
    inorder:put(Pid, 9, 9),
    ?assertEqual([{9, 9}], items(1)),
    ?assertEqual(none, none_left(Pid)).

skip_ahead_test() ->
    Pid = inorder:start(self()),
    ?assertEqual([1, 2], inorder:skip(Pid, 2)),
    ?assertEqual([], inorder:skip(Pid, 2)),
    inorder:put(Pid, 4, d),
    ?assertEqual([4], inorder:held(Pid)),
    inorder:put(Pid, 3, c),
    ?assertEqual([{3, c}, {4, d}], items(2)).

other_messages_test() ->
    Pid = inorder:start(self()),
    self() ! {make_ref(), [99]},
    self() ! ok,
    [Pid ! Odd || Odd <- [hello, {put, 1}, {1, 2, 3}, "text"]],
    inorder:put(Pid, 2, two),
    ?assertEqual([2], inorder:held(Pid)),
    ?assertEqual([1], inorder:skip(Pid, 1)),
    ?assertEqual([{2, two}], items(1)),
    receive {_, [99]} -> ok after 0 -> error(message_taken) end,
    receive ok -> ok after 0 -> error(message_taken) end.
