-module(series).
-behaviour(gen_server).
-export([start_link/0, put/4, at/3, range/4, trim/3, names/1]).
-export([init/1, handle_call/3, handle_cast/2]).

start_link() -> gen_server:start_link(?MODULE, [], []).
put(Pid, Name, Time, Value) -> gen_server:call(Pid, {put, {Name, Time}, Value}).
at(Pid, Name, Time) -> gen_server:call(Pid, {at, Name, Time}).
range(Pid, Name, From, To) -> gen_server:call(Pid, {range, Name, From, To}).
trim(Pid, Name, Before) -> gen_server:call(Pid, {trim, Name, Before}).
names(Pid) -> gen_server:call(Pid, names).

init([]) -> {ok, ets:new(values, [ordered_set, protected])}.

handle_call({put, Key, Value}, _, T) ->
    ets:insert(T, {Key, Value}),
    {reply, ok, T};
handle_call({at, Name, Time}, _, T) ->
    Found = case [Entry || {At, _} = Entry <- all(T, Name), At =< Time] of
        [] -> none;
        Entries -> lists:last(Entries)
    end,
    {reply, Found, T};
handle_call({range, Name, From, To}, _, T) ->
    {reply, [Entry || {At, _} = Entry <- all(T, Name), At >= From, At =< To], T};
handle_call({trim, Name, Before}, _, T) ->
    Old = [At || {At, _} <- all(T, Name), At < Before],
    lists:foreach(fun(At) -> ets:delete(T, {Name, At}) end, Old),
    {reply, length(Old), T};
handle_call(names, _, T) ->
    {reply, lists:usort([Name || {{Name, _}, _} <- ets:tab2list(T)]), T}.

handle_cast(_, T) -> {noreply, T}.

all(T, Name) -> [{At, Value} || [At, Value] <- ets:match(T, {{Name, '$1'}, '$2'})].
