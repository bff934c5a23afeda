-module(stack_server).
-behaviour(gen_server).
-export([start_link/0, push/2, pop/1, size/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

start_link() -> gen_server:start_link(?MODULE, {0, []}, []).
push(Pid, Term) -> gen_server:call(Pid, fun({N, List}) -> {ok, {N + 1, [Term | List]}} end).
size(Pid) -> gen_server:call(Pid, fun({N, _} = State) -> {N, State} end).

pop(Pid) ->
    gen_server:call(Pid, fun
        ({0, []} = State) -> {empty, State};
        ({N, [Top | List]}) -> {{ok, Top}, {N - 1, List}}
    end).

init(State) -> {ok, State}.

handle_call(Fun, _, State) when is_function(Fun, 1) ->
    {Reply, New} = Fun(State),
    {reply, Reply, New};
handle_call(_, _, State) ->
    {reply, unknown, State}.

handle_cast(_, State) -> {noreply, State}.
handle_info(_, State) -> {noreply, State}.
