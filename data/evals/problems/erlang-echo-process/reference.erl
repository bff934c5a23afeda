-module(ledger).
-export([start/0, add/2, total/1, stop/1]).

start() -> spawn(fun() -> loop(0) end).

add(Pid, Amount) -> ask(Pid, {add, Amount}).
total(Pid) -> ask(Pid, total).
stop(Pid) -> ask(Pid, stop).

ask(Pid, Question) ->
    Ref = make_ref(),
    Pid ! {self(), Ref, Question},
    receive
        {Ref, Answer} -> Answer
    end.

loop(Total) ->
    receive
        {From, Ref, {add, Amount}} ->
            From ! {Ref, ok},
            loop(Total + Amount);
        {From, Ref, total} ->
            From ! {Ref, Total},
            loop(Total);
        {From, Ref, stop} ->
            From ! {Ref, Total}
    end.
