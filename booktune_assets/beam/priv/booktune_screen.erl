%% What a source touches of the harness, of its tests and of the machine, as names.
%%
%% Belongs here: walks over the syntax tree (Elixir) and over the tokens (Erlang, where macros hide
%% the tree). Does not: what tests and sources say of themselves (booktune_source), what a flag leads to
%% (the runner). The screen picks a lane for programs that share a BEAM with their tests; it is no boundary.
-module(booktune_screen).
-export([flags/5, machine/1]).
-import(booktune_source, [concat/1, defined/1, named/1, short/1, text/1, walk/2]).

%% "clean" or "flagged", how many atoms there are now, and the reasons. Secret: have the tests files
%% that a candidate may not read?

flags(Language, Sources, Beside, Tests, Secret) ->
    booktune_allowed:files(not Secret),
    booktune_allowed:known(),
    {Names, Closed} = test_facts(Language, Tests),
    put(booktune_tests_named, Names),
    put(booktune_tests_closed, Closed),
    Found = lists:usort(lists:append([flagged(Language, S) || S <- Sources] ++ beside(Language, Beside, Sources ++ [Tests]))),
    Atoms = integer_to_list(erlang:system_info(atom_count)),
    case Found of
        [] -> ["clean ", Atoms];
        _ -> ["flagged ", Atoms, "\n", lists:join(", ", [io_lib:format("~ts", [F]) || F <- Found])]
    end.

%% Whatever its name, a file beside an Erlang program may be included, by the tests too. There it
%% may define macros and records; what else it says would be said in the tests' name.
beside(elixir, _, _) ->
    [];
beside(erlang, Files, Sources) ->
    Tokens = [T || Text <- Sources ++ [Text || {_, Text} <- Files], {ok, T, _} <- [erl_scan:string(text(Text))]],
    {Said, Hidden} = included(lists:append(Tokens), [], []),
    Headers = [Text || {Name, Text} <- Files, lists:member(filename:basename(Name), Said) orelse lists:suffix(".hrl", Name)],
    Hidden ++ [in_header(Text) || Text <- Headers].

%% Names of the files that are included, as far as they stand there in full.
included([{'-', _}, {atom, _, How}, {'(', _} | Rest], Said, Hidden) when How =:= include; How =:= include_lib ->
    case Rest of
        [{string, _, [C | _] = Name}, {')', _} | More] when C =/= $$ -> included(More, [filename:basename(Name) | Said], Hidden);
        _ -> included(Rest, Said, [["-include of a name that is made"] | Hidden])
    end;
included([_ | Rest], Said, Hidden) -> included(Rest, Said, Hidden);
included([], Said, Hidden) -> {Said, Hidden}.

in_header(Text) ->
    case erl_scan:string(text(Text)) of
        {ok, Tokens, _} -> flagged(erlang, Text) ++ lists:append([header(F) || F <- booktune_named:forms(Tokens)]);
        {error, _, _} -> []
    end.

header([{'-', _}, {atom, _, define}, {'(', _} | Rest]) ->
    % {?TAG, 1} of a test has to stay a pair, and ?N + 1 a sum, whatever the macro says
    ["a macro that reaches beyond itself" || not booktune_macros:closed(Rest)];
header([{'-', _}, {atom, _, Name} | _]) ->
    [["-", atom_to_list(Name), " in a header"] || lists:member(Name, [compile, import, module, file])];
header([{'-', _} | _]) -> [];
header(Form) ->
    ["a function in a header" || lists:keymember('->', 1, Form)].

%% The modules that the tests define, and are they closed? The problem's tests stay the same for many
%% programs.
test_facts(Language, Tests) ->
    Key = {booktune_tests_named, erlang:md5([Tests])},
    case get(Key) of
        undefined ->
            Facts = facts_of(Language, Tests),
            put(Key, Facts),
            Facts;
        Facts ->
            Facts
    end.

facts_of(elixir, Tests) ->
    case 'Elixir.Code':string_to_quoted(Tests) of
        {ok, Tree} -> {defined(Tree), closed(Tree)};
        _ -> {[], false}
    end;
