%% What a source says of itself: modules that it mentions, defines and renames, tests that it states.
%%
%% Belongs here: reading names off the syntax tree (Elixir) or the tokens (Erlang); nothing runs. Does not: what
%% a program may not name (booktune_screen), who is to blame for what is missing (booktune_blame).
-module(booktune_source).
-export([mentions/3, built/1, excepted/1, aliased/1, least/2]).
-export([defined/1, named/1, walk/2, concat/1, short/1, text/1]).

%% {ok, Modules that the tests mention} | {error, Why}: parsing runs nothing
mentions(elixir, Tests, Interface) ->
    case 'Elixir.Code':string_to_quoted(Tests) of
        {ok, Tree} -> mentioned_by(Tree, Interface);
        {error, Why} -> {error, ["the tests do not parse: ", fault(Why)]}
    end;
mentions(erlang, Tests, _) ->
    case erl_scan:string(text(Tests)) of
        {ok, Tokens, _} -> {ok, lists:usort(called(Tokens) -- [named(Tokens)])};
        {error, {Line, Module, Why}, _} ->
            {error, io_lib:format("the tests do not parse: line ~p: ~ts", [Line, Module:format_error(Why)])}
    end.

%% What Elixir's parser says, with its line.
fault({Meta, Said, Token}) when is_list(Meta) ->
    Words = case Said of {Before, After} -> [Before, Token, After]; _ -> [Said, Token] end,
    io_lib:format("line ~p: ~ts", [proplists:get_value(line, Meta), Words]);
fault(Why) ->
    io_lib:format("~tP", [Why, 20]).

%% A required module is wanted for its macros, which expand where the tests compile.
mentioned_by(Tree, Interface) ->
    Own = defined(Tree),
    Named = [M || {M, _, _} <- Interface],
    Required = walk(
        fun
            ({require, _, [{'__aliases__', _, Parts} | _]}) -> [concat(Parts)];
            (_) -> []
        end,
        Tree
    ),
    Absent = [M || M <- Required -- Own, lists:member(M, Named) orelse code:which(M) =:= non_existing],
    case Absent of
        [] -> {ok, lists:usort(walk(fun aliases/1, Tree) -- Own)};
        _ -> {needs_candidate, io_lib:format("the tests require ~tp", [Absent])}
    end.

%% Last parts of the names of structs that tests build or match.
built(Tests) ->
    {ok, Tree} = 'Elixir.Code':string_to_quoted(Tests),
    walk(
        fun
            ({'%', _, [{'__aliases__', _, Parts}, _]}) -> [atom_to_list(P) || P <- [lists:last(Parts)], is_atom(P)];
            (_) -> []
        end,
        Tree
    ).

%% {Name, How the module ends} of modules that the tests give names themselves.
aliased(Tests) ->
    case 'Elixir.Code':string_to_quoted(Tests) of
        {ok, Tree} -> lists:usort(walk(fun renamed/1, Tree));
        _ -> []
    end.

renamed({defmodule, _, [{'__aliases__', _, [First | _]} | _]}) when is_atom(First) ->
    [{concat([First]), ending([First])}];
renamed({How, _, [{{'.', _, [_, '{}']}, _, Names} | _]}) when How =:= alias; How =:= require ->
    [{concat([lists:last(P)]), ending(P)} || {'__aliases__', _, P} <- Names];
renamed({How, _, [{'__aliases__', _, Parts} | More]}) when How =:= alias; How =:= require ->
    Given = [N || [Options] <- [More], is_list(Options), {as, {'__aliases__', _, [N]}} <- Options],
    [{concat([N]), ending(Parts)} || N <- [lists:last(Parts) | Given], is_atom(N)];
renamed(_) -> [].

ending(Parts) -> string:join([atom_to_list(P) || P <- Parts, is_atom(P)], ".").

%% Operators that the tests say they do not want from the language: import Kernel, except: [+: 2]
excepted(Tests) ->
    case 'Elixir.Code':string_to_quoted(Tests) of
        {ok, Tree} ->
            walk(
                fun
                    ({import, _, [{'__aliases__', _, ['Kernel']}, [{except, Names}]]}) when is_list(Names) -> Names;
                    (_) -> []
                end,
                Tree
            );
        _ ->
            []
    end.

