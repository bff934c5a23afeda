-module(upload).
-behaviour(gen_statem).
-export([start_link/1, part/3, pause/1, resume/1, log/1, missing/1, content/1, state/1]).
-export([callback_mode/0, init/1, receiving/3, paused/3, complete/3]).

start_link(Size) -> gen_statem:start_link(?MODULE, Size, []).
part(Pid, N, Bytes) -> gen_statem:cast(Pid, {part, N, Bytes}).
pause(Pid) -> gen_statem:call(Pid, pause).
resume(Pid) -> gen_statem:call(Pid, resume).
log(Pid) -> gen_statem:call(Pid, log).
missing(Pid) -> gen_statem:call(Pid, missing).
content(Pid) -> gen_statem:call(Pid, content, infinity).
state(Pid) -> gen_statem:call(Pid, state).

callback_mode() -> state_functions.

init(Size) -> {ok, receiving, #{size => Size, parts => #{}, log => []}}.

receiving(cast, {part, N, Bytes}, #{size := Size} = Data) ->
    #{parts := Parts} = New = kept(N, Bytes, Data),
    case map_size(Parts) of
        Size -> {next_state, complete, New};
        _ -> {keep_state, New}
    end;
receiving({call, From}, pause, Data) -> {next_state, paused, Data, {reply, From, ok}};
receiving({call, _From}, content, _Data) -> {keep_state_and_data, postpone};
receiving(Type, Event, Data) -> always(Type, Event, receiving, Data).

paused(cast, {part, _N, _Bytes}, _Data) -> {keep_state_and_data, postpone};
paused({call, From}, resume, Data) -> {next_state, receiving, Data, {reply, From, ok}};
paused({call, _From}, content, _Data) -> {keep_state_and_data, postpone};
paused(Type, Event, Data) -> always(Type, Event, paused, Data).

complete(cast, {part, N, _Bytes}, Data) -> {keep_state, noted(N, late, Data)};
complete({call, From}, content, #{parts := Parts}) ->
    Content = iolist_to_binary([Bytes || {_, Bytes} <- lists:sort(maps:to_list(Parts))]),
    {keep_state_and_data, {reply, From, Content}};
complete(Type, Event, Data) -> always(Type, Event, complete, Data).

always({call, From}, state, State, _Data) ->
    {keep_state_and_data, {reply, From, State}};
always({call, From}, log, _State, #{log := Log}) ->
    {keep_state_and_data, {reply, From, lists:reverse(Log)}};
always({call, From}, missing, _State, #{size := Size, parts := Parts}) ->
    {keep_state_and_data, {reply, From, lists:seq(1, Size) -- maps:keys(Parts)}};
always({call, From}, _Change, State, _Data) ->
    {keep_state_and_data, {reply, From, {error, State}}}.

kept(N, _Bytes, #{size := Size} = Data) when N < 1; N > Size -> noted(N, range, Data);
kept(N, _Bytes, #{parts := Parts} = Data) when is_map_key(N, Parts) -> noted(N, duplicate, Data);
kept(N, Bytes, #{parts := Parts} = Data) -> noted(N, kept, Data#{parts := Parts#{N => Bytes}}).

noted(N, Outcome, #{log := Log} = Data) -> Data#{log := [{N, Outcome} | Log]}.
