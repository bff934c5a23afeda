-module(board_tests).
-include_lib("eunit/include/eunit.hrl").

board() -> board:new([{todo, none}, {doing, 2}, {done, none}]).

all(Steps) -> lists:foldl(fun step/2, board(), Steps).

step({Name, Direction}, Board) ->
    {ok, New} = board:move(Board, Name, Direction),
    New;
step(Name, Board) ->
    {ok, New} = board:add(Board, Name),
    New.

adds_test() ->
    Board = all([a, b, c]),
    ?assertEqual([a, b, c], board:cards(Board, todo)),
    ?assertEqual([], board:cards(Board, doing)),
    ?assertEqual({error, exists}, board:add(all([a, {a, forward}]), a)).

moves_test() ->
    Board = all([a, b, {b, forward}, {a, forward}, {b, forward}, {b, back}]),
    ?assertEqual([a, b], board:cards(Board, doing)),
    ?assertEqual([], board:cards(Board, todo)),
    ?assertEqual([], board:cards(Board, done)).

comes_again_test() ->
    Board = all([a, b, c, {a, forward}, {a, back}]),
    ?assertEqual([b, c, a], board:cards(Board, todo)),
    ?assertEqual([todo, doing, todo], board:path(Board, a)).

limits_test() ->
    Board = all([a, b, c, {a, forward}, {b, forward}]),
    ?assertEqual({error, {full, doing}}, board:move(Board, c, forward)),
    {ok, Next} = board:move(Board, a, forward),
    {ok, Full} = board:move(Next, c, forward),
    ?assertEqual([b, c], board:cards(Full, doing)),
    ?assertEqual({error, {full, doing}}, board:move(Full, a, back)),
    {ok, One} = board:add(board:new([{only, 1}]), x),
    ?assertEqual({error, {full, only}}, board:add(One, y)),
    ?assertEqual({error, exists}, board:add(One, x)).

edges_test() ->
    Board = all([a, b, {b, forward}, {b, forward}]),
    ?assertEqual({error, edge}, board:move(Board, a, back)),
    ?assertEqual({error, edge}, board:move(Board, b, forward)),
    ?assertEqual({error, unknown}, board:move(Board, c, back)).

paths_test() ->
    Board = all([a, {a, forward}, {a, forward}, {a, back}, {a, forward}]),
    ?assertEqual([todo, doing, done, doing, done], board:path(Board, a)),
    ?assertEqual([a], board:cards(Board, done)),
    ?assertEqual(unknown, board:path(Board, b)).
