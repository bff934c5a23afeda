-module(office).
-behaviour(gen_server).
-export([start_link/1, hold/2, give_up/3, sell/2, plan/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

start_link(Seats) -> gen_server:start_link(?MODULE, Seats, []).
hold(Pid, Holder) -> gen_server:call(Pid, {hold, Holder}).
give_up(Pid, Holder, Seat) -> gen_server:call(Pid, {give_up, Holder, Seat}).
sell(Pid, Holder) -> gen_server:call(Pid, {sell, Holder}).
plan(Pid) -> gen_server:call(Pid, plan).

%% The state is a list of {Seat, free | sold | {held, Holder, Monitor}}.
init(Seats) -> {ok, [{Seat, free} || Seat <- Seats]}.

handle_call({hold, Holder}, _From, Seats) ->
    case lists:keyfind(free, 2, Seats) of
        {Seat, free} ->
            State = {held, Holder, monitor(process, Holder)},
            {reply, {ok, Seat}, replaced(Seat, State, Seats)};
        false ->
            {reply, full, Seats}
    end;
handle_call({give_up, Holder, Seat}, _From, Seats) ->
    case found(Seat, Seats) of
        {Seat, {held, Holder, Monitor}} ->
            demonitor(Monitor, [flush]),
            {reply, ok, replaced(Seat, free, Seats)};
        _ ->
            {reply, {error, not_held}, Seats}
    end;
handle_call({sell, Holder}, _From, Seats) ->
    Mine = [Seat || {Seat, {held, Owner, _}} <- Seats, Owner =:= Holder],
    case Mine of
        [] -> {reply, {error, nothing}, Seats};
        _ -> {reply, {ok, Mine}, lists:foldl(fun sold/2, Seats, Mine)}
    end;
handle_call(plan, _From, Seats) ->
    {reply, [{Seat, shown(State)} || {Seat, State} <- Seats], Seats}.

handle_cast(_Message, Seats) -> {noreply, Seats}.

handle_info({'DOWN', Monitor, process, _Holder, _Reason}, Seats) -> {noreply, freed(Monitor, Seats)};
handle_info(_Message, Seats) -> {noreply, Seats}.

sold(Seat, Seats) ->
    {_, {held, _, Monitor}} = found(Seat, Seats),
    demonitor(Monitor, [flush]),
    replaced(Seat, sold, Seats).

freed(Monitor, Seats) ->
    [
        case State of
            {held, _, Monitor} -> {Seat, free};
            _ -> {Seat, State}
        end
     || {Seat, State} <- Seats
    ].

found(Seat, Seats) ->
    case [Entry || {One, _} = Entry <- Seats, One =:= Seat] of
        [Entry] -> Entry;
        [] -> none
    end.

replaced(Seat, State, Seats) ->
    [
        case One =:= Seat of
            true -> {Seat, State};
            false -> Entry
        end
     || {One, _} = Entry <- Seats
    ].

shown({held, _, _}) -> held;
shown(State) -> State.
