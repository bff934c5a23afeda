-module(door).
-behaviour(gen_statem).
-export([start_link/1, open/1, close/1, lock/2, unlock/2, state/1]).
-export([callback_mode/0, init/1, handle_event/4]).

start_link(Code) -> gen_statem:start_link(?MODULE, Code, []).
open(Pid) -> gen_statem:call(Pid, open).
close(Pid) -> gen_statem:call(Pid, close).
lock(Pid, Code) -> gen_statem:call(Pid, {lock, Code}).
unlock(Pid, Code) -> gen_statem:call(Pid, {unlock, Code}).
state(Pid) -> gen_statem:call(Pid, state).

callback_mode() -> handle_event_function.

init(Code) -> {ok, closed, Code}.

handle_event({call, From}, state, State, _Code) -> keep(From, State);
handle_event({call, From}, open, closed, Code) -> go(From, open, Code);
handle_event({call, From}, close, open, Code) -> go(From, closed, Code);
handle_event({call, From}, {lock, Code}, closed, Code) -> go(From, locked, Code);
handle_event({call, From}, {lock, _}, closed, _Code) -> keep(From, {error, wrong_code});
handle_event({call, From}, {unlock, Code}, locked, Code) -> go(From, closed, Code);
handle_event({call, From}, {unlock, _}, locked, _Code) -> keep(From, {error, wrong_code});
handle_event({call, From}, _Action, State, _Code) -> keep(From, {error, State}).

go(From, State, Code) -> {next_state, State, Code, [{reply, From, ok}]}.

keep(From, Reply) -> {keep_state_and_data, [{reply, From, Reply}]}.
