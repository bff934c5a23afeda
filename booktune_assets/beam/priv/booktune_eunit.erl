%% A listener of EUnit that hands what it saw to the process called booktune_collected.
-module(booktune_eunit).
-behaviour(eunit_listener).
-export([start/1, init/1, handle_begin/3, handle_end/3, handle_cancel/3, terminate/2]).

start(Options) -> eunit_listener:start(?MODULE, Options).
init(_) -> [].
handle_begin(_, _, State) -> State.

handle_end(test, Data, State) ->
    case proplists:get_value(status, Data) of
        {error, {_, undef, Stack}} -> [{proplists:get_value(source, Data), {undef, Stack}} | State];
        {error, {_, Reason, _}} -> [{proplists:get_value(source, Data), Reason} | State];
        _ -> State
    end;
handle_end(_, _, State) ->
    State.

handle_cancel(_, Data, State) ->
    case proplists:get_value(reason, Data) of
        undefined -> State;
        Reason -> [{proplists:get_value(id, Data), Reason} | State]
    end.

terminate({ok, Counts}, Failed) -> send(Counts, Failed);
terminate({error, Why}, _) -> send([], [{eunit, Why}]).

send(Counts, Failed) -> booktune_collected ! {collected, booktune_results:secret(), Counts, Failed}.
