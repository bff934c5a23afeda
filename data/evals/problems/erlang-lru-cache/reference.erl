-module(lru).
-behaviour(gen_server).
-export([start_link/1, put/3, get/2, keys/1]).
-export([init/1, handle_call/3, handle_cast/2]).

start_link(Max) -> gen_server:start_link(?MODULE, Max, []).
put(Pid, Key, Value) -> gen_server:call(Pid, {put, Key, Value}).
get(Pid, Key) -> gen_server:call(Pid, {get, Key}).
keys(Pid) -> gen_server:call(Pid, keys).

init(Max) -> {ok, {Max, []}}.

handle_call({put, Key, Value}, _From, {Max, Entries}) ->
    Others = lists:keydelete(Key, 1, Entries),
    {reply, ok, {Max, lists:sublist([{Key, Value} | Others], Max)}};
handle_call({get, Key}, _From, {Max, Entries}) ->
    case lists:keytake(Key, 1, Entries) of
        {value, {Key, Value}, Others} -> {reply, {ok, Value}, {Max, [{Key, Value} | Others]}};
        false -> {reply, miss, {Max, Entries}}
    end;
handle_call(keys, _From, {Max, Entries}) ->
    {reply, [Key || {Key, _Value} <- Entries], {Max, Entries}}.

handle_cast(_Message, State) -> {noreply, State}.