text(Bytes) ->
    case unicode:characters_to_list(Bytes) of
        Text when is_list(Text) -> Text;
        _ -> binary_to_list(Bytes)
    end.

aliases({'__aliases__', _, [First | _] = Parts}) when is_atom(First) -> [concat(Parts)];
aliases(_) -> [].

concat(Parts) ->
    case lists:all(fun is_atom/1, Parts) of
        true -> 'Elixir.Module':concat(Parts);
        false -> 'Elixir.Kernel'
    end.

defined(Tree) ->
    walk(
        fun
            ({defmodule, _, [{'__aliases__', _, Parts} | _]}) -> [concat(Parts)];
            (_) -> []
        end,
        Tree
    ).

called([{atom, _, M}, {':', _}, {atom, _, _} | Rest]) -> [M | called(Rest)];
called([{'-', _}, {atom, _, import}, {'(', _}, {atom, _, M} | Rest]) -> [M | called(Rest)];
called([_ | Rest]) -> called(Rest);
called([]) -> [].

named([{'-', _}, {atom, _, module}, {'(', _}, {atom, _, M} | _]) -> M;
named([_ | Rest]) -> named(Rest);
named([]) -> undefined.

%% Every result of Fun over the nodes of a tree.
walk(Fun, Node) -> walk(Fun, Node, []).

walk(Fun, Node, Found) when is_tuple(Node) ->
    walk(Fun, tuple_to_list(Node), Fun(Node) ++ Found);
walk(Fun, [H | T], Found) -> walk(Fun, T, walk(Fun, H, Found));
walk(Fun, Node, Found) when is_atom(Node), Node =/= nil -> Fun(Node) ++ Found;
walk(_, _, Found) -> Found.

%% How many tests the source states for certain: what a macro of the candidate makes of the tests,
%% so many have to run. Tests that are skipped or made in a loop are not counted.
least(elixir, Tests) ->
    case 'Elixir.Code':string_to_quoted(Tests) of
        {ok, Tree} -> stated(Tree);
        _ -> 0
    end;
least(erlang, Tests) ->
    case erl_scan:string(text(Tests)) of
        {ok, Tokens, _} ->
            Conditional = [N || {atom, _, N} <- Tokens, lists:member(N, ['ifdef', 'ifndef'])],
            case Conditional of
                [] -> length([1 || [{atom, _, F}, {'(', _}, {')', _} | _] <- booktune_named:forms(Tokens), simple(F)]);
                _ -> 0
            end;
        _ ->
            0
    end.

simple(F) -> lists:suffix("_test", atom_to_list(F)).

stated({'__block__', _, Nodes}) -> stated(Nodes);
stated({F, _, Args}) when (F =:= defmodule orelse F =:= describe), is_list(Args) ->
    case lists:last(Args) of
        [{do, Body}] -> stated(Body);
        _ -> 0
    end;
stated({test, _, [_ | _]}) -> 1;
stated([{'@', _, [{Tag, _, [Skip]}]} | Rest]) when Tag =:= moduletag; Tag =:= describetag ->
    case skips(Skip) of true -> 0; false -> stated(Rest) end;
stated([{'@', _, [{tag, _, [Skip]}]}, Next | Rest]) ->
    case skips(Skip) of
        true when element(1, Next) =:= '@' -> stated([{'@', [], [{tag, [], [skip]}]} | Rest]);
        true -> stated(Rest);
        false -> stated([Next | Rest])
    end;
stated([Node | Rest]) -> stated(Node) + stated(Rest);
stated(_) -> 0.

skips(skip) -> true;
skips(Tags) when is_list(Tags) -> lists:keymember(skip, 1, [T || T <- Tags, is_tuple(T)]);
skips(_) -> false.

short(Module) ->
    case atom_to_binary(Module) of
        <<"Elixir.", Name/binary>> -> Name;
        Name -> Name
    end.
