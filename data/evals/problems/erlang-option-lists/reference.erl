-module(opts).
-export([read/2, write/2]).

read(Spec, Options) ->
    {Given, Odd} = lists:foldl(fun(One, Acc) -> take(One, Spec, Acc) end, {#{}, []}, Options),
    Found = [value(Entry, Given) || Entry <- Spec],
    case lists:usort(Odd ++ [Error || {error, Error} <- Found]) of
        [] -> {ok, maps:from_list([{Key, Value} || {ok, Key, Value} <- Found])};
        Errors -> {error, Errors}
    end.

write(Spec, Map) ->
    [
        written(Key, Type, maps:get(Key, Map), Spec)
     || {Key, Type, Default} <- Spec, maps:get(Key, Map) =/= Default
    ].

take(Key, Spec, Acc) when is_atom(Key) ->
    take({Key, true}, Spec, Acc);
take({Name, Value}, Spec, {Given, Odd}) when is_atom(Name) ->
    case meaning(Name, Value, Spec) of
        {Key, _Meant} when is_map_key(Key, Given) -> {Given, Odd};
        {Key, Meant} -> {Given#{Key => {Meant, Value}}, Odd};
        unknown -> {Given, [{unknown, Name} | Odd]}
    end;
take(Other, _Spec, {Given, Odd}) ->
    {Given, [{bad_option, Other} | Odd]}.

meaning(Name, Value, Spec) ->
    case lists:keymember(Name, 1, Spec) of
        true -> {Name, {value, Value}};
        false -> negated(atom_to_list(Name), Value, Spec)
    end.

negated("no_" ++ Rest, Value, Spec) ->
    case [Key || {Key, boolean, _} <- Spec, atom_to_list(Key) =:= Rest] of
        [Key] when is_boolean(Value) -> {Key, {value, not Value}};
        [Key] -> {Key, bad};
        [] -> unknown
    end;
negated(_Name, _Value, _Spec) ->
    unknown.

value({Key, Type, Default}, Given) ->
    case Given of
        #{Key := {{value, Meant}, Value}} ->
            case fits(Meant, Type) of
                true -> {ok, Key, Meant};
                false -> {error, {bad_value, Key, Value}}
            end;
        #{Key := {bad, Value}} ->
            {error, {bad_value, Key, Value}};
        #{} when Default =:= required ->
            {error, {missing, Key}};
        #{} ->
            {ok, Key, Default}
    end.

fits(Value, boolean) -> is_boolean(Value);
fits(Value, integer) -> is_integer(Value);
fits(Value, atom) -> is_atom(Value);
fits(Value, {one_of, Values}) -> lists:any(fun(One) -> One =:= Value end, Values);
fits([], {list, _Type}) -> true;
fits([First | Rest], {list, Type} = List) -> fits(First, Type) andalso fits(Rest, List);
fits(_Value, _Type) -> false.

written(Key, _Type, true, _Spec) ->
    Key;
written(Key, boolean, false, Spec) ->
    No = list_to_atom("no_" ++ atom_to_list(Key)),
    case lists:keymember(No, 1, Spec) of
        true -> {Key, false};
        false -> No
    end;
written(Key, _Type, Value, _Spec) ->
    {Key, Value}.
