-module(shapes_tests).
-include_lib("eunit/include/eunit.hrl").

rectangle_test() ->
    ?assertEqual(12, shapes:area({rectangle, 3, 4})).

square_test() ->
    ?assertEqual(25, shapes:area({square, 5})).

triangle_test() ->
    ?assertEqual(7.5, shapes:area({triangle, 5, 3})).

unknown_test() ->
    ?assertEqual({error, unknown_shape}, shapes:area({blob, 1})),
    ?assertEqual({error, unknown_shape}, shapes:area(square)).
