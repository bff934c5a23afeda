-module(board).
-export([new/1, add/2, move/3, cards/2, path/2]).

%% A board is the list of columns and the list of {Name, Path}, last arrival first; where a card is
%% follows from its path.
new(Columns) -> {Columns, []}.

add({[{First, _} | _], Cards} = Board, Name) ->
    case lists:keymember(Name, 1, Cards) of
        true -> {error, exists};
        false -> arrive(Board, Name, [], First)
    end.

move({Columns, Cards} = Board, Name, Direction) ->
    Names = [Column || {Column, _} <- Columns],
    Line = case Direction of forward -> Names; back -> lists:reverse(Names) end,
    case lists:keyfind(Name, 1, Cards) of
        false ->
            {error, unknown};
        {_, [Here | _] = Path} ->
            case tl(lists:dropwhile(fun(One) -> One =/= Here end, Line)) of
                [] -> {error, edge};
                [Next | _] -> arrive(Board, Name, Path, Next)
            end
    end.

cards({_, Cards}, Column) -> [Name || {Name, [Here | _]} <- lists:reverse(Cards), Here =:= Column].

path({_, Cards}, Name) ->
    case lists:keyfind(Name, 1, Cards) of
        {_, Path} -> lists:reverse(Path);
        false -> unknown
    end.

arrive({Columns, Cards} = Board, Name, Path, Column) ->
    {_, Limit} = lists:keyfind(Column, 1, Columns),
    %% an atom is greater than every number
    case length(cards(Board, Column)) < Limit of
        true -> {ok, {Columns, [{Name, [Column | Path]} | lists:keydelete(Name, 1, Cards)]}};
        false -> {error, {full, Column}}
    end.
