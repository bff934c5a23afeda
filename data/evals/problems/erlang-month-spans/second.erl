-module(spans).
-export([add_months/2, workdays/2, mondays/1, periods/3]).

add_months(Date, 0) -> Date;
add_months({Y, M, D}, N) ->
    {Year, Month} = turn(Y, M, N),
    fit({Year, Month, D}).

turn(Y, M, N) when N > 0, M < 12 -> turn(Y, M + 1, N - 1);
turn(Y, 12, N) when N > 0 -> turn(Y + 1, 1, N - 1);
turn(Y, M, N) when N < 0, M > 1 -> turn(Y, M - 1, N + 1);
turn(Y, 1, N) when N < 0 -> turn(Y - 1, 12, N + 1);
turn(Y, M, 0) -> {Y, M}.

fit({Y, M, D} = Date) ->
    case calendar:valid_date(Date) of
        true -> Date;
        false -> fit({Y, M, D - 1})
    end.

workdays(From, To) ->
    Length = shift(To) - shift(From) + 1,
    Monday = calendar:day_of_the_week(From) - 1,
    case Length > 0 of
        true ->
            Weeks = Length div 7,
            Rest = [D || D <- lists:seq(Monday, Monday + Length rem 7 - 1), D rem 7 < 5],
            Weeks * 5 + length(Rest);
        false ->
            0
    end.

mondays({Y, M}) ->
    First = 1 + (8 - calendar:day_of_the_week(Y, M, 1)) rem 7,
    [{Y, M, D} || D <- [First + 7 * K || K <- [0, 1, 2, 3, 4]], calendar:valid_date(Y, M, D)].

periods(From, To, Step) ->
    Starts = starts(From, To, Step, 0),
    Ends = [before(Start) || Start <- drop_first(Starts)] ++ [To || Starts =/= []],
    lists:zip(Starts, Ends).

starts(From, To, Step, K) ->
    case add_months(From, Step * K) of
        Start when Start > To -> [];
        Start -> [Start | starts(From, To, Step, K + 1)]
    end.

drop_first([]) -> [];
drop_first([_ | Rest]) -> Rest.

before(Date) -> calendar:gregorian_days_to_date(shift(Date) - 1).

shift({Y, M, D}) -> calendar:date_to_gregorian_days(Y, M, D).
