%% Tests and candidate in one BEAM: what cannot cross between two is judged here.
%%
%% Belongs here: the order of loading, what of the tests lies in files and when, the tripwires
%% (nonce, canaries, exact count, modules that must stay as they are).
%% Does not: whether such a verdict counts (the runner; it says "in_beam"). A candidate that knows
%% this file can reach everything in its own BEAM: the wires catch what does not aim at them.
-module(booktune_inbeam).
-export([start/2, bit/1]).

-define(CANARIES, 4).
-define(EBIN, booktune_compile:place("ebin")).

-record(s, {port, language, baseline, state, canary, library, interface = []}).

start(Language, Port) ->
    booktune_devices:no_input(),
    booktune_tests:warm(Language),
    booktune_compile:files([]),
    Language =:= elixir andalso full(),
    booktune_tracer:start(),
    ok = filelib:ensure_path(?EBIN),
    true = code:add_pathz(?EBIN),
    S = #s{port = Port, language = Language, canary = canary(Language)},
    % what the first run loads is loaded before a candidate could lay something in its way
    {?CANARIES, _, _} = run_canary(S#s.canary, Language),
    booktune_compile:tidy(),
    Library = booktune_library:hold(?EBIN),
    Ready = S#s{baseline = booktune_tests:baseline(), state = booktune_state:seen(), library = Library},
    answer(<<"ready">>, Ready),
    loop(Ready).

run_canary(Canary, Language) ->
    persistent_term:put(booktune_bits, 5),
    Main = self(),
    spawn(fun() -> Main ! {seen, booktune_results:collect(Language, [Canary])} end),
    receive {seen, Seen} -> Seen end.

%% As a project's own tests have it: documentation in the modules, a logger.
full() ->
    'Elixir.Code':compiler_options([{docs, true}, {debug_info, true}]),
    application:ensure_all_started(logger).

loop(#s{port = Port} = S) ->
    receive
        {Port, {data, <<"J", Bytes/binary>>}} -> loop(command(binary_to_term(Bytes), S));
        {Port, eof} -> halt(0);
        _ -> loop(S)
    end.

command({judge, Nonce, Tests, Sources, Interface, Beside, Files}, S) ->
    persistent_term:put(booktune_bits, bits(Nonce)),
    % ExUnit knows more than it should after a run cut off, and of a source that speaks of it
    put(booktune_stale, lists:any(fun({_, Text}) -> binary:match(Text, <<"ExUnit">>) =/= nomatch end, Sources)),
    Own = lists:usort([M || {M, _, _} <- Interface]),
    Before = booktune_library:seen([S#s.canary | harness()]),
    put(booktune_late_run, false),
    booktune_library:free(Own),
    Judged = judge(Nonce, Tests, Sources, {Beside, Files}, S#s{interface = Interface}),
    booktune_library:bind([M || M <- Own, is_map_key(atom_to_list(M), S#s.library)]),
    {Status, Ran, Detail} = unchanged(Judged, booktune_library:changed(Before, Own, S#s.library)),
    Late = [" late" || get(booktune_late_run)],
    answer([Nonce, " ", atom_to_list(Status), " ", integer_to_list(Ran), Late, "\n", Detail], S),
    S;
command(done, S) ->
    is_process_alive(group_leader()) orelse halt(1),
    booktune_tests:sweep(S#s.baseline),
    [file:delete(File) || File <- filelib:wildcard(filename:join(?EBIN, "*.beam"))],
    booktune_compile:unload(booktune_tests:strays(S#s.baseline)),
    S#s.language =:= elixir andalso get(booktune_stale) andalso booktune_tests:forget_tests(),
    S#s.language =:= elixir andalso booktune_tests:unrequire(),
    booktune_compile:tidy(),
    answer(<<"clean ", (booktune_state:told(S#s.state))/binary>>, S),
    S#s{baseline = booktune_tests:baseline()}.

%% Our own are loaded from no file.
harness() -> [M || {M, _} <- code:all_loaded(), lists:prefix("booktune_", atom_to_list(M))].

unchanged({pass, Ran, _} = Judged, Changed) ->
    case Changed of
        [] -> Judged;
        _ -> {suspicious, Ran, io_lib:format("the run changed ~tp", [Changed])}
    end;
unchanged(Judged, _) -> Judged.

answer(Text, #s{port = Port}) ->
    true = port_command(Port, [<<"R">>, unicode:characters_to_binary([Text])]).

%% Beside is what a candidate finds while it compiles; Files are those of the tests too. Never is a
%% source of the tests in a file while code of the candidate runs.
judge(Nonce, Tests, Sources, {Beside, Files}, S) ->
    Early = early(Tests, Files, S),
    booktune_compile:files(Beside),
    answer([Nonce, " ready"], S),
    Least = least(Tests, S),
    Loaded = candidate(Sources, names(Early), S),
    booktune_compile:files(Files), % as they were, whatever compiling wrote
    case Loaded of
        "ok" -> enough(Least, blamed(tested(Early, Tests, Files, S), Tests, S));
        [Class | Why] -> {class(Class), 0, Why}
    end.

%% Counted before the candidate could change what a test is.
least({source, Source}, #s{language = Language}) -> booktune_source:least(Language, Source);
least(_, _) -> 0.

enough(Least, {pass, Ran, _}) when Ran < Least ->
    {fail, Ran, io_lib:format("~p of ~p tests ran", [Ran, Least])};
enough(_, Judged) -> Judged.

blamed({uncompiled, Why}, {source, Source}, #s{language = Language, interface = Interface}) ->
    booktune_blame:uncompiled(Language, Source, Interface, Why);
blamed(Judged, _, _) -> Judged.

class("compile_error\n") -> compile_error;
class(_) -> fail.

%% Tests that stand by themselves are loaded before the candidate is compiled.
early(#{beams := Beams, count := Count}, _, _) ->
    booktune_compile:load_all(Beams),
    {ok, Beams, Count};
early({source, Source}, Files, #s{language = erlang}) ->
    % what these lack is a header, which is there before the candidate is compiled
    booktune_compile:files(Files),
    Made = booktune_tests:compile_tests(erlang, Source, Files),
    booktune_compile:tidy(),
    case Made of
        {ok, Beams} ->
            booktune_compile:load_all(Beams),
            {ok, Beams, booktune_results:count(erlang, [M || {M, _} <- Beams])};
        {error, _} ->
            later
    end;
early({source, _}, _, _) ->
    later.

names({ok, Beams, _}) -> [M || {M, _} <- Beams];
names(later) -> [].

candidate(Sources, Tests, #s{language = Language, baseline = {_, Before}, interface = Interface}) ->
    case booktune_compile:compile(Language, Sources, [debug_info]) of
        {error, Why} ->
            ["compile_error\n", Why];
        {ok, Made} ->
            [file:write_file(filename:join(?EBIN, atom_to_list(M) ++ ".beam"), B) || {M, B} <- Made],
            booktune_untrusted:loaded(Language, Made, Interface, Before ++ Tests, ?EBIN)
    end.

tested({ok, Beams, Count}, _, _, S) ->
    % the candidate may have replaced them while it was compiled
    booktune_compile:load_all([{M, Beam} || {M, Beam} <- Beams, booktune_library:md5(M) =/= code:module_md5(Beam)]),
    run(Beams, Count, S);
tested(later, {source, Source}, Files, #s{language = Language} = S) ->
    Before = [M || {M, _} <- code:all_loaded()],
    Compile = fun() -> booktune_tests:compile_tests(Language, Source, Files) end,
    Theirs = [Source | [Text || {"test/" ++ _, Text} <- Files]],
    {Made, Taken} = case Language of elixir -> booktune_tracer:watched(Compile, Theirs); erlang -> {Compile(), []} end,
    booktune_compile:no_sources(),
    case Made of
        {error, Why} ->
            {uncompiled, Why};
        {ok, _} when Taken =/= [] ->
            put(booktune_stale, true),
            {suspicious, 0, io_lib:format("the tests were compiled with another ~tp", [Taken])};
        {ok, Beams} ->
            Modules = [M || {M, _} <- Beams],
            Language =:= erlang andalso booktune_compile:load_all(Beams),
            Language =:= elixir andalso booktune_tests:forget_tests(),
            put(booktune_stale, true),
            case [M || M <- Modules, lists:member(M, Before)] of
                [] -> run(Beams, booktune_results:count(Language, Modules), S);
                Held -> {fail, 0, io_lib:format("the candidate holds the tests' modules ~tp", [Held])}
            end
    end.

%% The canaries have a run of their own: tests that take their group down would take them along.
run(Beams, Count, #s{language = Language, canary = Canary, interface = Interface}) ->
    Modules = [M || {M, _} <- Beams],
    {Pid, Ref} = spawn_monitor(fun() ->
        Seen = booktune_results:collect(Language, Modules),
        Late = booktune_results:late(),
        exit({collected, Seen, booktune_results:collect(Language, [Canary]), Late})
    end),
    receive
        {'DOWN', Ref, process, Pid, {collected, Seen, Canaries, Late}} ->
            put(booktune_late_run, Late),
            Judge = fun() -> booktune_results:judged(Language, Count, Seen, booktune_blame:unlisted(Beams, Interface)) end,
            same(Beams, verdict(Judge, Canaries, Canary));
        {'DOWN', Ref, process, Pid, Why} ->
            put(booktune_stale, true),
            {fail, 0, io_lib:format("the tests ended: ~tP", [Why, 20])}
    end.

%% The tests that ran are those that were compiled.
same(Beams, {pass, Ran, _} = Judged) ->
    case [M || {M, Beam} <- Beams, booktune_library:md5(M) =/= code:module_md5(Beam)] of
        [] -> Judged;
        Changed -> {suspicious, Ran, io_lib:format("the run changed ~tp", [Changed])}
    end;
same(_, Judged) -> Judged.

verdict(Judge, {Ran, Failed, _}, Canary) ->
    Sang = lists:sort([number(F) || F <- Failed, of_module(F) =:= Canary]),
    Wanted = [N || N <- lists:seq(0, ?CANARIES - 1), not bit(N)],
    case Sang =:= Wanted andalso length(Failed) =:= length(Wanted) andalso Ran =:= ?CANARIES of
        true -> Judge();
        false -> {suspicious, Ran, "tests whose outcome is known had another one"}
    end.

of_module({#{module := M}, _}) -> M;
of_module({#{name := M}, _}) -> M;
of_module({Source, _}) when is_tuple(Source) -> element(1, Source);
of_module(_) -> none.

number({#{name := Name}, _}) -> digit(atom_to_list(Name));
number({{_, Name, _}, _}) -> digit(atom_to_list(Name)).

digit(Name) ->
    [D] = [C || C <- Name, C >= $0, C =< $9],
    D - $0.

%% Four tests pass or fail as the nonce says; never all of them alike.
bits(Nonce) -> 1 + erlang:phash2(Nonce, 14).

bit(N) -> persistent_term:get(booktune_bits) band (1 bsl N) =/= 0.

canary(elixir) ->
    Tests = [io_lib:format("test \"canary ~p\" do\n assert :booktune_inbeam.bit(~p)\nend\n", [N, N]) || N <- [0, 1, 2]],
    Last = "test \"canary 3\" do\n refute not :booktune_inbeam.bit(3)\nend\n",
    Source = ["defmodule BooktuneCanary do\nuse ExUnit.Case\n", Tests, Last, "end"],
    {ok, Beams} = booktune_compile:compile(elixir, [{"canary", unicode:characters_to_binary(Source)}], []),
    booktune_tests:forget_tests(),
    [{Module, _}] = Beams,
    Module;
canary(erlang) ->
    Tests = [io_lib:format("canary_~p_test() -> ?assert(booktune_inbeam:bit(~p)).\n", [N, N]) || N <- [0, 1, 2, 3]],
    Source = ["-module(booktune_canary).\n-include_lib(\"eunit/include/eunit.hrl\").\n", Tests],
    {ok, Beams} = booktune_compile:compile(erlang, [{"canary", unicode:characters_to_binary(Source)}], []),
    booktune_compile:load_all(Beams),
    booktune_canary.
