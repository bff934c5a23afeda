%% One run of compiled tests, and what came of it.
%%
%% Belongs here: ExUnit and EUnit as they are started here, collecting their results, the words of failures.
%% Does not: compiling (booktune_compile), preparing and clearing up (booktune_tests), failures that are the
%% problem's own fault (booktune_blame).
-module(booktune_results).
-export([run/1, count/2, collect/2, judged/4, late/0, secret/0, configured/0]).

-define(PATIENCE, 86400).
-define(LATE, 10). % milliseconds: a machine with nothing else to do is late by one or two

%% Tests may bring their own configuration along (a helper that leaves tests out): not ours.
configured() ->
    'Elixir.ExUnit':configure([
        {autorun, false}, {formatters, [booktune_collector]}, {timeout, infinity}, {trace, false},
        {max_cases, 1}, {seed, 0}, {colors, [{enabled, false}]}, {exclude, []}, {include, []}
    ]).

%% {Status, TestsRun, Detail} with Status pass, fail or timeout

run(#{language := Language, own := Own, count := Count, unlisted := Unlisted}) ->
    {_, Failed, _} = Seen = collect(Language, Own),
    lists:any(fun(F) -> lacks(F, Own) end, Failed) andalso booktune_wire:mark(absent),
    late() andalso booktune_wire:mark(late),
    judged(Language, Count, Seen, Unlisted).

%% Did a test call a module that is not here, such as one that the candidate makes while it runs?
lacks({_, What}, Own) ->
    case What of
        [{error, #{'__struct__' := 'Elixir.UndefinedFunctionError'}, Stack}] -> absent(Stack, Own);
        {undef, Stack} -> absent(Stack, Own);
        _ -> false
    end.

absent([{M, _, _, _}, {Caller, _, _, _} | _], Own) ->
    lists:member(Caller, Own) andalso not lists:member(M, Own) andalso code:which(M) =:= non_existing;
absent(_, _) ->
    false.

%% {TestsRun, Failures, TestsLost}
collect(Language, Modules) ->
    whereis(booktune_collected) =:= self() orelse register(booktune_collected, self()),
    % no other message is taken for the collector's
    Secret = make_ref(),
    persistent_term:put(booktune_secret, Secret),
    Pulse = spawn(fun() -> pulse(erlang:monotonic_time(millisecond), 0) end),
    started(Language, Modules),
    Pulse ! {late, self()},
    put(booktune_late, receive {late, Pulse, Late} -> Late after 100 -> 0 end),
    receive
        {collected, Secret, Ran, Failed} when is_integer(Ran) -> {Ran, lists:reverse(Failed), 0};
        {collected, Secret, Counts, Failed} ->
            Sum = fun(Names) -> lists:sum([proplists:get_value(N, Counts, 0) || N <- Names]) end,
            {Sum([pass, fail]), lists:reverse(Failed), Sum([cancel, skip])}
    after 5000 -> {0, [], 1}
    end.

secret() -> persistent_term:get(booktune_secret).

%% The most milliseconds by which a process got its turn too late: limits of time that a test sets
%% itself may have run out for want of a processor.
pulse(Last, Most) ->
    receive
        {late, From} -> From ! {late, self(), Most}
    after 5 ->
        Now = erlang:monotonic_time(millisecond),
        pulse(Now, max(Most, Now - Last - 5))
    end.

late() -> is_integer(get(booktune_late)) andalso get(booktune_late) > ?LATE.

started(elixir, Modules) ->
    configured(),
    'Elixir.ExUnit':run(exunit(Modules));
started(erlang, Modules) ->
    Tests = lists:append([eunit_tests(M) || M <- Modules]),
    eunit:test(Tests, [no_tty, {report, {booktune_eunit, []}}]).

%% Unlisted are modules that the tests call and that a candidate was not asked for.
judged(Language, Count, Seen, Unlisted) ->
    case booktune_blame:spared(Seen, Unlisted) of
        none -> judged(Language, Count, Seen);
        Spared -> Spared
    end.

judged(_, _, {Ran, [], Lost}) when Lost > 0; Ran =:= 0 ->
    {fail, Ran, io_lib:format("~p tests ran, ~p were skipped or cancelled", [Ran, Lost])};
judged(elixir, Count, {Ran, [], _}) when Ran =/= Count ->
    {fail, Ran, io_lib:format("~p of ~p tests ran", [Ran, Count])};
judged(_, _, {Ran, [], _}) ->
    {pass, Ran, ""};
judged(elixir, _, {Ran, Failed, _}) ->
    {class(Failed), Ran, formatted(Failed)};
judged(erlang, _, {Ran, Failed, _}) ->
    Late = [T || {_, T} <- Failed, T =:= timeout orelse (is_tuple(T) andalso element(1, T) =:= timeout)],
    {case Late of [] -> fail; _ -> timeout end, Ran, eunit_text(Failed)}.

class(Failed) ->
    Late = fun({_, What}) ->
        lists:any(fun(W) -> is_map(element(2, W)) andalso
            maps:get('__struct__', element(2, W), x) =:= 'Elixir.ExUnit.TimeoutError' end, What)
    end,
    case lists:any(Late, Failed) of
        true -> timeout;
        false -> fail
    end.

formatted(Failed) ->
    First = lists:sublist(Failed, 2),
    [io_lib:format("~p failed~n", [length(Failed)]) | [format_one(T, W) || {T, W} <- First]].

format_one(#{'__struct__' := 'Elixir.ExUnit.Test'} = Test, What) ->
    said_by(Test, fun() ->
        'Elixir.ExUnit.Formatter':format_test_failure(Test, What, 1, 80, fun(_, Text) -> Text end)
    end);
format_one(Module, What) ->
    said_by(Module, fun() ->
        'Elixir.ExUnit.Formatter':format_test_all_failure(Module, What, 1, 80, fun(_, T) -> T end)
    end).

said_by(#{name := Name}, Format) ->
    try
        Format()
    catch
        _:_ -> io_lib:format("~tp failed~n", [Name])
    end.

eunit_text(Failed) ->
    First = lists:sublist(Failed, 2),
    [
        io_lib:format("~p failed~n", [length(Failed)])
        | [io_lib:format("~tp: ~tP~n", [Source, Why, 30]) || {Source, Why} <- First]
    ].

eunit_tests(Module) ->
    lists:append([eunit_test(Module, F, atom_to_list(F)) || {F, 0} <- Module:module_info(exports)]).

eunit_test(M, F, Name) ->
    case {lists:suffix("_test", Name), lists:suffix("_test_", Name)} of
        {true, _} -> [{timeout, ?PATIENCE, {M, F}}];
        {_, true} -> [{generator, fun() -> patient(M:F()) end}];
        _ -> []
    end.

%% EUnit gives a test 5 s by the clock, which a busy machine can take from a right answer.
patient(Tests) when is_list(Tests) ->
    case io_lib:printable_unicode_list(Tests) andalso Tests =/= [] of
        true -> Tests;
        false -> [patient(T) || T <- Tests]
    end;
patient(F) when is_function(F, 0) -> {timeout, ?PATIENCE, F};
patient({Line, F}) when is_integer(Line), is_function(F, 0) -> {timeout, ?PATIENCE, {Line, F}};
patient({M, F}) when is_atom(M), is_atom(F), M =/= generator, M =/= inorder, M =/= spawn ->
    {timeout, ?PATIENCE, {M, F}};
patient({generator, F}) when is_function(F, 0) -> {generator, fun() -> patient(F()) end};
patient({generator, M, F}) -> {generator, fun() -> patient(M:F()) end};
patient({Order, T}) when Order =:= inorder; Order =:= inparallel; Order =:= spawn ->
    {Order, patient(T)};
patient({Title, T}) when is_list(Title); is_binary(Title) -> {Title, patient(T)};
patient({setup, S, I}) -> {setup, S, instance(I)};
patient({setup, A, B, I}) -> {setup, A, B, instance(I)};
patient({setup, Where, S, C, I}) -> {setup, Where, S, C, instance(I)};
patient({foreach, S, L}) -> {foreach, S, [instance(I) || I <- L]};
patient({foreach, S, C, L}) -> {foreach, S, C, [instance(I) || I <- L]};
patient({foreach, Where, S, C, L}) -> {foreach, Where, S, C, [instance(I) || I <- L]};
patient({timeout, N, T}) -> {timeout, N, T};
patient(Other) -> Other.

instance(I) when is_function(I, 1) -> fun(X) -> patient(I(X)) end;
instance(I) -> patient(I).

count(elixir, Modules) ->
    length([T || M <- exunit(Modules), #{tags := Tags} = T <- maps:get(tests, M:'__ex_unit__'()),
        not is_map_key(skip, Tags)]);
count(erlang, Modules) ->
    length([1 || M <- Modules, {F, 0} <- M:module_info(exports), is_test(atom_to_list(F))]).

exunit(Modules) -> [M || M <- Modules, erlang:function_exported(M, '__ex_unit__', 0)].

is_test(Name) -> lists:suffix("_test", Name) orelse lists:suffix("_test_", Name).
