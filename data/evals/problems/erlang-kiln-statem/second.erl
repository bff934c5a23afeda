-module(kiln).
-behaviour(gen_statem).
-export([start_link/2, heat/2, cool/1, bake/2, waiting/1, state/1, repair/1]).
-export([callback_mode/0, init/1, handle_event/4]).

-record(k, {min, max, warm = 0, baked = 0}).

start_link(Min, Max) -> gen_statem:start_link(?MODULE, {Min, Max}, []).
heat(Pid, Degrees) -> gen_statem:call(Pid, {heat, Degrees}).
cool(Pid) -> gen_statem:call(Pid, cool).
bake(Pid, Name) -> gen_statem:call(Pid, {bake, Name}, infinity).
waiting(Pid) -> gen_statem:call(Pid, waiting).
state(Pid) -> gen_statem:call(Pid, state).
repair(Pid) -> gen_statem:call(Pid, repair).

callback_mode() -> handle_event_function.

%% The state is cold with those who wait, hot or broken.
init({Min, Max}) -> {ok, {cold, []}, #k{min = Min, max = Max}}.

handle_event({call, From}, Event, State, K) ->
    {Next, New, Replies} = on(Event, From, State, K),
    {next_state, Next, New, [{reply, Who, Answer} || {Who, Answer} <- Replies]}.

on(state, From, State, K) -> {State, K, [{From, {name(State), K#k.warm}}]};
on(waiting, From, State, K) -> {State, K, [{From, [Name || {_, Name} <- line(State)]}]};
on({bake, Name}, From, {cold, Line}, K) -> {{cold, Line ++ [{From, Name}]}, K, []};
on({bake, Name}, From, hot, K) -> baked([{From, Name}], K, []);
on(repair, From, broken, K) -> {{cold, []}, K, [{From, ok}]};
on(repair, From, State, K) -> {State, K, [{From, {error, name(State)}}]};
on(_, From, broken, K) -> {broken, K, [{From, {error, broken}}]};
on(cool, From, hot, K) -> {{cold, []}, K#k{warm = 0}, [{From, ok}]};
on(cool, From, State, K) -> {State, K, [{From, ok}]};
on({heat, Degrees}, From, State, #k{min = Min, max = Max, warm = Warm} = K) ->
    case Warm + Degrees of
        Now when Now > Max ->
            Lost = [{Who, {error, broken}} || {Who, _} <- line(State)],
            {broken, K#k{warm = 0}, [{From, {broken, 0}} | Lost]};
        Now when Now >= Min ->
            baked(line(State), K#k{warm = Now}, [{From, {hot, Now}}]);
        Now ->
            {State, K#k{warm = Now}, [{From, {cold, Now}}]}
    end.

baked([], K, Replies) -> {hot, K, lists:reverse(Replies)};
baked([{Who, Name} | Line], #k{baked = N} = K, Replies) ->
    baked(Line, K#k{baked = N + 1}, [{Who, {baked, Name, N + 1}} | Replies]).

name({cold, _}) -> cold;
name(State) -> State.

line({cold, Line}) -> Line;
line(_) -> [].
