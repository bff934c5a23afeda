-module(dump).
-export([lines/1, bytes/1]).

lines(Binary) ->
    Starts = [At || At <- lists:seq(0, byte_size(Binary) - 1), At rem 8 =:= 0],
    [line(At, binary_to_list(Binary, At + 1, min(At + 8, byte_size(Binary)))) || At <- Starts].

line(At, Bytes) ->
    Hex = string:pad(lists:append(lists:join(" ", [hex(Byte, 2) || Byte <- Bytes])), 23),
    lists:flatten([hex(At, 4), "  ", Hex, "  ", lists:map(fun shown/1, Bytes)]).

hex(N, Width) ->
    Digits = string:lowercase(integer_to_list(N, 16)),
    lists:duplicate(max(0, Width - length(Digits)), $0) ++ Digits.

shown(Byte) ->
    case Byte > 31 andalso Byte < 127 of
        true -> Byte;
        false -> $.
    end.

bytes(Lines) -> iolist_to_binary([read(after_offset(Line)) || Line <- Lines]).

after_offset([$\s, $\s | Rest]) -> Rest;
after_offset([_ | Rest]) -> after_offset(Rest).

%% two spaces end the bytes: between two of them there is only one
read([A, B | Rest]) when A =/= $\s ->
    [list_to_integer([A, B], 16) | read(tl(Rest))];
read(_) ->
    [].
