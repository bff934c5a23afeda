-module(board).
-behaviour(gen_server).
-export([start_link/0, score/3, score_of/2, top/2, reset/1]).
-export([init/1, handle_call/3, handle_cast/2]).

%% Two tables: scores by player, and an ordered one of {-Score, Player}.
start_link() -> gen_server:start_link(?MODULE, [], []).
score(Pid, Player, Points) -> gen_server:call(Pid, {score, Player, Points}).
score_of(Pid, Player) -> gen_server:call(Pid, {of_player, Player}).
top(Pid, N) -> gen_server:call(Pid, {top, N}).
reset(Pid) -> gen_server:call(Pid, reset).

init([]) -> {ok, {ets:new(scores, [set]), ets:new(ranks, [ordered_set])}}.

handle_call({score, Player, Points}, _, {Scores, Ranks} = T) ->
    Old = case ets:lookup(Scores, Player) of [{_, S}] -> S; [] -> 0 end,
    ets:delete(Ranks, {-Old, Player}),
    ets:insert(Scores, {Player, Old + Points}),
    ets:insert(Ranks, {{-(Old + Points), Player}}),
    {reply, Old + Points, T};
handle_call({of_player, Player}, _, {Scores, _} = T) ->
    {reply, case ets:lookup(Scores, Player) of [{_, S}] -> S; [] -> undefined end, T};
handle_call({top, N}, _, {_, Ranks} = T) ->
    {reply, best(N, ets:first(Ranks), Ranks), T};
handle_call(reset, _, {Scores, Ranks} = T) ->
    N = ets:info(Scores, size),
    ets:delete_all_objects(Scores),
    ets:delete_all_objects(Ranks),
    {reply, N, T}.

handle_cast(_, T) -> {noreply, T}.

best(0, _, _) -> [];
best(_, '$end_of_table', _) -> [];
best(N, {Less, Player} = Key, Ranks) -> [{Player, -Less} | best(N - 1, ets:next(Ranks, Key), Ranks)].
