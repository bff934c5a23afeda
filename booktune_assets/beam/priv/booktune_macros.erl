%% Does the body of a macro stay one expression wherever it stands, and see nothing of what is there?
%%
%% Belongs here: brackets, signs and variables in tokens of a -define. Does not: what its names may be
%% (booktune_screen). A header of the candidate may define macros that its tests use. A body that closes
%% a bracket of theirs, or has a sign that binds looser than theirs, changes what they ask; one with a
%% variable that is not its own has the value that is expected there (X__X of ?assertEqual).
-module(booktune_macros).
-export([closed/1]).

-define(LOOSE, [
    ',', ';', '->', '=', '!', '||', '|', 'when', 'catch', 'of', 'after', 'else', ':=', '=>', '::', '..', '?=',
    '=:=', '=/=', '==', '/=', '<', '>', '=<', '>=', '<-', '<=', 'orelse', 'andalso', 'or', 'and', 'xor'
]).

%% The tokens after "-define(", as far as the end of the form.
closed(Tokens) ->
    case lists:reverse([Token || Token <- Tokens, element(1, Token) =/= dot]) of
        [{')', _} | Reversed] -> body(lists:reverse(Reversed));
        _ -> false
    end.

body([_Name, {',', _} | Body]) ->
    whole(Body, []);
body([_Name, {'(', _} | Rest]) ->
    case lists:splitwith(fun(Token) -> element(1, Token) =/= ')' end, Rest) of
        {Params, [_, {',', _} | Body]} -> whole(Body, variables(Params));
        _ -> false
    end;
body(_) ->
    false.

whole(Body, Own) -> balanced([element(1, Token) || Token <- Body], []) andalso owns(Body, Own, []).

balanced([], Open) -> Open =:= [];
balanced(['fun', '(' | Rest], Open) -> balanced(Rest, [')', 'end' | Open]);
balanced(['fun', var, '(' | Rest], Open) -> balanced(Rest, [')', 'end' | Open]);
balanced([Kind | Rest], [Kind | Open]) -> balanced(Rest, Open);
balanced([Kind | Rest], Open) ->
    case {closer(Kind), Open} of
        {none, []} -> not is_closer(Kind) andalso not lists:member(Kind, ?LOOSE) andalso balanced(Rest, Open);
        {none, _} -> not is_closer(Kind) andalso balanced(Rest, Open);
        {Closer, _} -> balanced(Rest, [Closer | Open])
    end.

closer('(') -> ')';
closer('[') -> ']';
closer('{') -> '}';
closer('<<') -> '>>';
closer(Kind) ->
    case lists:member(Kind, ['begin', 'case', 'if', 'receive', 'try', 'maybe']) of
        true -> 'end';
        false -> none
    end.

is_closer(Kind) -> lists:member(Kind, [')', ']', '}', '>>', 'end']).

%% Is each variable a parameter, or one of the fun that it stands in? What an outer bracket knew is on
%% the stack. In a pattern a variable of the tests would be compared, so there it is none of its own.
owns([], _, _) -> true;
owns([{'fun', _}, {'(', _} | Rest], Own, Stack) -> in_fun(Rest, Own, Own, Stack);
owns([{'fun', _}, {var, _, Name}, {'(', _} | Rest], Own, Stack) -> in_fun(Rest, [Name | Own], Own, Stack);
owns([{var, _, '_'} | Rest], Own, Stack) -> owns(Rest, Own, Stack);
owns([{'?', _}, {var, _, _} | Rest], Own, Stack) -> owns(Rest, Own, Stack);
owns([{var, _, Name} | Rest], Own, Stack) -> lists:member(Name, Own) andalso owns(Rest, Own, Stack);
owns([Token | Rest], Own, Stack) ->
    Kind = element(1, Token),
    case {closer(Kind), Stack} of
        {none, [Outer | More]} ->
            case is_closer(Kind) of
                true -> owns(Rest, Outer, More);
                false -> owns(Rest, Own, Stack)
            end;
        {none, []} -> owns(Rest, Own, Stack);
        _ -> owns(Rest, Own, [Own | Stack])
    end.

in_fun(Tokens, Own, Outer, Stack) ->
    {Head, Rest} = head(Tokens, 0, []),
    owns(Rest, variables(Head) ++ Own, [Outer | Stack]).

%% Up to the bracket that closes the parameters.
head([{')', _} | Rest], 0, Head) -> {Head, Rest};
head([Token | Rest], Depth, Head) ->
    More = case closer(element(1, Token)) of none -> case is_closer(element(1, Token)) of true -> -1; false -> 0 end; _ -> 1 end,
    head(Rest, Depth + More, [Token | Head]);
head([], _, Head) -> {Head, []}.

variables(Tokens) -> [Name || {var, _, Name} <- Tokens].
