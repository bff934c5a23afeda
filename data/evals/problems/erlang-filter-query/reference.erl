-module(filterq).
-export([parse/1, match/2]).

-define(IS_LETTER(C), (C >= $a andalso C =< $z orelse C =:= $_)).
-define(IS_DIGIT(C), (C >= $0 andalso C =< $9)).

parse(String) ->
    try disjunction(next(String, 1)) of
        {Tree, {eof, _, _, _}} -> {ok, Tree};
        {_Tree, {_, At, _, _}} -> {error, At}
    catch
        throw:{wrong, At} -> {error, At}
    end.

match({'not', Tree}, Map) -> not match(Tree, Map);
match({'and', Left, Right}, Map) -> match(Left, Map) andalso match(Right, Map);
match({'or', Left, Right}, Map) -> match(Left, Map) orelse match(Right, Map);
match({Op, Name, Wanted}, Map) ->
    case Map of
        #{Name := Value} when is_integer(Value) =:= is_integer(Wanted) ->
            compare(Op, Value, Wanted);
        #{} ->
            false
    end.

compare('=', A, B) -> A =:= B;
compare('<', A, B) -> A < B;
compare('>', A, B) -> A > B.

%% A token is {What, Position, Rest, PositionOfRest}; each function gets the token that is next
%% and returns its tree with the token behind it.
disjunction(Token) ->
    {Left, Next} = conjunction(Token),
    disjunction(Left, Next).

disjunction(Left, {{word, "or"}, _, Rest, At}) ->
    {Right, Next} = conjunction(next(Rest, At)),
    disjunction({'or', Left, Right}, Next);
disjunction(Left, Next) ->
    {Left, Next}.

conjunction(Token) ->
    {Left, Next} = factor(Token),
    conjunction(Left, Next).

conjunction(Left, {{word, "and"}, _, Rest, At}) ->
    {Right, Next} = factor(next(Rest, At)),
    conjunction({'and', Left, Right}, Next);
conjunction(Left, Next) ->
    {Left, Next}.

factor({{word, "not"}, _, Rest, At}) ->
    {Tree, Next} = factor(next(Rest, At)),
    {{'not', Tree}, Next};
factor({'(', _, Rest, At}) ->
    case disjunction(next(Rest, At)) of
        {Tree, {')', _, Behind, AtBehind}} -> {Tree, next(Behind, AtBehind)};
        {_Tree, {_, Wrong, _, _}} -> throw({wrong, Wrong})
    end;
factor({{word, Name}, _, Rest, At}) when Name =/= "and", Name =/= "or" ->
    comparison(Name, next(Rest, At));
factor({_, Wrong, _, _}) ->
    throw({wrong, Wrong}).

comparison(Name, {{operator, Op}, _, Rest, At}) ->
    case next(Rest, At) of
        {{value, Value}, _, Behind, AtBehind} -> {{Op, Name, Value}, next(Behind, AtBehind)};
        {_, Wrong, _, _} -> throw({wrong, Wrong})
    end;
comparison(_Name, {_, Wrong, _, _}) ->
    throw({wrong, Wrong}).

next([], At) -> {eof, At, [], At};
next([$\s | Rest], At) -> next(Rest, At + 1);
next([C | Rest], At) when C =:= $(; C =:= $) -> {list_to_atom([C]), At, Rest, At + 1};
next([C | Rest], At) when C =:= $=; C =:= $<; C =:= $> ->
    {{operator, list_to_atom([C])}, At, Rest, At + 1};
next([$" | Rest], At) ->
    case lists:splitwith(fun(C) -> C =/= $" end, Rest) of
        {Text, [$" | Behind]} -> {{value, Text}, At, Behind, At + length(Text) + 2};
        {Text, []} -> throw({wrong, At + length(Text) + 1})
    end;
next("-", At) -> throw({wrong, At + 1});
next([$-, D | _] = String, At) when ?IS_DIGIT(D) -> number(tl(String), At, At + 1, -1);
next([D | _] = String, At) when ?IS_DIGIT(D) -> number(String, At, At, 1);
next([C | _] = String, At) when ?IS_LETTER(C) ->
    {Word, Rest} = lists:splitwith(fun(L) -> ?IS_LETTER(L) end, String),
    {{word, Word}, At, Rest, At + length(Word)};
next(_String, At) -> throw({wrong, At}).

number(String, At, AtDigits, Sign) ->
    {Digits, Rest} = lists:splitwith(fun(D) -> ?IS_DIGIT(D) end, String),
    {{value, Sign * list_to_integer(Digits)}, At, Rest, AtDigits + length(Digits)}.
