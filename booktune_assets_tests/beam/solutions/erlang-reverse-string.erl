-module(reverse_string).
-export([reverse/1]).

reverse(Text) -> lists:foldl(fun(Char, Done) -> [Char | Done] end, [], Text).
