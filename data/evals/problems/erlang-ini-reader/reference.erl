-module(ini).
-export([parse/1]).

parse(Text) -> lines(joined(string:split(Text, "\n", all), 1), "", #{}).

joined([], _N) -> [];
joined([Line | Rest], N) -> joined(Rest, N, Line, N).

joined(Rest, N, Line, At) ->
    case {lists:reverse(Line), Rest} of
        {[$\\ | Enil], [Next | More]} ->
            Blank = " \t",
            Longer = lists:reverse(Enil) ++ string:trim(Next, leading, Blank),
            joined(More, N + 1, Longer, At);
        {[$\\ | Enil], []} ->
            [{At, lists:reverse(Enil)}];
        _ ->
            [{At, Line} | joined(Rest, N + 1)]
    end.

lines([], _Section, Found) ->
    {ok, Found};
lines([{N, Line} | Rest], Section, Found) ->
    case entry(blank(Line), N) of
        none -> lines(Rest, Section, Found);
        {section, Name} -> lines(Rest, Name, maps:merge(#{Name => #{}}, Found));
        {Key, Value} ->
            Keys = maps:get(Section, Found, #{}),
            lines(Rest, Section, Found#{Section => Keys#{Key => Value}});
        {error, At, Why} -> {error, {At, Why}}
    end.

entry("", _N) -> none;
entry(";" ++ _, _N) -> none;
entry("[" ++ Rest, N) ->
    case lists:reverse(Rest) of
        "]" ++ Eman ->
            case blank(lists:reverse(Eman)) of
                "" -> {error, N, bad_section};
                Name -> {section, Name}
            end;
        _ ->
            {error, N, bad_section}
    end;
entry(Line, N) ->
    case [blank(Part) || Part <- string:split(Line, "=")] of
        ["", _] -> {error, N, no_key};
        [Key, Value] -> {Key, Value};
        [_] -> {error, N, no_equals}
    end.

blank(Text) -> string:trim(Text, both, " \t").
