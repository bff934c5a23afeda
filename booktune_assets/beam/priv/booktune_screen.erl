%% What a source names: modules that tests mention, harness machinery that a candidate touches.
%%
%% Belongs here: walks over the syntax tree (Elixir) and over the tokens (Erlang, where macros hide
%% the tree). Does not: what a flag leads to (the runner). The screen picks a lane for programs that
%% share a BEAM with their tests; it is no boundary.
-module(booktune_screen).
-export([flags/2, mentions/3, blame/5]).

%% {ok, Modules that the tests mention} | {error, Why}: parsing runs nothing
mentions(elixir, Tests, Interface) ->
    case 'Elixir.Code':string_to_quoted(Tests) of
        {ok, Tree} -> mentioned_by(Tree, Interface);
        {error, Why} -> {error, io_lib:format("the tests do not parse: ~tP", [Why, 20])}
    end;
mentions(erlang, Tests, _) ->
    case erl_scan:string(text(Tests)) of
        {ok, Tokens, _} -> {ok, lists:usort(called(Tokens) -- [named(Tokens)])};
        {error, Why, _} -> {error, io_lib:format("the tests do not parse: ~tP", [Why, 20])}
    end.

%% A required module is wanted for its macros, which expand where the tests compile.
mentioned_by(Tree, Interface) ->
    Own = defined(Tree),
    Named = [M || {M, _, _} <- Interface],
    Required = walk(
        fun
            ({require, _, [{'__aliases__', _, Parts} | _]}) -> [concat(Parts)];
            (_) -> []
        end,
        Tree
    ),
    Absent = [M || M <- Required -- Own, lists:member(M, Named) orelse code:which(M) =:= non_existing],
    case Absent of
        [] -> {ok, lists:usort(walk(fun aliases/1, Tree) -- Own)};
        _ -> {needs_candidate, io_lib:format("the tests require ~tp", [Absent])}
    end.

text(Bytes) ->
    case unicode:characters_to_list(Bytes) of
        Text when is_list(Text) -> Text;
        _ -> binary_to_list(Bytes)
    end.

aliases({'__aliases__', _, [First | _] = Parts}) when is_atom(First) -> [concat(Parts)];
aliases(_) -> [].

concat(Parts) ->
    case lists:all(fun is_atom/1, Parts) of
        true -> 'Elixir.Module':concat(Parts);
        false -> 'Elixir.Kernel'
    end.

defined(Tree) ->
    walk(
        fun
            ({defmodule, _, [{'__aliases__', _, Parts} | _]}) -> [concat(Parts)];
            (_) -> []
        end,
        Tree
    ).

called([{atom, _, M}, {':', _}, {atom, _, _} | Rest]) -> [M | called(Rest)];
called([_ | Rest]) -> called(Rest);
called([]) -> [].

named([{'-', _}, {atom, _, module}, {'(', _}, {atom, _, M} | _]) -> M;
named([_ | Rest]) -> named(Rest);
named([]) -> undefined.

%% Every result of Fun over the nodes of a tree.
walk(Fun, Node) -> walk(Fun, Node, []).

walk(Fun, Node, Found) when is_tuple(Node) ->
    walk(Fun, tuple_to_list(Node), Fun(Node) ++ Found);
walk(Fun, [H | T], Found) -> walk(Fun, T, walk(Fun, H, Found));
walk(Fun, Node, Found) when is_atom(Node), Node =/= nil -> Fun(Node) ++ Found;
walk(_, _, Found) -> Found.

%% The same without names of calls, fields and variables.
literals(Fun, {'.', _, [M, F]}, Found) when is_atom(F) -> literals(Fun, M, Found);
literals(Fun, {Name, Meta, Args} = Node, Found) when is_atom(Name), is_list(Meta) ->
    literals(Fun, Args, Fun(Node) ++ Found);
literals(Fun, Node, Found) when is_tuple(Node) ->
    literals(Fun, tuple_to_list(Node), Fun(Node) ++ Found);
literals(Fun, [{Key, Value} | T], Found) when is_atom(Key) ->
    literals(Fun, T, literals(Fun, Value, Fun({Key, Value}) ++ Found));
literals(Fun, [H | T], Found) -> literals(Fun, T, literals(Fun, H, Found));
literals(Fun, Node, Found) when is_atom(Node), Node =/= nil -> Fun(Node) ++ Found;
literals(_, _, Found) -> Found.

