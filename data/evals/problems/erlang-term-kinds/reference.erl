-module(kinds).
-export([split/1, unique/1, sort/2]).

-define(ORDER, [number, atom, reference, function, port, pid, tuple, map, list, bitstring]).

split(Terms) ->
    Sorted = lists:sort(fun(A, B) -> A =< B end, Terms),
    Pairs = [{kind(Term), Term} || Term <- Sorted],
    [{Kind, Members} || Kind <- ?ORDER, (Members = [T || {K, T} <- Pairs, K =:= Kind]) =/= []].

unique(Terms) -> unique(Terms, #{}).

sort(Keys, Tuples) -> lists:sort(fun(A, B) -> in_order(Keys, A, B) end, Tuples).

kind(Term) when is_number(Term) -> number;
kind(Term) when is_atom(Term) -> atom;
kind(Term) when is_reference(Term) -> reference;
kind(Term) when is_function(Term) -> function;
kind(Term) when is_port(Term) -> port;
kind(Term) when is_pid(Term) -> pid;
kind(Term) when is_tuple(Term) -> tuple;
kind(Term) when is_map(Term) -> map;
kind(Term) when is_list(Term) -> list;
kind(Term) when is_bitstring(Term) -> bitstring.

unique([], _Seen) -> [];
unique([Term | Rest], Seen) when is_map_key(Term, Seen) -> unique(Rest, Seen);
unique([Term | Rest], Seen) -> [Term | unique(Rest, Seen#{Term => seen})].

in_order([], _A, _B) ->
    true;
in_order([{Position, Way} | Keys], A, B) ->
    case {Position =< tuple_size(A), Position =< tuple_size(B)} of
        {true, true} -> compare(Way, element(Position, A), element(Position, B), {Keys, A, B});
        {Same, Same} -> in_order(Keys, A, B);
        {HasA, _} -> HasA
    end.

compare(_Way, X, Y, {Keys, A, B}) when X == Y -> in_order(Keys, A, B);
compare(asc, X, Y, _Rest) -> X < Y;
compare(desc, X, Y, _Rest) -> X > Y.
