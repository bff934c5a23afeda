-module(stock).
-behaviour(gen_server).
-export([start_link/0, put/4, take/3, move/3, low/2, purge/1, places/1]).
-export([init/1, handle_call/3, handle_cast/2]).

start_link() -> gen_server:start_link(?MODULE, nothing, []).

put(Pid, Item, Place, Count) -> with(Pid, fun(T) -> ets:insert(T, {Item, {Place, Count}}), ok end).

take(Pid, Item, N) ->
    with(Pid, fun(T) ->
        case ets:lookup(T, Item) of
            [] -> {error, unknown};
            [{_, {_, Have}}] when N > Have -> {error, {short, Have}};
            [{_, {Place, Have}}] -> ets:insert(T, {Item, {Place, Have - N}}), {ok, Have - N}
        end
    end).

move(Pid, From, To) ->
    with(Pid, fun(T) ->
        Moved = [{Item, {To, Count}} || {Item, {Place, Count}} <- ets:tab2list(T), Place =:= From],
        ets:insert(T, Moved),
        length(Moved)
    end).

low(Pid, Limit) ->
    with(Pid, fun(T) ->
        lists:sort(ets:foldl(
            fun({Item, {_, Count}}, Found) when Count < Limit -> [{Item, Count} | Found];
               (_, Found) -> Found
            end, [], T))
    end).

purge(Pid) ->
    with(Pid, fun(T) ->
        Before = ets:info(T, size),
        true = ets:match_delete(T, {'_', {'_', 0}}),
        Before - ets:info(T, size)
    end).

places(Pid) ->
    with(Pid, fun(T) -> ordsets:from_list([Place || {_, {Place, _}} <- ets:tab2list(T)]) end).

with(Pid, Fun) -> gen_server:call(Pid, Fun).

init(nothing) -> {ok, ets:new(items, [ordered_set, private])}.
handle_call(Fun, _From, Table) -> {reply, Fun(Table), Table}.
handle_cast(_, Table) -> {noreply, Table}.
