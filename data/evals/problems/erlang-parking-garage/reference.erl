-module(garage).
-export([new/1, park/4, leave/3, where/2, free/1]).

-record(stay, {plate, kind, since}).
-record(place, {deck, size, stays = []}).

%% A garage is a list of places, from deck 1 upwards.
new(Decks) ->
    Numbered = lists:zip(lists:seq(1, length(Decks)), Decks),
    [
        #place{deck = N, size = Size}
     || {N, {Small, Large}} <- Numbered,
        {Size, Count} <- [{small, Small}, {large, Large}],
        _ <- lists:seq(1, Count)
    ].

park(Garage, Plate, Kind, Hour) ->
    case where(Garage, Plate) of
        unknown -> settle(wishes(Kind), Garage, #stay{plate = Plate, kind = Kind, since = Hour});
        _ -> {error, parked}
    end.

leave(Garage, Plate, Hour) ->
    case lists:splitwith(fun(Place) -> not holds(Plate, Place) end, Garage) of
        {_, []} ->
            {error, unknown};
        {Before, [#place{stays = Stays} = Place | After]} ->
            {value, Stay, Others} = lists:keytake(Plate, #stay.plate, Stays),
            Left = Place#place{stays = Others},
            {ok, fee(Stay, Place, Hour), Before ++ [Left | After]}
    end.

where(Garage, Plate) ->
    case [Place || Place <- Garage, holds(Plate, Place)] of
        [#place{deck = N, size = Size}] -> {N, Size};
        [] -> unknown
    end.

free([]) -> [];
free(Garage) ->
    Last = lists:last(Garage),
    [{empty(N, small, Garage), empty(N, large, Garage)} || N <- lists:seq(1, Last#place.deck)].

settle([], _Garage, _Stay) ->
    {error, full};
settle([Fits | Others], Garage, Stay) ->
    case lists:splitwith(fun(Place) -> not Fits(Place) end, Garage) of
        {_, []} ->
            settle(Others, Garage, Stay);
        {Before, [#place{deck = N, size = Size, stays = Stays} = Place | After]} ->
            Taken = Place#place{stays = [Stay | Stays]},
            {ok, {N, Size}, Before ++ [Taken | After]}
    end.

wishes(bike) -> [fun is_shared/1, fun is_small/1];
wishes(car) -> [fun is_small/1, fun is_large/1];
wishes(van) -> [fun is_large/1].

is_shared(#place{stays = [#stay{kind = bike}]}) -> true;
is_shared(_) -> false.

is_small(#place{size = Size, stays = Stays}) -> Size =:= small andalso Stays =:= [].

is_large(#place{size = Size, stays = Stays}) -> Size =:= large andalso Stays =:= [].

holds(Plate, #place{stays = Stays}) -> lists:keymember(Plate, #stay.plate, Stays).

empty(N, Size, Garage) ->
    length([x || #place{deck = D, size = S, stays = []} <- Garage, D =:= N, S =:= Size]).

fee(#stay{kind = Kind, since = Since}, #place{size = Size}, Hour) ->
    max(1, Hour - Since) * rate(Kind, Size).

rate(bike, _) -> 1;
rate(_, small) -> 2;
rate(_, large) -> 3.
