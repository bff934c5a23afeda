-module(board_tests).
-include_lib("eunit/include/eunit.hrl").

filled(Scores) ->
    {ok, Pid} = board:start_link(),
    [board:score(Pid, Player, Points) || {Player, Points} <- Scores],
    Pid.

score_test() ->
    {ok, Pid} = board:start_link(),
    ?assertEqual(5, board:score(Pid, ann, 5)),
    ?assertEqual(3, board:score(Pid, ann, -2)),
    ?assertEqual(-1, board:score(Pid, bo, -1)),
    ?assertEqual(3, board:score_of(Pid, ann)),
    ?assertEqual(undefined, board:score_of(Pid, cy)).

top_test() ->
    Pid = filled([{ann, 5}, {bo, 9}, {cy, -3}]),
    ?assertEqual([{bo, 9}, {ann, 5}], board:top(Pid, 2)),
    ?assertEqual([{bo, 9}, {ann, 5}, {cy, -3}], board:top(Pid, 10)),
    ?assertEqual([], board:top(Pid, 0)).

equal_scores_test() ->
    Pid = filled([{c, 1}, {a, 1}, {b, 1}, {d, 2}]),
    ?assertEqual([{d, 2}, {a, 1}, {b, 1}], board:top(Pid, 3)).

reset_test() ->
    Pid = filled([{a, 1}, {b, 0}]),
    ?assertEqual(2, board:reset(Pid)),
    ?assertEqual(0, board:reset(Pid)),
    ?assertEqual([], board:top(Pid, 5)),
    ?assertEqual(1, board:score(Pid, a, 1)).

apart_test() ->
    One = filled([{a, 1}]),
    Two = filled([]),
    ?assertEqual(undefined, board:score_of(Two, a)),
    ?assertEqual(1, board:score_of(One, a)).
