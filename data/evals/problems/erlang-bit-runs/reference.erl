-module(bitruns).
-export([runs/1, bits/1]).

runs(Bits) -> lists:reverse(runs(Bits, [])).

runs(<<Bit:1, Rest/bits>>, [{Bit, Count} | Runs]) -> runs(Rest, [{Bit, Count + 1} | Runs]);
runs(<<Bit:1, Rest/bits>>, Runs) -> runs(Rest, [{Bit, 1} | Runs]);
runs(<<>>, Runs) -> Runs.

bits(Runs) -> << <<Bit:1>> || {Bit, Count} <- Runs, _ <- lists:seq(1, Count) >>.
