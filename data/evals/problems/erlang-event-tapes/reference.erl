-module(tapes).
-behaviour(gen_event).
-export([start_link/0, add/3, tell/3, read/2, ids/1, take/2, swap/4]).
-export([init/1, handle_event/2, handle_call/2, terminate/2]).

start_link() -> gen_event:start_link().

add(Pid, Id, Levels) ->
    case lists:member(Id, ids(Pid)) of
        true -> {error, exists};
        false -> gen_event:add_handler(Pid, {?MODULE, Id}, Levels)
    end.

tell(Pid, Level, Text) -> gen_event:sync_notify(Pid, {Level, Text}).

read(Pid, Id) ->
    case gen_event:call(Pid, {?MODULE, Id}, read) of
        {error, bad_module} -> {error, no_tape};
        Texts -> {ok, Texts}
    end.

ids(Pid) -> lists:sort([Id || {?MODULE, Id} <- gen_event:which_handlers(Pid)]).

take(Pid, Id) ->
    case gen_event:delete_handler(Pid, {?MODULE, Id}, take) of
        {error, module_not_found} -> {error, no_tape};
        Texts -> {ok, Texts}
    end.

swap(Pid, Old, New, Levels) ->
    Ids = ids(Pid),
    case {lists:member(Old, Ids), New =/= Old andalso lists:member(New, Ids)} of
        {false, _} ->
            {error, no_tape};
        {true, true} ->
            {error, exists};
        {true, false} ->
            gen_event:swap_handler(Pid, {{?MODULE, Old}, take}, {{?MODULE, New}, Levels})
    end.

%% The state: the levels, and the texts with the last recorded first.
init({Levels, Texts}) when is_list(Texts) -> {ok, {Levels, lists:reverse(Texts)}};
init(Levels) -> {ok, {Levels, []}}.

handle_event({Level, Text}, {Levels, Texts}) ->
    case lists:member(Level, Levels) of
        true -> {ok, {Levels, [recorded(Text) | Texts]}};
        false -> {ok, {Levels, Texts}}
    end.

handle_call(read, {_Levels, Texts} = State) -> {ok, lists:reverse(Texts), State}.

terminate(_Why, {_Levels, Texts}) -> lists:reverse(Texts).

recorded(Text) ->
    true = io_lib:char_list(Text),
    Text.
