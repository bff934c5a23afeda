%% Compiling sources and tests, and the working folder that they find beside them.
%%
%% Belongs here: the two compilers, places of files, loading and unloading what was made. Does not: what is
%% compiled when (booktune_tests, booktune_untrusted, booktune_inbeam).
-module(booktune_compile).
-export([compile/3, files/1, fresh/1, place/1, tidy/0, no_sources/0, load_all/1, unload/1]).

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
        _ -> [Text, "\n", booktune_devices:said()]
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

load_all(Beams) ->
    [{module, M} = code:load_binary(M, "booktune", Beam) || {M, Beam} <- Beams],
    ok.

unload(Modules) ->
    [begin purge(M), code:delete(M), purge(M) end || M <- Modules],
    ok.

purge(M) -> erlang:check_old_code(M) andalso code:purge(M).
