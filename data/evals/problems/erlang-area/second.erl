-module(shapes).
-export([area/1]).

area(Shape) ->
    case Shape of
        {square, Side} -> area({rectangle, Side, Side});
        {rectangle, Width, Height} -> Width * Height;
        {triangle, Base, Height} -> area({rectangle, Base, Height}) / 2;
        _ -> {error, unknown_shape}
    end.