facts_of(erlang, Tests) ->
    case erl_scan:string(text(Tests)) of
        {ok, Tokens, _} -> {[named(Tokens)] -- [undefined], false};
        _ -> {[], false}
    end.

%% By the last part: a module in a module has a name that is said nowhere.
of_tests(Module) ->
    Last = fun(M) -> lists:last(string:split(atom_to_list(M), ".", all)) end,
    Name = Last(Module),
    lists:any(fun(M) -> Last(M) =:= Name end, get(booktune_tests_named)).

flagged(elixir, Source) ->
    Before = length(erlang:loaded()),
    Found = named_there(Source),
    % modules that it names were loaded to know their functions: now their names are known, too
    case Found =:= [] andalso length(erlang:loaded()) > Before of
        true -> named_there(Source);
        false -> Found
    end;
flagged(erlang, Source) ->
    case erl_scan:string(text(Source)) of
        {ok, Tokens, _} ->
            Used = lists:usort([A || {atom, _, A} <- Tokens]),
            Bare = booktune_named:bare(Tokens),
            Dynamic = booktune_named:dynamic_erlang(Bare) ++ booktune_reach:asked(Used),
            Made = booktune_reach:made_names(Used, Dynamic =/= [], remote(Tokens)),
            put(booktune_reaches, Made orelse lists:keymember('!', 1, Tokens)),
            erlang(Tokens) ++ booktune_named:erlang(Tokens, Dynamic, Used) ++
                booktune_reach:found_erlang(Bare, Used);
        {error, _, _} ->
            []
    end.

named_there(Source) ->
    % atoms are never freed, so names that nothing here has become one
    Known = fun(Text, _) -> {ok, try binary_to_existing_atom(Text) catch _:_ -> booktune_unknown end} end,
    try 'Elixir.Code':string_to_quoted(Source, [{static_atoms_encoder, Known}]) of
        {ok, Parsed} ->
            Tree = booktune_named:words(Parsed),
            Used = lists:usort(walk(fun(N) -> [N || is_atom(N)] end, Tree)),
            Dynamic = lists:usort(walk(fun booktune_named:dynamic/1, Tree)) ++ booktune_reach:asked(Used),
            Macros = lists:member(defmacro, Used),
            Seen = Used -- (hooks() ++ ['__CALLER__' || caller_told(Tree)]),
            put(booktune_reaches, booktune_reach:made_names(Used, Dynamic =/= [], walk(fun named_module/1, Tree))),
            walk(fun elixir/1, Tree) ++ booktune_named:elixir(Tree, Dynamic, Used) ++
                walk(fun quoted/1, Tree) ++ booktune_reach:found_elixir(Tree, Used, fun booktune_source:walk/2) ++
                booktune_named:literals(fun(N) -> by_hand(N, Used) end, Tree, []) ++
                lists:append([booktune_reach:in_macros(A) || Macros, A <- Seen]);
        {error, _} ->
            []
    catch
        _:_ -> ["does not parse"]
    end.

%% Hooks of modules, if the tests' own module lets no macro of the program make anything of it: then they
%% can be only of modules beside the tests.
hooks() ->
    case get(booktune_tests_closed) of
        true -> [before_compile, after_compile, on_definition, put_attribute, register_attribute];
        _ -> []
    end.

%% Does a source use what a macro is told only for the place of its caller?
caller_told(Tree) ->
    All = walk(fun(N) -> [N || N =:= '__CALLER__'] end, Tree),
    Places = walk(
        fun
            ({{'.', _, [{'__CALLER__', _, _}, F]}, _, []}) -> [F || lists:member(F, [module, line, file, function])];
            (_) -> []
        end,
        Tree
    ),
    length(All) =:= length(Places).

