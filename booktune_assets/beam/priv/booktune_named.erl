%% Names that stand in a source without being called, and what could call them.
%%
%% Belongs here: atoms as data beside a call whose module is found out at run time (a variable, apply),
%% functions of the machine that are named and not called (fun halt/0, -define(STOP, halt)), options of
%% the compiler. Does not: calls (booktune_screen), modules that no source says (booktune_reach).
-module(booktune_named).
-export([elixir/3, erlang/3, literals/3, words/1, dynamic/1, dynamic_erlang/1, forms/1, options/1, bare/1]).

%% Elixir. Dynamic: functions that are called in a module which is found out at run time; any, where the
%% function is found out as well.

elixir(Tree, Dynamic, Used) ->
    Walk = fun booktune_source:walk/2,
    Keys = Dynamic =/= [] orelse booktune_reach:sinks(Tree, Used, Walk),
    Told = Dynamic =/= [] andalso lists:any(fun(A) -> lists:member(A, [quote, defmacro, defmacrop, binding]) end, Used),
    Said = fun
        ({key, Key}) -> [W || Keys, W <- loose(Key, Dynamic, Used)];
        (Node) -> loose(Node, Dynamic, Used)
    end,
    literals(Said, Tree, []) ++
        % a macro is given names of variables as atoms, and so is who asks for the bindings
        [W || Told, N <- lists:usort(Walk(fun variable/1, Tree)), W <- loose_module(N, Dynamic, Used)].

variable({Name, Meta, Context}) when is_atom(Name), is_list(Meta), is_atom(Context) -> [Name];
variable(_) -> [].

%% What stands as data: no names of calls, fields and variables. Keys of lists and maps as {key, Key}.
literals(_, {'.', _, [M, F]}, Found) when is_atom(F), is_atom(M) -> Found;
literals(_, {'.', _, [{'__aliases__', _, _}, F]}, Found) when is_atom(F) -> Found;
literals(Fun, {'.', _, [M, F]}, Found) when is_atom(F) -> literals(Fun, M, Found);
literals(Fun, {How, _, [{'__aliases__', _, _} | Args]}, Found) when
    How =:= alias; How =:= import; How =:= require; How =:= use; How =:= defmodule
->
    literals(Fun, Args, Found);
literals(Fun, {'__aliases__', _, _} = Node, Found) -> Fun(Node) ++ Found;
literals(Fun, {Name, Meta, Args} = Node, Found) when is_atom(Name), is_list(Meta) ->
    literals(Fun, Args, Fun(Node) ++ Found);
literals(Fun, Node, Found) when is_tuple(Node) ->
    literals(Fun, tuple_to_list(Node), Fun(Node) ++ Found);
literals(Fun, [{Key, Value} | T], Found) when is_atom(Key) ->
    literals(Fun, T, literals(Fun, Value, Fun({key, Key}) ++ Found));
literals(Fun, [H | T], Found) -> literals(Fun, T, literals(Fun, H, Found));
literals(Fun, Node, Found) when is_atom(Node), Node =/= nil -> Fun(Node) ++ Found;
literals(_, _, Found) -> Found.

%% ~w(a b)a as the list that it is, Kernel.apply(...) as apply(...).
words({{'.', _, [{'__aliases__', _, Parts}, F]}, Meta, Args}) when
    is_atom(F), F =/= '{}', is_list(Args), Args =/= [], (Parts =:= ['Kernel'] orelse Parts =:= ['Elixir', 'Kernel'])
->
    {F, Meta, words(Args)};
words({Sigil, _, [{'<<>>', _, [Text]}, Kind]}) when
    (Sigil =:= sigil_w orelse Sigil =:= sigil_W), is_binary(Text), is_list(Kind)
->
    case lists:member($a, Kind) of
        true -> [known_atom(W) || W <- string:lexemes(Text, " \n\t\r")];
        false -> []
    end;
words(Node) when is_tuple(Node) -> list_to_tuple(words(tuple_to_list(Node)));
words([H | T]) -> [words(H) | words(T)];
words(Node) -> Node.

known_atom(Text) ->
    try binary_to_existing_atom(Text) catch _:_ -> booktune_unknown end.

%% Calls whose module is found out at run time. A variable with a field is none.
dynamic({{'.', _, [{'__aliases__', _, _}, apply]}, _, [M, F, _]}) -> found(M, F);
dynamic({{'.', _, [erlang, G]}, _, [M, F, _ | _]}) when
    G =:= apply; G =:= spawn; G =:= spawn_link; G =:= spawn_monitor; G =:= spawn_opt
->
    found(M, F);
dynamic({{'.', _, [{V, _, _}, F]}, Meta, Args}) when
    is_atom(F), is_list(Args), V =/= '__aliases__', V =/= '__MODULE__'
->
    [F || Args =/= [] orelse not lists:keymember(no_parens, 1, Meta) orelse exported_somewhere(F)];
