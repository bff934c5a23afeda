-module(bond).
-export([tie/1, untie/1, members/1]).

tie(Pids) ->
    Caller = self(),
    Ready = make_ref(),
    Bond = spawn(fun() -> start(Pids, Caller, Ready) end),
    receive
        Ready -> {ok, Bond}
    end.

untie(Bond) ->
    Monitor = monitor(process, Bond),
    Bond ! untie,
    receive
        {'DOWN', Monitor, process, _, _} -> ok
    end.

members(Bond) ->
    Monitor = monitor(process, Bond),
    Bond ! {members, self(), Monitor},
    receive
        {Monitor, Members} ->
            demonitor(Monitor, [flush]),
            Members;
        {'DOWN', Monitor, process, _, _} ->
            []
    end.

start(Pids, Caller, Ready) ->
    Tied = [{monitor(process, Pid), Pid} || Pid <- Pids],
    Caller ! Ready,
    loop(Tied).

loop(Tied) ->
    receive
        {'DOWN', Monitor, process, _, Reason} ->
            Rest = lists:keydelete(Monitor, 1, Tied),
            case calm(Reason) of
                true when length(Rest) > 1 -> loop(Rest);
                true -> ok;
                false -> part(Rest, Reason)
            end;
        {members, From, Ref} ->
            From ! {Ref, [Pid || {_, Pid} <- Tied]},
            loop(Tied);
        untie ->
            ok
    end.

part(Rest, Reason) ->
    [exit(Pid, {bond, Reason}) || {_, Pid} <- Rest],
    ok.

calm(normal) -> true;
calm(shutdown) -> true;
calm({shutdown, _}) -> true;
calm(_) -> false.
