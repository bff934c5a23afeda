-module(dump).
-export([lines/1, bytes/1]).

lines(Binary) -> lines(Binary, 0).

bytes(Lines) -> << <<(line_bytes(Line))/binary>> || Line <- Lines >>.

lines(<<>>, _At) -> [];
lines(<<Eight:8/binary, Rest/binary>>, At) -> [line(Eight, At) | lines(Rest, At + 8)];
lines(Last, At) -> [line(Last, At)].

line(Bytes, At) ->
    Digits = lists:join(" ", [io_lib:format("~2.16.0b", [Byte]) || <<Byte>> <= Bytes]),
    Shown = [character(Byte) || <<Byte>> <= Bytes],
    Offset = string:pad(io_lib:format("~.16b", [At]), 4, leading, $0),
    lists:flatten([Offset, "  ", string:pad(Digits, 23), "  ", Shown]).

character(Byte) when Byte >= 32, Byte =< 126 -> Byte;
character(_Byte) -> $..

line_bytes(Line) ->
    {Offset, _} = lists:splitwith(fun(Char) -> Char =/= $\s end, Line),
    Digits = lists:sublist(lists:nthtail(string:length(Offset) + 2, Line), 23),
    << <<(list_to_integer(Byte, 16))>> || Byte <- string:lexemes(Digits, " ") >>.
