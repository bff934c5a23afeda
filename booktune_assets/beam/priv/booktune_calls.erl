%% Data from the candidate that a library would act on where the tests are.
%%
%% Belongs here: start functions of children, which supervisors of the tests call, and structs whose
%% protocols reach files. Does not: how terms cross (booktune_wire). What may not cross is not wrong:
%% the run is unsupported, and tests and candidate meet in one BEAM.
-module(booktune_calls).
-export([may/1, may_add/1, may_be/1]).

-define(SERVERS, [
    'Elixir.GenServer', 'Elixir.Supervisor', 'Elixir.DynamicSupervisor', 'Elixir.Task.Supervisor',
    'Elixir.Registry', 'Elixir.PartitionSupervisor', gen_server, gen_statem, gen_event, supervisor
]).

%% {Module, Function, Arguments} as data: of a library only what starts a server or calls a fun that
%% stands in for the candidate's.
may({M, F, A}) ->
    case booktune_wire:of_library(M) andalso exports(M, F) andalso not starts(M, F, A) of
        true -> throw({unsupported, <<"a call of a library as data">>});
        false -> ok
    end.

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
