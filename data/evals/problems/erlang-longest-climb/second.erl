-module(climb).
-export([longest/1, split/1]).

split(List) -> lists:foldr(fun add/2, [], List).

add(N, [[Next | _] = Climb | Rest]) when N < Next -> [[N | Climb] | Rest];
add(N, Climbs) -> [[N] | Climbs].

longest([]) -> none;
longest(List) ->
    {_, Found} = lists:foldl(
        fun(Climb, {Start, Best}) ->
            Length = length(Climb),
            Now = {Length, lists:last(Climb) - hd(Climb), Start},
            {Start + Length, better(Now, Best)}
        end,
        {1, none},
        split(List)
    ),
    {Length, Gain, Start} = Found,
    {Start, Length, Gain}.

better(Now, none) -> Now;
better({L, G, _} = Now, {M, H, _}) when L > M; L =:= M, G > H -> Now;
better(_, Best) -> Best.
