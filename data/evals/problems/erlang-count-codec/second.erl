-module(counts).
-export([pack/1, unpack/1]).

pack(Numbers) ->
    Groups = lists:append([marked(digits(fold(N))) || N <- Numbers]),
    << <<More:1, Digit:5>> || {More, Digit} <- Groups >>.

fold(N) -> case N < 0 of true -> -2 * N - 1; false -> N + N end.

digits(N) -> [digit(Char) || Char <- integer_to_list(N, 32)].

digit(Char) when Char =< $9 -> Char - $0;
digit(Char) -> Char - $A + 10.

marked([Last]) -> [{0, Last}];
marked([Digit | Rest]) -> [{1, Digit} | marked(Rest)].

unpack(Bits) ->
    Groups = [{More, Digit} || <<More:1, Digit:5>> <= Bits],
    Left = bit_size(Bits) rem 6,
    read(Groups, Left, none, []).

read([], 0, none, Found) -> {ok, lists:reverse(Found)};
read([], _, _, _) -> {error, truncated};
read([{1, 0} | _], _, none, _) -> {error, padded};
read([{1, D} | Rest], Left, none, Found) -> read(Rest, Left, D, Found);
read([{0, D} | Rest], Left, none, Found) -> read(Rest, Left, none, [unfold(D) | Found]);
read([{1, D} | Rest], Left, N, Found) -> read(Rest, Left, N * 32 + D, Found);
read([{0, D} | Rest], Left, N, Found) -> read(Rest, Left, none, [unfold(N * 32 + D) | Found]).

unfold(N) when N band 1 =:= 1 -> -(N bsr 1) - 1;
unfold(N) -> N bsr 1.
