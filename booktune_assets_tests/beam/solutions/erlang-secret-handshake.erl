-module(secret_handshake).
-export([commands/1]).

commands(Number) ->
    Signs = [{1, "wink"}, {2, "double blink"}, {4, "close your eyes"}, {8, "jump"}],
    Said = [Sign || {Bit, Sign} <- Signs, Number band Bit =/= 0],
    case Number band 16 of
        0 -> Said;
        _ -> lists:reverse(Said)
    end.