%% Stands nothing in the tests' modules, outside of functions and tests, that a macro of the program could
%% be? Modules beside them that hold no tests may be made by it.
closed(Nodes) when is_list(Nodes) -> lists:all(fun closed/1, Nodes);
closed({'__block__', _, Nodes}) -> closed(Nodes);
closed({defmodule, _, [_, [{do, Body}]]}) -> not lists:member('Case', parts(Body)) orelse closed(Body);
closed({describe, _, [_, [{do, Body}]]}) -> closed(Body);
closed({'@', _, _}) -> true;
closed({use, _, [{'__aliases__', _, Parts} | _]}) -> code:which(concat(Parts)) =/= non_existing;
closed({{'.', _, [{'__aliases__', _, Parts}, _]}, _, _}) -> code:which(concat(Parts)) =/= non_existing;
closed({F, _, _}) ->
    lists:member(F, [
        test, setup, setup_all, def, defp, defmacro, defmacrop, defstruct, alias, import, require, doctest
    ]);
closed(Node) -> is_atom(Node) orelse is_number(Node) orelse is_binary(Node).

%% Parts of names in a tree: a module with tests says Case.
parts(Tree) ->
    walk(fun ({'__aliases__', _, P}) -> [A || A <- P, is_atom(A)]; (_) -> [] end, Tree).

%% Modules that a source names as modules, with the function that is called.
named_module({'.', _, [M, F]}) when is_atom(M), is_atom(F) -> [{M, F}];
named_module({'__aliases__', _, [First | _] = Parts}) when is_atom(First) -> [{concat(Parts), any}];
named_module(_) -> [].

remote([{atom, _, M}, {':', _}, {atom, _, F} | Rest]) -> [{M, F} | remote(Rest)];
remote([{atom, _, M}, {':', _} | Rest]) -> [{M, any} | remote(Rest)];
remote([_ | Rest]) -> remote(Rest);
remote([]) -> [].

by_hand({key, Key}, Used) when Key =/= quote, Key =/= unquote -> booktune_reach:planted(Key, Used);
by_hand(Atom, Used) when is_atom(Atom) -> booktune_reach:planted(Atom, Used);
by_hand(_, _) -> [].

%% Elixir

elixir({{'.', _, [{'__aliases__', _, ['Process']}, info]}, _, [_, Key]}) when is_atom(Key) ->
    Plain = [message_queue_len, memory, reductions, status, heap_size, total_heap_size, stack_size, trap_exit],
    ["Process.info" || not lists:member(Key, Plain)];
elixir({{'.', _, [erlang, system_info]}, _, [Key]}) when is_atom(Key) ->
    ["erlang.system_info" || not plain_info(Key)];
elixir({{'.', _, [{'__aliases__', _, ['Module']}, F]}, _, Args}) when F =:= put_attribute; F =:= register_attribute ->
    [["Module.", atom_to_list(F), " of another module or name"] || not own_attribute(Args)];
elixir({{'.', _, [{'__aliases__', _, Parts}, unquote]}, _, [_]}) ->
    % Module.unquote(function)(...)
    [[short(concat(Parts)), ", of what is made"] || booktune_allowed:risky(concat(Parts), all)];
elixir({F, _, [M, Of, _]}) when F =:= apply; F =:= spawn; F =:= spawn_link; F =:= spawn_monitor ->
    written(M, Of);
elixir({{'.', _, [{'__aliases__', _, Base}, '{}']}, _, Parts}) when is_list(Parts) ->
    [N || {'__aliases__', _, P} <- Parts, N <- mentioned(concat(Base ++ P))];
elixir({{'.', _, [{'__aliases__', _, Parts}, F]}, _, Args}) when is_atom(F), is_list(Args) ->
    call(concat(Parts), F);
elixir({{'.', _, [erlang, binary_to_atom]}, _, [{'<<>>', _, [Start | _]} | _]}) when is_binary(Start) ->
    ["an atom that could name a module" || get(booktune_reaches), starts_module(binary_to_list(Start))];
elixir({{'.', _, [M, F]}, _, Args}) when is_atom(M), is_atom(F), is_list(Args) ->
    call(M, F);
elixir({'__aliases__', _, [First | _] = Parts}) when is_atom(First) ->
    mentioned(concat(Parts));
elixir({How, _, [Name | _]}) when How =:= defmodule; How =:= defprotocol ->
    redefined(Name);
elixir({defimpl, _, [Protocol, Options | _]}) when is_list(Options) ->
    case lists:keyfind(for, 1, Options) of {for, For} -> implemented(Protocol, For); _ -> [] end;
