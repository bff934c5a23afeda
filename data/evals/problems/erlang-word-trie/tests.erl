-module(trie_tests).
-include_lib("eunit/include/eunit.hrl").

trie(Words) -> lists:foldl(fun(Word, Trie) -> trie:add(Word, Trie) end, trie:new(), Words).

without(Words, Trie) -> lists:foldl(fun(Word, Left) -> trie:remove(Word, Left) end, Trie, Words).

nothing_test() ->
    ?assertEqual([], trie:words("", trie:new())),
    ?assertEqual(1, trie:count(trie:new())),
    ?assertEqual(false, trie:has("", trie:new())),
    ?assertEqual(false, trie:has("a", trie:new())).

has_test() ->
    Trie = trie(["car", "cart", "dog"]),
    ?assertEqual([true, true, true], [trie:has(Word, Trie) || Word <- ["car", "cart", "dog"]]),
    ?assertEqual([false, false, false], [trie:has(Word, Trie) || Word <- ["", "ca", "carts"]]),
    ?assert(trie:has("", trie:add("", Trie))).

words_test() ->
    Trie = trie(["cart", "dog", "car", "cat", "", "do"]),
    ?assertEqual(["car", "cart", "cat"], trie:words("ca", Trie)),
    ?assertEqual(["car", "cart"], trie:words("car", Trie)),
    ?assertEqual(["", "car", "cart", "cat", "do", "dog"], trie:words("", Trie)),
    ?assertEqual([], trie:words("dogs", Trie)),
    ?assertEqual([], trie:words("x", Trie)).

size_test() ->
    ?assertEqual(4, trie:count(trie(["abc"]))),
    ?assertEqual(4, trie:count(trie(["abc", "ab", "", "abc"]))),
    ?assertEqual(6, trie:count(trie(["abc", "abx", "b"]))).

removes_test() ->
    Trie = trie(["car", "cart", "cat", "dog"]),
    ?assertEqual(["car", "cat", "dog"], trie:words("", trie:remove("cart", Trie))),
    ?assertEqual(9, trie:count(Trie)),
    ?assertEqual(8, trie:count(trie:remove("cart", Trie))),
    ?assertEqual(["cart"], trie:words("car", trie:remove("car", Trie))),
    ?assertEqual(9, trie:count(trie:remove("car", Trie))),
    ?assertEqual(5, trie:count(trie:remove("dog", trie:remove("cat", trie:remove("car", Trie))))),
    ?assertEqual(Trie, without(["ca", "carts", "", "x"], Trie)).

equal_test() ->
    One = trie(["b", "a", "ab"]),
    Other = without(["abc", "ba", ""], trie(["abc", "ab", "", "ba", "a", "b"])),
    ?assertEqual(One, Other),
    ?assertEqual(trie:new(), without(["abc"], trie(["abc"]))).
