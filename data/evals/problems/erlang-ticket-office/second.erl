-module(office).
-behaviour(gen_server).
-export([start_link/1, hold/2, give_up/3, sell/2, plan/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-record(office, {seats, free, held = #{}, watched = #{}}).

start_link(Seats) -> gen_server:start_link(?MODULE, Seats, []).
hold(Pid, Holder) -> gen_server:call(Pid, {hold, Holder}).
give_up(Pid, Holder, Seat) -> gen_server:call(Pid, {give_up, Holder, Seat}).
sell(Pid, Holder) -> gen_server:call(Pid, {sell, Holder}).
plan(Pid) -> gen_server:call(Pid, plan).

%% Seats by their number: those that are free, who holds which; a seat that is neither is sold.
init(List) ->
    Numbers = lists:seq(1, length(List)),
    {ok, #office{seats = lists:zip(Numbers, List), free = Numbers}}.

handle_call({hold, _}, _, #office{free = []} = O) ->
    {reply, full, O};
handle_call({hold, Holder}, _, #office{free = [N | Free], held = Held} = O) ->
    {reply, {ok, name(N, O)}, watch(Holder, O#office{free = Free, held = Held#{N => Holder}})};
handle_call({give_up, Holder, Seat}, _, #office{held = Held, free = Free} = O) ->
    case [N || {N, One} <- O#office.seats, One =:= Seat, maps:find(N, Held) =:= {ok, Holder}] of
        [N] -> {reply, ok, O#office{held = maps:remove(N, Held), free = lists:merge([N], Free)}};
        [] -> {reply, {error, not_held}, O}
    end;
handle_call({sell, Holder}, _, #office{held = Held} = O) ->
    case of_holder(Holder, O) of
        [] -> {reply, {error, nothing}, O};
        Ns -> {reply, {ok, [name(N, O) || N <- Ns]}, O#office{held = maps:without(Ns, Held)}}
    end;
handle_call(plan, _, #office{free = Free, held = Held} = O) ->
    State = fun(N) ->
        case {lists:member(N, Free), maps:is_key(N, Held)} of
            {true, false} -> free;
            {false, true} -> held;
            {false, false} -> sold
        end
    end,
    {reply, [{Seat, State(N)} || {N, Seat} <- O#office.seats], O}.

handle_cast(_, O) -> {noreply, O}.

handle_info({'DOWN', _, process, Holder, _}, #office{free = Free, held = Held, watched = W} = O) ->
    Ns = of_holder(Holder, O),
    {noreply, O#office{
        free = lists:sort(Ns ++ Free), held = maps:without(Ns, Held), watched = maps:remove(Holder, W)
    }};
handle_info(_, O) ->
    {noreply, O}.

watch(Holder, #office{watched = Watched} = O) when is_map_key(Holder, Watched) -> O;
watch(Holder, #office{watched = Watched} = O) ->
    O#office{watched = Watched#{Holder => monitor(process, Holder)}}.

of_holder(Holder, #office{held = Held}) -> lists:sort([N || {N, H} <- maps:to_list(Held), H =:= Holder]).

name(N, #office{seats = Seats}) -> proplists:get_value(N, Seats).