elixir({How, _, [{'__aliases__', _, [First | _] = Parts} | More]}) when
    How =:= alias; How =:= import; How =:= require
->
    Renamed = ['System', 'Process', 'Application', 'Module', 'Kernel'],
    Partly = More =/= [] orelse How =:= import,
    Limited = Partly andalso booktune_allowed:risky(concat(Parts), all),
    [
        [atom_to_list(How), " ", atom_to_list(First)]
     || Limited orelse lists:member(First, Renamed),
        How =/= import orelse First =/= 'Kernel'
    ];
elixir({How, _, [M | _]}) when is_atom(M), (How =:= alias orelse How =:= import orelse How =:= require) ->
    [[atom_to_list(How), " ", atom_to_list(M)] || booktune_allowed:risky(M, all)];
elixir({'@', _, [{on_load, _, [_]}]}) -> ["@on_load"];
elixir({'@', _, [{compile, _, [Options]}]}) -> booktune_named:options(Options);
elixir({sigil_w, _, [{'<<>>', _, _}, Kind]}) when is_list(Kind) ->
    % those of plain text are lists by now
    ["an atom made of text" || lists:member($a, Kind), get(booktune_reaches)];
elixir({How, _, [{'__struct__', _, _} | _]}) when How =:= def; How =:= defmacro ->
    ["a __struct__ written by hand"];
elixir({F, _, Args}) when is_atom(F), is_list(Args) ->
    local(F, length(Args));
elixir(Atom) when is_atom(Atom) ->
    mentioned_atom(Atom);
elixir(_) -> [].

%% An attribute of the module itself that means nothing to the compiler.
own_attribute([{'__MODULE__', _, _}, Name | _]) when is_atom(Name) ->
    not lists:member(Name, [compile, on_load, nifs]);
own_attribute(_) ->
    false.

%% A call with its module and function as data.
written({'__aliases__', _, Parts}, F) when is_atom(F) -> call(concat(Parts), F);
written(M, F) when is_atom(M), is_atom(F) -> call(M, F);
written(_, _) -> [].

%% Numbers and names of the machine.
plain_info(Key) ->
    lists:member(Key, [
        process_count, process_limit, atom_count, atom_limit, port_count, port_limit, ets_count, ets_limit, wordsize,
        otp_release, version, schedulers, schedulers_online, logical_processors, logical_processors_available,
        logical_processors_online, system_architecture, system_version, machine, smp_support, threads, thread_pool_size
    ]).

%% What a macro would put into tests that use it.
quoted({quote, _, Args}) when is_list(Args) -> walk(fun planted/1, Args);
quoted(_) -> [].

planted({'@', _, [{Name, _, [_]}]}) when
    Name =:= moduletag; Name =:= tag; Name =:= describetag; Name =:= before_compile; Name =:= after_compile;
    Name =:= on_definition; Name =:= ex_unit_tests
->
    [["@", atom_to_list(Name), " in a quote"] || not lists:member(Name, hooks())];
planted({F, _, Args}) when
    is_list(Args), Args =/= [],
    (F =:= test orelse F =:= describe orelse F =:= setup orelse F =:= setup_all)
->
    [[atom_to_list(F), " in a quote"]];
planted({import, _, [{'__aliases__', _, Parts}, _ | _]}) ->
    ["import Kernel in a quote" || lists:last(Parts) =:= 'Kernel'];
planted({How, _, [Target | More]}) when How =:= alias; How =:= require ->
    As = [N || [Options] <- [More], is_list(Options), {as, N} <- Options],
    Names = case As of [] when How =:= alias -> names_of(Target); _ -> As end,
    [[atom_to_list(How), " of a name of the library in a quote"] || N <- Names, not own_name(N)];
planted(_) -> [].

%% What an alias in a macro is called where the macro is used, and is that no name of the library's?
names_of({{'.', _, [_, '{}']}, _, Names}) -> Names;
names_of({unquote, _, [{'__MODULE__', _, _}]}) -> [];
names_of({'__MODULE__', _, _}) -> [];
names_of(Name) -> [Name].