%% Tests that did not compile by themselves: do they need the candidate, or are they broken?
blame(elixir, Tests, Why, Interface, Absent) ->
    {ok, Tree} = 'Elixir.Code':string_to_quoted(Tests),
    Used = walk(fun(Node) -> used(Node, Absent ++ Interface) end, Tree),
    Said = unicode:characters_to_binary([Why]),
    Named = [M || M <- Absent, names(Said, short(M))],
    case Used ++ Named of
        [] -> broken;
        _ -> needs_candidate
    end;
blame(erlang, _, Why, _, _) ->
    case string:find(unicode:characters_to_binary([Why]), "include") of
        nomatch -> broken;
        _ -> needs_candidate
    end.

%% The name as a word of its own: Add is not named by AddTest.
names(Said, Name) ->
    re:run(Said, ["(?<![\\w.])\\Q", Name, "\\E(?!\\w)"], [unicode, {capture, none}]) =:= match.

short(Module) ->
    case atom_to_binary(Module) of
        <<"Elixir.", Name/binary>> -> Name;
        Name -> Name
    end.

used({What, _, [{'__aliases__', _, Parts} | _]}, Absent) when
    What =:= use; What =:= import; What =:= require; What =:= doctest
->
    [concat(Parts) || lists:member(concat(Parts), Absent)];
used({What, _, [{{'.', _, [_, '{}']}, _, _} | _]}, _) when What =:= import; What =:= require -> [What];
used({'%', _, [{'__aliases__', _, _} | _]}, _) -> [struct];
used(_, _) -> [].

%% "clean" or "flagged", how many atoms there are now, and the reasons

flags(Language, Sources) ->
    Found = lists:usort(lists:append([flagged(Language, S) || S <- Sources])),
    Atoms = integer_to_list(erlang:system_info(atom_count)),
    case Found of
        [] -> ["clean ", Atoms];
        _ -> ["flagged ", Atoms, "\n", lists:join(", ", [io_lib:format("~ts", [F]) || F <- Found])]
    end.

flagged(elixir, Source) ->
    % atoms are never freed, so names that nothing here has become one
    Known = fun(Text, _) -> {ok, try binary_to_existing_atom(Text) catch _:_ -> booktune_unknown end} end,
    try 'Elixir.Code':string_to_quoted(Source, [{static_atoms_encoder, Known}]) of
        {ok, Tree} ->
            Used = lists:usort(walk(fun(N) -> [N || is_atom(N)] end, Tree)),
            Dynamic = walk(fun dynamic/1, Tree) =/= [],
            walk(fun elixir/1, Tree) ++ literals(fun(N) -> loose(N, Dynamic, Used) end, Tree, []);
        {error, _} ->
            []
    catch
        _:_ -> ["does not parse"]
    end;
flagged(erlang, Source) ->
    case erl_scan:string(text(Source)) of
        {ok, Tokens, _} ->
            Used = lists:usort([A || {atom, _, A} <- Tokens]),
            Dynamic = dynamic_erlang(bare(Tokens)),
            erlang(Tokens) ++ lists:append([loose(A, Dynamic, Used) || {atom, _, A} <- Tokens]);
        {error, _, _} ->
            []
    end.

%% Elixir

elixir({{'.', _, [{'__aliases__', _, Parts}, F]}, _, Args}) when is_atom(F), is_list(Args) ->
    call(concat(Parts), F);
elixir({{'.', _, [M, F]}, _, Args}) when is_atom(M), is_atom(F), is_list(Args) ->
    call(M, F);
elixir({'__aliases__', _, [First | _] = Parts}) when is_atom(First) ->
    mentioned(concat(Parts));
elixir({defmodule, _, [Name | _]}) ->
    redefined(Name);
elixir({How, _, [{'__aliases__', _, [First | _]} | _]}) when
    How =:= alias; How =:= import; How =:= require
->
    Renamed = ['System', 'Process', 'Application', 'Module', 'Kernel'],
    [[atom_to_list(How), " ", atom_to_list(First)] || lists:member(First, Renamed), How =/= import orelse First =/= 'Kernel'];
elixir({'@', _, [{on_load, _, [_]}]}) -> ["@on_load"];
elixir({'@', _, [{compile, _, [Options]}]}) ->
    [["@compile ", atom_to_list(A)] || A <- walk(fun(N) -> [N || N =:= parse_transform] end, Options)];
elixir({F, _, Args}) when is_atom(F), is_list(Args) ->
    local(F, length(Args));
