%% Names that a program makes or finds out while it runs, and what it could do with them.
%%
%% Belongs here: atoms made of text, modules found in stack traces and the like, calls of a module that
%% the source does not name. Does not: names that stand in the source (booktune_screen), what may be
%% called (booktune_allowed). Used are all atoms of a source, Dynamic says that it calls a module by a
%% variable in some way.
-module(booktune_reach).
-export([made_names/3, found_elixir/3, found_erlang/2, planted/2, in_macros/1, asked/1, sinks/3]).

%% Ways to use a name as more than a name, whatever module they are of.
-define(WAYS, [
    apply, spawn, spawn_link, spawn_monitor, spawn_opt, send, whereis, exit, register, unregister, monitor,
    link, struct, import, use, require, alias, defdelegate, defmacro, defmacrop, unquote, send_after, start_timer
]).
-define(PURE_BIFS, [
    list_to_atom, binary_to_atom, list_to_existing_atom, binary_to_existing_atom, atom_to_list, atom_to_binary,
    integer_to_list, integer_to_binary, list_to_integer, binary_to_integer, float_to_list, float_to_binary,
    list_to_float, binary_to_float, list_to_binary, binary_to_list, iolist_to_binary, element, setelement,
    tuple_to_list, list_to_tuple, phash2, length, hd, tl, abs, round, trunc, size, byte_size, tuple_size,
    map_size, monotonic_time, system_time, unique_integer, error, throw, '++', '--', '+', '-', '*', '/',
    '<', '>', '=<', '>=', '==', '/=', '=:=', '=/=', 'and', 'or', 'not', 'xor', 'band', 'bor', 'bxor', 'bsl', 'bsr',
    'div', 'rem', is_atom, is_list, is_binary, is_integer, is_map, is_tuple, is_float, is_number, make_ref, self
]).
%% Where names of modules come from that no source says. Of the first, nothing else comes.
-define(TOLD, ['__STACKTRACE__', get_keys, '$initial_call', initial_call, translate_initial_call, get_stacktrace]).
-define(FOUND, [
    caught, 'DOWN', 'EXIT', which_children, get_childspec, terminate, yield, yield_many, trap_exit,
    spawn_monitor, monitor, module_info, '__info__', '__protocol__', impl_for, 'impl_for!', behaviour_info,
    'Application', application, '__ENV__', '__CALLER__', blame, metadata
]).
%% {Modules, Functions, numbers of arguments, place of the module among them}
-define(STARTS, [
    {['Elixir.Task'], [async, start, start_link], [3], 1},
    {['Elixir.Task'], [async_stream], [4, 5], 2},
    {['Elixir.Task.Supervisor'], [async, async_nolink, start_child], [4, 5], 2},
    {['Elixir.Task.Supervisor'], [async_stream, async_stream_nolink], [5, 6], 3},
    {['Elixir.Agent'], [start, start_link], [3, 4], 1},
    {['Elixir.Agent'], [get, update, get_and_update], [4, 5], 2},
    {['Elixir.Agent'], [cast], [4], 2},
    {['Elixir.Supervisor', 'Elixir.DynamicSupervisor'], [start_link], [3], 1},
    {['Elixir.GenServer'], [start, start_link], [2, 3], 1},
    {['Elixir.Process'], [spawn], [4], 1},
    {['Elixir.Process'], [hibernate], [3], 1},
    {['Elixir.Logger'], [add_backend, configure_backend], [1, 2], 1},
    {[timer], [apply_after, apply_interval], [4], 2},
    {[timer], [tc], [3], 1},
    {[proc_lib], [spawn, spawn_link, spawn_opt, start, start_link, start_monitor, hibernate], [3, 4, 5], 1},
    {[gen_server, gen_statem, gen_fsm], [start, start_link, start_monitor], [3], 1},
    {[gen_server, gen_statem, gen_fsm], [start, start_link, start_monitor], [4], 2},
    {[supervisor, supervisor_bridge], [start_link], [2], 1},
    {[supervisor, supervisor_bridge], [start_link], [3], 2},
    {[gen_event], [add_handler, add_sup_handler], [3], 2},
    {[erlang], [spawn, spawn_link, spawn_monitor, spawn_opt, apply], [3, 4], 1},
    {['Elixir.Kernel'], [spawn, spawn_link, spawn_monitor, apply], [3], 1}
]).

