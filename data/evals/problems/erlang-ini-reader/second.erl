-module(ini).
-export([parse/1]).

%% From the back: a line that ends with a backslash takes what was joined behind it.
parse(Text) ->
    Lines = split(Text, []),
    Numbered = lists:zip(lists:seq(1, length(Lines)), Lines),
    try lists:foldl(fun read/2, {"", #{}}, lists:foldr(fun join/2, [], Numbered)) of
        {_, Map} -> {ok, Map}
    catch
        throw:{bad, N, Why} -> {error, {N, Why}}
    end.

split([], Line) -> [lists:reverse(Line)];
split([$\n | Rest], Line) -> [lists:reverse(Line) | split(Rest, [])];
split([Char | Rest], Line) -> split(Rest, [Char | Line]).

join({N, Line}, Joined) ->
    case Line =/= [] andalso lists:last(Line) =:= $\\ of
        false -> [{N, Line} | Joined];
        true ->
            Start = lists:droplast(Line),
            case Joined of
                [] -> [{N, Start}];
                [{_, Next} | Rest] -> [{N, Start ++ left(Next)} | Rest]
            end
    end.

left(Text) -> lists:dropwhile(fun(C) -> C =:= $\s orelse C =:= $\t end, Text).
trim(Text) -> lists:reverse(left(lists:reverse(left(Text)))).

read({N, Raw}, {Section, Map}) ->
    case trim(Raw) of
        [] -> {Section, Map};
        [$; | _] -> {Section, Map};
        [$[ | Rest] ->
            Name = name(Rest, N),
            {Name, maps:update_with(Name, fun(Old) -> Old end, #{}, Map)};
        Line ->
            {Key, Value} = pair(Line, N),
            {Section, maps:update_with(Section, fun(Old) -> Old#{Key => Value} end, #{Key => Value}, Map)}
    end.

name(Rest, N) ->
    Inner = case Rest of [] -> []; _ -> trim(lists:droplast(Rest)) end,
    case Inner =/= [] andalso lists:last(Rest) =:= $] of
        true -> Inner;
        false -> throw({bad, N, bad_section})
    end.

pair(Line, N) ->
    case lists:splitwith(fun(C) -> C =/= $= end, Line) of
        {_, []} -> throw({bad, N, no_equals});
        {Key, [_ | Value]} ->
            case trim(Key) of
                [] -> throw({bad, N, no_key});
                Good -> {Good, trim(Value)}
            end
    end.
