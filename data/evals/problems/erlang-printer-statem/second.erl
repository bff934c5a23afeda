-module(printer).
-behaviour(gen_statem).
-export([start_link/1, submit/3, fill/2, switch/1, state/1, sheets/1, printed/1]).
-export([callback_mode/0, init/1, on/3, off/3]).

-record(p, {sheets, waiting = [], done = []}).

start_link(Sheets) -> gen_statem:start_link(?MODULE, Sheets, []).
submit(Pid, Name, Pages) -> gen_statem:call(Pid, {submit, {Name, Pages}}).
fill(Pid, More) -> gen_statem:call(Pid, {fill, More}).
switch(Pid) -> gen_statem:call(Pid, switch).
state(Pid) -> gen_statem:call(Pid, state).
sheets(Pid) -> gen_statem:call(Pid, sheets).
printed(Pid) -> gen_statem:call(Pid, printed).

callback_mode() -> state_functions.
init(Sheets) -> {ok, on, #p{sheets = Sheets}}.

%% Documents wait in a list of our own; whenever something changes while it is on, we print.
on({call, From}, switch, P) -> {next_state, off, P, [{reply, From, off}]};
on({call, From}, state, P) ->
    {keep_state_and_data, [{reply, From, case P#p.waiting of [] -> ready; _ -> empty end}]};
on(Type, Event, P) -> event(Type, Event, P, fun print/1).

off({call, From}, switch, P) -> {next_state, on, print(P), [{reply, From, on}]};
off({call, From}, state, _) -> {keep_state_and_data, [{reply, From, off}]};
off(Type, Event, P) -> event(Type, Event, P, fun(Same) -> Same end).

event({call, From}, {submit, Document}, P, Then) ->
    {keep_state, Then(P#p{waiting = P#p.waiting ++ [Document]}), [{reply, From, ok}]};
event({call, From}, {fill, More}, P, Then) ->
    Sheets = P#p.sheets + More,
    {keep_state, Then(P#p{sheets = Sheets}), [{reply, From, Sheets}]};
event({call, From}, sheets, P, _) -> {keep_state_and_data, [{reply, From, P#p.sheets}]};
event({call, From}, printed, P, _) -> {keep_state_and_data, [{reply, From, lists:reverse(P#p.done)}]}.

print(#p{sheets = Sheets, waiting = [{Name, Pages} | Rest], done = Done}) when Pages =< Sheets ->
    print(#p{sheets = Sheets - Pages, waiting = Rest, done = [Name | Done]});
print(P) -> P.
