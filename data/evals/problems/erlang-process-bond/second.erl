-module(bond).
-export([tie/1, untie/1, members/1]).

tie(Pids) ->
    Ref = make_ref(),
    Caller = self(),
    Bond = spawn(fun() ->
        Watched = [{Pid, monitor(process, Pid)} || Pid <- Pids],
        Caller ! {Ref, watching},
        watch(Watched)
    end),
    receive {Ref, watching} -> {ok, Bond} end.

watch([]) -> ok;
watch([_]) -> ok;
watch(Watched) ->
    receive
        {members, From, Ref} ->
            From ! {Ref, [Pid || {Pid, _} <- Watched]},
            watch(Watched);
        untie ->
            ok;
        {'DOWN', Ref, process, Pid, Reason} ->
            Left = lists:delete({Pid, Ref}, Watched),
            case calm(Reason) of
                true -> watch(Left);
                false -> lists:foreach(fun({One, _}) -> exit(One, {bond, Reason}) end, Left)
            end
    end.

calm({shutdown, _}) -> true;
calm(Reason) -> lists:member(Reason, [normal, shutdown]).

untie(Bond) ->
    Ref = monitor(process, Bond),
    Bond ! untie,
    receive {'DOWN', Ref, process, _, _} -> ok end.

members(Bond) ->
    Ref = monitor(process, Bond),
    Bond ! {members, self(), Ref},
    receive
        {Ref, Members} -> demonitor(Ref, [flush]), Members;
        {'DOWN', Ref, process, _, _} -> []
    end.
