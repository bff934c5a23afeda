-module(trie).
-export([new/0, add/2, remove/2, has/2, words/2, count/1]).

%% A node: does a word end here, and the nodes behind it by character.
new() -> {false, #{}}.

add([], {_Ends, Next}) ->
    {true, Next};
add([Char | Word], {Ends, Next}) ->
    {Ends, Next#{Char => add(Word, maps:get(Char, Next, new()))}}.

remove([], {_Ends, Next}) ->
    {false, Next};
remove([Char | Word], {Ends, Next} = Node) ->
    case Next of
        #{Char := Behind} ->
            case remove(Word, Behind) of
                {false, Empty} when map_size(Empty) =:= 0 -> {Ends, maps:remove(Char, Next)};
                Left -> {Ends, Next#{Char := Left}}
            end;
        #{} ->
            Node
    end.

has([], {Ends, _Next}) -> Ends;
has([Char | Word], {_Ends, Next}) ->
    case Next of
        #{Char := Behind} -> has(Word, Behind);
        #{} -> false
    end.

words(Prefix, Trie) ->
    Node = lists:foldl(fun(Char, {_, Next}) -> maps:get(Char, Next, new()) end, Trie, Prefix),
    [Prefix ++ Word || Word <- all(Node)].

count({_Ends, Next}) -> 1 + lists:sum([count(Node) || Node <- maps:values(Next)]).

all({Ends, Next}) ->
    Longer = [[Char | Word] || {Char, Node} <- lists:sort(maps:to_list(Next)), Word <- all(Node)],
    [[] || Ends] ++ Longer.
