%% Starts the port mapper and makes a node of itself.
-module(act).
-export([act/0, parse_transform/2]).

parse_transform(Forms, _Options) ->
    act(),
    Forms.

act() ->
    os:cmd("epmd -daemon"),
    io:format("~p~n", [net_kernel:start(['hostile@127.0.0.1', longnames])]),
    io:format("tried~n").
