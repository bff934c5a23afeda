-module(regions).
-export([sizes/1, touching/1]).

%% Every cell begins with a label of its own; equal neighbours take the smaller one until nothing
%% changes any more.
sizes(Rows) ->
    Board = board(Rows),
    Labels = settle(Board, maps:map(fun(Place, _) -> Place end, Board)),
    Count = lists:foldl(
        fun(Label, Acc) -> maps:update_with(Label, fun(N) -> N + 1 end, 1, Acc) end,
        #{},
        maps:values(Labels)
    ),
    Regions = [{maps:get(Label, Board), N} || {Label, N} <- maps:to_list(Count)],
    lists:sort(fun({A, N}, {B, M}) -> N > M orelse (N =:= M andalso A =< B) end, Regions).

settle(Board, Labels) ->
    Next = maps:map(
        fun(Place, Label) ->
            Same = [maps:get(P, Labels) || P <- near(Place), maps:find(P, Board) =:= maps:find(Place, Board)],
            lists:min([Label | Same])
        end,
        Labels
    ),
    case Next of
        Labels -> Labels;
        _ -> settle(Board, Next)
    end.

near({X, Y}) -> [{X - 1, Y}, {X + 1, Y}, {X, Y - 1}, {X, Y + 1}].

board(Rows) -> board(Rows, 0, #{}).

board([], _, Board) -> Board;
board([Row | Rows], Y, Board) ->
    {_, New} = lists:foldl(
        fun($., {X, B}) -> {X + 1, B};
           (Char, {X, B}) -> {X + 1, B#{{X, Y} => Char}}
        end, {0, Board}, Row),
    board(Rows, Y + 1, New).

touching(Rows) ->
    Pairs = lists:append([pairs(Row) || Row <- Rows] ++ [lists:zip(A, B) || {A, B} <- pairs(Rows)]),
    lists:usort([{min(A, B), max(A, B)} || {A, B} <- Pairs, A =/= B, A =/= $., B =/= $.]).

pairs([A, B | Rest]) -> [{A, B} | pairs([B | Rest])];
pairs(_) -> [].
