-module(inbox).
-export([start/0, send/3, next/1, rest/1]).

start() -> spawn(fun loop/0).

send(Pid, Priority, Message) ->
    Pid ! {Priority, Message},
    ok.

next(Pid) -> ask(Pid, next).

rest(Pid) -> ask(Pid, rest).

ask(Pid, Question) ->
    Ref = make_ref(),
    Pid ! {ask, self(), Ref, Question},
    receive
        {Ref, Answer} -> Answer
    end.

loop() ->
    receive
        {ask, From, Ref, next} ->
            From ! {Ref, take(infinity)},
            loop();
        {ask, From, Ref, rest} ->
            From ! {Ref, drain()}
    end.

take(Patience) ->
    receive
        {high, _} = High -> High
    after 0 ->
        receive
            {normal, _} = Normal -> Normal
        after 0 ->
            receive
                {Priority, _} = Any when Priority =:= high; Priority =:= normal; Priority =:= low -> Any
            after Patience -> none
            end
        end
    end.

drain() ->
    case take(0) of
        none -> [];
        Message -> [Message | drain()]
    end.
