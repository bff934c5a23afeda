%% Does the body of a macro stay one expression wherever it stands?
%%
%% Belongs here: brackets and signs in tokens of a -define. Does not: what its names may be
%% (booktune_screen). A header of the candidate may define macros that its tests use, and a body that
%% closes a bracket of theirs, or has a sign that binds looser than theirs, changes what they ask.
-module(booktune_macros).
-export([closed/1]).

-define(LOOSE, [
    ',', ';', '->', '=', '!', '||', '|', 'when', 'catch', 'of', 'after', 'else', ':=', '=>', '::', '..', '?=',
    '=:=', '=/=', '==', '/=', '<', '>', '=<', '>=', '<-', '<=', 'orelse', 'andalso', 'or', 'and', 'xor'
]).

%% The tokens after "-define(", as far as the end of the form.
closed(Tokens) ->
    Kinds = [element(1, Token) || Token <- Tokens, element(1, Token) =/= dot],
    case lists:reverse(Kinds) of
        [')' | Reversed] -> body(lists:reverse(Reversed));
        _ -> false
    end.

body([_Name, ',' | Body]) ->
    balanced(Body, []);
body([_Name, '(' | Rest]) ->
    case lists:dropwhile(fun(Kind) -> Kind =/= ')' end, Rest) of
        [')', ',' | Body] -> balanced(Body, []);
        _ -> false
    end;
body(_) ->
    false.

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
