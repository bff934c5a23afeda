-module(board).
-export([new/1, add/2, move/3, cards/2, path/2]).

-record(column, {name, limit, names = []}).
-record(card, {place = 1, path = []}).
-record(board, {columns, cards = #{}}).

new(Columns) ->
    #board{columns = [#column{name = Name, limit = Limit} || {Name, Limit} <- Columns]}.

add(#board{cards = Cards}, Name) when is_map_key(Name, Cards) ->
    {error, exists};
add(#board{columns = [First | _]} = Board, Name) ->
    settle(Board, Name, #card{}, First).

move(#board{columns = Columns, cards = Cards} = Board, Name, Direction) ->
    case Cards of
        #{Name := #card{place = Place} = Card} ->
            {Next, Target} = target(Direction, Place, Columns),
            case Target of
                edge -> {error, edge};
                _ -> settle(Board, Name, Card#card{place = Next}, Target)
            end;
        #{} ->
            {error, unknown}
    end.

cards(#board{columns = Columns}, Name) ->
    (lists:keyfind(Name, #column.name, Columns))#column.names.

path(#board{cards = Cards}, Name) ->
    case maps:get(Name, Cards, unknown) of
        #card{path = Path} -> lists:reverse(Path);
        unknown -> unknown
    end.

target(forward, Place, Columns) -> {Place + 1, at(Place + 1, Columns)};
target(back, Place, Columns) -> {Place - 1, at(Place - 1, Columns)}.

at(Place, Columns) when Place >= 1, Place =< length(Columns) -> lists:nth(Place, Columns);
at(_Place, _Columns) -> edge.

settle(#board{columns = Columns, cards = Cards} = Board, Name, Card, Target) ->
    #column{name = Id, limit = Limit, names = Names} = Target,
    case Limit =:= none orelse length(Names) < Limit of
        true ->
            Left = [leave(Name, Column) || Column <- Columns],
            Moved = lists:keyreplace(Id, #column.name, Left, enter(Name, Target)),
            New = Card#card{path = [Id | Card#card.path]},
            {ok, Board#board{columns = Moved, cards = Cards#{Name => New}}};
        false ->
            {error, {full, Id}}
    end.

leave(Name, #column{names = Names} = Column) -> Column#column{names = lists:delete(Name, Names)}.

enter(Name, #column{names = Names} = Column) -> Column#column{names = Names ++ [Name]}.
