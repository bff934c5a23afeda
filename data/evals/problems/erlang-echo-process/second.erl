-module(ledger).
-export([start/0, add/2, total/1, stop/1]).

start() -> spawn(fun() -> hold([]) end).

hold(Amounts) ->
    receive
        {add, Amount, Who, Tag} ->
            Who ! {Tag, ok},
            hold([Amount | Amounts]);
        {total, Who, Tag} ->
            Who ! {Tag, lists:sum(Amounts)},
            hold(Amounts);
        {stop, Who, Tag} ->
            Who ! {Tag, lists:sum(Amounts)}
    end.

add(Pid, Amount) -> said(Pid, fun(Tag) -> {add, Amount, self(), Tag} end).
total(Pid) -> said(Pid, fun(Tag) -> {total, self(), Tag} end).
stop(Pid) -> said(Pid, fun(Tag) -> {stop, self(), Tag} end).

said(Pid, Message) ->
    Tag = make_ref(),
    Pid ! Message(Tag),
    receive {Tag, Answer} -> Answer end.
