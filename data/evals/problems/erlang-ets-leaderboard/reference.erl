-module(board).
-behaviour(gen_server).
-export([start_link/0, score/3, score_of/2, top/2, reset/1]).
-export([init/1, handle_call/3, handle_cast/2]).

start_link() -> gen_server:start_link(?MODULE, [], []).
score(Pid, Player, Points) -> gen_server:call(Pid, {score, Player, Points}).
score_of(Pid, Player) -> gen_server:call(Pid, {score_of, Player}).
top(Pid, N) -> gen_server:call(Pid, {top, N}).
reset(Pid) -> gen_server:call(Pid, reset).

init([]) -> {ok, ets:new(board, [set, private])}.

handle_call({score, Player, Points}, _From, Table) ->
    {reply, ets:update_counter(Table, Player, Points, {Player, 0}), Table};
handle_call({score_of, Player}, _From, Table) ->
    case ets:lookup(Table, Player) of
        [{Player, Score}] -> {reply, Score, Table};
        [] -> {reply, undefined, Table}
    end;
handle_call({top, N}, _From, Table) ->
    Sorted = lists:sort([{-Score, Player} || {Player, Score} <- ets:tab2list(Table)]),
    {reply, [{Player, -Minus} || {Minus, Player} <- lists:sublist(Sorted, N)], Table};
handle_call(reset, _From, Table) ->
    Players = ets:info(Table, size),
    true = ets:delete_all_objects(Table),
    {reply, Players, Table}.

handle_cast(_Message, Table) -> {noreply, Table}.
