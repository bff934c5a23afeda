-module(clip).
-export([bytes/2, points/2, fault/1, repair/1]).

bytes(Text, Max) -> binary:part(Text, 0, bytes(Text, 0, Max)).

points(Text, Max) -> binary:part(Text, 0, points(Text, 0, Max)).

fault(Binary) -> fault(Binary, 0).

repair(Binary) -> repair(Binary, <<>>).

bytes(<<Char/utf8, Rest/binary>>, Length, Left) ->
    case size_of(Char) of
        Size when Size =< Left -> bytes(Rest, Length + Size, Left - Size);
        _ -> Length
    end;
bytes(_Text, Length, _Left) -> Length.

points(<<Char/utf8, Rest/binary>>, Length, Most) when Most > 0 ->
    points(Rest, Length + size_of(Char), Most - 1);
points(_Text, Length, _Most) ->
    Length.

fault(<<>>, _At) -> none;
fault(<<Char/utf8, Rest/binary>>, At) -> fault(Rest, At + size_of(Char));
fault(_Binary, At) -> At.

repair(<<>>, Done) -> Done;
repair(<<Char/utf8, Rest/binary>>, Done) -> repair(Rest, <<Done/binary, Char/utf8>>);
repair(<<_, Rest/binary>>, Done) -> repair(Rest, <<Done/binary, $?>>);
repair(_Bits, Done) -> Done.

size_of(Char) -> byte_size(<<Char/utf8>>).
