-module(series).
-behaviour(gen_server).
-export([start_link/0, put/4, at/3, range/4, trim/3, names/1]).
-export([init/1, handle_call/3, handle_cast/2]).

start_link() -> gen_server:start_link(?MODULE, [], []).
put(Pid, Name, Time, Value) -> gen_server:call(Pid, {put, Name, Time, Value}).
at(Pid, Name, Time) -> gen_server:call(Pid, {at, Name, Time}).
range(Pid, Name, From, To) -> gen_server:call(Pid, {range, Name, From, To}).
trim(Pid, Name, Before) -> gen_server:call(Pid, {trim, Name, Before}).
names(Pid) -> gen_server:call(Pid, names).

init([]) -> {ok, ets:new(?MODULE, [ordered_set, private])}.

handle_call({put, Name, Time, Value}, _From, Table) ->
    true = ets:insert(Table, {{Name, Time}, Value}),
    {reply, ok, Table};
handle_call({at, Name, Time}, _From, Table) ->
    {reply, latest(Table, Name, Time), Table};
handle_call({range, Name, From, To}, _From, Table) ->
    Between = [{'>=', '$1', From}, {'=<', '$1', To}],
    {reply, ets:select(Table, [{{{Name, '$1'}, '$2'}, Between, [{{'$1', '$2'}}]}]), Table};
handle_call({trim, Name, Before}, _From, Table) ->
    Old = {{{Name, '$1'}, '_'}, [{'<', '$1', Before}], [true]},
    {reply, ets:select_delete(Table, [Old]), Table};
handle_call(names, _From, Table) ->
    {reply, names(Table, ets:first(Table)), Table}.

handle_cast(_Message, Table) -> {noreply, Table}.

latest(Table, Name, Time) ->
    case ets:prev(Table, {Name, Time + 1}) of
        {Name, Last} -> [{_, Value}] = ets:lookup(Table, {Name, Last}), {Last, Value};
        _ -> none
    end.

%% An atom is greater than every number, so this key stands behind all times of the name.
names(_Table, '$end_of_table') -> [];
names(Table, {Name, _Time}) -> [Name | names(Table, ets:next(Table, {Name, after_all}))].