elixir(Atom) when is_atom(Atom) ->
    mentioned_atom(Atom);
elixir(_) -> [].

mentioned_atom(Atom) ->
    Text = atom_to_list(Atom),
    Inner = ["Elixir.ExUnit", "booktune", "Elixir.Code", "eunit_"],
    [Text || Atom =/= booktune_unknown, lists:any(fun(P) -> lists:prefix(P, Text) end, Inner)].

mentioned(Module) ->
    Text = unicode:characters_to_list(short(Module)),
    % as atoms: only names that exist are told apart
    Denied = ['ExUnit', 'Code', 'Port', 'Node', 'Mix', 'IEx', 'EEx', 'Booktune', 'BooktuneCanary'],
    Head = hd(string:split(Text, ".")),
    Inner = Head =:= "Kernel" andalso Text =/= "Kernel" andalso Text =/= "Kernel.SpecialForms",
    [Text || Inner orelse lists:member(Head, [atom_to_list(D) || D <- Denied])].

redefined({'__aliases__', _, Parts}) -> taken(concat(Parts));
redefined(M) when is_atom(M) -> taken(M);
redefined({'__MODULE__', _, _}) -> [];
redefined(_) -> ["defmodule of a computed name"].

taken(Module) ->
    case code:which(Module) of
        non_existing -> [];
        _ -> [["defmodule ", atom_to_list(Module)]]
    end.

local(F, Arity) ->
    Denied = [{exit_on_load, 0}, {'__ENV__', 1}],
    [atom_to_list(F) || lists:member({F, Arity}, Denied)].

call(M, F) when M =:= 'Elixir.String'; M =:= 'Elixir.List' ->
    denied(M, F, lists:member(F, [to_atom, to_existing_atom]));
call('Elixir.System', F) ->
    Allowed = [
        monotonic_time, system_time, os_time, unique_integer, convert_time_unit, version,
        otp_release, schedulers, schedulers_online
    ],
    denied('Elixir.System', F, not lists:member(F, Allowed));
call('Elixir.Process', F) ->
    denied('Elixir.Process', F, lists:member(F, [list, registered, info, group_leader]));
call('Elixir.Application', F) ->
    denied('Elixir.Application', F, not lists:member(F, [get_env, fetch_env, 'fetch_env!']));
call('Elixir.Module', F) ->
    Allowed = [get_attribute, put_attribute, register_attribute, split],
    denied('Elixir.Module', F, not lists:member(F, Allowed));
call(erlang, F) ->
    denied(erlang, F, lists:member(F, inner_bifs()));
call(ets, F) ->
    denied(ets, F, lists:member(F, [all, i, give_away, file2tab]));
call(M, F) ->
    denied(M, F, machinery(M)).

denied(M, F, true) -> [[short(M), ".", atom_to_list(F)]];
denied(_, _, false) -> [].

inner_bifs() ->
    [
        halt, group_leader, processes, registered, process_info, open_port, port_command, port_control,
        port_connect, ports, list_to_pid, list_to_port, list_to_ref, load_module, load_nif, purge_module,
        delete_module, check_process_code, trace, trace_pattern, trace_info, trace_delivered, system_flag,
        system_info, system_monitor, system_profile, apply, binary_to_term, get_module_info, module_loaded,
        pre_loaded, loaded, suspend_process, resume_process, finish_after_on_load, call_on_load_function,
        prepare_loading, finish_loading, garbage_collect, nodes, spawn, spawn_link, spawn_opt, spawn_monitor,
        list_to_atom, binary_to_atom, list_to_existing_atom, binary_to_existing_atom,
        set_cookie, disconnect_node, monitor_node, process_display, display, fun_info, make_fun
    ].

machinery(M) ->
    Text = atom_to_list(M),
    Prefixes = ["erl_", "erts_", "prim_", "eunit", "booktune", "Elixir.ExUnit", "beam_", "elixir", "test_server"],
    lists:any(fun(P) -> lists:prefix(P, Text) end, Prefixes) orelse
        lists:member(M, [
            init, code, code_server, os, persistent_term, sys, dbg, rpc, erpc, net_kernel, net_adm, application,
            application_controller, kernel, global, peer, slave, compile, epp, error_handler, error_logger,
            seq_trace, trace, heart, shell, user, cprof, eprof, fprof, instrument, counters_internal, cover,
            tools, int, c, proc_lib_internal, escript, file_server, disk_log, release_handler, atomics_internal
        ]).