%% Can a name that was made of text get anywhere: be called, be sent to, be looked up?
%% Modules are those that the source names as such.
made_names(Used, Dynamic, Modules) ->
    Dynamic orelse lists:any(fun(W) -> lists:member(W, ?WAYS) end, Used) orelse
        lists:any(fun beyond/1, Modules).

beyond({erlang, F}) -> not lists:member(F, ?PURE_BIFS);
beyond({M, _}) -> not booktune_allowed:pure(M).

%% Reasons to look at a program that could call a module which it found out while it ran.
found_elixir(Tree, Used, Walk) ->
    Specs = lists:any(fun(A) -> lists:member(A, supervisors()) end, Used),
    Sink = sinks(Tree, Used, Walk) orelse (Specs andalso Walk(fun start_of_child/1, Tree) =/= []),
    Plain = not lists:any(fun(A) -> lists:member(A, [alias, as, except]) end, Used) andalso
        Walk(fun shadows/1, Tree) =:= [],
    Unseen = lists:member(binding, Used),
    Caught = Walk(fun(Node) -> caught(Node, Plain, Unseen) end, Tree) =/= [],
    Later = Specs andalso Walk(fun started_later/1, Tree) =/= [] andalso Walk(fun put_as_start/1, Tree) =/= [],
    reasons([caught || Caught] ++ Used, Sink, Later, Walk(fun told/1, Tree) =/= []).

found_erlang(Tokens, Used) ->
    Catches = [caught || caught_erlang(Tokens)],
    Known = lists:member(supervisor, Used),
    reasons(Catches ++ Used, by_variable_erlang(Tokens, Known) orelse by_message(Used), Known andalso all_variable(Tokens), stacks(Tokens)).

%% Does it call a module in a variable, or have one called?
sinks(Tree, Used, Walk) -> by_message(Used) orelse Walk(fun by_variable/1, Tree) =/= [].

%% Servers of the libraries that apply what a message names; agents, where they are not asked by Agent.
by_message(Used) ->
    Has = fun(A) -> lists:member(A, Used) end,
    Asks = [call, cast, abcast, multi_call, send_request],
    Asked = lists:any(Has, ['GenServer', gen_server, gen_statem, gen]) andalso lists:any(Has, Asks),
    asked(Used) =/= [] orelse (Has('Agent') andalso (Asked orelse Has('$gen_call') orelse Has('$gen_cast'))).

%% The server of remote calls, or a device, which applies a function for what it is to write: any.
asked(Used) -> [any || A <- [rex, io_request], lists:member(A, Used)].

%% Is what went wrong given a name, or any part of it? The old form of catch always gives it.
caught_erlang([{'catch', _} | Rest]) ->
    {Head, After} = lists:splitwith(fun(T) -> not lists:member(element(1, T), ['->', dot, 'end']) end, Rest),
    Guarded = lists:takewhile(fun(T) -> element(1, T) =/= 'when' end, Head),
    Clause = After =/= [] andalso element(1, hd(After)) =:= '->' andalso not lists:keymember('(', 1, Guarded),
    not Clause orelse names_some(Guarded) orelse caught_erlang(After);
caught_erlang([{';', _} | Rest]) ->
    % another clause of a catch, if it says its class
    {Head, After} = lists:splitwith(fun(T) -> not lists:member(element(1, T), ['->', dot, 'end', ';']) end, Rest),
    Class = case Head of [{_, _, _}, {':', _} | _] -> true; _ -> false end,
    (Class andalso names_some(Head)) orelse caught_erlang(case Class of true -> After; false -> Rest end);
caught_erlang([_ | Rest]) -> caught_erlang(Rest);
caught_erlang([]) -> false.

names_some(Tokens) -> lists:any(fun(T) -> element(1, T) =:= var andalso element(3, T) =/= '_' end, Tokens).

%% Class:Reason:Stack, or all process dictionary.
stacks([{':', _}, {var, _, _}, {':', _} | _]) -> true;
stacks([{':', _}, {atom, _, _}, {':', _} | _]) -> true;
stacks([{atom, _, get}, {'(', _}, {')', _}, {'->', _} | Rest]) -> stacks(Rest); % a function of its own
stacks([{atom, _, get}, {'(', _}, {')', _} | _]) -> true;
stacks([_ | Rest]) -> stacks(Rest);
stacks([]) -> false.

