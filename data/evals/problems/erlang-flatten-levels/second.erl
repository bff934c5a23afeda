-module(levels).
-export([flatten/2, depth/1, at/2]).

flatten(List, 0) -> List;
flatten(List, N) ->
    case lists:any(fun erlang:is_list/1, List) of
        true -> flatten(once(List), N - 1);
        false -> List
    end.

%% A level less; what comes up may be a list again.
once([]) -> [];
once([First | Rest]) when is_list(First) -> First ++ once(Rest);
once([First | Rest]) -> [First | once(Rest)].

depth(List) ->
    case [One || One <- List, is_list(One)] of
        [] -> 1;
        Inner -> 1 + depth(lists:append(Inner))
    end.

at(List, 1) -> [One || One <- List, not is_list(One)];
at(List, N) -> at(lists:append([One || One <- List, is_list(One)]), N - 1).
