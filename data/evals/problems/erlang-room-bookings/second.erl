-module(rooms).
-export([free/3, clashes/1, load/2]).

free(Rooms, Slots, Bookings) ->
    Taken = maps:from_list([{{Room, Slot}, taken} || {_, Room, Slot} <- Bookings]),
    lists:append(lists:map(
        fun(Room) -> lists:filter(fun(Place) -> not maps:is_key(Place, Taken) end, [{Room, Slot} || Slot <- Slots]) end,
        Rooms
    )).

clashes([]) -> [];
clashes([{A, Room, Slot} | Later]) ->
    lists:filtermap(
        fun({B, R, S}) when R =:= Room, S =:= Slot -> {true, {A, B}};
           (_) -> false
        end,
        Later
    ) ++ clashes(Later).

load(Rooms, Bookings) ->
    Slots = lists:foldl(
        fun({_, Room, Slot}, Acc) -> maps:update_with(Room, fun(Old) -> Old#{Slot => on} end, #{Slot => on}, Acc) end,
        #{},
        Bookings
    ),
    [{Room, map_size(maps:get(Room, Slots, #{}))} || Room <- Rooms].
