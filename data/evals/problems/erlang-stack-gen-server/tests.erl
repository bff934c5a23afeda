-module(stack_server_tests).
-include_lib("eunit/include/eunit.hrl").

empty_test() ->
    {ok, Pid} = stack_server:start_link(),
    ?assertEqual(0, stack_server:size(Pid)),
    ?assertEqual(empty, stack_server:pop(Pid)).

last_in_first_out_test() ->
    {ok, Pid} = stack_server:start_link(),
    ok = stack_server:push(Pid, a),
    ok = stack_server:push(Pid, b),
    ?assertEqual(2, stack_server:size(Pid)),
    ?assertEqual({ok, b}, stack_server:pop(Pid)),
    ?assertEqual({ok, a}, stack_server:pop(Pid)),
    ?assertEqual(empty, stack_server:pop(Pid)).

two_are_apart_test() ->
    {ok, One} = stack_server:start_link(),
    {ok, Two} = stack_server:start_link(),
    ok = stack_server:push(One, a),
    ?assertEqual(0, stack_server:size(Two)).

survives_odd_messages_test() ->
    {ok, Pid} = stack_server:start_link(),
    ok = stack_server:push(Pid, a),
    Pid ! what_is_this,
    gen_server:cast(Pid, nor_this),
    ?assertEqual({ok, a}, stack_server:pop(Pid)).
