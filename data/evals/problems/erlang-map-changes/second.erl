-module(changes).
-export([between/2, patch/2]).

between(Old, New) ->
    Keys = maps:keys(maps:merge(Old, New)),
    lists:sort(lists:append([change(Key, maps:find(Key, Old), maps:find(Key, New)) || Key <- Keys])).

change(_, Same, Same) -> [];
change(Key, error, {ok, Value}) -> [{added, Key, Value}];
change(Key, {ok, Value}, error) -> [{removed, Key, Value}];
change(Key, {ok, Old}, {ok, New}) -> [{changed, Key, Old, New}].

patch(Map, Changes) ->
    try {ok, lists:foldl(fun apply_one/2, Map, Changes)}
    catch throw:{unfit, Change} -> {error, Change}
    end.

apply_one(Change, Map) ->
    {Needed, Next} = case Change of
        {added, K, V} -> {{K, error}, fun() -> maps:put(K, V, Map) end};
        {removed, K, V} -> {{K, {ok, V}}, fun() -> maps:without([K], Map) end};
        {changed, K, V, W} -> {{K, {ok, V}}, fun() -> maps:update(K, W, Map) end}
    end,
    {Key, Found} = Needed,
    case maps:find(Key, Map) =:= Found of
        true -> Next();
        false -> throw({unfit, Change})
    end.
