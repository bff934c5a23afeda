-module(printer).
-behaviour(gen_statem).
-export([start_link/1, submit/3, fill/2, switch/1, state/1, sheets/1, printed/1]).
-export([callback_mode/0, init/1, handle_event/4]).

start_link(Sheets) -> gen_statem:start_link(?MODULE, Sheets, []).
submit(Pid, Name, Pages) -> gen_statem:cast(Pid, {document, Name, Pages}).
fill(Pid, More) -> gen_statem:call(Pid, {fill, More}).
switch(Pid) -> gen_statem:call(Pid, switch).
state(Pid) -> gen_statem:call(Pid, state).
sheets(Pid) -> gen_statem:call(Pid, sheets).
printed(Pid) -> gen_statem:call(Pid, printed).

callback_mode() -> handle_event_function.

init(Sheets) -> {ok, ready, #{sheets => Sheets, printed => []}}.

handle_event(cast, {document, Name, Pages}, ready, #{sheets := Sheets, printed := Done} = Data)
  when Pages =< Sheets ->
    {keep_state, Data#{sheets := Sheets - Pages, printed := [Name | Done]}};
handle_event(cast, {document, _, _}, ready, Data) ->
    {next_state, empty, Data, postpone};
handle_event({call, From}, {fill, More}, State, #{sheets := Old} = Data) ->
    Sheets = Old + More,
    Filled = Data#{sheets := Sheets},
    case State of
        off -> {keep_state, Filled, [{reply, From, Sheets}]};
        _ -> {next_state, ready, Filled, [{reply, From, Sheets}]}
    end;
handle_event({call, From}, switch, off, Data) ->
    {next_state, ready, Data, [{reply, From, on}]};
handle_event({call, From}, switch, _State, Data) ->
    {next_state, off, Data, [{reply, From, off}]};
handle_event({call, From}, state, State, _Data) ->
    {keep_state_and_data, [{reply, From, State}]};
handle_event({call, From}, sheets, _State, #{sheets := Sheets}) ->
    {keep_state_and_data, [{reply, From, Sheets}]};
handle_event({call, From}, printed, _State, #{printed := Done}) ->
    {keep_state_and_data, [{reply, From, lists:reverse(Done)}]};
handle_event(cast, {document, _, _}, _State, _Data) ->
    {keep_state_and_data, postpone}.
