%% What of the libraries a program may call when it shares a BEAM with its tests.
%%
%% Belongs here: lists of modules and functions that can neither load code, nor make a call of data,
%% nor look at other processes. Does not: finding the calls (booktune_screen). What is not listed is
%% not allowed: a name that is missing costs a right program its pass there, one too many a verdict.
-module(booktune_allowed).
-export([call/2, module/1, risky/2, known/0, files/1, pure/1, answers/1, own/1, part/2]).

%% May files be read? They may not where some of them say what the tests expect.
files(May) -> put(booktune_files, May).

%% May F of M be called? A module that no library has is the program's own.
call(M, F) ->
    case functions(M) of
        all -> true;
        {only, Names} -> lists:member(F, Names);
        {but, Names} -> not lists:member(F, Names);
        none -> not exists(M)
    end.

%% May M be named, whatever is called in it?
module(M) -> functions(M) =/= none orelse not exists(M).

%% Has M a function that may not be called and that is one of Names (or any, for all)?
%% Of the shell's commands, which have names that letters and fields have too, those that load or end.
risky(c, Names) when is_list(Names) ->
    lists:any(fun(F) -> lists:member(F, [l, nc, nl, lc, lm, q]) end, Names);
risky(M, Names) ->
    case functions(M) of
        all -> false;
        _ -> exists(M) andalso (Names =:= all orelse lists:any(fun(F) -> denied(M, F) end, Names))
    end.

denied(M, F) ->
    F =/= module_info andalso not call(M, F) andalso exports(M, F).

exports(M, F) ->
    code:ensure_loaded(M) =:= {module, M} andalso
        (lists:keymember(F, 1, erlang:get_module_info(M, exports)) orelse M =:= erlang).

%% Is M no module of a library?
own(M) -> not exists(M).

%% Is a part of a name (:Code, with which a macro may write Code) of modules that may not be called?
part(Atom, Used) ->
    case atom_to_list(Atom) of
        [C | _] = Text when C >= $A, C =< $Z ->
            Alone = list_to_atom("Elixir." ++ Text),
            is_map_key(Atom, denied_parts()) orelse risky(Alone, Used);
        _ ->
            false
    end.

%% Parts that no module has of which all may be called.
denied_parts() ->
    case get(booktune_denied_parts) of
        undefined ->
            Elixir = [{M, string:lexemes(Name, ".")} || M <- maps:keys(known()), "Elixir." ++ Name <- [atom_to_list(M)]],
            Parts = fun(Is) -> [list_to_atom(P) || {M, Ps} <- Elixir, (functions(M) =/= none) =:= Is, P <- Ps] end,
            Made = maps:without(Parts(true), maps:from_keys(Parts(false), true)),
            put(booktune_denied_parts, Made),
            Made;
        Made ->
            Made
    end.

%% Does nothing in M take a name for more than a name? So does the program's own module.
pure(M) ->
    not exists(M) orelse is_map_key(M, pures()) orelse error_or_implementation(atom_to_list(M)).

pures() ->
    case get(booktune_pures) of
        undefined ->
            Elixir = string:lexemes(
                "Enum Map MapSet Keyword Stream Integer Float Range Regex Tuple Atom String List Date Time DateTime "
                "NaiveDateTime Calendar.ISO Bitwise Base Kernel URI Version Access Enumerable Collectable Inspect "
                "Inspect.Algebra String.Chars List.Chars IO File Path System Record Date.Range Function Macro Module", " "
            ),
            Otp = [
                lists, maps, sets, ordsets, gb_sets, gb_trees, dict, orddict, queue, array, string, binary, unicode,
                math, rand, random, filename, calendar, re, proplists, base64, io, io_lib, os, crypto, file, filelib
            ],
            Made = maps:from_keys([list_to_atom("Elixir." ++ N) || N <- Elixir] ++ Otp, true),
            put(booktune_pures, Made),
            Made;
        Made ->
            Made
    end.

%% Has a library a function F without arguments that tells or does much? It would be called by what
%% looks like a field.
answers(F) ->
    lists:member(F, [
        get, get_keys, erase, processes, registered, registered_names, all, all_loaded, ports, nodes, halt, regs,
        get_state, get_status, get_all_env, get_arguments, which_applications, loaded_applications, group_leader,
        module_info, reboot, restart, get_primary_config, get_config, get_process_metadata, fetch_loaded
    ]).

exists(M) -> is_map_key(M, known()).

%% The libraries' modules. Their names become atoms, once, so that they are told apart in a source
%% whose other names do not.
known() ->
    case get(booktune_known) of
        undefined ->
            Names = [Name || {Name, _, _} <- code:all_available()],
            _ = [list_to_atom(Part) || Name <- Names, Part <- string:lexemes(Name, ".")],
            Made = maps:from_keys([list_to_atom(Name) || Name <- Names], true),
            put(booktune_known, Made),
            Made;
        Made ->
            Made
    end.

functions(M) when M =:= file; M =:= filelib; M =:= 'Elixir.File'; M =:= 'Elixir.File.Stream'; M =:= 'Elixir.Path';
    M =:= 'Elixir.Record'
->
    case get(booktune_files) of
        false -> without_files(M);
        _ -> of_files(M)
    end;
functions('Elixir.Code') -> {only, [ensure_loaded, 'ensure_loaded?', ensure_compiled, 'ensure_compiled!']};
functions('Elixir.System') ->
    {only, [
        get_env, fetch_env, monotonic_time, system_time, os_time, unique_integer, convert_time_unit, version,
        otp_release, schedulers, schedulers_online
    ]};