%% Calls whose module is found out at run time. A variable with a field is none.
dynamic({{'.', _, [{V, _, C}, F]}, Meta, Args}) when is_atom(V), is_atom(C), is_atom(F), is_list(Args) ->
    [F || Args =/= [] orelse not lists:keymember(no_parens, 1, Meta) orelse exported_somewhere(F)];
dynamic({apply, _, Args}) when is_list(Args), length(Args) >= 2 -> [apply];
dynamic({F, _, [_, _, _]}) when F =:= spawn; F =:= spawn_link; F =:= spawn_monitor -> [F];
dynamic({{'.', _, [_, F]}, _, Args}) when F =:= apply, is_list(Args) -> [F];
dynamic(_) -> [].

%% m = :init; m.stop ... looks like a field and is a call
exported_somewhere(F) ->
    lists:member(F, [stop, halt, restart, reboot, all_loaded, processes, all, list, registered, at_exit]).

%% Names that mean nothing by themselves, and everything where a module is found out at run time or
%% where a function of theirs is named too: Task.start(:init, :stop, []).
loose({'__aliases__', _, ['System' | _]}, Dynamic, Used) ->
    Ends = [halt, stop, at_exit, cmd, shell, put_env],
    ["System, not as a call" || Dynamic orelse lists:any(fun(F) -> lists:member(F, Used) end, Ends)];
loose(Atom, Dynamic, Used) when is_atom(Atom) ->
    Inner = Atom =:= erlang orelse (machinery(Atom) andalso not common(Atom)),
    [
        [atom_to_list(Atom), ", not as a call"]
     || Inner andalso code:which(Atom) =/= non_existing andalso
            (Dynamic orelse (Atom =/= erlang andalso exports_one(Atom, Used)))
    ];
loose(_, _, _) -> [].

common(Atom) -> lists:member(Atom, [user, c, int, shell, tools, heart, kernel, trace, peer, slave, cover]).

exports_one(Module, Names) ->
    code:ensure_loaded(Module),
    lists:any(fun({F, _}) -> F =/= module_info andalso lists:member(F, Names) end, Module:module_info(exports)).

%% Erlang

erlang([{'-', _}, {atom, _, on_load} | Rest]) -> ["-on_load" | erlang(Rest)];
erlang([{atom, _, parse_transform} | Rest]) -> ["parse_transform" | erlang(Rest)];
erlang([{atom, _, import}, {'(', _}, {atom, _, M} | Rest]) ->
    [["import of ", atom_to_list(M)] || machinery(M) orelse M =:= erlang] ++ erlang(Rest);
erlang([{atom, _, M}, {':', _}, {atom, _, F} | Rest]) -> call(M, F) ++ erlang(Rest);
erlang([{atom, _, M}, {':', _} | Rest]) ->
    [[atom_to_list(M), ":…"] || machinery(M) orelse M =:= erlang] ++ erlang(Rest);
erlang([{atom, _, F}, {'(', _} | Rest]) ->
    Denied = inner_bifs() -- [apply, spawn, spawn_link, spawn_opt, spawn_monitor, garbage_collect],
    [atom_to_list(F) || lists:member(F, Denied)] ++ erlang(Rest);
erlang([{atom, _, Atom} | Rest]) -> mentioned_atom(Atom) ++ erlang(Rest);
erlang([_ | Rest]) -> erlang(Rest);
erlang([]) -> [].

%% Tokens without ?MODULE, which names the module itself.
bare([{'?', _}, {var, _, 'MODULE'} | Rest]) -> [{atom, 0, own} | bare(Rest)];
bare([{'?', _}, {atom, _, _} = A | Rest]) -> [setelement(1, A, var) | bare(Rest)];
bare([Token | Rest]) -> [Token | bare(Rest)];
bare([]) -> [].

dynamic_erlang([{var, _, _}, {':', _} | _]) -> true;
dynamic_erlang([{')', _}, {':', _} | _]) -> true;
dynamic_erlang([{atom, _, apply}, {'(', _} | _]) -> true;
dynamic_erlang([{atom, _, F}, {'(', _}, {var, _, _}, {',', _}, {var, _, _}, {',', _} | _]) when
    F =:= spawn; F =:= spawn_link; F =:= spawn_monitor
->
    true;
dynamic_erlang([_ | Rest]) -> dynamic_erlang(Rest);
dynamic_erlang([]) -> false.
