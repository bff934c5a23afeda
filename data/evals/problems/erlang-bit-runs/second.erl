-module(bitruns).
-export([runs/1, bits/1]).

runs(Bits) ->
    lists:foldr(
        fun(Bit, [{Bit, N} | Runs]) -> [{Bit, N + 1} | Runs];
           (Bit, Runs) -> [{Bit, 1} | Runs]
        end,
        [],
        [Bit || <<Bit:1>> <= Bits]
    ).

bits([]) -> <<>>;
bits([{_, 0} | Runs]) -> bits(Runs);
bits([{Bit, N} | Runs]) ->
    Value = case Bit of 0 -> 0; 1 -> (1 bsl N) - 1 end,
    Rest = bits(Runs),
    <<Value:N, Rest/bits>>.
