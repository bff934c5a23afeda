-module(series).
-export([slices/2]).

slices(Text, Size) when length(Text) < Size -> [];
slices([_ | Rest] = Text, Size) -> [lists:sublist(Text, Size) | slices(Rest, Size)].
