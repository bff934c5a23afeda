-module(kinds).
-export([split/1, unique/1, sort/2]).

split(Terms) ->
    Checks = [
        {number, fun erlang:is_number/1}, {atom, fun erlang:is_atom/1}, {reference, fun erlang:is_reference/1},
        {function, fun erlang:is_function/1}, {port, fun erlang:is_port/1}, {pid, fun erlang:is_pid/1},
        {tuple, fun erlang:is_tuple/1}, {map, fun erlang:is_map/1}, {list, fun erlang:is_list/1},
        {bitstring, fun erlang:is_bitstring/1}
    ],
    Found = [{Kind, lists:sort(fun(A, B) -> A =< B end, lists:filter(Is, Terms))} || {Kind, Is} <- Checks],
    [Pair || {_, [_ | _]} = Pair <- Found].

unique(Terms) -> unique(Terms, #{}).

unique([], _) -> [];
unique([Term | Rest], Seen) ->
    case Seen of
        #{Term := _} -> unique(Rest, Seen);
        #{} -> [Term | unique(Rest, Seen#{Term => seen})]
    end.

sort(Keys, Tuples) -> lists:sort(fun(A, B) -> before(Keys, A, B) end, Tuples).

before([], _, _) -> true;
before([{At, How} | Keys], A, B) ->
    case {tuple_size(A) >= At, tuple_size(B) >= At} of
        {true, false} -> true;
        {false, true} -> false;
        {false, false} -> before(Keys, A, B);
        {true, true} ->
            {X, Y} = case How of asc -> {element(At, A), element(At, B)}; desc -> {element(At, B), element(At, A)} end,
            X < Y orelse (X == Y andalso before(Keys, A, B))
    end.
