-module(garage_tests).
-include_lib("eunit/include/eunit.hrl").

%% Parks {Plate, Kind} one after the other at hour 0; returns the places and the garage.
fill(Garage, Cars) ->
    lists:mapfoldl(
        fun({Plate, Kind}, Given) ->
            {ok, Place, Next} = garage:park(Given, Plate, Kind, 0),
            {Place, Next}
        end,
        Garage,
        Cars
    ).

new_test() ->
    ?assertEqual([{2, 1}, {0, 3}], garage:free(garage:new([{2, 1}, {0, 3}]))),
    ?assertEqual([], garage:free(garage:new([]))),
    ?assertEqual({error, full}, garage:park(garage:new([]), "a", car, 0)).

cars_and_vans_test() ->
    Garage = garage:new([{1, 1}, {1, 1}]),
    {Places, Full} = fill(Garage, [{"a", car}, {"b", car}, {"c", van}, {"d", car}]),
    ?assertEqual([{1, small}, {2, small}, {1, large}, {2, large}], Places),
    ?assertEqual([{0, 0}, {0, 0}], garage:free(Full)),
    ?assertEqual({2, small}, garage:where(Full, "b")),
    ?assertEqual(unknown, garage:where(Full, "e")),
    ?assertEqual([{error, full}, {error, full}], [garage:park(Full, "e", K, 1) || K <- [car, van]]).

vans_need_large_places_test() ->
    ?assertEqual({error, full}, garage:park(garage:new([{5, 0}]), "a", van, 0)),
    ?assertEqual({error, full}, garage:park(garage:new([{0, 5}]), "a", bike, 0)).

bikes_share_test() ->
    {[Place], One} = fill(garage:new([{1, 0}, {2, 0}]), [{a, bike}]),
    ?assertEqual({1, small}, Place),
    ?assertEqual([{0, 0}, {2, 0}], garage:free(One)),
    {Places, More} = fill(One, [{b, bike}, {c, bike}, {car, car}, {d, bike}]),
    ?assertEqual([{1, small}, {2, small}, {2, small}, {2, small}], Places),
    ?assertEqual({error, full}, garage:park(More, e, bike, 0)).

places_of_bikes_test() ->
    {_, Garage} = fill(garage:new([{2, 0}]), [{a, bike}, {b, bike}, {c, bike}, {d, bike}]),
    {ok, 1, Three} = garage:leave(Garage, a, 0),
    {ok, 1, Two} = garage:leave(Three, c, 0),
    ?assertEqual([{0, 0}], garage:free(Two)),
    ?assertEqual({error, full}, garage:park(Two, car, car, 1)),
    {_, Again} = fill(Two, [{x, bike}, {y, bike}]),
    ?assertEqual({error, full}, garage:park(Again, z, bike, 1)),
    {ok, 1, One} = garage:leave(Two, d, 0),
    ?assertEqual([{1, 0}], garage:free(One)).

fees_test() ->
    {_, Garage} = fill(garage:new([{2, 2}]), [{a, car}, {b, bike}, {c, van}, {d, car}]),
    ?assertEqual({1, large}, garage:where(Garage, d)),
    Fees = [element(2, garage:leave(Garage, Plate, 3)) || Plate <- [a, b, c, d]],
    ?assertEqual([6, 3, 9, 9], Fees),
    ?assertMatch({ok, 2, _}, garage:leave(Garage, a, 0)),
    ?assertMatch({ok, 2, _}, garage:leave(Garage, a, 1)).

leaving_test() ->
    {_, Garage} = fill(garage:new([{1, 0}]), [{a, car}]),
    ?assertEqual({error, unknown}, garage:leave(Garage, b, 1)),
    ?assertEqual({error, parked}, garage:park(Garage, a, car, 1)),
    {ok, 4, Empty} = garage:leave(Garage, a, 2),
    ?assertEqual([{1, 0}], garage:free(Empty)),
    ?assertEqual({error, unknown}, garage:leave(Empty, a, 2)),
    ?assertMatch({ok, {1, small}, _}, garage:park(Empty, a, bike, 5)).
