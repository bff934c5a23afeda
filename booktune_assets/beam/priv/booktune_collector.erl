%% A formatter of ExUnit that hands what it saw to the process called booktune_collected.
-module(booktune_collector).
-behaviour(gen_server).
-export([init/1, handle_cast/2, handle_call/3]).

init(_) -> {ok, {0, []}}.

handle_call(_, _, State) -> {reply, ok, State}.

handle_cast({test_finished, #{state := nil}}, {Ran, Failed}) ->
    {noreply, {Ran + 1, Failed}};
handle_cast({test_finished, #{state := {failed, What}} = Test}, {Ran, Failed}) ->
    {noreply, {Ran + 1, [{Test, What} | Failed]}};
handle_cast({module_finished, #{state := {failed, What}} = Module}, {Ran, Failed}) ->
    {noreply, {Ran, [{Module, What} | Failed]}};
handle_cast({suite_finished, _}, {Ran, Failed} = State) ->
    booktune_collected ! {collected, booktune_results:secret(), Ran, Failed},
    {noreply, State};
handle_cast(_, State) ->
    {noreply, State}.
