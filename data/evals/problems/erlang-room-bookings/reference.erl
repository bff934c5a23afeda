-module(rooms).
-export([free/3, clashes/1, load/2]).

free(Rooms, Slots, Bookings) ->
    Taken = [{Room, Slot} || {_, Room, Slot} <- Bookings],
    [{Room, Slot} || Room <- Rooms, Slot <- Slots, not lists:member({Room, Slot}, Taken)].

clashes([]) -> [];
clashes([{A, Room, Slot} | Later]) ->
    [{A, B} || {B, R, S} <- Later, R =:= Room, S =:= Slot] ++ clashes(Later).

load(Rooms, Bookings) ->
    [{Room, maps:size(slots(Room, Bookings))} || Room <- Rooms].

slots(Room, Bookings) ->
    maps:from_list([{Slot, booked} || {_, R, Slot} <- Bookings, R =:= Room]).
