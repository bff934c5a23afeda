%% Terms on their way between the trusted and the untrusted BEAM.
%%
%% Belongs here: what replaces a pid, reference or fun in a frame, and what it becomes on the other
%% side. Does not: what a frame means (booktune_trusted, booktune_untrusted), the pipes (the runner).
%%
%% Only plain data crosses. A pid, reference or fun stays where it was made; the frame holds a
%% numbered handle, {'$bt', Kind, Side, Number}, and the other side makes a stand-in of its own: a
%% process that passes messages on, a reference, a fun that asks. Nothing that arrives is ever run,
%% and what a library would run for the tests (a child's start function, a stream of a file) does not
%% arrive (booktune_calls). A program that makes up handles reaches only what it was given before.
-module(booktune_wire).
-export([init/2, reset/0, side/0, encode/1, decode/1, exported/1, local/2, number/1]).
-export([flush/1, pack/1, unpack/1, mark/1, marks/0, modules/1, references/0, of_library/1]).

-define(TABLE, booktune_wire).
-define(CAP, 16#1000000).
-define(ATOMS_FRAME, 16#10000).
-define(ATOMS_RUN, 20000).
-define(ARGUMENTS, 12). % of a fun that crosses
-define(TOO_MANY, <<"a function of more than twelve arguments">>).

%% Side is t (trusted) or u; Maker is the module that makes stand-ins.
init(Side, Maker) ->
    ?TABLE = ets:new(?TABLE, [named_table, public, {read_concurrency, true}]),
    ets:insert(?TABLE, [{side, Side}, {maker, Maker}]),
    reset().

%% Forget every handle; whoever still holds one holds nothing.
reset() ->
    [{side, Side}] = ets:lookup(?TABLE, side),
    [{maker, Maker}] = ets:lookup(?TABLE, maker),
    ets:delete_all_objects(?TABLE),
    Atoms = erlang:system_info(atom_count),
    ets:insert(?TABLE, [{side, Side}, {maker, Maker}, {count, 0}, {references, 0}, {atoms, Atoms}, {modules, []}, {processes, []}]),
    ok.

side() -> ets:lookup_element(?TABLE, side, 2).

%% Modules whose functions never cross by name: the tests and the interface.
modules(Modules) -> ets:insert(?TABLE, {modules, Modules}).

%% What makes this run's verdict less certain than plain data would.
mark(What) -> ets:insert(?TABLE, {{mark, What}}), ok.
marks() -> lists:sort([What || [What] <- ets:match(?TABLE, {{mark, '$1'}})]).

%% Encoded term to bytes, or too_large.
pack(Term) ->
    Bytes = term_to_binary(Term),
    case byte_size(Bytes) > ?CAP of
        true -> too_large;
        false -> Bytes
    end.

%% Bytes to a term. The trusted side takes no compressed frame (16 MB could become gigabytes), and
%% unknown atoms only in small frames and small numbers: they are never freed.
unpack(<<131, 80, _/binary>>) ->
    throw({breach, compressed});
unpack(Bytes) ->
    try
        binary_to_term(Bytes, [safe])
    catch
        error:badarg -> unpack_atoms(Bytes, side())
    end.

unpack_atoms(Bytes, t) when byte_size(Bytes) > ?ATOMS_FRAME ->
    throw({breach, unknown_atoms});
unpack_atoms(Bytes, Side) ->
    Term =
        try
            binary_to_term(Bytes)
        catch
            error:badarg -> throw({breach, malformed})
        end,
    Grown = erlang:system_info(atom_count) - ets:lookup_element(?TABLE, atoms, 2),
    case Side =:= t andalso Grown > ?ATOMS_RUN of
        true -> throw({breach, atoms});
        false -> Term
    end.

%% The same term with handles for what cannot cross.
encode(Term) ->
    case plain(Term) of
        true -> Term;
        false -> enc(Term)
    end.

plain([H | T]) -> plain(H) andalso plain(T);
plain(T) when is_tuple(T) -> plain(tuple_to_list(T));
plain(T) when is_map(T) -> plain(maps:to_list(T));
plain(T) -> not (is_pid(T) orelse is_reference(T) orelse is_function(T) orelse is_port(T)).

enc([H | T]) -> [enc(H) | enc(T)];
enc(T) when is_tuple(T) -> list_to_tuple(enc(tuple_to_list(T)));
enc(T) when is_map(T) -> maps:from_list(enc(maps:to_list(T)));
enc(T) when is_pid(T) -> handle(p, T);
enc(T) when is_reference(T); is_port(T) -> handle(r, T);
enc(T) when is_function(T) -> enc_fun(T, erlang:fun_info(T, arity), erlang:fun_info(T, type));
enc(T) -> T.

%% A function of a library is named rather than called back: both sides have it.
enc_fun(F, {arity, Arity}, {type, external}) ->
    {module, M} = erlang:fun_info(F, module),
    {name, N} = erlang:fun_info(F, name),
    case side() =:= t andalso not lists:member(M, ets:lookup_element(?TABLE, modules, 2)) of
        true -> {'$bt', {m, M, N}, t, Arity};
        false -> handle({f, Arity}, F)
    end;
enc_fun(F, {arity, Arity}, _) ->
    handle({f, Arity}, F).

handle({f, Arity} = Kind, Fun) when Arity > ?ARGUMENTS ->
    % the trusted side says what is unsupported, here or when it arrives there
    case side() of
        t -> mark(unsupported), error({booktune_unsupported, ?TOO_MANY});
        u -> {'$bt', Kind, u, number(Fun)}
    end;
handle(Kind, Object) ->
    case ets:lookup(?TABLE, {theirs, Object}) of
        [{_, Number}] -> {'$bt', Kind, other(side()), Number};
        [] -> mark(crossed), {'$bt', Kind, side(), number(Object)}
    end.

number(Object) ->
    case ets:lookup(?TABLE, {ours, Object}) of
        [{_, Number}] ->
            Number;
        [] ->
            Number = ets:update_counter(?TABLE, count, 1),
            ets:insert(?TABLE, [{{ours, Object}, Number}, {{out, Number}, Object}]),
            is_reference(Object) andalso ets:update_counter(?TABLE, references, 1),
            is_pid(Object) andalso (booktune_main ! {watch, Object, Number}),
            Number
    end.

%% References that both sides know, as the keys of a map.
references() ->
    case ets:lookup_element(?TABLE, references, 2) of
        0 ->
            #{};
        _ ->
            Known = ets:match(?TABLE, {{ours, '$1'}, '_'}) ++ ets:match(?TABLE, {{theirs, '$1'}, '_'}),
            maps:from_list([{R, true} || [R] <- Known, is_reference(R)])
    end.

other(t) -> u;
other(u) -> t.

%% The object of ours that was given this number.
exported(Number) ->
    case ets:lookup(?TABLE, {out, Number}) of
        [{_, Object}] -> Object;
        [] -> throw({breach, {no_such_handle, Number}})
    end.

%% The term with stand-ins. In the main process only: stand-ins belong to it.
decode(Term) ->
    case clean(Term) of
        true -> Term;
        false -> dec(Term)
    end.

clean([H | T]) -> clean(H) andalso clean(T);
clean({'$bt', _, _, _}) -> false;
clean({re_pattern, _, _, _, _}) -> false;
clean({M, F, A} = T) when is_atom(M), is_atom(F), is_list(A) ->
    side() =:= u orelse booktune_calls:may(T),
    clean(A);
clean({Key, Value}) when Key =:= extra_arguments; Key =:= with_arguments ->
    side() =:= u orelse booktune_calls:may_add(Value),
    clean(Value);
clean(T) when is_tuple(T) -> clean(tuple_to_list(T));
clean(#{'__struct__' := 'Elixir.Regex'}) -> false;
clean(#{'__struct__' := Module} = T) when is_atom(Module) ->
    side() =:= t andalso not booktune_calls:may_be(Module) andalso mark(struct),
    clean(maps:to_list(T));
clean(T) when is_map(T) -> clean(maps:to_list(T));
clean(T) -> not (is_pid(T) orelse is_reference(T) orelse is_function(T) orelse is_port(T)).

%% A module that is neither the candidate's nor the tests'.
of_library(Module) ->
    case ets:lookup(?TABLE, {struct, Module}) of
        [{_, Known}] ->
            Known;
        [] ->
            Own = lists:member(Module, ets:lookup_element(?TABLE, modules, 2)),
            Known = not Own andalso code:which(Module) =/= non_existing,
            ets:insert(?TABLE, {{struct, Module}, Known}),
            Known
    end.

dec([H | T]) -> [dec(H) | dec(T)];
dec({'$bt', Kind, Side, Number}) when is_integer(Number) -> dec_handle(Kind, Side, Number);
dec({re_pattern, _, _, _, _} = T) -> compiled(side(), T);
dec({M, F, A} = T) when is_atom(M), is_atom(F), is_list(A) ->
    side() =:= u orelse booktune_calls:may(T),
    {M, F, dec(A)};
dec({Key, Value}) when Key =:= extra_arguments; Key =:= with_arguments ->
    side() =:= u orelse booktune_calls:may_add(Value),
    {Key, dec(Value)};
dec(T) when is_tuple(T) -> list_to_tuple(dec(tuple_to_list(T)));
dec(#{'__struct__' := 'Elixir.Regex'} = T) -> regex(side(), T);
dec(#{'__struct__' := Module} = T) when is_atom(Module) ->
    side() =:= t andalso not booktune_calls:may_be(Module) andalso mark(struct),
    maps:from_list(dec(maps:to_list(T)));
dec(T) when is_map(T) -> maps:from_list(dec(maps:to_list(T)));
dec(T) when is_pid(T); is_reference(T); is_function(T); is_port(T) -> throw({breach, not_data});
dec(T) -> T.

dec_handle(Kind, Side, Number) ->
    case side() of
        Side -> exported(Number);
        _ -> stand_in(Kind, Side, Number)
    end.

stand_in({m, M, F}, t, Arity) when is_atom(M), is_atom(F), Arity < 256 -> fun M:F/Arity;
stand_in(Kind, _, Number) -> local(Kind, Number).

local(Kind, Number) ->
    case ets:lookup(?TABLE, {in, Kind, Number}) of
        [{_, Object}] ->
            Object;
        [] ->
            mark(crossed),
            Maker = ets:lookup_element(?TABLE, maker, 2),
            Object = make(Kind, Number, Maker),
            is_reference(Object) andalso ets:update_counter(?TABLE, references, 1),
            ets:insert(?TABLE, [{{in, Kind, Number}, Object}, {{theirs, Object}, Number}]),
            Object
    end.

make(p, N, Maker) ->
    Pid = Maker:new_process(N),
    ets:insert(?TABLE, {processes, [{N, Pid} | processes_here()]}),
    Pid;
make(r, _, _) -> erlang:alias();
make({f, Arity}, N, M) -> asking(Arity, fun(Args) -> M:ask(N, Args) end);
make(Kind, _, _) -> throw({breach, {no_stand_in, Kind}}).

asking(0, Ask) -> fun() -> Ask([]) end;
asking(1, Ask) -> fun(A) -> Ask([A]) end;
asking(2, Ask) -> fun(A, B) -> Ask([A, B]) end;
asking(3, Ask) -> fun(A, B, C) -> Ask([A, B, C]) end;
asking(4, Ask) -> fun(A, B, C, D) -> Ask([A, B, C, D]) end;
asking(5, Ask) -> fun(A, B, C, D, E) -> Ask([A, B, C, D, E]) end;
asking(6, Ask) -> fun(A, B, C, D, E, F) -> Ask([A, B, C, D, E, F]) end;
asking(7, Ask) -> fun(A, B, C, D, E, F, G) -> Ask([A, B, C, D, E, F, G]) end;
asking(8, Ask) -> fun(A, B, C, D, E, F, G, H) -> Ask([A, B, C, D, E, F, G, H]) end;
asking(9, Ask) -> fun(A, B, C, D, E, F, G, H, I) -> Ask([A, B, C, D, E, F, G, H, I]) end;
asking(10, Ask) -> fun(A, B, C, D, E, F, G, H, I, J) -> Ask([A, B, C, D, E, F, G, H, I, J]) end;
asking(11, Ask) -> fun(A, B, C, D, E, F, G, H, I, J, K) -> Ask([A, B, C, D, E, F, G, H, I, J, K]) end;
asking(12, Ask) -> fun(A, B, C, D, E, F, G, H, I, J, K, L) -> Ask([A, B, C, D, E, F, G, H, I, J, K, L]) end;
asking(_, _) -> throw({unsupported, ?TOO_MANY}).

processes_here() -> ets:lookup_element(?TABLE, processes, 2).

%% Wait until the stand-ins, but for those that are busy, have passed on what they were sent: what
%% one process said to two must not overtake itself.
flush(Busy) ->
    Asked = [ask(Pid) || {N, Pid} <- processes_here(), Pid =/= self(), not Busy(N)],
    [receive {flushed, Ref} -> demonitor(Ref, [flush]); {'DOWN', Ref, _, _, _} -> ok after 100 -> ok end || Ref <- Asked],
    ok.

ask(Pid) ->
    Ref = monitor(process, Pid),
    Pid ! {booktune_flush, self(), Ref},
    Ref.

%% Compiled expressions are bytes that the matcher trusts: the trusted side compiles its own.
compiled(t, _) -> throw({unsupported, <<"a compiled regular expression">>});
compiled(u, T) -> T.

regex(u, T) -> T;
regex(t, #{source := Source, opts := Opts}) when is_binary(Source) ->
    try
        'Elixir.Regex':'compile!'(Source, Opts)
    catch
        _:_ -> throw({unsupported, <<"a regular expression">>})
    end;
regex(t, _) ->
    throw({breach, regex}).
