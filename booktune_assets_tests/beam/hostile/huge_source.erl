%% Makes and compiles a source without end.
-module(act).
-export([act/0, parse_transform/2]).

parse_transform(Forms, _Options) ->
    act(),
    Forms.

act() ->
    Lines = [
        ["f", integer_to_list(N), "(X) -> {X, ", integer_to_list(N), ", [X | X], \"", lists:duplicate(50, $x), "\"}.\n"]
     || N <- lists:seq(1, 60000)
    ],
    {ok, Tokens, _} = erl_scan:string(lists:flatten(Lines)),
    compile:forms([{attribute, 1, module, huge} | forms(Tokens, [], [])], [export_all]),
    io:format("tried~n").

forms([], _, Done) -> lists:reverse(Done);
forms([{dot, _} = Dot | Rest], Form, Done) ->
    {ok, Parsed} = erl_parse:parse_form(lists:reverse([Dot | Form])),
    forms(Rest, [], [Parsed | Done]);
forms([Token | Rest], Form, Done) -> forms(Rest, [Token | Form], Done).
