-module(filterq).
-export([parse/1, match/2]).

%% The stack holds what waits for the filter that is being read: 'not', '(', {'and', Left}
%% and {'or', Left}.

parse(String) ->
    try
        {ok, operand(token(String, 1), [])}
    catch
        throw:{at, Position} -> {error, Position}
    end.

%% a token is {What, Position, Rest of the string, Position of the rest}

operand({'not', _, S, P}, Stack) -> operand(token(S, P), ['not' | Stack]);
operand({'(', _, S, P}, Stack) -> operand(token(S, P), ['(' | Stack]);
operand({{name, Name}, _, S, P}, Stack) -> comparison(Name, token(S, P), Stack);
operand(Token, _) -> refuse(Token).

comparison(Name, {{op, Op}, _, S, P}, Stack) ->
    case token(S, P) of
        {{value, Value}, _, S2, P2} -> whole({Op, Name, Value}, token(S2, P2), Stack);
        {open, _, S2, P2} -> refuse({'end', P2, S2, P2});
        Token -> refuse(Token)
    end;
comparison(_, Token, _) ->
    refuse(Token).

%% a filter has been read: what binds closest takes it
whole(Tree, Token, ['not' | Stack]) -> whole({'not', Tree}, Token, Stack);
whole(Tree, Token, [{'and', Left} | Stack]) -> whole({'and', Left, Tree}, Token, Stack);
whole(Tree, {'and', _, S, P}, Stack) -> operand(token(S, P), [{'and', Tree} | Stack]);
whole(Tree, Token, [{'or', Left} | Stack]) -> whole({'or', Left, Tree}, Token, Stack);
whole(Tree, {'or', _, S, P}, Stack) -> operand(token(S, P), [{'or', Tree} | Stack]);
whole(Tree, {')', _, S, P}, ['(' | Stack]) -> whole(Tree, token(S, P), Stack);
whole(Tree, {'end', _, _, _}, []) -> Tree;
whole(_, Token, _) -> refuse(Token).

refuse({_, Position, _, _}) -> throw({at, Position}).

token([$\s | S], P) -> token(S, P + 1);
token([], P) -> {'end', P, [], P};
token([C | S], P) when C =:= $(; C =:= $) -> {list_to_atom([C]), P, S, P + 1};
token([C | S], P) when C =:= $=; C =:= $<; C =:= $> -> {{op, list_to_atom([C])}, P, S, P + 1};
token([$" | S], P) ->
    case string:split(S, "\"") of
        [Text, Rest] -> {{value, Text}, P, Rest, P + length(Text) + 2};
        [_] -> {open, P, [], P + length(S) + 1}
    end;
token("-", P) ->
    {open, P, [], P + 1};
token([$-, C | _] = S, P) when C >= $0, C =< $9 -> integer(S, P);
token([C | _] = S, P) when C >= $0, C =< $9 -> integer(S, P);
token([C | _] = S, P) when C >= $a, C =< $z; C =:= $_ ->
    {Name, Rest} = lists:splitwith(fun(D) -> (D >= $a andalso D =< $z) orelse D =:= $_ end, S),
    What =
        case Name of
            "not" -> 'not';
            "and" -> 'and';
            "or" -> 'or';
            _ -> {name, Name}
        end,
    {What, P, Rest, P + length(Name)};
token(S, P) ->
    {bad, P, S, P}.

integer(S, P) ->
    {N, Rest} = string:to_integer(S),
    {{value, N}, P, Rest, P + length(S) - length(Rest)}.

match({'not', Tree}, Map) -> not match(Tree, Map);
match({'and', A, B}, Map) -> match(A, Map) andalso match(B, Map);
match({'or', A, B}, Map) -> match(A, Map) orelse match(B, Map);
match({Op, Name, Value}, Map) ->
    case Map of
        #{Name := Found} when is_integer(Found) =:= is_integer(Value) ->
            apply(erlang, op(Op), [Found, Value]);
        _ ->
            false
    end.

op('=') -> '=:=';
op(Op) -> Op.
