-module(inbox).
-export([start/0, send/3, next/1, rest/1]).

%% The mailbox itself is the store: one receive for each priority.
start() -> spawn(fun serve/0).

send(Pid, Priority, Message) ->
    Pid ! {Priority, Message},
    ok.

next(Pid) -> ask(Pid, next).
rest(Pid) -> ask(Pid, rest).

ask(Pid, What) ->
    Ref = monitor(process, Pid),
    Pid ! {What, self(), Ref},
    receive
        {Ref, Answer} -> demonitor(Ref, [flush]), Answer;
        {'DOWN', Ref, process, _, Reason} -> exit(Reason)
    end.

serve() ->
    receive
        {next, From, Ref} ->
            From ! {Ref, take(infinity)},
            serve();
        {rest, From, Ref} ->
            From ! {Ref, all()}
    end.

take(Time) ->
    receive {high, M} -> {high, M} after 0 ->
        receive {normal, M} -> {normal, M} after 0 ->
            receive {P, M} when P =:= high; P =:= normal; P =:= low -> {P, M} after Time -> none end
        end
    end.

all() ->
    case take(0) of
        none -> [];
        One -> [One | all()]
    end.
