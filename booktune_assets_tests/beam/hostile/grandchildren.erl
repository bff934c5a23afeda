%% Leaves processes behind that no longer belong to it.
-module(act).
-export([act/0, parse_transform/2]).

parse_transform(Forms, _Options) ->
    act(),
    Forms.

act() ->
    [os:cmd("setsid sh -c 'trap \"\" TERM HUP; sleep 654.321' >/dev/null 2>&1 &") || _ <- lists:seq(1, 5)],
    io:format("tried~n").
