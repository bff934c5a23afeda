%% Problems made ready for their runs, in any of the BEAMs, and BEAMs for the next job.
%%
%% Belongs here: preparing a problem (compiled tests, stand-in modules), what a run leaves and clearing it up,
%% warming up. Does not: compiling (booktune_compile), a run and its outcome (booktune_results), where the
%% candidate is (booktune_trusted, booktune_inbeam).
-module(booktune_tests).
-export([prepare/5, load/1, clear/2, baseline/0, captured/0, compile_tests/3, unrequire/0]).
-export([elixir/0, sweep/1, strays/1, warm/1, forget_tests/0]).
-import(booktune_compile, [compile/3, fresh/1, load_all/1, tidy/0, unload/1]).
-import(booktune_results, [count/2]).

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
    booktune_results:configured(),
    ok.

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
    case booktune_source:mentions(Language, Tests, Interface) of
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
    Built = booktune_source:built(Tests),
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
    Structs = Blamed =:= needs_candidate andalso Language =:= elixir andalso booktune_source:built(Tests) =/= [],
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
