%% Atoms are never collected; the table of them ends at a million.
-module(act).
-export([act/0, parse_transform/2]).

parse_transform(Forms, _Options) ->
    act(),
    Forms.

act() -> make(0).

make(N) ->
    binary_to_atom(<<"hostile_", (integer_to_binary(N))/binary>>),
    make(N + 1).
