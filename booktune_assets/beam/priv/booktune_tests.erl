%% Compile and run tests: ExUnit or EUnit, in any of the BEAMs.
%%
%% Belongs here: preparing a problem (compiled tests, stand-in modules), one run, its outcome,
%% clearing up after it. Does not: where the candidate is (booktune_trusted, booktune_inbeam).
-module(booktune_tests).
-export([prepare/5, load/1, run/1, clear/2, baseline/0, quiet/0, captured/0, compile/3, files/1]).
-export([compile_tests/3, late/0, unrequire/0, no_input/0, place/1, tidy/0, secret/0, collect/2, judged/4, elixir/0, count/2, sweep/1, unload/1, strays/1, warm/1, forget_tests/0, load_all/1, no_sources/0]).

-define(PATIENCE, 86400).
-define(LATE, 10). % milliseconds: a machine with nothing else to do is late by one or two

%% Devices that keep the tail of what is written instead of printing it: what tests print is no
%% verdict, and a problem's compiler warnings must not fill the pipe.
quiet() ->
    Device = spawn(fun() -> device(<<>>) end),
    register(booktune_device, Device),
    catch unregister(standard_error),
    register(standard_error, spawn(fun() -> pass_to(Device) end)),
    group_leader(Device, self()),
    logger:set_primary_config(level, none),
    ok.

%% A device whose input has ended, where the usual one would let readers wait for ever.
no_input() ->
    Usual = group_leader(),
    Device = spawn(fun() -> without_input(Usual) end),
    group_leader(Device, whereis(code_server)), % what runs while a module is loaded
    group_leader(Device, self()).

without_input(Usual) ->
    receive
        {io_request, From, As, Request} = Asked ->
            case reads(Request) of
                true -> From ! {io_reply, As, eof};
                false -> Usual ! Asked
            end;
        _ ->
            ok
    end,
    without_input(Usual).

reads(Request) when is_tuple(Request) ->
    lists:member(element(1, Request), [get_line, get_chars, get_until, get_password]);
reads(_) ->
    false.

pass_to(Device) ->
    receive
        Message -> Device ! Message
    end,
    pass_to(Device).

device(Said) ->
    receive
        {io_request, From, As, Request} ->
            {Reply, More} = device_reply(Request),
            From ! {io_reply, As, Reply},
            device(tail(<<Said/binary, More/binary>>));
        {tail, From} ->
            From ! {tail, Said},
            device(<<>>);
        _ ->
            device(Said)
    end.

device_reply({put_chars, _, Chars}) -> {ok, bytes(Chars)};
device_reply({put_chars, _, M, F, A}) -> {ok, bytes(catch apply(M, F, A))};
device_reply(getopts) -> {[{encoding, unicode}], <<>>};
device_reply({setopts, _}) -> {ok, <<>>};
device_reply({get_geometry, _}) -> {{error, enotsup}, <<>>};
device_reply(Read) when element(1, Read) =:= get_line; element(1, Read) =:= get_chars -> {eof, <<>>};
device_reply(_) -> {{error, request}, <<>>}.

bytes(Chars) ->
    case catch unicode:characters_to_binary(Chars) of
        Text when is_binary(Text) -> Text;
        _ -> <<>>
    end.

tail(Said) when byte_size(Said) > 4000 -> binary:part(Said, byte_size(Said), -2000);
tail(Said) -> Said.

said() ->
    booktune_device ! {tail, self()},
    receive
        {tail, Said} -> Said
    after 1000 -> <<>>
    end.

%% A device that a test put in the place of the usual one (captured output), as a handle.
captured() ->
    Captures = ets:lookup_element(booktune_wire, captures, 2),
    case Captures andalso group_leader() =/= whereis(booktune_device) of
        true -> booktune_wire:number(group_leader());
        false -> none
    end.

%% EUnit gives every test a device; it matters where tests read it.
captures(elixir, _) -> true;
captures(erlang, Beams) -> lists:any(fun({_, Beam}) -> booktune_standin:reads_output(Beam) end, Beams).

