-module(totals).
-export([by/2, rank/1]).

by(Position, Rows) ->
    Keys = lists:usort([element(Position, Row) || Row <- Rows]),
    maps:from_list([
        {Key, lists:sum([lists:last(tuple_to_list(Row)) || Row <- Rows, element(Position, Row) =:= Key])}
     || Key <- Keys ++ [element(Position, Row) || Row <- Rows]
    ]).

rank(Totals) ->
    List = maps:to_list(Totals),
    Ranked = [{length([x || {_, Other} <- List, Other > Total]) + 1, Key, Total} || {Key, Total} <- List],
    lists:sort(Ranked).
