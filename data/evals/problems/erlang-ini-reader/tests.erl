-module(ini_tests).
-include_lib("eunit/include/eunit.hrl").

text(Lines) -> lists:flatten(lists:join("\n", Lines)).

parse(Lines) -> ini:parse(text(Lines)).

empty_test() ->
    ?assertEqual({ok, #{}}, ini:parse("")),
    ?assertEqual({ok, #{}}, ini:parse("\n \t\n; nothing\n  ;x=1\n")).

sections_test() ->
    ?assertEqual(
        {ok, #{"" => #{"a" => "1"}, "net" => #{"host" => "h", "port" => "80"}, "log" => #{}}},
        parse(["a=1", "[net]", "host = h", "\tport\t=\t80\t", " [ log ] "])
    ),
    ?assertEqual({ok, #{"a b" => #{}}}, ini:parse("[a b]\n")).

values_test() ->
    ?assertEqual(
        {ok, #{"" => #{"a" => "b = c", "e" => "", "k k" => "v ; w"}}},
        parse(["a = x", "a = b = c", "e =", "k k=v ; w"])
    ).

again_test() ->
    ?assertEqual(
        {ok, #{"x" => #{"a" => "3", "b" => "2"}, "y" => #{}}},
        parse(["[x]", "a = 1", "b = 2", "[y]", "[x]", "a = 3"])
    ).

continued_test() ->
    ?assertEqual({ok, #{"" => #{"a" => "1 2,3", "b" => "x"}}}, parse(["a = 1 \\", "  2,\\", "\t3", "b = x\\"])),
    ?assertEqual({ok, #{"" => #{"a" => "b = 1"}}}, parse(["a = \\", "b = 1"])),
    ?assertEqual({ok, #{"s" => #{}}}, parse(["; c \\", "d", "[s\\", "]"])),
    ?assertEqual({ok, #{"" => #{"p" => "q \\ r"}}}, parse(["p = q \\ r"])).

errors_test() ->
    ?assertEqual({error, {2, no_equals}}, parse(["a=1", "word", "=2"])),
    ?assertEqual({error, {1, no_key}}, parse([" = 2", "word"])),
    ?assertEqual({error, {3, bad_section}}, parse(["", "[a]", "[ ]"])),
    ?assertEqual({error, {1, bad_section}}, parse(["[a"])),
    ?assertEqual({error, {1, bad_section}}, parse(["[a] b = 1"])),
    ?assertEqual({error, {1, bad_section}}, parse(["["])).

numbers_of_lines_test() ->
    ?assertEqual({error, {4, no_equals}}, parse(["a = 1\\", "2\\", "3", "word"])),
    ?assertEqual({error, {2, no_equals}}, parse(["a = 1", "word \\", " more", "b = 2"])),
    ?assertEqual({error, {3, no_key}}, parse(["x = \\", "y", "= \\", "z"])).
