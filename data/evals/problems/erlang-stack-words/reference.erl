-module(stackwords).
-export([run/1]).

run(Text) ->
    try
        {ok, eval(string:lexemes(Text, " "), [])}
    catch
        throw:Reason -> {error, Reason}
    end.

eval([], Stack) ->
    Stack;
eval(["times" | Words], Stack) ->
    {Body, Rest} = body(Words, 0, []),
    case Stack of
        [Count | Below] -> eval(Rest, repeat(Count, Body, Below));
        [] -> throw({underflow, "times"})
    end;
eval(["end" | _], _Stack) ->
    throw(unbalanced);
eval([Word | Words], Stack) ->
    eval(Words, word(Word, Stack)).

repeat(Count, Body, Stack) when Count > 0 -> repeat(Count - 1, Body, eval(Body, Stack));
repeat(_Count, _Body, Stack) -> Stack.

body(["end" | Rest], 0, Body) -> {lists:reverse(Body), Rest};
body(["end" | Rest], Depth, Body) -> body(Rest, Depth - 1, ["end" | Body]);
body(["times" | Rest], Depth, Body) -> body(Rest, Depth + 1, ["times" | Body]);
body([Word | Rest], Depth, Body) -> body(Rest, Depth, [Word | Body]);
body([], _Depth, _Body) -> throw(unbalanced).

word("add", [B, A | Stack]) -> [A + B | Stack];
word("sub", [B, A | Stack]) -> [A - B | Stack];
word("mul", [B, A | Stack]) -> [A * B | Stack];
word("dup", [A | Stack]) -> [A, A | Stack];
word("swap", [B, A | Stack]) -> [A, B | Stack];
word("drop", [_ | Stack]) -> Stack;
word(Word, Stack) ->
    case lists:member(Word, ["add", "sub", "mul", "dup", "swap", "drop"]) of
        true -> throw({underflow, Word});
        false -> [number(Word) | Stack]
    end.

number(Word) ->
    try
        list_to_integer(Word)
    catch
        error:badarg -> throw({unknown, Word})
    end.
