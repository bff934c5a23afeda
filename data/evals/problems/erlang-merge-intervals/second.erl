-module(intervals).
-export([merge/1]).

%% Each interval is put into what is merged already.
merge(List) -> lists:foldl(fun put_in/2, [], List).

put_in({From, To}, Merged) ->
    {Touching, Apart} = lists:partition(fun({A, B}) -> A =< To andalso From =< B end, Merged),
    {Starts, Ends} = lists:unzip([{From, To} | Touching]),
    lists:sort([{lists:min(Starts), lists:max(Ends)} | Apart]).
