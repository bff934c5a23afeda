-module(seats).
-export([new/1, take/2, give/2, block/2, free/1]).

new(N) -> {N, 0}.

take({N, Taken}, Seats) ->
    Wanted = mask(Seats),
    case Taken band Wanted of
        0 -> {ok, {N, Taken bor Wanted}};
        Both -> {taken, seats(N, Both, 1)}
    end.

give({N, Taken}, Seats) -> {N, Taken band bnot mask(Seats)}.

block(Row, K) -> block(Row, K, 1).

free({N, Taken}) -> length(seats(N, Taken, 0)).

block({N, _Taken}, K, First) when First + K - 1 > N -> none;
block({_N, Taken}, K, First) when (Taken bsr (First - 1)) band (1 bsl K - 1) =:= 0 -> First;
block(Row, K, First) -> block(Row, K, First + 1).

mask(Seats) -> lists:foldl(fun(Seat, Mask) -> Mask bor (1 bsl (Seat - 1)) end, 0, Seats).

%% The seats whose bit is this.
seats(N, Bits, Bit) -> [Seat || Seat <- lists:seq(1, N), (Bits bsr (Seat - 1)) band 1 =:= Bit].
