-module(stackwords_tests).
-include_lib("eunit/include/eunit.hrl").

numbers_test() ->
    ?assertEqual({ok, []}, stackwords:run("")),
    ?assertEqual({ok, [-3, 2, 12]}, stackwords:run("12  2 -3 ")).

arithmetic_test() ->
    ?assertEqual({ok, [5]}, stackwords:run("7 2 sub")),
    ?assertEqual({ok, [21]}, stackwords:run("1 2 add 7 mul")).

moving_test() ->
    ?assertEqual({ok, [4, 4]}, stackwords:run("4 dup")),
    ?assertEqual({ok, [1, 2]}, stackwords:run("1 2 swap")),
    ?assertEqual({ok, [1]}, stackwords:run("1 2 drop")).

loop_test() ->
    ?assertEqual({ok, [32]}, stackwords:run("1 5 times 2 mul end")),
    ?assertEqual({ok, [9]}, stackwords:run("9 0 times nonsense add end")),
    ?assertEqual({ok, [6]}, stackwords:run("0 2 times 3 times 1 add end end")).

after_a_loop_test() ->
    ?assertEqual({ok, [10, 2]}, stackwords:run("1 1 times 1 add end 10")).

errors_test() ->
    ?assertEqual({error, {unknown, "jump"}}, stackwords:run("1 jump")),
    ?assertEqual({error, {underflow, "add"}}, stackwords:run("1 add")),
    ?assertEqual({error, {underflow, "dup"}}, stackwords:run("dup")),
    ?assertEqual({error, {underflow, "times"}}, stackwords:run("times end")).

unbalanced_test() ->
    ?assertEqual({error, unbalanced}, stackwords:run("2 times 1")),
    ?assertEqual({error, unbalanced}, stackwords:run("1 end")),
    ?assertEqual({error, unbalanced}, stackwords:run("0 times 0 times end")).