elixir() ->
    {ok, _} = application:ensure_all_started(elixir),
    {ok, _} = application:ensure_all_started(ex_unit),
    'Elixir.Code':compiler_options([{no_warn_undefined, all}, {ignore_module_conflict, true}]),
    configured(),
    ok.

%% Tests may bring their own configuration along (a helper that leaves tests out): not ours.
configured() ->
    'Elixir.ExUnit':configure([
        {autorun, false}, {formatters, [booktune_collector]}, {timeout, infinity}, {trace, false},
        {max_cases, 1}, {seed, 0}, {colors, [{enabled, false}]}, {exclude, []}, {include, []}
    ]).

%% {ok, Made} | {needs_candidate, Why} | {needs_structs, Why} | {broken, Why}: structs may be all they lack.
%% Shapes are the candidate's structs, for tests that build them.
prepare(Language, Tests, Interface, Files, Shapes) ->
    Language =:= elixir andalso elixir(),
    fresh(Files),
    case known(Interface) of
        [] -> with_files(prepare_new(Language, Tests, Interface, Files, Shapes), Files);
        Taken -> {broken, io_lib:format("the interface names modules of the library: ~p", [Taken])}
    end.

with_files({ok, Made}, Files) -> {ok, Made#{files => Files}};
with_files(Other, _) -> Other.

%% Taken are modules that run here; another of a library's names is as good as any.
known(Interface) ->
    [M || M <- modules_of(Interface), code:is_loaded(M) =/= false orelse code:is_sticky(M)].

modules_of(Entries) -> lists:usort([M || {M, _, _} <- Entries]).

prepare_new(Language, Tests, Interface, Files, Told) ->
    case booktune_screen:mentions(Language, Tests, Interface) of
        {error, Why} ->
            {broken, Why};
        {needs_candidate, Why} ->
            {needs_candidate, Why};
        {ok, Mentioned} ->
            Shapes = shapes(Told, Tests),
            Wanted = modules_of(Interface),
            Named = lists:usort(Wanted ++ Mentioned ++ maps:keys(Shapes)),
            Absent = [M || M <- Named, lists:member(M, Wanted) orelse code:which(M) =:= non_existing],
            Early = [booktune_standin:module(M, Interface, maps:get(M, Shapes, none)) || M <- Absent],
            Before = baseline(),
            load_all(Early),
            Made = compile_tests(Language, Tests, Files),
            Alone = by_themselves(Made, strays(Before), Early),
            unload([M || {M, _} <- Early]),
            prepared(Alone, Language, Early, Interface, Absent, Tests)
    end.

%% The structs that the tests build, if nothing here has their module.
shapes([], _) ->
    #{};
shapes(Told, Tests) ->
    Built = booktune_screen:built(Tests),
    maps:from_list([
        {M, Shape}
     || {M, Shape} <- Told, lists:member(last(M), Built), code:is_loaded(M) =:= false, code:which(M) =:= non_existing
    ]).

last(M) -> lists:last(string:split(atom_to_list(M), ".", all)).

%% Modules that tests load from scripts are loaded anew with them: for that, they wait.
by_themselves({ok, Beams}, Loaded, Early) ->
    Inner = fun(M) -> lists:prefix("elixir_compiler", atom_to_list(M)) end,
    Same = [M || {M, Beam} <- Early, erlang:get_module_info(M, md5) =:= code:module_md5(Beam)],
    case [M || M <- Loaded -- Same, not lists:keymember(M, 1, Beams), not Inner(M)] of
        [] ->
            {ok, Beams};
        Scripts ->
            unload(Scripts),
            unrequire(),
            {needs_candidate, io_lib:format("the tests load ~tp from scripts", [Scripts])}
    end;
by_themselves(Failed, _, _) ->
    Failed.

%% A script that was required before would not be again.
unrequire() ->
    'Elixir.Code':unrequire_files('Elixir.Code':required_files()).

%% The tests, and the modules under test/ that help them.
compile_tests(Language, Tests, Files) ->
    Ending = case Language of elixir -> ".ex"; erlang -> ".erl" end,
    Helpers = [F || {"test/" ++ _ = Name, _} = F <- Files, lists:suffix(Ending, Name)],
    one_by_one(Language, Helpers ++ [{"tests", Tests}], []).

one_by_one(_, [], Made) ->
    {ok, Made};
one_by_one(Language, [One | Rest], Made) ->
    case compile(Language, [One], [nowarn_export_all]) of
        {ok, Beams} -> one_by_one(Language, Rest, Made ++ Beams);
        Failed -> Failed
    end.

prepared({needs_candidate, Why}, _, _, _, _, _) ->
    {needs_candidate, Why};
prepared({error, Why}, Language, _, Interface, Absent, Tests) ->
    Blamed = booktune_blame:blame(Language, Tests, Why, modules_of(Interface), Absent),
    Structs = Blamed =:= needs_candidate andalso Language =:= elixir andalso booktune_screen:built(Tests) =/= [],
    {case Structs of true -> needs_structs; false -> Blamed end, Why};
prepared({ok, Beams}, Language, Early, Interface, _, _) ->
    Own = [M || {M, _} <- Beams],
    case [M || M <- modules_of(Interface), lists:member(M, Own)] of
        [] -> made(Beams, Own, Language, Early, Interface);
        Both -> {broken, io_lib:format("the interface names modules of the tests: ~p", [Both])}
    end.

made(Beams, Own, Language, Early, Interface) ->
    load_all(Beams),
    Count = count(Language, Own),
    unload(Own),
    Language =:= elixir andalso forget_tests(),
    case Count of
        0 ->
            {broken, "there is no test"};
        _ ->
            Standins = [E || {M, _} = E <- Early, not lists:member(M, Own)],
            Unlisted = [M || M <- booktune_blame:unlisted(Beams, Interface), lists:keymember(M, 1, Standins)],
            {ok, #{
                language => Language, beams => Beams, standins => Standins, count => Count,
                names => Own ++ [M || {M, _} <- Standins], own => Own,
                atoms => atoms(Beams, Standins), outside => outside(Beams),
                captures => captures(Language, Beams), unlisted => Unlisted
            }}
    end.