dynamic({{'.', _, [_, unquote]}, _, [_]}) -> [any];
dynamic({{unquote, _, [_]}, _, Args}) when is_list(Args) -> [any];
dynamic({'&', _, [{'/', _, [{{'.', _, [{V, _, _}, F]}, _, _}, _]}]}) when V =/= '__aliases__', V =/= '__MODULE__' ->
    [F];
dynamic({apply, _, [M, F, _]}) -> found(M, F);
dynamic({apply, _, Args}) when is_list(Args), length(Args) >= 2 -> [any];
dynamic({apply, _, Context}) when is_atom(Context) -> [any];
dynamic({G, _, [M, F, _]}) when G =:= spawn; G =:= spawn_link; G =:= spawn_monitor -> found(M, F);
dynamic({{'.', _, [_, apply]}, _, Args}) when is_list(Args) -> [any];
dynamic(_) -> [].

%% A module that stands there is called as if it were written so (booktune_screen).
found(M, F) when is_atom(M), is_atom(F) -> [];
found({'__aliases__', _, _}, F) when is_atom(F) -> [];
found(_, F) when is_atom(F) -> [F];
found(_, _) -> [any].

%% m = :init; m.stop ... looks like a field and is a call
exported_somewhere(F) ->
    lists:member(F, [stop, halt, restart, reboot, all_loaded, processes, all, list, registered, at_exit]).

%% Names that mean nothing by themselves, and everything where a module is found out at run time or
%% where a function of theirs is named too: Task.start(:init, :stop, []).
loose({'__aliases__', _, Parts}, Dynamic, Used) ->
    loose_module(booktune_source:concat(Parts), Dynamic, Used);
loose(Atom, Dynamic, Used) when is_atom(Atom), Atom =/= 'Elixir.Kernel' ->
    loose_module(Atom, Dynamic, Used);
loose(_, _, _) -> [].

loose_module(M, Dynamic, Used) ->
    % of erlang there is a way to everything, and its functions can be found without being named
    Told = lists:any(fun(A) -> lists:member(A, [module_info, '__info__']) end, Used),
    Any = (Dynamic =/= [] orelse Told orelse M =:= erlang) andalso not common(M),
    Named = case Any of true -> all; false -> Used -- [M] end,
    Far = M =:= global andalso Dynamic =:= [],
    Risky = not Far andalso booktune_allowed:risky(M, Named),
    [[booktune_source:short(M), ", not as a call"] || Risky orelse (M =:= c andalso loads(Dynamic))].

common(Atom) ->
    lists:member(Atom, [
        user, c, int, shell, tools, heart, kernel, trace, peer, slave, cover, global, pool, group, net, auth,
        socket, ssl, ssh, test, io, 'Elixir.String', 'Elixir.List', 'Elixir.Process'
    ]).

%% Commands of the shell's module c, which is a name that letters and fields have too.
loads(Dynamic) -> lists:any(fun(F) -> lists:member(F, [any, c, pid, l, nc, nl, lc, lm, q, erlangrc, flush, i]) end, Dynamic).

%% Erlang

erlang(Tokens, Dynamic, Used) ->
    lists:append([loose(A, Dynamic, Used) || A <- plain(keyless(Tokens, Dynamic, Used))]) ++
        lists:append([by_name(Form) || Form <- forms(Tokens)]).

%% Functions of the machine that are named with no bracket behind them, where a macro may put one.
by_name([{'-', _}, {atom, _, define}, {'(', _}, {_, _, _} | Body]) ->
    ["a macro that calls what it is given" || calls_given(Body)] ++
        lists:append([booktune_screen:machine(F) || {atom, _, F} <- Body, is_bif(F)]);
by_name([{'-', _}, {atom, _, compile}, {'(', _} | Rest]) ->
    Given = lists:droplast([T || T <- Rest, element(1, T) =/= dot]),
    case erl_parse:parse_term(Given ++ [{dot, 1}]) of
        {ok, Options} -> options(Options);
        _ -> ["-compile of what is made"]
    end;
by_name([{'-', _} | _]) ->
    [];
by_name(Form) ->
    uncalled(Form).

uncalled([{'fun', _}, {atom, _, F} | Rest]) -> machine(F, Rest) ++ uncalled(Rest);
uncalled([{atom, _, F}, {Next, _} | Rest]) when Next =:= '/'; Next =:= '?' -> machine(F, Rest) ++ uncalled(Rest);
uncalled([{'?', _}, {_, _, _}, {atom, _, F} | Rest]) -> machine(F, Rest) ++ uncalled(Rest);
uncalled([_ | Rest]) -> uncalled(Rest);
uncalled([]) -> [].

machine(_, [{':', _} | _]) -> [];
machine(F, _) -> lists:append([booktune_screen:machine(F) || is_bif(F)]).

is_bif(F) -> lists:any(fun(Arity) -> erl_internal:bif(F, Arity) end, lists:seq(0, 5)).

