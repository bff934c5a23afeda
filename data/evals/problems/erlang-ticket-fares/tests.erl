-module(fares_tests).
-include_lib("eunit/include/eunit.hrl").

groups_test() ->
    Ages = [0, 5, 6, 14, 15, 64, 65, 99],
    Groups = [infant, infant, child, child, adult, adult, senior, senior],
    ?assertEqual(Groups, [fares:group(Age) || Age <- Ages]).

full_price_test() ->
    ?assertEqual([{ok, 200}, {ok, 280}, {ok, 360}, {ok, 440}], [fares:price(30, Z, 8) || Z <- [1, 2, 3, 4]]),
    ?assertEqual({ok, 200}, fares:price(15, 1, 16)),
    ?assertEqual({ok, 200}, fares:price(64, 1, 0)).

cheap_hours_test() ->
    ?assertEqual([{ok, 180}, {ok, 240}, {ok, 300}, {ok, 360}], [fares:price(30, Z, 9) || Z <- [1, 2, 3, 4]]),
    ?assertEqual({ok, 180}, fares:price(30, 1, 15)).

reduced_test() ->
    ?assertEqual([{ok, 0}, {ok, 140}, {ok, 140}], [fares:price(Age, 2, 20) || Age <- [5, 6, 65]]),
    ?assertEqual([{ok, 0}, {ok, 90}, {ok, 90}], [fares:price(Age, 1, 12) || Age <- [0, 14, 80]]).

errors_test() ->
    ?assertEqual({error, age}, fares:price(-1, 0, 24)),
    ?assertEqual({error, age}, fares:price(12.5, 1, 30)),
    ?assertEqual({error, age}, fares:price(old, 1, 1)),
    ?assertEqual({error, zones}, fares:price(1, 0, 24)),
    ?assertEqual({error, zones}, fares:price(70, 5, 1)),
    ?assertEqual({error, zones}, fares:price(70, 2.0, 1)),
    ?assertEqual({error, hour}, fares:price(70, 4, 24)),
    ?assertEqual({error, hour}, fares:price(70, 1, -1)),
    ?assertEqual({error, hour}, fares:price(3, 1, noon)).