own_name({'__aliases__', _, Parts}) ->
    Last = lists:last(Parts),
    is_atom(Last) andalso booktune_allowed:own(concat([Last]));
own_name(_) ->
    false.

%% Does a module, process or table of the library, of the harness or of the tests start like this?
starts_module(Start) ->
    Names = [N || {N, _, _} <- code:all_available()] ++
        ["booktune" | [atom_to_list(M) || M <- get(booktune_tests_named) ++ registered() ++ tables()]],
    lists:any(fun(N) -> lists:prefix(Start, N) end, Names) orelse
        lists:any(fun(Inner) -> lists:prefix(Inner, Start) end, ["Elixir.", "booktune"]).

tables() -> [T || T <- ets:all(), is_atom(T)].

mentioned_atom(Atom) ->
    Text = atom_to_list(Atom),
    Inner = ["Elixir.ExUnit", "booktune", "Elixir.Code", "eunit_"],
    Planted = [ex_unit_tests, '__ex_unit__', moduletag, describetag],
    Usual = [user, init, logger, code, inet_db, net_kernel, erl_prim_loader, timer_tab, rex, auth],
    [
        Text
     || Atom =/= booktune_unknown,
        lists:any(fun(P) -> lists:prefix(P, Text) end, Inner) orelse lists:member(Atom, Planted) orelse
            lists:member(Atom, get(booktune_tests_named)) orelse
            (not lists:member(Atom, Usual) andalso
                (is_pid(whereis(Atom)) orelse ets:whereis(Atom) =/= undefined)) orelse
            (lists:prefix("Elixir.", Text) andalso not booktune_allowed:module(Atom))
    ].

mentioned(Module) ->
    Text = unicode:characters_to_list(short(Module)),
    Denied = ["ExUnit", "Booktune", "BooktuneCanary", "Mix", "IEx", "EEx", "Code", "Elixir"],
    [
        Text
     || not booktune_allowed:module(Module) orelse of_tests(Module) orelse
            lists:member(hd(string:split(Text, ".")), Denied)
    ].

redefined({'__aliases__', _, Parts}) -> taken(concat(Parts));
redefined(M) when is_atom(M) -> taken(M);
redefined({'__MODULE__', _, _}) -> [];
redefined(_) -> ["defmodule of a computed name"].

taken(Module) ->
    [["defmodule ", atom_to_list(Module)] || code:which(Module) =/= non_existing orelse of_tests(Module)].

%% An implementation is a module, too: String.Chars.Integer is the library's.
implemented(Protocol, Types) when is_list(Types) -> [F || T <- Types, F <- implemented(Protocol, T)];
implemented({'__aliases__', _, Parts}, {'__aliases__', _, For}) -> taken(concat(Parts ++ For));
implemented(Protocol, For) ->
    case {whole(Protocol), whole(For)} of
        {{ok, P}, {ok, F}} -> taken(concat([P, F]));
        {_, none} when element(1, For) =:= '__MODULE__' -> [];
        {{ok, P}, none} -> ["defimpl of a computed name" || code:which(P) =/= non_existing];
        _ -> ["defimpl of a computed name"]
    end.

whole({'__aliases__', _, Parts}) -> {ok, concat(Parts)};
whole(Name) when is_atom(Name) -> {ok, Name};
whole(_) -> none.

local(F, Arity) ->
    Denied = [{exit_on_load, 0}, {'__ENV__', 1}],
    [atom_to_list(F) || lists:member({F, Arity}, Denied)].

call(M, F) when (M =:= 'Elixir.String' orelse M =:= 'Elixir.List'), (F =:= to_atom orelse F =:= to_existing_atom) ->
    denied(M, F, get(booktune_reaches));
call('Elixir.Module', F) when F =:= concat; F =:= safe_concat ->
    denied('Elixir.Module', F, get(booktune_reaches));
call(erlang, F) when F =:= spawn_opt; F =:= spawn; F =:= spawn_link; F =:= spawn_monitor ->
    [];
call(erlang, F) when
    F =:= list_to_atom; F =:= binary_to_atom; F =:= list_to_existing_atom; F =:= binary_to_existing_atom
->
    denied(erlang, F, get(booktune_reaches));