%% ExUnit remembers the modules that were compiled; runs name theirs.
forget_tests() ->
    #{level := Level} = logger:get_primary_config(),
    logger:set_primary_config(level, none),
    _ = application:stop(ex_unit),
    {ok, _} = application:ensure_all_started(ex_unit),
    logger:set_primary_config(level, Level).

atoms(Beams, Standins) ->
    Sets = [booktune_standin:atoms(Beam) || {_, Beam} <- Beams],
    maps:from_keys([M || {M, _} <- Standins] ++ lists:append(Sets), true).

%% Do the tests look at the candidate's surroundings, which are not theirs in a split run?
outside(Beams) ->
    lists:any(fun({_, Beam}) -> booktune_standin:looks_outside(Beam) end, Beams).

load(#{beams := Beams, standins := Standins, files := Files} = Made) ->
    fresh(Files),
    load_all(Standins),
    load_all(Beams),
    maps:get(outside, Made) andalso booktune_wire:mark(outside),
    ok.

load_all(Beams) ->
    [{module, M} = code:load_binary(M, "booktune", Beam) || {M, Beam} <- Beams],
    ok.

unload(Modules) ->
    [begin purge(M), code:delete(M), purge(M) end || M <- Modules],
    ok.

purge(M) -> erlang:check_old_code(M) andalso code:purge(M).

count(elixir, Modules) ->
    length([T || M <- exunit(Modules), #{tags := Tags} = T <- maps:get(tests, M:'__ex_unit__'()),
        not is_map_key(skip, Tags)]);
count(erlang, Modules) ->
    length([1 || M <- Modules, {F, 0} <- M:module_info(exports), is_test(atom_to_list(F))]).

exunit(Modules) -> [M || M <- Modules, erlang:function_exported(M, '__ex_unit__', 0)].

is_test(Name) -> lists:suffix("_test", Name) orelse lists:suffix("_test_", Name).

%% {Status, TestsRun, Detail} with Status pass, fail or timeout

run(#{language := Language, own := Own, count := Count, unlisted := Unlisted}) ->
    {_, Failed, _} = Seen = collect(Language, Own),
    lists:any(fun(F) -> lacks(F, Own) end, Failed) andalso booktune_wire:mark(absent),
    late() andalso booktune_wire:mark(late),
    judged(Language, Count, Seen, Unlisted).

%% Did a test call a module that is not here, such as one that the candidate makes while it runs?
lacks({_, What}, Own) ->
    case What of
        [{error, #{'__struct__' := 'Elixir.UndefinedFunctionError'}, Stack}] -> absent(Stack, Own);
        {undef, Stack} -> absent(Stack, Own);
        _ -> false
    end.

absent([{M, _, _, _}, {Caller, _, _, _} | _], Own) ->
    lists:member(Caller, Own) andalso not lists:member(M, Own) andalso code:which(M) =:= non_existing;
absent(_, _) ->
    false.

%% {TestsRun, Failures, TestsLost}
collect(Language, Modules) ->
    whereis(booktune_collected) =:= self() orelse register(booktune_collected, self()),
    % no other message is taken for the collector's
    Secret = make_ref(),
    persistent_term:put(booktune_secret, Secret),
    Pulse = spawn(fun() -> pulse(erlang:monotonic_time(millisecond), 0) end),
    started(Language, Modules),
    Pulse ! {late, self()},
    put(booktune_late, receive {late, Pulse, Late} -> Late after 100 -> 0 end),
    receive
        {collected, Secret, Ran, Failed} when is_integer(Ran) -> {Ran, lists:reverse(Failed), 0};
        {collected, Secret, Counts, Failed} ->
            Sum = fun(Names) -> lists:sum([proplists:get_value(N, Counts, 0) || N <- Names]) end,
            {Sum([pass, fail]), lists:reverse(Failed), Sum([cancel, skip])}
    after 5000 -> {0, [], 1}
    end.

secret() -> persistent_term:get(booktune_secret).

%% The most milliseconds by which a process got its turn too late: limits of time that a test sets
%% itself may have run out for want of a processor.
pulse(Last, Most) ->
    receive
        {late, From} -> From ! {late, self(), Most}
    after 5 ->
        Now = erlang:monotonic_time(millisecond),
        pulse(Now, max(Most, Now - Last - 5))
    end.

late() -> is_integer(get(booktune_late)) andalso get(booktune_late) > ?LATE.

started(elixir, Modules) ->
    configured(),
    'Elixir.ExUnit':run(exunit(Modules));
started(erlang, Modules) ->
    Tests = lists:append([eunit_tests(M) || M <- Modules]),
    eunit:test(Tests, [no_tty, {report, {booktune_eunit, []}}]).

%% Unlisted are modules that the tests call and that a candidate was not asked for.
judged(Language, Count, Seen, Unlisted) ->
    case booktune_blame:spared(Seen, Unlisted) of
        none -> judged(Language, Count, Seen);
        Spared -> Spared
    end.

judged(_, _, {Ran, [], Lost}) when Lost > 0; Ran =:= 0 ->
    {fail, Ran, io_lib:format("~p tests ran, ~p were skipped or cancelled", [Ran, Lost])};
judged(elixir, Count, {Ran, [], _}) when Ran =/= Count ->
    {fail, Ran, io_lib:format("~p of ~p tests ran", [Ran, Count])};
judged(_, _, {Ran, [], _}) ->
    {pass, Ran, ""};
judged(elixir, _, {Ran, Failed, _}) ->
    {class(Failed), Ran, formatted(Failed)};
judged(erlang, _, {Ran, Failed, _}) ->
    Late = [T || {_, T} <- Failed, T =:= timeout orelse (is_tuple(T) andalso element(1, T) =:= timeout)],
    {case Late of [] -> fail; _ -> timeout end, Ran, eunit_text(Failed)}.

class(Failed) ->
    Late = fun({_, What}) ->
        lists:any(fun(W) -> is_map(element(2, W)) andalso
            maps:get('__struct__', element(2, W), x) =:= 'Elixir.ExUnit.TimeoutError' end, What)
    end,
    case lists:any(Late, Failed) of
        true -> timeout;
        false -> fail
    end.

formatted(Failed) ->
    First = lists:sublist(Failed, 2),
    [io_lib:format("~p failed~n", [length(Failed)]) | [format_one(T, W) || {T, W} <- First]].

format_one(#{'__struct__' := 'Elixir.ExUnit.Test'} = Test, What) ->
    said_by(Test, fun() ->
        'Elixir.ExUnit.Formatter':format_test_failure(Test, What, 1, 80, fun(_, Text) -> Text end)
    end);
format_one(Module, What) ->
    said_by(Module, fun() ->
        'Elixir.ExUnit.Formatter':format_test_all_failure(Module, What, 1, 80, fun(_, T) -> T end)
    end).

said_by(#{name := Name}, Format) ->
    try
        Format()
    catch
        _:_ -> io_lib:format("~tp failed~n", [Name])
    end.

eunit_text(Failed) ->
    First = lists:sublist(Failed, 2),
    [
        io_lib:format("~p failed~n", [length(Failed)])
        | [io_lib:format("~tp: ~tP~n", [Source, Why, 30]) || {Source, Why} <- First]
    ].

eunit_tests(Module) ->
    lists:append([eunit_test(Module, F, atom_to_list(F)) || {F, 0} <- Module:module_info(exports)]).

eunit_test(M, F, Name) ->
    case {lists:suffix("_test", Name), lists:suffix("_test_", Name)} of
        {true, _} -> [{timeout, ?PATIENCE, {M, F}}];
        {_, true} -> [{generator, fun() -> patient(M:F()) end}];
        _ -> []
    end.

%% EUnit gives a test 5 s by the clock, which a busy machine can take from a right answer.
patient(Tests) when is_list(Tests) ->
    case io_lib:printable_unicode_list(Tests) andalso Tests =/= [] of
        true -> Tests;
        false -> [patient(T) || T <- Tests]
    end;
patient(F) when is_function(F, 0) -> {timeout, ?PATIENCE, F};
patient({Line, F}) when is_integer(Line), is_function(F, 0) -> {timeout, ?PATIENCE, {Line, F}};
patient({M, F}) when is_atom(M), is_atom(F), M =/= generator, M =/= inorder, M =/= spawn ->
    {timeout, ?PATIENCE, {M, F}};
patient({generator, F}) when is_function(F, 0) -> {generator, fun() -> patient(F()) end};
patient({generator, M, F}) -> {generator, fun() -> patient(M:F()) end};
patient({Order, T}) when Order =:= inorder; Order =:= inparallel; Order =:= spawn ->
    {Order, patient(T)};
patient({Title, T}) when is_list(Title); is_binary(Title) -> {Title, patient(T)};
patient({setup, S, I}) -> {setup, S, instance(I)};
patient({setup, A, B, I}) -> {setup, A, B, instance(I)};
patient({setup, Where, S, C, I}) -> {setup, Where, S, C, instance(I)};
patient({foreach, S, L}) -> {foreach, S, [instance(I) || I <- L]};
patient({foreach, S, C, L}) -> {foreach, S, C, [instance(I) || I <- L]};
patient({foreach, Where, S, C, L}) -> {foreach, Where, S, C, [instance(I) || I <- L]};
patient({timeout, N, T}) -> {timeout, N, T};
patient(Other) -> Other.

instance(I) when is_function(I, 1) -> fun(X) -> patient(I(X)) end;
instance(I) -> patient(I).

%% Compiling, in a process of its own: {ok, [{Module, Beam}]} | {error, Text}

compile(Language, Sources, Options) ->
    Me = self(),
    {Pid, Ref} = spawn_monitor(fun() ->
        Me ! {self(), compile_now(Language, Sources, Options)}
    end),
    receive
        {Pid, Made} -> demonitor(Ref, [flush]), Made;
        {'DOWN', Ref, process, Pid, Why} -> {error, io_lib:format("~tP", [Why, 20])}
    end.

compile_now(elixir, [{Name, Source}], _) ->
    try
        File = unicode:characters_to_binary(as_in_project(Name)),
        ok = filelib:ensure_dir(File),
        {ok, compile_text(Name, Source, File)}
    catch
        Class:Reason:Stack -> {error, banner(Class, Reason, Stack)}
    end;
compile_now(elixir, Sources, _) ->
    Paths = [unicode:characters_to_binary(Name) || {Name, _} <- Sources],
    files(Sources),
    compile_all(Paths);
compile_now(erlang, Sources, Options) ->
    headers(),
    compile_erlang(Sources, Options, []).

%% Tests may run themselves at their end; here they are run by us.
compile_text("tests", Source, File) ->
    case binary:match(Source, <<"ExUnit.run">>) =/= nomatch andalso 'Elixir.Code':string_to_quoted(Source) of
        {ok, {'__block__', Meta, Nodes}} ->
            'Elixir.Code':compile_quoted({'__block__', Meta, [N || N <- Nodes, not runs(N)]}, File);
        _ ->
            'Elixir.Code':compile_string(Source, File)
    end;
compile_text(_, Source, File) ->
    'Elixir.Code':compile_string(Source, File).

runs({{'.', _, [{'__aliases__', _, ['ExUnit']}, run]}, _, _}) -> true;
runs({'=', _, [_, Node]}) -> runs(Node);
runs(_) -> false.

%% Paths that start at __DIR__ lead where they would in a project.
as_in_project("tests") -> filename:join([place("work"), "test", "tests.exs"]);
as_in_project("test/" ++ _ = Name) -> filename:join(place("work"), Name);
as_in_project(Name) -> filename:join([place("work"), "lib", Name ++ ".ex"]).

compile_all(Paths) ->
    Me = self(),
    Keep = fun(_, Module, Beam) -> Me ! {made, Module, Beam} end,
    case 'Elixir.Kernel.ParallelCompiler':compile(Paths, [{each_module, Keep}]) of
        {ok, Modules, _} -> {ok, [receive {made, M, Beam} -> {M, Beam} end || M <- Modules]};
        {error, Errors, _} -> {error, io_lib:format("~tP", [Errors, 40])}
    end.

banner(Class, Reason, Stack) ->
    Text = 'Elixir.Exception':format_banner(Class, Reason, Stack),
    case whereis(booktune_device) of
        undefined -> Text;
        _ -> [Text, "\n", said()]
    end.

compile_erlang([], _, Made) ->
    {ok, lists:reverse(Made)};
compile_erlang([{Name, Source} | Rest], Options, Made) ->
    File = filename:join(place("erlang"), source_name(Name)),
    write(File, Source),
    Own = filename:dirname(filename:join(place("work"), Name)),
    Work = [{i, filename:join(place("work"), Dir)} || Dir <- ["include", "src"]],
    Dirs = [{i, Own}, {i, place("erlang")}, {i, "."}, {i, place("include")} | Work],
    case compile:file(File, [binary, return | Dirs ++ Options]) of
        {ok, Module, Beam, _} when is_binary(Beam) ->
            compile_erlang(Rest, Options, [{Module, Beam} | Made]);
        {error, Errors, _} ->
            {error, messages(Errors)};
        Other ->
            {error, io_lib:format("~tP", [Other, 20])}
    end.

source_name(Name) ->
    case lists:suffix(".erl", Name) of
        true -> Name;
        false -> Name ++ ".erl"
    end.

messages(Errors) ->
    Lines = [
        io_lib:format("~tp: ~ts~n", [Where, Format:format_error(Why)])
     || {_, List} <- Errors, {Where, Format, Why} <- List
    ],
    lists:sublist(Lines, 5).

%% Files beside the program, in the working folder. Headers that Exercism's tests name are empty.
files(Files) ->
    [write(filename:join(place("work"), Path), Bytes) || {Path, Bytes} <- Files],
    filelib:ensure_path(place("work")),
    ok = file:set_cwd(place("work")).

%% A working folder with the files of this problem and nothing that another left.
fresh(Files) ->
    tidy(),
    ok = filelib:ensure_path(filename:join(place("work"), "test")),
    files(Files).

%% Folders in the one place that can be written to.
place(Name) -> filename:join(os:getenv("HOME", "/tmp"), Name).

tidy() ->
    file:set_cwd(os:getenv("HOME", "/tmp")),
    [file:del_dir_r(place(Name)) || Name <- ["work", "erlang"]],
    ok.

%% Sources are in files only for the Erlang compiler.
no_sources() -> file:del_dir_r(place("erlang")).

headers() ->
    Headers = ["exercism.hrl", "erl_exercism.hrl", "erl_exercism/include/exercism.hrl"],
    [filelib:is_file(File) orelse write(File, <<>>) || H <- Headers, File <- [filename:join(place("include"), H)]],
    ok.

write(File, Bytes) ->
    ok = filelib:ensure_dir(File),
    ok = file:write_file(File, Bytes).

%% What runs when nothing does. A run leaves no more than that.

baseline() ->
    timer:start(),
    {processes(), erlang:loaded()}.

clear(#{names := Names}, Baseline) ->
    sweep(Baseline),
    unload(Names),
    tidy().

sweep({Processes, _}) ->
    Strays = [P || P <- processes() -- Processes, P =/= self(), not of_kernel(P)],
    Ended = [begin Ref = monitor(process, P), exit(P, kill), Ref end || P <- Strays],
    % its names and tables are gone with the news of it
    [receive {'DOWN', Ref, _, _, _} -> ok after 1000 -> demonitor(Ref, [flush]) end || Ref <- Ended],
    ok.

%% Modules that were loaded since, but from no file of the library.
strays({_, Modules}) ->
    Known = maps:from_keys(Modules, true),
    [M || M <- erlang:loaded(), not is_map_key(M, Known), not from_file(code:is_loaded(M))].

from_file({file, File}) when is_list(File) -> lists:suffix(".beam", File);
from_file(_) -> false.

%% Load what every later job needs, so that no candidate pays for it.
warm(elixir) ->
    elixir(),
    Source = <<"defmodule BooktuneWarm do\n  use GenServer\n  def init(x), do: {:ok, x}\n"
        "  def f(x) when is_list(x), do: x |> Enum.map(&to_string/1) |> Enum.join(\"#{inspect(x)}\")\nend">>,
    {ok, Made} = compile(elixir, [{"warm", Source}], []),
    unload([M || {M, _} <- Made]);
warm(erlang) ->
    Source = <<"-module(booktune_warm).\n-export([f/1]).\nf(X) -> [Y + 1 || Y <- X].\n">>,
    {ok, _} = compile(erlang, [{"booktune_warm", Source}], []),
    ok.

of_kernel(Pid) ->
    case process_info(Pid, dictionary) of
        {dictionary, Words} ->
            Above = proplists:get_value('$ancestors', Words, []),
            Sups = [kernel_sup, kernel_safe_sup, elixir_sup, logger_sup, 'Elixir.ExUnit.Supervisor'],
            is_list(Above) andalso lists:any(fun(S) -> lists:member(S, Above) end, Sups);
        undefined ->
            true
    end.
