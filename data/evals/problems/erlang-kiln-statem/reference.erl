-module(kiln).
-behaviour(gen_statem).
-export([start_link/2, heat/2, cool/1, bake/2, waiting/1, state/1, repair/1]).
-export([callback_mode/0, init/1, cold/3, hot/3, broken/3]).

-record(data, {min, max, temperature = 0, baked = 0, waiting = []}).

start_link(Min, Max) -> gen_statem:start_link(?MODULE, {Min, Max}, []).
heat(Pid, Degrees) -> gen_statem:call(Pid, {heat, Degrees}).
cool(Pid) -> gen_statem:call(Pid, cool).
bake(Pid, Name) -> gen_statem:call(Pid, {bake, Name}).
waiting(Pid) -> gen_statem:call(Pid, waiting).
state(Pid) -> gen_statem:call(Pid, state).
repair(Pid) -> gen_statem:call(Pid, repair).

callback_mode() -> [state_functions, state_enter].

init({Min, Max}) -> {ok, cold, #data{min = Min, max = Max}}.

cold(enter, _Old, _Data) ->
    keep_state_and_data;
cold({call, From}, {bake, Name}, #data{waiting = Waiting} = Data) ->
    {keep_state, Data#data{waiting = Waiting ++ [{From, Name}]}};
cold({call, From}, cool, _Data) ->
    {keep_state_and_data, {reply, From, ok}};
cold({call, From}, Event, Data) ->
    common(From, Event, cold, Data).

hot(enter, _Old, #data{waiting = Waiting, baked = Baked} = Data) ->
    Numbered = lists:zip(Waiting, lists:seq(Baked + 1, Baked + length(Waiting))),
    Replies = [{reply, From, {baked, Name, N}} || {{From, Name}, N} <- Numbered],
    {keep_state, Data#data{waiting = [], baked = Baked + length(Waiting)}, Replies};
hot({call, From}, {bake, Name}, #data{baked = Baked} = Data) ->
    {keep_state, Data#data{baked = Baked + 1}, {reply, From, {baked, Name, Baked + 1}}};
hot({call, From}, cool, Data) ->
    {next_state, cold, Data#data{temperature = 0}, {reply, From, ok}};
hot({call, From}, Event, Data) ->
    common(From, Event, hot, Data).

broken(enter, _Old, #data{waiting = Waiting} = Data) ->
    Replies = [{reply, From, {error, broken}} || {From, _Name} <- Waiting],
    {keep_state, Data#data{waiting = [], temperature = 0}, Replies};
broken({call, From}, repair, Data) ->
    {next_state, cold, Data, {reply, From, ok}};
broken({call, From}, Event, Data) when Event =:= waiting; Event =:= state ->
    common(From, Event, broken, Data);
broken({call, From}, _Event, _Data) ->
    {keep_state_and_data, {reply, From, {error, broken}}}.

common(From, {heat, Degrees}, _State, #data{min = Min, max = Max} = Data) ->
    case Data#data.temperature + Degrees of
        T when T > Max -> {next_state, broken, Data, {reply, From, {broken, 0}}};
        T when T >= Min -> warm(hot, T, From, Data);
        T -> warm(cold, T, From, Data)
    end;
common(From, waiting, _State, #data{waiting = Waiting}) ->
    {keep_state_and_data, {reply, From, [Name || {_, Name} <- Waiting]}};
common(From, state, State, #data{temperature = T}) ->
    {keep_state_and_data, {reply, From, {State, T}}};
common(From, repair, State, _Data) ->
    {keep_state_and_data, {reply, From, {error, State}}}.

warm(State, T, From, Data) ->
    {next_state, State, Data#data{temperature = T}, {reply, From, {State, T}}}.
