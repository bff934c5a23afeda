-module(regions).
-export([sizes/1, touching/1]).

sizes(Rows) ->
    Found = regions(cells(Rows)),
    [{Char, Size} || {Less, Char} <- lists:sort(Found), Size <- [-Less]].

touching(Rows) ->
    Cells = cells(Rows),
    lists:usort([
        {A, B}
     || {Cell, A} <- maps:to_list(Cells),
        Beside <- beside(Cell),
        {ok, B} <- [maps:find(Beside, Cells)],
        A < B
    ]).

cells(Rows) ->
    maps:from_list([{{R, C}, Char} || {R, Row} <- numbered(Rows), {C, Char} <- numbered(Row), Char =/= $.]).

numbered(List) -> lists:zip(lists:seq(1, length(List)), List).

regions(Cells) ->
    case maps:next(maps:iterator(Cells)) of
        none ->
            [];
        {Cell, Char, _} ->
            Left = without([Cell], Char, Cells),
            [{map_size(Left) - map_size(Cells), Char} | regions(Left)]
    end.

without([], _Char, Cells) -> Cells;
without([Cell | Waiting], Char, Cells) ->
    case Cells of
        #{Cell := Char} -> without(beside(Cell) ++ Waiting, Char, maps:remove(Cell, Cells));
        #{} -> without(Waiting, Char, Cells)
    end.

beside({R, C}) -> [{R, C + 1}, {R + 1, C}, {R, C - 1}, {R - 1, C}].
