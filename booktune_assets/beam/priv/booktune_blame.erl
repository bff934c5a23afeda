%% Whose fault is it: the candidate's, or that of tests which need what nobody was asked for?
%%
%% Belongs here: tests that did not compile, failures for want of a module that neither the tests nor
%% the problem's files define and that its interface does not name. Does not: compiling and running
%% (booktune_tests), what becomes of the answer (the runner). A program cannot choose to be spared: which modules
%% the tests call is read from the tests alone, and one other failure makes the verdict its own.
-module(booktune_blame).
-export([blame/5, uncompiled/4, unlisted/2, spared/2]).

%% Tests that did not compile by themselves: do they need the candidate, or are they broken?
blame(elixir, Tests, Why, Interface, Absent) ->
    {ok, Tree} = 'Elixir.Code':string_to_quoted(Tests),
    Used = booktune_source:walk(fun(Node) -> used(Node, Absent ++ Interface) end, Tree),
    Said = unicode:characters_to_binary([Why]),
    Named = [M || M <- Absent, names(Said, booktune_source:short(M))],
    case Used ++ Named of
        [] -> broken;
        _ -> needs_candidate
    end;
blame(erlang, _, Why, _, _) ->
    % a header beside the program may be the candidate's; one of a library or of the machine is not
    Relative = "include file \"[^/\"][^\"]*\"",
    case re:run(unicode:characters_to_binary([Why]), Relative, [{capture, none}]) of
        nomatch -> broken;
        match -> needs_candidate
    end.

used({What, _, [{'__aliases__', _, Parts} | _]}, Absent) when
    What =:= use; What =:= import; What =:= require; What =:= doctest
->
    [M || M <- [booktune_source:concat(Parts)], lists:member(M, Absent)];
used({What, _, [{{'.', _, [_, '{}']}, _, _} | _]}, _) when What =:= import; What =:= require -> [What];
used({'%', _, [{'__aliases__', _, _} | _]}, _) -> [struct];
used(_, _) -> [].

%% Tests that do not compile beside the candidate: {Class, TestsRun, Why}.
uncompiled(Language, Tests, Interface, Why) ->
    case lacking(Language, Tests, Interface, unicode:characters_to_binary([Why])) of
        [] -> {fail, 0, ["the tests do not compile with this candidate: ", Why]};
        Lacking -> of_problem(0, Lacking)
    end.

%% Modules that tests use, import or require, or that the compiler misses in them.
lacking(elixir, Tests, Interface, Said) ->
    case Interface =/= [] andalso 'Elixir.Code':string_to_quoted(Tests) of
        {ok, Tree} ->
            Short = booktune_source:walk(fun given/1, Tree),
            Wanted = modules(Interface) ++ booktune_source:defined(Tree),
            Needed = booktune_source:walk(fun(N) -> needed(N, Short) end, Tree),
            Missed = [M || M <- booktune_source:walk(fun(N) -> called(N, Short) end, Tree), missed(Said, M)],
            [M || M <- lists:usort(Needed ++ Missed), absent(M), not listed(M, Wanted)];
        _ ->
            []
    end;
lacking(erlang, _, _, _) -> [].

needed({How, _, [{'__aliases__', _, Parts} | _]}, Short) when How =:= use; How =:= import; How =:= require ->
    full(Parts, Short);
needed({How, _, [{{'.', _, [{'__aliases__', _, Base}, '{}']}, _, Names} | _]}, Short) when
    How =:= use; How =:= import; How =:= require
->
    lists:append([full(Base ++ Parts, Short) || {'__aliases__', _, Parts} <- Names]);
needed(_, _) ->
    [].

called({'.', _, [{'__aliases__', _, Parts}, F]}, Short) when is_atom(F) -> full(Parts, Short);
called(_, _) -> [].

missed(Said, M) ->
    Words = ["module ", booktune_source:short(M), " is not (available|loaded)"],
    re:run(Said, Words, [unicode, {capture, none}]) =:= match.

%% {Short, Parts} of the names that the tests give modules.
given({alias, _, [{{'.', _, [{'__aliases__', _, Base}, '{}']}, _, Names} | _]}) ->
    [{lists:last(Parts), Base ++ Parts} || {'__aliases__', _, Parts} <- Names];
given({How, _, [{'__aliases__', _, Parts} | More]}) when How =:= alias; How =:= require ->
    As = [N || [Options] <- [More], is_list(Options), {as, {'__aliases__', _, [N]}} <- Options],
    [{N, Parts} || N <- As ++ [lists:last(Parts) || As =:= [], How =:= alias]];
given(_) ->
    [].

%% The module that a name means, if it can be known.
full(Parts, Short) ->
    [booktune_source:concat(P) || P <- [full(Parts, Short, 4)], lists:all(fun is_atom/1, P)].

full([First | Rest] = Parts, Short, Depth) ->
    case lists:keyfind(First, 1, Short) of
        {_, [_, _ | _] = Longer} when Depth > 0, Longer =/= Parts -> full(Longer, Short, Depth - 1) ++ Rest;
        {_, [Other]} when Depth > 0, Other =/= First -> full([Other], Short, Depth - 1) ++ Rest;
        _ -> Parts
    end.

%% Modules that the compiled tests call, that nothing here has and nobody was asked for. Without an
%% interface all that the tests call is asked for.
unlisted(_, []) ->
    [];
unlisted(Beams, Interface) ->
    Wanted = modules(Interface) ++ [M || {M, _} <- Beams],
    Called = lists:usort([M || {_, Beam} <- Beams, {M, _, _} <- imports(Beam)]),
    [M || M <- Called, code:which(M) =:= non_existing, not listed(M, Wanted)].

imports(Beam) ->
    {ok, {_, [{imports, Imports}]}} = beam_lib:chunks(Beam, [imports]),
    Imports.

%% The outcome of tests that failed for want of such modules alone, or none.
spared({Ran, [_ | _] = Failed, _}, Unlisted) ->
    Lacking = [[M || M <- undefined(What), lists:member(M, Unlisted)] || {_, What} <- Failed],
    case lists:member([], Lacking) of
        true -> none;
        false -> of_problem(Ran, lists:usort(lists:append(Lacking)))
    end;
spared(_, _) ->
    none.

%% The module of the function that a test missed, if that is all that went wrong.
undefined([{error, #{'__struct__' := 'Elixir.UndefinedFunctionError', module := M}, _}]) -> [M];
undefined({undef, [{M, _, _, _} | _]}) -> [M];
undefined({error, undef, [{M, _, _, _} | _]}) -> [M];
undefined(_) -> [].

of_problem(Ran, Modules) ->
    Names = lists:join(", ", [booktune_source:short(M) || M <- Modules]),
    {harness_error, Ran, [
        "BAD_ROW: the problem: its tests need ", Names, ", which neither they nor its files define and its "
        "interface does not name. Name its functions in the interface, or lay it among the files under test/"
    ]}.

modules(Interface) -> [M || {M, _, _} <- Interface].

absent(M) -> code:is_loaded(M) =:= false andalso code:which(M) =:= non_existing.

%% A module in one that was asked for is a part of it.
listed(M, Wanted) ->
    lists:any(fun(W) -> M =:= W orelse lists:prefix(atom_to_list(W) ++ ".", atom_to_list(M)) end, Wanted).

%% The name as a word of its own: Add is not named by AddTest.
names(Said, Name) ->
    re:run(Said, ["(?<![\\w.])\\Q", Name, "\\E(?!\\w)"], [unicode, {capture, none}]) =:= match.
