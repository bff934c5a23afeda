%% Modules that stand in for the candidate's where the tests are, and what compiled tests name.
%%
%% Belongs here: building such a module, reading names out of compiled code. Does not: what a call
%% to it does (booktune_asking).
-module(booktune_standin).
-export([module/3, shapes/1, atoms/1, looks_outside/1, reads_output/1]).

%% {Module, Beam}. Every function asks the other side; those of the interface can be imported too.
%% Shape: the struct of the module with its defaults, or none. It is data: tests can build it.
module(Module, Interface, Shape) ->
    Struct = [{'__struct__', N} || N <- [0, 1], is_map(Shape)],
    Exports = lists:usort([{F, A} || {M, F, A} <- Interface, M =:= Module]) -- Struct,
    Info = [{'__info__', 1} || is_elixir(Module)],
    Unknown = {'$handle_undefined_function', 2},
    Forms = [
        {attribute, 1, module, Module},
        {attribute, 1, export, [Unknown | Info ++ Struct ++ Exports]},
        {function, 1, '$handle_undefined_function', 2, [
            {clause, 1, [{var, 1, 'F'}, {var, 1, 'A'}], [], [asks(Module, {var, 1, 'F'}, {var, 1, 'A'})]}
        ]}
        | [info(Module, Exports) || _ <- Info] ++ [function(Module, F, A) || {F, A} <- Exports] ++
            struct(Shape)
    ],
    {ok, Module, Beam} = compile:forms(Forms, [binary, no_auto_import, nowarn_unused_vars]),
    {Module, Beam}.

struct(none) ->
    [];
struct(Shape) ->
    {ok, Tokens, _} = erl_scan:string(
        "'__struct__'(Kv) -> 'Elixir.Enum':reduce(Kv, '__struct__'(), fun({K, V}, M) -> "
        "'Elixir.Map':'replace!'(M, K, V) end)."
    ),
    {ok, With} = erl_parse:parse_form(Tokens),
    [{function, 1, '__struct__', 0, [{clause, 1, [], [], [erl_parse:abstract(Shape, 1)]}]}, With].

%% Structs as the candidate's side tells of them: plain data or nothing.
shapes(<<131, Kind, _/binary>> = Bytes) when Kind =/= 80, byte_size(Bytes) =< 65536 ->
    try binary_to_term(Bytes) of
        Told when is_list(Told) -> [One || {M, #{'__struct__' := M}} = One <- Told, is_atom(M), data(One), may(One)];
        _ -> []
    catch
        error:badarg -> []
    end;
shapes(_) ->
    [].

%% As for what crosses: nothing that a library would act on.
may(One) -> try booktune_wire:decode(One) =:= One catch _:_ -> false end.

data([H | T]) -> data(H) andalso data(T);
data(T) when is_tuple(T) -> data(tuple_to_list(T));
data(T) when is_map(T) -> data(maps:to_list(T));
data(T) -> is_atom(T) orelse is_number(T) orelse is_bitstring(T) orelse T =:= [].

is_elixir(Module) -> lists:prefix("Elixir.", atom_to_list(Module)).

function(Module, Name, Arity) ->
    Vars = [{var, 1, list_to_atom("V" ++ integer_to_list(N))} || N <- lists:seq(1, Arity)],
    List = lists:foldr(fun(V, Rest) -> {cons, 1, V, Rest} end, {nil, 1}, Vars),
    {function, 1, Name, Arity, [{clause, 1, Vars, [], [asks(Module, {atom, 1, Name}, List)]}]}.

asks(Module, Name, Args) ->
    {call, 1, {remote, 1, {atom, 1, booktune_asking}, {atom, 1, call}}, [{atom, 1, Module}, Name, Args]}.

info(Module, Exports) ->
    Answers = [{functions, Exports}, {macros, []}, {module, Module}, {attributes, []}, {deprecated, []}],
    Other = {clause, 1, [{var, 1, '_'}], [], [{atom, 1, nil}]},
    Clauses = [{clause, 1, [{atom, 1, K}], [], [erl_parse:abstract(V, 1)]} || {K, V} <- Answers],
    {function, 1, '__info__', 1, Clauses ++ [Other]}.

%% Atoms that the code holds, those of its literals too.
atoms(Beam) ->
    {ok, {_, [{atoms, Atoms}]}} = beam_lib:chunks(Beam, [atoms]),
    lists:usort([A || {_, A} <- Atoms] ++ literals(Beam)).

literals(Beam) ->
    case beam_lib:chunks(Beam, ["LitT"]) of
        {ok, {_, [{_, <<Size:32, Packed/binary>>}]}} ->
            Bytes = case Size of 0 -> Packed; _ -> zlib:uncompress(Packed) end,
            in_literals(Bytes);
        _ ->
            []
    end.

in_literals(<<_Count:32, Rest/binary>>) -> in_each(Rest, []).

in_each(<<Size:32, Term:Size/binary, Rest/binary>>, Found) ->
    in_each(Rest, in_term(binary_to_term(Term), Found));
in_each(_, Found) ->
    Found.

in_term(A, Found) when is_atom(A) -> [A | Found];
in_term([H | T], Found) -> in_term(T, in_term(H, Found));
in_term(T, Found) when is_tuple(T) -> in_term(tuple_to_list(T), Found);
in_term(T, Found) when is_map(T) -> in_term(maps:to_list(T), Found);
in_term(_, Found) -> Found.

%% Calls whose answers depend on the BEAM they are made in.
looks_outside(Beam) ->
    {ok, {_, [{imports, Imports}]}} = beam_lib:chunks(Beam, [imports]),
    lists:any(fun outside/1, Imports).

reads_output(Beam) ->
    {ok, {_, [{imports, Imports}]}} = beam_lib:chunks(Beam, [imports]),
    lists:any(fun({_, F, _}) -> F =:= get_output orelse F =:= group_leader end, Imports).

outside({'Elixir.Process', F, _}) -> lists:member(F, [info, list, registered, get, put, delete]);
outside({erlang, F, _}) ->
    lists:member(F, [process_info, processes, registered, function_exported, get, put, erase, memory]);
outside({rand, seed, _}) -> true; % of the process that asks
outside({'Elixir.ExUnit.CaptureIO', capture_io, 1}) -> false;
outside({elixir_module, compile, _}) -> true; % a module in the body of a test: it may use macros
outside({_, F, _}) when F =:= module_info; F =:= '__info__' -> true; % a stand-in tells of itself
outside({M, _, _}) ->
    lists:member(M, [
        'Elixir.File', file, ets, 'Elixir.Code', code, 'Elixir.Application', application, 'Elixir.System',
        'Elixir.ExUnit.CaptureLog', 'Elixir.ExUnit.CaptureIO', 'Elixir.Registry', persistent_term,
        'Elixir.Protocol', 'Elixir.Module', 'Elixir.Logger', os, filelib, io, sys
    ]).
