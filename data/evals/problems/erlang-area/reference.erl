-module(shapes).
-export([area/1]).

area({rectangle, Width, Height}) -> Width * Height;
area({square, Side}) -> Side * Side;
area({triangle, Base, Height}) -> Base * Height / 2;
area(_Other) -> {error, unknown_shape}.
