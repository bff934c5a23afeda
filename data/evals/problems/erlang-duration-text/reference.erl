-module(lapse).
-export([parse/1, text/1]).

-define(UNITS, [{$w, 604800}, {$d, 86400}, {$h, 3600}, {$m, 60}, {$s, 1}]).

parse([]) -> error;
parse(Text) -> parts(Text, ?UNITS, 0).

text(0) -> "0s";
text(Seconds) -> text(Seconds, ?UNITS).

parts([], _Units, Sum) -> {ok, Sum};
parts([Digit | _] = Text, Units, Sum) when Digit >= $0, Digit =< $9 ->
    {Digits, Rest} = lists:splitwith(fun(Char) -> Char >= $0 andalso Char =< $9 end, Text),
    after_number(Rest, list_to_integer(Digits), Units, Sum);
parts(_Text, _Units, _Sum) -> error.

after_number([Unit | Rest], N, Units, Sum) ->
    Left = lists:dropwhile(fun({Known, _}) -> Known =/= Unit end, Units),
    case lists:keytake(Unit, 1, Left) of
        {value, {Unit, Seconds}, Smaller} -> parts(Rest, Smaller, Sum + N * Seconds);
        false -> error
    end;
after_number(_Rest, _N, _Units, _Sum) -> error.

text(_Seconds, []) -> "";
text(Seconds, [{Unit, Size} | Units]) ->
    Text = text(Seconds rem Size, Units),
    case Seconds div Size of
        0 -> Text;
        N -> integer_to_list(N) ++ [Unit | Text]
    end.
