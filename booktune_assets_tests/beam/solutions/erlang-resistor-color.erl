-module(resistor_color).
-export([colors/0, color_code/1]).

colors() -> string:lexemes("black brown red orange yellow green blue violet grey white", " ").

color_code(Color) -> length(lists:takewhile(fun(Other) -> Other =/= Color end, colors())).
