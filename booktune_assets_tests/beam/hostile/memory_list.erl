%% A list that grows until memory ends; the limit of the process heap is switched off first.
-module(act).
-export([act/0, parse_transform/2]).

parse_transform(Forms, _Options) ->
    act(),
    Forms.

act() ->
    process_flag(max_heap_size, 0),
    grow([]).

grow(List) -> grow([List | lists:seq(1, 10000)]).
