-module(counts).
-export([pack/1, unpack/1]).

pack(Numbers) -> << <<(number(folded(N)))/bits>> || N <- Numbers >>.

unpack(Bits) -> unpack(Bits, []).

folded(N) when N >= 0 -> 2 * N;
folded(N) -> -2 * N - 1.

unfolded(N) when N rem 2 =:= 0 -> N div 2;
unfolded(N) -> -((N + 1) div 2).

number(N) -> groups(N bsr 5, <<0:1, N:5>>).

groups(0, Bits) -> Bits;
groups(N, Bits) -> groups(N bsr 5, <<1:1, N:5, Bits/bits>>).

unpack(<<>>, Numbers) -> {ok, lists:reverse(Numbers)};
unpack(<<1:1, 0:5, _/bits>>, _Numbers) -> {error, padded};
unpack(Bits, Numbers) ->
    case value(Bits, 0) of
        {N, Rest} -> unpack(Rest, [unfolded(N) | Numbers]);
        truncated -> {error, truncated}
    end.

value(<<More:1, Group:5, Rest/bits>>, N) ->
    Value = (N bsl 5) bor Group,
    case More of
        0 -> {Value, Rest};
        1 -> value(Rest, Value)
    end;
value(_Bits, _N) ->
    truncated.
