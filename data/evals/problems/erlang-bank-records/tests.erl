-module(bank_tests).
-include_lib("eunit/include/eunit.hrl").

two() ->
    {ok, One} = bank:open(bank:new(), "ann", 100),
    {ok, Two} = bank:open(One, "bo", 20),
    Two.

open_test() ->
    Bank = two(),
    ?assertEqual({ok, 100}, bank:balance(Bank, "ann")),
    ?assertEqual({error, exists}, bank:open(Bank, "ann", 5)),
    ?assertEqual({error, {no_account, "cy"}}, bank:balance(Bank, "cy")).

transfer_test() ->
    {ok, Bank} = bank:transfer(two(), "ann", "bo", 30),
    ?assertEqual({ok, 70}, bank:balance(Bank, "ann")),
    ?assertEqual({ok, 50}, bank:balance(Bank, "bo")).

all_of_it_test() ->
    {ok, Bank} = bank:transfer(two(), "ann", "bo", 100),
    ?assertEqual({ok, 0}, bank:balance(Bank, "ann")).

errors_test() ->
    Bank = two(),
    ?assertEqual({error, bad_amount}, bank:transfer(Bank, "x", "y", 0)),
    ?assertEqual({error, bad_amount}, bank:transfer(Bank, "ann", "bo", -5)),
    ?assertEqual({error, bad_amount}, bank:transfer(Bank, "ann", "bo", 1.5)),
    ?assertEqual({error, {no_account, "x"}}, bank:transfer(Bank, "x", "y", 1)),
    ?assertEqual({error, {no_account, "y"}}, bank:transfer(Bank, "ann", "y", 1)),
    ?assertEqual({error, same_account}, bank:transfer(Bank, "ann", "ann", 1)),
    ?assertEqual({error, {short, 7}}, bank:transfer(Bank, "bo", "ann", 27)).

history_test() ->
    {ok, One} = bank:transfer(two(), "ann", "bo", 30),
    {ok, Two} = bank:transfer(One, "bo", "ann", 5),
    ?assertEqual([{got, "bo", 5}, {sent, "bo", 30}], bank:history(Two, "ann")),
    ?assertEqual([{sent, "ann", 5}, {got, "ann", 30}], bank:history(Two, "bo")),
    ?assertEqual([], bank:history(Two, "cy")).
