%% Data that names what to call: from the candidate, what a library would act on where the tests are;
%% from the tests, modules of theirs that the candidate does not have.
%%
%% Belongs here: start functions of children, which supervisors of the tests call, structs whose
%% protocols reach files, modules as arguments. Does not: how terms cross (booktune_wire). What may
%% not cross is not wrong: the run is unsupported, and tests and candidate meet in one BEAM.
-module(booktune_calls).
-export([may/1, may_add/1, may_be/1, helpers/1, name/2]).

-define(SERVERS, [
    'Elixir.GenServer', 'Elixir.Supervisor', 'Elixir.DynamicSupervisor', 'Elixir.Task.Supervisor',
    'Elixir.Registry', 'Elixir.PartitionSupervisor', gen_server, gen_statem, gen_event, supervisor
]).

%% {Module, Function, Arguments} as data: of a library only what starts a server or calls a fun that
%% stands in for the candidate's, and what the reasons of ended calls name.
may({M, F, A}) ->
    Known = starts(M, F, A) orelse ended(M, F, A),
    case booktune_wire:of_library(M) andalso exports(M, F) andalso not Known of
        true -> throw({unsupported, <<"a call of a library as data">>});
        false -> ok
    end.

%% {noproc, {'Elixir.GenServer', call, [Server, Request, Timeout]}} is how a call of a dead server
%% exits. Made again where the tests are, it would reach a process of the candidate or nobody.
ended('Elixir.Task', F, _) when F =:= await; F =:= await_many -> true;
ended(M, call, [Server | _]) ->
    lists:member(M, ['Elixir.GenServer', gen_server, gen_statem]) andalso of_candidate(Server);
ended(_, _, _) -> false.

of_candidate({'$bt', _, u, _}) -> true;
of_candidate({via, 'Elixir.Registry', {Name, _}}) -> is_atom(Name) andalso of_candidate(Name);
of_candidate(Name) when is_atom(Name) ->
    whereis(Name) =:= undefined andalso not booktune_wire:of_library(Name);
of_candidate(_) -> false.

exports(M, F) ->
    code:ensure_loaded(M) =:= {module, M} andalso lists:keymember(F, 1, erlang:get_module_info(M, exports)).

starts(M, F, [First | _]) when
    F =:= start_link, (M =:= 'Elixir.Agent' orelse M =:= 'Elixir.Task')
->
    is_fun(First);
starts(M, start_link, A) ->
    lists:member(M, ?SERVERS) andalso not lists:any(fun names_library/1, proper(A));
starts(_, _, _) ->
    false.

is_fun({'$bt', {f, _}, _, _}) -> true;
is_fun(_) -> false.

%% A server's module would be asked for the rest.
names_library(M) -> is_atom(M) andalso booktune_wire:of_library(M).

proper([H | T]) -> [H | proper(T)];
proper([]) -> [];
proper(Tail) -> [Tail].

%% More arguments for such a call, put before those that were looked at.
may_add([]) -> ok;
may_add(_) -> throw({unsupported, <<"arguments for the calls of a supervisor">>}).

%% Is a struct a library's, so that it means the same where the tests are?
may_be(Module) ->
    Devices = ['Elixir.File.Stream', 'Elixir.IO.Stream', 'Elixir.GenEvent.Stream'],
    case lists:member(Module, Devices) of
        true -> throw({unsupported, <<"a stream of a file or a device">>});
        false -> booktune_wire:of_library(Module)
    end.

%% Modules of the tests with functions beside their tests: given to the candidate to be called.
helpers(Modules) -> [M || M <- Modules, erlang:module_loaded(M), helps(erlang:get_module_info(M, exports))].

helps(Exports) ->
    not lists:keymember('$handle_undefined_function', 1, Exports) andalso
        lists:any(fun({Name, _}) -> not of_tests(atom_to_list(Name)) end, Exports).

of_tests("__" ++ _) -> true;
of_tests("test " ++ _) -> true;
of_tests(Name) when Name =:= "module_info"; Name =:= "test"; Name =:= "child_spec" -> true;
of_tests(Name) -> lists:suffix("_test", Name) orelse lists:suffix("_test_", Name).

%% Is one of these modules anywhere in the term?
name([], _) -> false;
name(Modules, T) when is_atom(T) -> lists:member(T, Modules);
name(Modules, [H | T]) -> name(Modules, H) orelse name(Modules, T);
name(Modules, T) when is_tuple(T) -> name(Modules, tuple_to_list(T));
name(Modules, T) when is_map(T) -> name(Modules, maps:to_list(T));
name(_, _) -> false.