%% -define(CALL(F), F()) and fun F/0: the name stands elsewhere.
calls_given([{'(', _} | Rest]) ->
    {Params, Body} = lists:splitwith(fun(T) -> element(1, T) =/= ')' end, Rest),
    Given = [P || {var, _, P} <- Params],
    lists:any(fun(P) -> lists:member(P, Given) end, [P || Tail <- tails(Body), P <- called(Tail)]);
calls_given(_) ->
    false.

called([{var, _, P}, {'(', _} | _]) -> [P];
called([{'fun', _}, {var, _, P}, {'/', _} | _]) -> [P];
called([{'?', _}, {_, _, _}, {var, _, P}, {'/', _} | _]) -> [P];
called(_) -> [].

tails([_ | Rest] = All) -> [All | tails(Rest)];
tails([]) -> [].

forms(Tokens) ->
    case lists:splitwith(fun(T) -> element(1, T) =/= dot end, Tokens) of
        {Form, [_ | Rest]} -> [Form | forms(Rest)];
        {Form, []} -> [Form]
    end.

%% Options of the compiler that only say what to warn of and what to keep: the others have code of the
%% program run over what is compiled, after it was looked at.
options(Options) when is_list(Options) -> lists:append([option(O) || O <- Options]);
options(Option) -> option(Option).

option({Name, _}) when is_atom(Name) -> option(Name);
option(Name) when is_atom(Name) ->
    Text = atom_to_list(Name),
    Plain = [
        inline, inline_size, inline_list_funcs, export_all, debug_info, no_auto_import, no_warn_undefined,
        warnings_as_errors, bin_opt_info, deterministic, compressed, no_line_info
    ],
    Warns = lists:any(fun(P) -> lists:prefix(P, Text) end, ["nowarn_", "warn_"]),
    [["compiler option ", Text] || not Warns, not lists:member(Name, Plain)];
option(_) ->
    ["a compiler option that is made"].

%% Atoms that are neither a module nor a function of a call with both.
plain([{atom, _, _}, {':', _}, {atom, _, _} | Rest]) -> plain(Rest);
plain([{'-', _}, {atom, _, F}, {'(', _}, {atom, _, _} | Rest]) when
    F =:= behaviour; F =:= behavior; F =:= module; F =:= import
->
    plain(Rest);
plain([{atom, _, _}, {'(', _} | Rest]) -> plain(Rest);
plain([{atom, _, _}, {'/', _}, {integer, _, _} | Rest]) -> plain(Rest);
plain([{atom, _, A} | Rest]) -> [A | plain(Rest)];
plain([_ | Rest]) -> plain(Rest);
plain([]) -> [].

%% Without the keys of maps, if nothing could take one for a name of a module.
keyless(Tokens, Dynamic, Used) ->
    Told = [keys, to_list, fold, foreach, map, filter, filtermap, iterator, next, groups_from_list],
    case Dynamic =/= [] orelse lists:any(fun(F) -> lists:member(F, Told) end, Used) of
        true -> Tokens;
        false -> no_keys(Tokens)
    end.

no_keys([{atom, _, _}, {Sign, _} = Next | Rest]) when Sign =:= '=>'; Sign =:= ':=' -> [Next | no_keys(Rest)];
no_keys([Token | Rest]) -> [Token | no_keys(Rest)];
no_keys([]) -> [].

%% Tokens without ?MODULE, which names the module itself.
bare([{'?', _}, {var, _, 'MODULE'} | Rest]) -> [{atom, 0, own} | bare(Rest)];
bare([{'?', _}, {atom, _, _} = A | Rest]) -> [setelement(1, A, var) | bare(Rest)];
bare([Token | Rest]) -> [Token | bare(Rest)];
bare([]) -> [].

%% As dynamic/1; part stands where a colon calls nothing, as in catch Class:Reason and <<A:Size>>.
dynamic_erlang([{'fun', _}, {var, _, _}, {':', _} | Rest]) -> [function(Rest) | dynamic_erlang(Rest)];
dynamic_erlang([{var, _, _}, {':', _}, {var, _, _}, {Next, _} | Rest]) when Next =/= '(' ->
    [part | dynamic_erlang([{Next, 0} | Rest])];
dynamic_erlang([{var, _, _}, {':', _} | Rest]) -> [function(Rest) | dynamic_erlang(Rest)];
dynamic_erlang([{Close, _}, {':', _} | Rest]) when Close =:= ')'; Close =:= '}'; Close =:= 'end' ->
    [function(Rest) | dynamic_erlang(Rest)];
dynamic_erlang([{atom, _, apply}, {'(', _} | Rest]) -> [any | dynamic_erlang(Rest)];
dynamic_erlang([{atom, _, F}, {'(', _}, {var, _, _}, {',', _}, {var, _, _}, {',', _} | Rest]) when
    F =:= spawn; F =:= spawn_link; F =:= spawn_monitor
->
    [any | dynamic_erlang(Rest)];
dynamic_erlang([_ | Rest]) -> dynamic_erlang(Rest);
dynamic_erlang([]) -> [].

function([{integer, _, _} | _]) -> part;
function([{atom, _, F} | _]) -> F;
function(_) -> any.