functions('Elixir.Process') -> {but, [list, registered, info, group_leader]};
functions('Elixir.Application') -> {only, [get_env, fetch_env, 'fetch_env!', 'compile_env', 'compile_env!']};
functions('Elixir.Module') -> {only, [get_attribute, put_attribute, register_attribute, split]};
functions('Elixir.String') -> {but, [to_atom, to_existing_atom]};
functions('Elixir.List') -> {but, [to_atom, to_existing_atom]};
functions('Elixir.Function') -> {only, [identity, info]};
functions('Elixir.Macro') ->
    {only, [
        escape, camelize, underscore, to_string, prewalk, postwalk, var, unpipe, pipe, generate_arguments,
        unique_var, validate, path, traverse, decompose_call, 'operator?', inspect_atom, 'quoted_literal?'
    ]};
% what inspect gives is what tests compare
functions('Elixir.Inspect.Opts') -> {but, [default_inspect_fun]};
functions(io) ->
    {only, [format, fwrite, put_chars, nl, write, columns, rows, get_line, get_chars, getopts, setopts]};
functions(io_lib) -> {but, [fread, scan_format, unscan_format, build_text]};
functions(os) -> {only, [timestamp, system_time, perf_counter, type, version]};
functions(ets) -> {but, [all, i, give_away, file2tab, tab2file, tabfile_info]};
functions(crypto) ->
    {only, [
        hash, hash_init, hash_update, hash_final, mac, strong_rand_bytes, rand_uniform, exor, crypto_one_time,
        mod_pow, bytes_to_integer, hash_equals, rand_seed, start, hmac
    ]};
functions(logger) ->
    {only, [debug, info, notice, warning, error, critical, alert, emergency, log, allow, macro_log]};
functions(erlang) -> {but, inner_bifs()};
functions(M) ->
    case is_map_key(M, whole()) orelse error_or_implementation(atom_to_list(M)) of
        true -> all;
        false -> none
    end.

of_files(file) ->
    {only, [
        read_file, write_file, open, close, read, write, read_line, delete, list_dir, make_dir, del_dir,
        rename, get_cwd, read_file_info, position, pread, pwrite, copy, format_error, sync, truncate
    ]};
of_files(_) ->
    all.

without_files('Elixir.Path') -> {but, [wildcard]};
without_files('Elixir.Record') -> {but, [extract, extract_all]};
without_files(_) -> none.

%% Exceptions of the library, and how its types implement its protocols.
error_or_implementation("Elixir.ExUnit" ++ _) -> false;
error_or_implementation("Elixir.Enumerable." ++ _) -> true;
error_or_implementation("Elixir.Collectable." ++ _) -> true;
error_or_implementation("Elixir.Inspect." ++ _) -> true;
error_or_implementation("Elixir.String.Chars." ++ _) -> true;
error_or_implementation("Elixir.List.Chars." ++ _) -> true;
error_or_implementation("Elixir." ++ _ = Name) -> lists:suffix("Error", Name);
error_or_implementation(_) -> false.

inner_bifs() ->
    [
        halt, group_leader, processes, registered, process_info, open_port, port_command, port_control,
        port_connect, port_call, ports, list_to_pid, list_to_port, list_to_ref, load_module, load_nif,
        purge_module, delete_module, check_process_code, check_old_code, trace, trace_pattern, trace_info,
        trace_delivered, system_flag, system_info, system_monitor, system_profile, apply, binary_to_term,
        get_module_info, module_loaded, pre_loaded, loaded, suspend_process, resume_process,
        finish_after_on_load, call_on_load_function, has_prepared_code_on_load, prepare_loading,
        finish_loading, garbage_collect, nodes, spawn, spawn_link, spawn_opt, spawn_monitor, spawn_request,
        list_to_atom, binary_to_atom, list_to_existing_atom, binary_to_existing_atom, set_cookie,
        disconnect_node, monitor_node, process_display, display, fun_info, make_fun, dist_ctrl_put_data,
        setnode, send_nosuspend, hibernate
    ].

whole() ->
    case get(?MODULE) of
        undefined ->
            Elixir = ['Elixir.Kernel', 'Elixir.Kernel.SpecialForms' | [list_to_atom("Elixir." ++ N) || N <- elixir()]],
            Made = maps:from_keys(Elixir ++ otp(), true),
            put(?MODULE, Made),
            Made;
        Made ->
            Made
    end.

elixir() ->
    string:lexemes(
        "Enum Map MapSet Keyword Stream Integer Float Range Regex Tuple Atom Agent GenServer Supervisor "
        "Supervisor.Spec DynamicSupervisor PartitionSupervisor Task Task.Supervisor Registry Date Date.Range "
        "DateTime NaiveDateTime Time Calendar Calendar.ISO Bitwise Access Base URI Logger Exception "
        "Inspect Inspect.Algebra Enumerable Collectable String.Chars List.Chars Protocol "
        "Version IO IO.ANSI IO.Stream File.Stat StringIO Macro.Env Behaviour "
        "HashDict HashSet Dict Set",
        " "
    ).

otp() ->
    [
        lists, maps, sets, ordsets, gb_sets, gb_trees, dict, orddict, queue, array, string, binary, unicode,
        math, rand, random, timer, gen_server, gen_statem, gen_event, gen_fsm, supervisor, supervisor_bridge,
        proc_lib, filename, calendar, re, proplists, base64, digraph, digraph_utils, sofs, zlib,
        counters, atomics, pg, uri_string
    ].