call(M, F) ->
    denied(M, F, of_tests(M) orelse not booktune_allowed:call(M, F)).

denied(M, F, true) -> [[short(M), ".", atom_to_list(F)]];
denied(_, _, false) -> [].

%% Erlang

erlang([{'?', _}, {Kind, _, Name} | Rest]) when Kind =:= atom; Kind =:= var ->
    % EUnit's header has macros that run commands of the system
    [["?", atom_to_list(Name)] || string:find(string:lowercase(atom_to_list(Name)), "cmd") =/= nomatch] ++
        erlang(Rest);
erlang([{'-', _}, {atom, _, How}, {'(', _}, {string, _, Name} | Rest]) when How =:= include; How =:= include_lib ->
    [["-", atom_to_list(How), " of ", Name] || of_library(How, Name)] ++ erlang(Rest);
erlang([{'-', _}, {atom, _, on_load} | Rest]) -> ["-on_load" | erlang(Rest)];
erlang([{'-', _}, {atom, _, undef} | Rest]) -> ["-undef" | erlang(Rest)];
erlang([{'-', _}, {atom, _, define}, {'(', _}, {_, _, Name} | Rest]) when is_atom(Name) ->
    [["-define of ", atom_to_list(Name)] || of_eunit(atom_to_list(Name))] ++ erlang(Rest);
erlang([{'-', _}, {atom, _, module}, {'(', _}, {atom, _, M} | Rest]) ->
    [["-module of ", atom_to_list(M)] || code:which(M) =/= non_existing orelse of_tests(M)] ++ erlang(Rest);
erlang([{atom, _, import}, {'(', _}, {atom, _, M} | Rest]) ->
    [["import of ", atom_to_list(M)] || booktune_allowed:risky(M, all)] ++ erlang(Rest);
erlang([{atom, _, erlang}, {':', _}, {atom, _, system_info}, {'(', _}, {atom, _, Key}, {')', _} | Rest]) ->
    ["erlang.system_info" || not plain_info(Key)] ++ erlang(Rest);
erlang([{atom, _, M}, {':', _}, {atom, _, F} | Rest]) -> call(M, F) ++ erlang(Rest);
erlang([{atom, _, M}, {':', _} | Rest]) ->
    [[atom_to_list(M), ":…"] || booktune_allowed:risky(M, all)] ++ erlang(Rest);
erlang([{atom, _, F}, {'(', _} | Rest]) -> machine(F) ++ erlang(Rest);
erlang([{atom, _, Atom} | Rest]) -> mentioned_atom(Atom) ++ erlang(Rest);
erlang([_ | Rest]) -> erlang(Rest);
erlang([]) -> [].

%% A function of the machine that is called by its name alone.
machine(F) ->
    Free = [apply, spawn, spawn_link, spawn_opt, spawn_monitor, garbage_collect, spawn_request, hibernate],
    Made = [list_to_atom, binary_to_atom, list_to_existing_atom, binary_to_existing_atom],
    Denied = not lists:member(F, Free) andalso not booktune_allowed:call(erlang, F),
    [atom_to_list(F) || Denied, get(booktune_reaches) orelse not lists:member(F, Made)].

%% Headers of libraries hold macros, and macros calls that no source says.
of_library(How, Name) ->
    Far = hd(Name) =:= $/ orelse string:find(Name, "/lib/") =/= nomatch orelse
        (How =:= include_lib andalso string:find(Name, "/include/") =/= nomatch),
    Known = ["eunit.hrl", "assert.hrl", "file.hrl", "logger.hrl", "ms_transform.hrl", "exercism.hrl", "erl_exercism.hrl"],
    Far andalso not lists:member(filename:basename(Name), Known).

%% A name that EUnit's header has, or that it asks for.
of_eunit(Name) ->
    Starts = ["assert", "_assert", "_test", "debug", "cmd", "_cmd"],
    lists:any(fun(P) -> lists:prefix(P, Name) end, Starts) orelse
        lists:member(Name, ["TEST", "NOTEST", "EUNIT", "NOASSERT", "ASSERT", "LET", "IF", "MATCHES", "MODULE"]).
