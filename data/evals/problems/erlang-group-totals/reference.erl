-module(totals).
-export([by/2, rank/1]).

by(Position, Rows) ->
    lists:foldl(
        fun(Row, Sums) ->
            Number = element(tuple_size(Row), Row),
            maps:update_with(element(Position, Row), fun(Sum) -> Sum + Number end, Number, Sums)
        end,
        #{},
        Rows
    ).

rank(Totals) ->
    Sorted = lists:sort([{-Total, Key} || {Key, Total} <- maps:to_list(Totals)]),
    rank(Sorted, 1, none).

rank([], _Place, _Before) -> [];
rank([{Minus, Key} | Rest], Place, {Rank, Minus}) -> [{Rank, Key, -Minus} | rank(Rest, Place + 1, {Rank, Minus})];
rank([{Minus, Key} | Rest], Place, _Before) -> [{Place, Key, -Minus} | rank(Rest, Place + 1, {Place, Minus})].
