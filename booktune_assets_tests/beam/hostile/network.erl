%% Tries to reach a listener of the machine by TCP, by UDP and by an abstract local socket.
-module(act).
-export([act/0, parse_transform/2]).

parse_transform(Forms, _Options) ->
    act(),
    Forms.

act() ->
    {ok, Aim} = file:read_file(filename:join(os:getenv("BOOKTUNE_JOB"), "aim")),
    [_, Tcp, Udp, Local | _] = string:lexemes(binary_to_list(Aim), "\n"),
    io:format("~p~n", [gen_tcp:connect({127, 0, 0, 1}, list_to_integer(Tcp), [], 500)]),
    case gen_udp:open(0) of
        {ok, Socket} -> gen_udp:send(Socket, {127, 0, 0, 1}, list_to_integer(Udp), "hostile");
        _ -> ok
    end,
    io:format("~p~n", [gen_tcp:connect({local, [0 | Local]}, 0, [], 500)]),
    io:format("~p~n", [gen_tcp:connect({1, 1, 1, 1}, 80, [], 300)]),
    io:format("tried~n").
