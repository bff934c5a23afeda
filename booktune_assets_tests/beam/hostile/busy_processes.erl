%% Many processes that never end, and a parent that waits.
-module(act).
-export([act/0, parse_transform/2]).

parse_transform(Forms, _Options) ->
    act(),
    Forms.

act() ->
    [spawn(fun spin/0) || _ <- lists:seq(1, 1000)],
    timer:sleep(infinity).

spin() -> spin().
