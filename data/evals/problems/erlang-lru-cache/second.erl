-module(lru).
-behaviour(gen_server).
-export([start_link/1, put/3, get/2, keys/1]).
-export([init/1, handle_call/3, handle_cast/2]).

%% A map of {Value, number of the last use}.
start_link(Max) -> gen_server:start_link(?MODULE, Max, []).
put(Pid, Key, Value) -> gen_server:call(Pid, {put, Key, Value}).
get(Pid, Key) -> gen_server:call(Pid, {get, Key}).
keys(Pid) -> gen_server:call(Pid, keys).

init(Max) -> {ok, {Max, 0, #{}}}.

handle_call({get, Key}, _, {Max, Now, Map} = State) ->
    case Map of
        #{Key := {Value, _}} -> {reply, {ok, Value}, {Max, Now + 1, Map#{Key := {Value, Now}}}};
        #{} -> {reply, miss, State}
    end;
handle_call({put, Key, Value}, _, {Max, Now, Map}) ->
    Room = case map_size(Map) =:= Max andalso not is_map_key(Key, Map) of
        true -> maps:remove(lists:last(by_use(Map)), Map);
        false -> Map
    end,
    {reply, ok, {Max, Now + 1, Room#{Key => {Value, Now}}}};
handle_call(keys, _, {_, _, Map} = State) ->
    {reply, by_use(Map), State}.

handle_cast(_, State) -> {noreply, State}.

by_use(Map) -> [Key || {_, Key} <- lists:reverse(lists:sort([{Use, Key} || {Key, {_, Use}} <- maps:to_list(Map)]))].
