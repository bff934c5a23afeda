-module(pair).
-behaviour(supervisor).
-export([start_link/0, add/2, entries/1, count/2, crash/2, workers/1]).
-export([init/1, journal/0, index/0, serve/4]).

start_link() -> supervisor:start_link(?MODULE, nothing).

init(nothing) ->
    Child = fun(Id) -> {Id, {?MODULE, Id, []}, permanent, brutal_kill, worker, [?MODULE]} end,
    {ok, {{one_for_all, 100, 1}, [Child(journal), Child(index)]}}.

journal() -> begin_with(fun(Key, Keys) -> Keys ++ [Key] end, fun(all, Keys) -> Keys end, []).

index() ->
    begin_with(
        fun(Key, Counts) -> maps:put(Key, maps:get(Key, Counts, 0) + 1, Counts) end,
        fun(Key, Counts) -> maps:get(Key, Counts, 0) end,
        #{}
    ).

begin_with(Add, Tell, State) ->
    proc_lib:start_link(?MODULE, serve, [self(), Add, Tell, State]).

serve(Parent, Add, Tell, State) ->
    proc_lib:init_ack(Parent, {ok, self()}),
    serve(Add, Tell, State).

serve(Add, Tell, State) ->
    receive
        {'$gen_call', From, {add, Key}} ->
            gen:reply(From, ok),
            serve(Add, Tell, Add(Key, State));
        {'$gen_call', From, {tell, What}} ->
            gen:reply(From, Tell(What, State)),
            serve(Add, Tell, State)
    end.

add(Pid, Key) -> [ok, ok] = [gen_server:call(W, {add, Key}) || {_, W} <- workers(Pid)], ok.
entries(Pid) -> gen_server:call(proplists:get_value(journal, workers(Pid)), {tell, all}).
count(Pid, Key) -> gen_server:call(proplists:get_value(index, workers(Pid)), {tell, Key}).

workers(Pid) ->
    Found = [{Id, W} || {Id, W, worker, _} <- supervisor:which_children(Pid)],
    lists:keysort(1, Found).

crash(Pid, Which) ->
    Workers = workers(Pid),
    Monitors = [monitor(process, W) || {_, W} <- Workers],
    exit(proplists:get_value(Which, Workers), kill),
    [receive {'DOWN', M, process, _, _} -> gone end || M <- Monitors],
    until_back(Pid).

%% the supervisor answers only after it has dealt with the end
until_back(Pid) ->
    case lists:all(fun({_, W}) -> is_pid(W) andalso is_process_alive(W) end, workers(Pid)) of
        true -> ok;
        false -> until_back(Pid)
    end.
