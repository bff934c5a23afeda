-module(changes).
-export([between/2, patch/2]).

between(Old, New) ->
    Added = [{added, K, V} || {K, V} <- maps:to_list(New), not is_map_key(K, Old)],
    Removed = [{removed, K, V} || {K, V} <- maps:to_list(Old), not is_map_key(K, New)],
    Changed = [
        {changed, K, V, maps:get(K, New)}
     || {K, V} <- maps:to_list(Old), is_map_key(K, New), maps:get(K, New) =/= V
    ],
    lists:sort(Added ++ Removed ++ Changed).

patch(Map, []) ->
    {ok, Map};
patch(Map, [Change | Rest]) ->
    case one(Map, Change) of
        error -> {error, Change};
        Changed -> patch(Changed, Rest)
    end.

one(Map, {added, K, V}) when not is_map_key(K, Map) -> Map#{K => V};
one(Map, {changed, K, Old, New}) when map_get(K, Map) =:= Old -> Map#{K := New};
one(Map, {removed, K, V}) when map_get(K, Map) =:= V -> maps:remove(K, Map);
one(_Map, _Change) -> error.
