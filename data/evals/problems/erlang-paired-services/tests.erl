-module(pair_tests).
-include_lib("eunit/include/eunit.hrl").

filled(Keys) ->
    {ok, Pid} = pair:start_link(),
    [ok = pair:add(Pid, Key) || Key <- Keys],
    Pid.

knows_test() ->
    Pid = filled([b, a, b, {c, 1}]),
    ?assertEqual([b, a, b, {c, 1}], pair:entries(Pid)),
    ?assertEqual([1, 2, 1, 0], [pair:count(Pid, Key) || Key <- [a, b, {c, 1}, d]]).

exact_keys_test() ->
    Pid = filled([1, 1.0, 1]),
    ?assertEqual([2, 1], [pair:count(Pid, Key) || Key <- [1, 1.0]]).

both_begin_anew_test() ->
    [
        begin
            Pid = filled([x, y]),
            [{index, I}, {journal, J}] = pair:workers(Pid),
            ?assertEqual(ok, pair:crash(Pid, Which)),
            ?assertEqual({[], 0}, {pair:entries(Pid), pair:count(Pid, x)}),
            [{index, NewI}, {journal, NewJ}] = pair:workers(Pid),
            ?assert(NewI =/= I andalso NewJ =/= J),
            ok = pair:add(Pid, z),
            ?assertEqual({[z], 1}, {pair:entries(Pid), pair:count(Pid, z)})
        end
     || Which <- [journal, index]
    ].

many_crashes_test() ->
    Pid = filled([]),
    [?assertEqual(ok, pair:crash(Pid, Which)) || _ <- lists:seq(1, 15), Which <- [index, journal]],
    ok = pair:add(Pid, k),
    ?assertEqual(1, pair:count(Pid, k)).

any_reason_test() ->
    [
        begin
            Pid = filled([x]),
            [{index, I}, {journal, J}] = pair:workers(Pid),
            Monitors = [monitor(process, Worker) || Worker <- [I, J]],
            exit(I, Reason),
            [
                receive {'DOWN', Monitor, process, _, _} -> ok after 6000 -> error(goes_on) end
             || Monitor <- Monitors
            ],
            until_empty(Pid, 600)
        end
     || Reason <- [shutdown, oops]
    ].

until_empty(_Pid, 0) -> error(not_empty);
until_empty(Pid, Tries) ->
    Running = [Worker || {_, Worker} <- pair:workers(Pid), is_pid(Worker)],
    case length(Running) =:= 2 andalso pair:entries(Pid) of
        [] -> ok;
        _ -> timer:sleep(5), until_empty(Pid, Tries - 1)
    end.

pairs_apart_test() ->
    One = filled([a]),
    Two = filled([b]),
    ok = pair:crash(One, index),
    ?assertEqual({[], [b]}, {pair:entries(One), pair:entries(Two)}),
    ?assertEqual(0, pair:count(Two, a)).
