%% What the compiler says while tests are compiled beside a candidate whose macros they use.
%%
%% Belongs here: operators and assertions that come from elsewhere than the language and ExUnit, test
%% functions that are replaced, names of the library that mean another module. Does not: what follows
%% from it (booktune_inbeam).
-module(booktune_tracer).
-export([start/0, watched/2, trace/2]).

-define(TABLE, booktune_traced).
-define(WORDS, ['and', 'or', in, 'if', unless, 'match?', raise, def, 'not', binding]).

start() ->
    ?TABLE = ets:new(?TABLE, [named_table, public, bag]),
    ok.

%% {Compiled, What the tests took from elsewhere}. Sources, theirs, say what they do not take from the
%% language themselves, and which modules they give names.
watched(Compile, Sources) ->
    ets:delete_all_objects(?TABLE),
    Excepted = [E || S <- Sources, E <- booktune_source:excepted(S) ++ booktune_source:aliased(S)],
    ets:insert(?TABLE, [{excepted, One} || One <- Excepted]),
    'Elixir.Code':put_compiler_option(tracers, [?MODULE]),
    Made = try Compile() after 'Elixir.Code':put_compiler_option(tracers, []) end,
    {Made, lists:usort([What || {What} <- ets:tab2list(?TABLE)])}.

trace({imported_macro, _, 'Elixir.Kernel', defoverridable, 1}, #{module := Module}) ->
    Module =/= nil andalso 'Elixir.Module':'has_attribute?'(Module, ex_unit_tests) andalso seen(defoverridable),
    ok;
trace({Kind, _, Module, Name, Arity}, _) when Kind =:= imported_macro; Kind =:= imported_function ->
    not library(Module) andalso meant(Name, Arity) andalso not excepted({Name, Arity}) andalso
        seen({Module, Name, Arity}),
    ok;
trace({alias_expansion, _, As, Module}, _) when As =/= Module ->
    code:which(As) =/= non_existing andalso not named(As, atom_to_list(Module)) andalso seen({Module, as, As}),
    ok;
trace(_, _) ->
    ok.

excepted(One) -> lists:member({excepted, One}, ets:lookup(?TABLE, excepted)).

%% Do the tests say themselves that the module has this name?
named(As, Module) ->
    lists:any(
        fun
            ({excepted, {Name, Ending}}) when is_list(Ending) -> Name =:= As andalso lists:suffix("." ++ Ending, Module);
            (_) -> false
        end,
        ets:lookup(?TABLE, excepted)
    ).

seen(What) -> ets:insert(?TABLE, {What}), ok.

library(Module) ->
    case atom_to_list(Module) of
        "Elixir.Kernel" -> true;
        "Elixir.ExUnit." ++ _ -> true;
        "Elixir.Bitwise" -> true;
        _ -> false
    end.

%% A name whose meaning tests rely on.
meant(Name, Arity) ->
    Sign = hd(atom_to_list(Name)),
    Operator = Sign =/= $_ andalso (Sign < $A orelse (Sign > $Z andalso Sign < $a) orelse Sign > $z),
    (Operator andalso of_kernel(Name, Arity)) orelse lists:member(Name, ?WORDS) orelse
        lists:member({Name, Arity}, 'Elixir.ExUnit.Assertions':'__info__'(macros)) orelse
        lists:member({Name, Arity}, 'Elixir.ExUnit.Assertions':'__info__'(functions)).

of_kernel(Name, Arity) ->
    lists:member({Name, Arity}, 'Elixir.Kernel':'__info__'(functions)) orelse
        lists:member({Name, Arity}, 'Elixir.Kernel':'__info__'(macros)).
