-module(stackwords).
-export([run/1]).

%% First a tree of words and loops, then a walk over it.
run(Text) ->
    try
        {Program, []} = tree(string:lexemes(Text, " "), 0),
        {ok, walk(Program, [])}
    catch
        throw:Error -> {error, Error}
    end.

tree([], 0) -> {[], []};
tree([], _) -> throw(unbalanced);
tree(["end" | _], 0) -> throw(unbalanced);
tree(["end" | Rest], _) -> {[], Rest};
tree(["times" | Rest], Depth) ->
    {Body, More} = tree(Rest, Depth + 1),
    {Nodes, Left} = tree(More, Depth),
    {[{loop, Body} | Nodes], Left};
tree([Word | Rest], Depth) ->
    {Nodes, Left} = tree(Rest, Depth),
    {[Word | Nodes], Left}.

walk([], Stack) -> Stack;
walk([{loop, Body} | Rest], Stack) ->
    case Stack of
        [N | Below] -> walk(Rest, times(N, Body, Below));
        [] -> throw({underflow, "times"})
    end;
walk([Word | Rest], Stack) -> walk(Rest, word(Word, Stack)).

times(N, _, Stack) when N =< 0 -> Stack;
times(N, Body, Stack) -> times(N - 1, Body, walk(Body, Stack)).

word(Word, Stack) ->
    Words = #{
        "add" => {2, fun([B, A]) -> [A + B] end},
        "sub" => {2, fun([B, A]) -> [A - B] end},
        "mul" => {2, fun([B, A]) -> [A * B] end},
        "dup" => {1, fun([A]) -> [A, A] end},
        "swap" => {2, fun([B, A]) -> [A, B] end},
        "drop" => {1, fun([_]) -> [] end}
    },
    case Words of
        #{Word := {N, _}} when length(Stack) < N -> throw({underflow, Word});
        #{Word := {N, Fun}} ->
            {Taken, Left} = lists:split(N, Stack),
            Fun(Taken) ++ Left;
        #{} ->
            case re:run(Word, "^-?[0-9]+$", [dollar_endonly]) of
                {match, _} -> [list_to_integer(Word) | Stack];
                nomatch -> throw({unknown, Word})
            end
    end.
