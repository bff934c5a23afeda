-module(chunks).
-export([take/2, lines/1, compact/1]).

%% After the first time the rest is a binary, of which parts are taken without copying.
take(N, IoList) ->
    case iolist_to_binary(IoList) of
        <<First:N/binary, Rest/binary>> -> {First, Rest};
        Short -> {short, byte_size(Short)}
    end.

lines(IoList) ->
    case lists:reverse(binary:split(iolist_to_binary(IoList), <<"\n">>, [global])) of
        [<<>> | Lines] -> lists:reverse(Lines);
        Lines -> lists:reverse(Lines)
    end.

compact(IoList) -> joined(pieces(IoList, []), []).

%% bytes and binaries, in their order, before Tail
pieces([], Tail) -> Tail;
pieces([First | Rest], Tail) -> pieces(First, pieces(Rest, Tail));
pieces(Piece, Tail) -> [Piece | Tail].

%% Small: what was read since the last large binary, backwards
joined([Large | Pieces], Small) when is_binary(Large), byte_size(Large) > 8 ->
    flushed(Small, [Large | joined(Pieces, [])]);
joined([Piece | Pieces], Small) ->
    joined(Pieces, [Piece | Small]);
joined([], Small) ->
    flushed(Small, []).

flushed(Small, Tail) ->
    case iolist_to_binary(lists:reverse(Small)) of
        <<>> -> Tail;
        Binary -> [Binary | Tail]
    end.
