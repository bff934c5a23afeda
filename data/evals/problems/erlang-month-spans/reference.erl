-module(spans).
-export([add_months/2, workdays/2, mondays/1, periods/3]).

add_months({Y, M, Day}, N) ->
    Months = Y * 12 + M - 1 + N,
    {Year, Month} = {Months div 12, Months rem 12 + 1},
    {Year, Month, min(Day, calendar:last_day_of_the_month(Year, Month))}.

workdays(From, To) when From =< To ->
    length([Day || Day <- lists:seq(days(From), days(To)), working(Day)]);
workdays(_From, _To) ->
    0.

mondays({Year, Month}) ->
    Last = calendar:last_day_of_the_month(Year, Month),
    [
        {Year, Month, Day}
     || Day <- lists:seq(1, Last), calendar:day_of_the_week(Year, Month, Day) =:= 1
    ].

periods(From, To, Step) -> periods(From, From, Step, 1, To).

periods(_Start, First, _Step, _K, To) when First > To ->
    [];
periods(Start, First, Step, K, To) ->
    Next = add_months(Start, K * Step),
    Last = calendar:gregorian_days_to_date(min(days(Next) - 1, days(To))),
    [{First, Last} | periods(Start, Next, Step, K + 1, To)].

days(Date) -> calendar:date_to_gregorian_days(Date).

%% day 2 of the calendar was a Monday
working(Day) -> (Day - 2) rem 7 < 5.
