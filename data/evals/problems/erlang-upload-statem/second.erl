-module(upload).
-behaviour(gen_statem).
-export([start_link/1, part/3, pause/1, resume/1, log/1, missing/1, content/1, state/1]).
-export([callback_mode/0, init/1, handle_event/4]).

-record(d, {open, have = [], log = [], wait = []}).

start_link(Size) -> gen_statem:start_link(?MODULE, lists:seq(1, Size), []).
part(Pid, N, Data) -> gen_statem:cast(Pid, {N, Data}).
pause(Pid) -> ask(Pid, {from, receiving, to, paused}).
resume(Pid) -> ask(Pid, {from, paused, to, receiving}).
log(Pid) -> ask(Pid, log).
missing(Pid) -> ask(Pid, missing).
content(Pid) -> ask(Pid, content).
state(Pid) -> ask(Pid, state).

ask(Pid, What) -> gen_statem:call(Pid, What, infinity).

callback_mode() -> [handle_event_function, state_enter].

init(Numbers) -> {ok, receiving, {lists:max(Numbers), #d{open = Numbers}}}.

%% Who waits for the content is kept here, and told on entering the state.
handle_event(enter, _Old, complete, {Size, #d{have = Have, wait = Wait} = D}) ->
    All = all(Have),
    {keep_state, {Size, D#d{wait = []}}, [{reply, From, All} || From <- lists:reverse(Wait)]};
handle_event(enter, _Old, _State, _Data) ->
    keep_state_and_data;
handle_event(cast, _Part, paused, _Data) ->
    {keep_state_and_data, [postpone]};
handle_event(cast, {N, Bytes}, State, {Size, D}) ->
    Outcome = outcome(State, N, Size, D),
    New = D#d{log = D#d.log ++ [{N, Outcome}]},
    case Outcome of
        kept ->
            Open = lists:delete(N, D#d.open),
            More = New#d{open = Open, have = [{N, Bytes} | D#d.have]},
            Next = case Open of [] -> complete; _ -> State end,
            {next_state, Next, {Size, More}};
        _ ->
            {keep_state, {Size, New}}
    end;
handle_event({call, From}, {from, State, to, Next}, State, Data) ->
    {next_state, Next, Data, [{reply, From, ok}]};
handle_event({call, From}, {from, _, to, _}, State, _Data) ->
    {keep_state_and_data, [{reply, From, {error, State}}]};
handle_event({call, From}, content, complete, {_, #d{have = Have}}) ->
    {keep_state_and_data, [{reply, From, all(Have)}]};
handle_event({call, From}, content, _State, {Size, D}) ->
    {keep_state, {Size, D#d{wait = [From | D#d.wait]}}};
handle_event({call, From}, What, State, {_, D}) ->
    Answer = case What of state -> State; log -> D#d.log; missing -> D#d.open end,
    {keep_state_and_data, [{reply, From, Answer}]}.

outcome(complete, _, _, _) -> late;
outcome(_, N, Size, _) when N > Size orelse N =< 0 -> range;
outcome(_, N, _, #d{open = Open}) ->
    case lists:member(N, Open) of true -> kept; false -> duplicate end.

all(Have) -> << <<Bytes/binary>> || {_, Bytes} <- lists:keysort(1, Have) >>.
