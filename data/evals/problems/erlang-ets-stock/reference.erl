-module(stock).
-behaviour(gen_server).
-export([start_link/0, put/4, take/3, move/3, low/2, purge/1, places/1]).
-export([init/1, handle_call/3, handle_cast/2]).

start_link() -> gen_server:start_link(?MODULE, [], []).
put(Pid, Item, Place, Count) -> gen_server:call(Pid, {put, Item, Place, Count}).
take(Pid, Item, N) -> gen_server:call(Pid, {take, Item, N}).
move(Pid, From, To) -> gen_server:call(Pid, {move, From, To}).
low(Pid, Limit) -> gen_server:call(Pid, {low, Limit}).
purge(Pid) -> gen_server:call(Pid, purge).
places(Pid) -> gen_server:call(Pid, places).

init([]) -> {ok, ets:new(?MODULE, [])}.

handle_call({put, Item, Place, Count}, _From, Table) ->
    true = ets:insert(Table, {Item, Place, Count}),
    {reply, ok, Table};
handle_call({take, Item, N}, _From, Table) ->
    Reply =
        case ets:lookup(Table, Item) of
            [{_, _, Have}] when Have >= N -> {ok, ets:update_counter(Table, Item, {3, -N})};
            [{_, _, Have}] -> {error, {short, Have}};
            [] -> {error, unknown}
        end,
    {reply, Reply, Table};
handle_call({move, Place, To}, _From, Table) ->
    Items = [Item || [Item] <- ets:match(Table, {'$1', Place, '_'})],
    [true = ets:update_element(Table, Item, {2, To}) || Item <- Items],
    {reply, length(Items), Table};
handle_call({low, Limit}, _From, Table) ->
    Spec = [{{'$1', '_', '$2'}, [{'<', '$2', Limit}], [{{'$1', '$2'}}]}],
    {reply, lists:sort(ets:select(Table, Spec)), Table};
handle_call(purge, _From, Table) ->
    {reply, ets:select_delete(Table, [{{'_', '_', 0}, [], [true]}]), Table};
handle_call(places, _From, Table) ->
    {reply, lists:usort([Place || [Place] <- ets:match(Table, {'_', '$1', '_'})]), Table}.

handle_cast(_Message, Table) -> {noreply, Table}.
