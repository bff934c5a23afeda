%% A pattern that tries every way to split a text of fifty letters.
-module(act).
-export([act/0, parse_transform/2]).

parse_transform(Forms, _Options) ->
    act(),
    Forms.

act() ->
    io:format("~p~n", [re:run(lists:duplicate(50, $a) ++ "!", "^(a+)+$")]),
    io:format("tried~n").