%% Later: a call as data that stands in variables alone, or another tuple: which children there are does
%% not tell of modules that are not the program's.
reasons(Used, Sink, Later, Told) ->
    Facts = Told orelse lists:any(fun(A) -> lists:member(A, ?TOLD) end, Used),
    Found = [A || A <- Used, lists:member(A, ?FOUND)],
    Hints = Found =/= [] andalso (Sink orelse Found -- [which_children, get_childspec, terminate, trap_exit] =/= []),
    Starts = lists:any(fun(A) -> lists:member(A, supervisors()) end, Used),
    ["a module found out while it runs" || ((Sink orelse Later) andalso (Facts orelse Hints)) orelse (Facts andalso Starts)].

supervisors() ->
    ['Supervisor', 'DynamicSupervisor', 'PartitionSupervisor', 'Registry', 'Logger', supervisor, gen_event].

%% Elixir

%% Only the message of an exception is text. Plain: raise, reraise and Exception are the library's.
%% Unseen: variables can be read without being named.
caught({rescue, Clauses}, Plain, Unseen) when is_list(Clauses) ->
    [rescue || {'->', _, [Patterns, Body]} <- Clauses, V <- bound(Patterns), Unseen orelse uses(V, Body, Plain)];
caught({'catch', Clauses}, _, _) when is_list(Clauses) ->
    ['catch' || {'->', _, [Patterns, _]} <- Clauses, binds(Patterns)];
caught(_, _, _) -> [].

shadows({defmodule, _, [{'__aliases__', _, Parts} | _]}) -> [module || lists:last(Parts) =:= 'Exception'];
shadows(_) -> [].

bound([{in, _, [{V, _, C}, _]}]) when is_atom(V), is_atom(C), V =/= '_' -> [V];
bound([{V, _, C}]) when is_atom(V), is_atom(C), V =/= '_' -> [V];
bound(_) -> [].

%% Is the exception in a variable used for more than its message, or to raise it again?
uses(V, {{'.', _, [{V, _, _}, message]}, Meta, []}, _) -> not lists:keymember(no_parens, 1, Meta);
uses(V, {{'.', _, [{'__aliases__', _, ['Exception']}, message]}, _, [{V, _, C}]}, true) when is_atom(C) -> false;
uses(V, {How, _, [{V, _, C} | Rest]}, true) when is_atom(C), (How =:= raise orelse How =:= reraise) ->
    uses(V, Rest, true);
uses(V, {V, _, C}, _) when is_atom(C) -> true;
uses(V, T, Plain) when is_tuple(T) -> uses(V, tuple_to_list(T), Plain);
uses(V, [H | T], Plain) -> uses(V, H, Plain) orelse uses(V, T, Plain);
uses(_, _, _) -> false.

binds({'_', _, C}) when is_atom(C) -> false;
binds({V, _, C}) when is_atom(V), is_atom(C) -> true;
binds({'__aliases__', _, _}) -> false;
binds(T) when is_tuple(T) -> binds(tuple_to_list(T));
binds([H | T]) -> binds(H) orelse binds(T);
binds(_) -> false.

told({{'.', _, [{'__aliases__', _, ['Function']}, info]}, _, _}) -> [info];
told({'&', _, [{'/', _, [{{'.', _, [{'__aliases__', _, ['Function']}, info]}, _, _}, _]}]}) -> [info];
told({{'.', _, [{'__aliases__', _, ['Process']}, get]}, _, []}) -> [get];
told({{'.', _, [erlang, get]}, _, []}) -> [get];
told(_) -> [].

by_variable({{'.', _, [_, unquote]}, _, [_]}) -> [unquote];
by_variable({{'.', _, [{'__aliases__', _, Parts}, F]}, _, Args}) when is_atom(F), is_list(Args) ->
    started(named(Parts), F, Args);
by_variable({{'.', _, [M, F]}, _, Args}) when is_atom(M), is_atom(F), is_list(Args) ->
    started(M, F, Args);
by_variable({{'.', _, [M, F]}, Meta, Args}) when is_atom(F), is_list(Args) ->
    Called = Args =/= [] orelse not lists:keymember(no_parens, 1, Meta) orelse booktune_allowed:answers(F),
    [F || not literal(M), Called];
