-module(trie).
-export([new/0, add/2, remove/2, has/2, words/2, count/1]).

%% The sorted list of words says all: the nodes are counted when they are asked for.
new() -> ordsets:new().
add(Word, Words) -> ordsets:add_element(Word, Words).
remove(Word, Words) -> ordsets:del_element(Word, Words).
has(Word, Words) -> ordsets:is_element(Word, Words).
words(Prefix, Words) -> lists:filter(fun(Word) -> lists:prefix(Prefix, Word) end, Words).

count(Words) ->
    Beginnings = [lists:sublist(Word, N) || Word <- Words, N <- lists:seq(0, length(Word))],
    length(lists:usort(["" | Beginnings])).
