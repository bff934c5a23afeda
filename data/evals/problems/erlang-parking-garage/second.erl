-module(garage).
-export([new/1, park/4, leave/3, where/2, free/1]).

%% {decks, a number that no place has had yet, parked: plate => {kind, place, hour}};
%% a place is {deck, size, number}
new(Decks) -> {lists:zip(lists:seq(1, length(Decks)), Decks), 1, #{}}.

park({_, _, Parked}, Plate, _, _) when is_map_key(Plate, Parked) -> {error, parked};
park({Decks, Number, Parked} = Garage, Plate, Kind, Hour) ->
    Lone = [Place || Kind =:= bike, Place <- lone_bikes(Parked)],
    Small = [{D, small, Number} || Kind =/= van, {D, {S, _}} <- left(Garage), S > 0],
    Large = [{D, large, Number} || Kind =/= bike, {D, {_, L}} <- left(Garage), L > 0],
    case Lone ++ Small ++ Large of
        [] ->
            {error, full};
        [{Deck, Size, _} = Place | _] ->
            {ok, {Deck, Size}, {Decks, Number + 1, Parked#{Plate => {Kind, Place, Hour}}}}
    end.

lone_bikes(Parked) ->
    Places = lists:sort([Place || {bike, Place, _} <- maps:values(Parked)]),
    [Place || Place <- Places, length([P || P <- Places, P =:= Place]) =:= 1].

left({Decks, _, Parked}) ->
    Taken = lists:usort([Place || {_, Place, _} <- maps:values(Parked)]),
    [{D, {S - count(D, small, Taken), L - count(D, large, Taken)}} || {D, {S, L}} <- Decks].

count(Deck, Size, Taken) -> length([x || {D, S, _} <- Taken, D =:= Deck, S =:= Size]).

leave({Decks, Number, Parked}, Plate, Hour) ->
    case maps:take(Plate, Parked) of
        {{Kind, {_, Size, _}, Since}, Others} ->
            {ok, max(1, Hour - Since) * rate(Kind, Size), {Decks, Number, Others}};
        error ->
            {error, unknown}
    end.

rate(bike, _) -> 1;
rate(_, small) -> 2;
rate(_, large) -> 3.

where({_, _, Parked}, Plate) ->
    case Parked of
        #{Plate := {_, {Deck, Size, _}, _}} -> {Deck, Size};
        _ -> unknown
    end.

free(Garage) -> [Places || {_, Places} <- left(Garage)].
