-module(sema).
-behaviour(gen_server).
-export([start_link/1, acquire/2, release/2, free/1, waiting/1]).
-export([init/1, handle_call/3, handle_cast/2]).

start_link(N) -> gen_server:start_link(?MODULE, N, []).
acquire(Pid, K) -> gen_server:call(Pid, {acquire, K}, infinity).
release(Pid, K) -> gen_server:call(Pid, {release, K}).
free(Pid) -> gen_server:call(Pid, free).
waiting(Pid) -> gen_server:call(Pid, waiting).

init(N) -> {ok, {N, N, queue:new()}}.

handle_call({acquire, K}, _From, {N, _Free, _Queue} = State) when K > N ->
    {reply, {error, too_many}, State};
handle_call({acquire, K}, From, {N, Free, Queue}) ->
    {noreply, serve({N, Free, queue:in({From, K}, Queue)})};
handle_call({release, K}, _From, {N, Free, _Queue} = State) when Free + K > N ->
    {reply, {error, not_taken}, State};
handle_call({release, K}, _From, {N, Free, Queue}) ->
    {reply, ok, serve({N, Free + K, Queue})};
handle_call(free, _From, {_N, Free, _Queue} = State) ->
    {reply, Free, State};
handle_call(waiting, _From, {_N, _Free, Queue} = State) ->
    {reply, queue:len(Queue), State}.

handle_cast(_Message, State) -> {noreply, State}.

serve({N, Free, Queue}) ->
    case queue:peek(Queue) of
        {value, {From, K}} when K =< Free ->
            gen_server:reply(From, ok),
            serve({N, Free - K, queue:drop(Queue)});
        _ ->
            {N, Free, Queue}
    end.
