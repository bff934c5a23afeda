-module(readings).
-export([pack/1, unpack/1]).

pack([First | Others] = List) when length(List) =< 255 ->
    case lists:all(fun(N) -> is_integer(N) andalso N >= -32768 andalso N =< 32767 end, List) of
        true ->
            Deltas = lists:zipwith(fun(A, B) -> A - B end, Others, lists:droplast(List)),
            W = lists:max([0 | [width(D, 1) || D <- Deltas, D =/= 0]]),
            Bits = <<
                (length(List)), W:5, First:16,
                (<< <<D:W/signed>> || D <- Deltas >>)/bitstring
            >>,
            Rest = -bit_size(Bits) band 7,
            <<Bits/bitstring, 0:Rest>>;
        false ->
            {error, bad_series}
    end;
pack(_) ->
    {error, bad_series}.

width(D, W) when D >= -(1 bsl (W - 1)), D < 1 bsl (W - 1) -> W;
width(D, W) -> width(D, W + 1).

%% Whatever the fields say: data is good if packing gives it again.
unpack(<<Count, W:5, First:16/signed, Fields/bitstring>> = Data) when
    Count > 0, bit_size(Fields) >= (Count - 1) * W
->
    {Last, Back} = lists:foldl(
        fun(N, {Value, Before}) ->
            Skip = N * W,
            <<_:Skip, D:W/signed, _/bitstring>> = Fields,
            {Value + D, [Value | Before]}
        end,
        {First, []},
        lists:seq(0, Count - 2)
    ),
    List = lists:reverse([Last | Back]),
    case pack(List) of
        Data -> {ok, List};
        _ -> {error, bad_data}
    end;
unpack(_) ->
    {error, bad_data}.
