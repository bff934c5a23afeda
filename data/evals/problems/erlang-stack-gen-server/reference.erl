-module(stack_server).
-behaviour(gen_server).
-export([start_link/0, push/2, pop/1, size/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

start_link() -> gen_server:start_link(?MODULE, [], []).
push(Pid, Term) -> gen_server:call(Pid, {push, Term}).
pop(Pid) -> gen_server:call(Pid, pop).
size(Pid) -> gen_server:call(Pid, size).

init([]) -> {ok, []}.

handle_call({push, Term}, _From, Stack) -> {reply, ok, [Term | Stack]};
handle_call(pop, _From, []) -> {reply, empty, []};
handle_call(pop, _From, [Top | Rest]) -> {reply, {ok, Top}, Rest};
handle_call(size, _From, Stack) -> {reply, length(Stack), Stack}.

handle_cast(_Message, Stack) -> {noreply, Stack}.
handle_info(_Message, Stack) -> {noreply, Stack}.
