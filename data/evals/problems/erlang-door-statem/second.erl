-module(door).
-behaviour(gen_statem).
-export([start_link/1, open/1, close/1, lock/2, unlock/2, state/1]).
-export([callback_mode/0, init/1, handle_event/4]).

start_link(Code) -> gen_statem:start_link(?MODULE, Code, []).
open(Pid) -> gen_statem:call(Pid, {closed, open, free}).
close(Pid) -> gen_statem:call(Pid, {open, closed, free}).
lock(Pid, Code) -> gen_statem:call(Pid, {closed, locked, {code, Code}}).
unlock(Pid, Code) -> gen_statem:call(Pid, {locked, closed, {code, Code}}).
state(Pid) -> gen_statem:call(Pid, state).

callback_mode() -> handle_event_function.
init(Code) -> {ok, closed, Code}.

%% An action is {from which state, to which, what it needs}.
handle_event({call, From}, Action, State, Code) ->
    {Answer, Next} = act(Action, State, Code),
    {next_state, Next, Code, {reply, From, Answer}}.

act(state, State, _) -> {State, State};
act({State, Next, free}, State, _) -> {ok, Next};
act({State, Next, {code, Code}}, State, Code) -> {ok, Next};
act({State, _, {code, _}}, State, _) -> {{error, wrong_code}, State};
act(_, State, _) -> {{error, State}, State}.
