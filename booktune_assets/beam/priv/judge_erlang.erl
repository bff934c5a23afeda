#!/usr/bin/env escript
%%! +S 1:1 +SDcpu 1:1 +SDio 1 +A 1 +sbwt none +sbwtdcpu none +sbwtdio none -proto_dist none
%% Judges one Erlang candidate: compiles the tests, then the candidate, runs EUnit, reports.
%%
%% The twin of judge_elixir.exs, which says how nonce, descriptors and tripwires work.
-mode(compile).
-behaviour(eunit_listener).
-export([main/1, start/1, init/1, handle_begin/3, handle_end/3, handle_cancel/3, terminate/2]).

main([Wall, Interface]) ->
    Nonce = string:trim(io:get_line("")),
    Fd = list_to_integer(os:getenv("BOOKTUNE_REPLY_FD")),
    Reply = open_port({fd, 0, Fd}, [out]),
    register(booktune_judge, self()),
    {Status, Ran, Detail} =
        case tests() of
            {error, Why} ->
                {"harness_error", 0, ["the tests do not compile: ", Why]};
            {ok, Tests} ->
                port_command(Reply, [Nonce, " ready\n"]),
                judge(Tests, list_to_integer(Wall), Interface)
        end,
    Text = unicode:characters_to_binary([Detail]),
    port_command(Reply, [Nonce, " verdict ", Status, " ", integer_to_list(Ran), "\n", Text]),
    halt(0).

tests() ->
    case compile("/job/tests.erl", [nowarn_export_all]) of
        {ok, Module, Beam} ->
            {module, Module} = code:load_binary(Module, "tests.erl", Beam),
            {ok, Module};
        Error ->
            Error
    end.

judge(Tests, Wall, Interface) ->
    Entries = [entry(Entry) || Entry <- string:lexemes(Interface, ",")],
    Wanted = lists:usort([Module || {Module, _, _} <- Entries]),
    case compile("/job/candidate.erl", []) of
        {error, Why} ->
            {"compile_error", 0, Why};
        {ok, Module, Beam} ->
            case Wanted =:= [] orelse lists:member(Module, Wanted) of
                true -> load_and_run(Module, Beam, Tests, Wall, Entries);
                false -> {"fail", 0, io_lib:format("the module is called ~p", [Module])}
            end
    end.

load_and_run(Module, Beam, Tests, Wall, Entries) ->
    case code:load_binary(Module, "candidate.erl", Beam) of
        {error, Why} ->
            {"compile_error", 0, io_lib:format("does not load: ~p", [Why])};
        {module, Module} ->
            case [E || {M, F, A} = E <- Entries, not erlang:function_exported(M, F, A)] of
                [] -> run(Tests, Wall);
                Missing -> {"fail", 0, io_lib:format("not exported: ~p", [Missing])}
            end
    end.

run(Tests, Wall) ->
    _ = eunit:test(patient(Tests, Wall div 1000), [no_tty, {report, {?MODULE, []}}]),
    receive
        {collected, Counts, Failed} ->
            Ran = proplists:get_value(pass, Counts, 0) + proplists:get_value(fail, Counts, 0),
            Lost = proplists:get_value(cancel, Counts, 0) + proplists:get_value(skip, Counts, 0),
            case {Failed, Lost} of
                {[], 0} -> {"pass", Ran, ""};
                _ -> {class(Failed), Ran, describe(Failed)}
            end
    after 1000 ->
        {"harness_error", 0, "no result from EUnit"}
    end.

%% EUnit gives a test 5 s by the clock, which a busy machine can take from a right answer.
patient(Module, Seconds) ->
    [{timeout, Seconds, Test} || {Name, 0} <- Module:module_info(exports), Test <- tests(Module, Name)].

tests(Module, Name) ->
    Text = atom_to_list(Name),
    case {lists:suffix("_test", Text), lists:suffix("_test_", Text)} of
        {true, _} ->
            [{Module, Name}];
        {_, true} ->
            case Module:Name() of
                Tests when is_list(Tests) -> Tests;
                Test -> [Test]
            end;
        _ ->
            []
    end.

class(Failed) ->
    case [T || {_, T} <- Failed, T =:= timeout orelse (is_tuple(T) andalso element(1, T) =:= timeout)] of
        [] -> "fail";
        _ -> "timeout"
    end.

describe(Failed) ->
    First = lists:sublist(lists:reverse(Failed), 2),
    [
        io_lib:format("~p failed~n", [length(Failed)])
        | [io_lib:format("~tp: ~tP~n", [Source, Why, 30]) || {Source, Why} <- First]
    ].

compile(File, Options) ->
    case compile:file(File, [binary, return, {i, "/job"} | Options]) of
        {ok, Module, Beam, _Warnings} when is_binary(Beam) -> {ok, Module, Beam};
        {error, Errors, _Warnings} -> {error, messages(Errors)};
        Other -> {error, io_lib:format("~tP", [Other, 20])}
    end.

messages(Errors) ->
    Lines = [
        io_lib:format("~tp: ~ts~n", [Where, Format:format_error(Why)])
     || {_File, List} <- Errors, {Where, Format, Why} <- List
    ],
    lists:sublist(Lines, 5).

entry(Entry) ->
    [Module, Rest] = string:split(Entry, ":"),
    [Function, Arity] = string:split(Rest, "/"),
    {list_to_atom(Module), list_to_atom(Function), list_to_integer(Arity)}.

%% EUnit's listener: remembers what failed, and hands it to the judge at the end

start(Options) -> eunit_listener:start(?MODULE, Options).
init(_Options) -> [].
handle_begin(_Kind, _Data, State) -> State.

handle_end(test, Data, State) ->
    case proplists:get_value(status, Data) of
        {error, {_Class, Reason, _Stack}} -> [{proplists:get_value(source, Data), Reason} | State];
        _ -> State
    end;
handle_end(_Kind, _Data, State) ->
    State.

handle_cancel(_Kind, Data, State) ->
    case proplists:get_value(reason, Data) of
        undefined -> State;
        Reason -> [{proplists:get_value(id, Data), Reason} | State]
    end.

terminate({ok, Counts}, Failed) ->
    booktune_judge ! {collected, Counts, Failed};
terminate({error, Why}, _Failed) ->
    booktune_judge ! {collected, [], [{eunit, Why}]}.
