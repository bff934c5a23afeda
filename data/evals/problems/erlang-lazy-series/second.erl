-module(series).
-export([from/2, take/2, map/2, while/2, merge/2, chunks/2]).

%% All of them are unfolded from a state by a step: {Element, fun() -> NextState} or stop.
unfold(Step, State) ->
    case Step(State) of
        stop -> [];
        {Element, Next} -> [Element | fun() -> unfold(Step, Next()) end]
    end.

from(N, Step) -> unfold(fun(I) -> {N + I * Step, fun() -> I + 1 end} end, 0).

map(Fun, Series) ->
    unfold(fun([]) -> stop; ([H | T]) -> {Fun(H), T} end, Series).

while(Fun, Series) ->
    Step = fun([H | T]) ->
                   case Fun(H) of true -> {H, T}; false -> stop end;
              ([]) -> stop
           end,
    unfold(Step, Series).

merge(A, B) ->
    unfold(
        fun({[], []}) -> stop;
           ({[H | T], []}) -> {H, fun() -> {T(), []} end};
           ({[], [H | T]}) -> {H, fun() -> {[], T()} end};
           ({[H | T], [H | U]}) -> {H, fun() -> {T(), U()} end};
           ({[H | T], [G | _] = S}) when H < G -> {H, fun() -> {T(), S} end};
           ({S, [G | U]}) -> {G, fun() -> {S, U()} end}
        end, {A, B}).

chunks(Size, Series) ->
    unfold(
        fun([]) -> stop;
           (Left) ->
                Chunk = take(Size, Left),
                {Chunk, fun() -> drop(Size, Left) end}
        end, Series).

take(K, Series) when K =:= 0; Series =:= [] -> [];
take(K, [H | T]) -> [H | case K of 1 -> []; _ -> take(K - 1, T()) end].

drop(0, Series) -> Series;
drop(_, []) -> [];
drop(K, [_ | T]) -> drop(K - 1, T()).
