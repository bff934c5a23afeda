-module(readings).
-export([pack/1, unpack/1]).

pack([First | Rest] = List) when length(List) =< 255 ->
    case lists:all(fun is_value/1, List) of
        true ->
            Deltas = deltas(First, Rest),
            W = width(Deltas),
            Fields = << <<Delta:W/signed>> || Delta <- Deltas >>,
            pad(<<(length(List)), W:5, First:16/signed, Fields/bitstring>>);
        false ->
            {error, bad_series}
    end;
pack(_) ->
    {error, bad_series}.

unpack(<<Count, W:5, First:16/signed, Rest/bitstring>> = Packed) when Count > 0 ->
    Size = (Count - 1) * W,
    case Rest of
        <<Fields:Size/bitstring, _Padding/bitstring>> ->
            check(values(First, read(Count - 1, W, Fields)), Packed);
        _ ->
            {error, bad_data}
    end;
unpack(_) ->
    {error, bad_data}.

%% What pack makes of the values is the only form that is right.
check(Values, Packed) ->
    case pack(Values) of
        Packed -> {ok, Values};
        _ -> {error, bad_data}
    end.

is_value(N) -> is_integer(N) andalso N >= -32768 andalso N =< 32767.

deltas(_Before, []) -> [];
deltas(Before, [N | Rest]) -> [N - Before | deltas(N, Rest)].

values(First, Deltas) ->
    {Rest, _} = lists:mapfoldl(fun(Delta, Last) -> {Last + Delta, Last + Delta} end, First, Deltas),
    [First | Rest].

width(Deltas) -> lists:max([0 | [bits(Delta) || Delta <- Deltas]]).

bits(0) -> 0;
bits(Delta) when Delta < 0 -> magnitude(-Delta - 1) + 1;
bits(Delta) -> magnitude(Delta) + 1.

magnitude(0) -> 0;
magnitude(N) -> 1 + magnitude(N bsr 1).

read(Count, 0, <<>>) -> lists:duplicate(Count, 0);
read(_Count, W, Fields) -> [Delta || <<Delta:W/signed>> <= Fields].

pad(Bits) ->
    Gap = -bit_size(Bits) band 7,
    <<Bits/bitstring, 0:Gap>>.
