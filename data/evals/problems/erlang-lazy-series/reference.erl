-module(series).
-export([from/2, take/2, map/2, while/2, merge/2, chunks/2]).

from(N, Step) -> [N | fun() -> from(N + Step, Step) end].

take(0, _Series) -> [];
take(_K, []) -> [];
take(1, [Head | _Tail]) -> [Head];
take(K, [Head | Tail]) -> [Head | take(K - 1, Tail())].

map(_Fun, []) -> [];
map(Fun, [Head | Tail]) -> [Fun(Head) | fun() -> map(Fun, Tail()) end].

while(Holds, [Head | Tail]) ->
    case Holds(Head) of
        true -> [Head | fun() -> while(Holds, Tail()) end];
        false -> []
    end;
while(_Holds, []) -> [].

merge([], B) -> B;
merge(A, []) -> A;
merge([A | TailA], [B | TailB]) when A =:= B -> [A | fun() -> merge(TailA(), TailB()) end];
merge([A | TailA], [B | _] = Other) when A < B -> [A | fun() -> merge(TailA(), Other) end];
merge(A, B) -> merge(B, A).

chunks(_Size, []) -> [];
chunks(Size, Series) -> chunk(Size, Series, []).

chunk(_Size, [], Chunk) -> [lists:reverse(Chunk) | fun() -> [] end];
chunk(Size, [Head | Tail], Chunk) when length(Chunk) + 1 =:= Size ->
    [lists:reverse(Chunk, [Head]) | fun() -> chunks(Size, Tail()) end];
chunk(Size, [Head | Tail], Chunk) -> chunk(Size, Tail(), [Head | Chunk]).