by_variable({{unquote, _, [_]}, _, Args}) when is_list(Args) -> [unquote];
by_variable({'&', _, [{'/', _, [{{'.', _, [{'__aliases__', _, Parts}, F]}, _, _}, N]}]}) when is_integer(N) ->
    started(named(Parts), F, lists:duplicate(N, x_variable()));
by_variable({'&', _, [{'/', _, [{{'.', _, [M, F]}, _, _}, N]}]}) when is_atom(M), is_integer(N) ->
    started(M, F, lists:duplicate(N, x_variable()));
by_variable({'&', _, [{'/', _, [{{'.', _, [M, F]}, _, _}, _]}]}) ->
    [F || not literal(M)];
by_variable({How, _, [{'__aliases__', _, Parts} | _]}) when How =:= alias; How =:= import ->
    % under another name
    [How || not booktune_allowed:pure(named(Parts))];
by_variable({How, _, [M | _]}) when is_atom(M), (How =:= alias orelse How =:= import) ->
    [How || not booktune_allowed:pure(M)];
by_variable({defdelegate, _, _}) -> [defdelegate];
by_variable({F, _, [_, _, _ | _] = Args}) when is_atom(F) ->
    started('Elixir.Kernel', F, Args);
by_variable({'|>', _, [First, {{'.', Where, Of}, Meta, Args}]}) when is_list(Args) ->
    by_variable({{'.', Where, Of}, Meta, [First | Args]});
by_variable({'|>', _, [First, {F, Meta, Args}]}) when is_atom(F), is_list(Args), F =/= '|>' ->
    by_variable({F, Meta, [First | Args]});
by_variable({start, {'{}', _, [M, _, _]}}) -> [start || not literal(M)];
by_variable({start, {V, _, Context}}) when is_atom(V), is_atom(Context) -> [start];
by_variable({'&', _, [{'/', _, [{F, _, Context}, 3]}]}) when is_atom(Context) ->
    [F || lists:member(F, [apply, spawn, spawn_link, spawn_monitor])];
by_variable(_) -> [].

start_of_child({'{}', _, [_, {V, _, C}, _, _, _, _]}) when is_atom(V), is_atom(C), V =/= '_' -> [start];
start_of_child(_) -> [].

started_later({'{}', _, [M, F, A]}) -> [start || not literal(M), named_later(F), named_later(A) orelse is_list(A)];
started_later(_) -> [].

%% Map.put(child, :start, call)
put_as_start({_, _, Args}) when is_list(Args) ->
    [start || lists:any(fun(A) -> A =:= start orelse (is_list(A) andalso has_start(A)) end, Args)];
put_as_start(_) -> [].

has_start([start | _]) -> true;
has_start([_ | T]) -> has_start(T);
has_start(_) -> false.

named_later({V, _, C}) -> is_atom(V) andalso is_atom(C) andalso V =/= '_';
named_later(F) -> is_atom(F).

x_variable() -> {x, [], nil}.

named(Parts) ->
    case lists:all(fun is_atom/1, Parts) of
        true -> 'Elixir.Module':concat(Parts);
        false -> 'Elixir.Kernel'
    end.

started(M, F, Args) ->
    Places = [At || {Ms, Fs, Ns, At} <- ?STARTS, lists:member(M, Ms), lists:member(F, Fs), lists:member(length(Args), Ns)],
    [F || At <- Places, not literal(lists:nth(At, Args))].

%% A module that the source says, or a fun, which is none.
literal(M) when is_atom(M) -> true;
literal({'__aliases__', _, Parts}) -> lists:all(fun is_atom/1, Parts);
literal({'__MODULE__', _, _}) -> true;
literal({'_', _, _}) -> true; % in a pattern
literal({'&', _, [N]}) when is_integer(N) -> false;
literal({'&', _, _}) -> true;
literal({'fn', _, _}) -> true;
literal(T) when is_list(T) -> true;
literal({Local, _}) when is_atom(Local) -> true; % {local, Name} of a server
literal(_) -> false.

%% Erlang

by_variable_erlang([{var, _, _}, {':', _}, {_, _, _}, {'(', _} | _], _) -> true;
by_variable_erlang([{var, _, _}, {':', _}, {Next, _} | _], _) when Next =:= '('; Next =:= '?' -> true;
by_variable_erlang([{Close, _}, {':', _}, {Next, _, _}, {'(', _} | _], _) when
    Next =/= integer, (Close =:= ')' orelse Close =:= '}' orelse Close =:= 'end')
