-module(opts).
-export([read/2, write/2]).

%% every name that may stand in the options: {key, how to read its value}
names(Spec) ->
    Opposites = [{opposite(Key), {Key, no}} || {Key, boolean, _} <- Spec],
    maps:merge(maps:from_list(Opposites), maps:from_list([{Key, {Key, yes}} || {Key, _, _} <- Spec])).

opposite(Key) -> list_to_atom("no_" ++ atom_to_list(Key)).

read(Spec, Options) ->
    Names = names(Spec),
    Read = [option(Option, Names) || Option <- Options],
    %% of several with one key the first stays
    Given = maps:from_list(lists:reverse([{Key, How} || {given, Key, How} <- Read])),
    Keys = [key(One, Given) || One <- Spec],
    case lists:usort([E || {error, E} <- Read ++ Keys]) of
        [] -> {ok, maps:from_list(Keys)};
        Errors -> {error, Errors}
    end.

option(Key, Names) when is_atom(Key) -> option({Key, true}, Names);
option({Name, Value}, Names) when is_atom(Name) ->
    case Names of
        #{Name := {Key, How}} -> {given, Key, {How, Value}};
        _ -> {error, {unknown, Name}}
    end;
option(Term, _) -> {error, {bad_option, Term}}.

key({Key, Type, Default}, Given) ->
    case Given of
        #{Key := {no, Value}} when is_boolean(Value) -> {Key, not Value};
        #{Key := {no, Value}} -> {error, {bad_value, Key, Value}};
        #{Key := {yes, Value}} ->
            case fits(Type, Value) of
                true -> {Key, Value};
                false -> {error, {bad_value, Key, Value}}
            end;
        _ when Default =:= required -> {error, {missing, Key}};
        _ -> {Key, Default}
    end.

fits(boolean, Value) -> is_boolean(Value);
fits(integer, Value) -> is_integer(Value);
fits(atom, Value) -> is_atom(Value);
fits({list, Type}, Value) when length(Value) >= 0 -> lists:all(fun(V) -> fits(Type, V) end, Value);
fits({list, _}, _) -> false;
fits({one_of, Values}, Value) -> lists:any(fun(V) -> V =:= Value end, Values).

write(Spec, Map) ->
    Names = names(Spec),
    lists:flatmap(
        fun({Key, Type, Default}) ->
            case {Type, maps:get(Key, Map)} of
                {_, Default} when Default =/= required -> [];
                {_, true} -> [Key];
                {boolean, false} ->
                    No = opposite(Key),
                    case maps:get(No, Names) of
                        {Key, no} -> [No];
                        _ -> [{Key, false}]
                    end;
                {_, Value} -> [{Key, Value}]
            end
        end,
        Spec
    ).