->
    true;
by_variable_erlang([{'fun', _}, {var, _, _}, {':', _} | _], _) -> true;
by_variable_erlang([{atom, _, M}, {':', _}, {atom, _, F}, {'(', _} | Rest], Known) ->
    started_erlang(M, F, Rest) orelse by_variable_erlang(Rest, Known);
by_variable_erlang([{'-', _}, {atom, _, import}, {'(', _}, {atom, _, M} | Rest], Known) ->
    not booktune_allowed:pure(M) orelse by_variable_erlang(Rest, Known);
by_variable_erlang([{atom, _, F}, {Next, _} | _], _) when
    Next =/= '(', (F =:= apply orelse F =:= spawn orelse F =:= spawn_link orelse F =:= spawn_monitor)
->
    true;
by_variable_erlang([{atom, _, F}, {'(', _} | Rest], Known) ->
    started_erlang(erlang, F, Rest) orelse by_variable_erlang(Rest, Known);
by_variable_erlang([{atom, _, start}, {'=>', _}, {'{', _}, First | _], _) when element(1, First) =:= var -> true;
by_variable_erlang([{atom, _, start}, {'=>', _}, {var, _, _} | _], _) -> true;
by_variable_erlang([{'{', _}, {var, _, _}, {',', _}, {atom, _, _}, {',', _}, {'[', _} | _], true) -> true;
by_variable_erlang([_ | Rest], Known) -> by_variable_erlang(Rest, Known);
by_variable_erlang([], _) -> false.

all_variable([{'{', _}, {var, _, V}, {',', _}, {Kind, _, _}, {',', _}, {var, _, _}, {'}', _} | _]) when
    V =/= '_', (Kind =:= var orelse Kind =:= atom)
->
    true;
all_variable([_ | Rest]) -> all_variable(Rest);
all_variable([]) -> false.

started_erlang(M, F, Rest) ->
    case [{Ns, At} || {Ms, Fs, Ns, At} <- ?STARTS, lists:member(M, Ms), lists:member(F, Fs)] of
        [] ->
            false;
        Places ->
            Args = arguments(Rest, 0, [], []),
            lists:any(fun({Ns, At}) -> lists:member(length(Args), Ns) andalso variable(lists:nth(At, Args)) end, Places)
    end.

variable([{var, _, _} | _]) -> true;
variable([{'(', _} | _]) -> true;
variable([{atom, _, _}, {'(', _} | _]) -> true;
variable(_) -> false.

%% The arguments of a call, up to its bracket.
arguments([{')', _} | _], 0, Now, Args) -> lists:reverse([lists:reverse(Now) | Args]);
arguments([{',', _} | Rest], 0, Now, Args) -> arguments(Rest, 0, [], [lists:reverse(Now) | Args]);
arguments([T | Rest], Depth, Now, Args) -> arguments(Rest, Depth + deeper(element(1, T)), [T | Now], Args);
arguments([], _, Now, Args) -> lists:reverse([lists:reverse(Now) | Args]).

deeper(S) when S =:= '('; S =:= '['; S =:= '{'; S =:= '<<'; S =:= 'begin'; S =:= 'case'; S =:= 'if' -> 1;
deeper(S) when S =:= ')'; S =:= ']'; S =:= '}'; S =:= '>>'; S =:= 'end' -> -1;
deeper(_) -> 0.

%% What a source with macros makes by hand could be put into the tests that use them, or be a call.
planted(Atom, Used) ->
    Words = [
        import, require, use, alias, def, defp, defmacro, test, describe, setup, setup_all, '@', quote, unquote,
        apply, spawn, spawn_link, spawn_monitor, '.', '__aliases__'
    ],
    Made = lists:any(fun(A) -> lists:member(A, [defmacro, defmacrop, unquote, unquote_splicing]) end, Used),
    Said = lists:member(Atom, Words) orelse booktune_allowed:part(Atom, Used),
    [[atom_to_list(Atom), " as a name in a source with macros"] || Made, Said].

%% What lets a macro see the tests around it, or change them.
in_macros(Atom) ->
    Words = [
        moduletag, describetag, before_compile, after_compile, on_definition, '__CALLER__', '__ENV__',
        versioned_vars, 'var!', binding, put_attribute, register_attribute
    ],
    [[atom_to_list(Atom), " in a source with macros"] || lists:member(Atom, Words)].
