-module(intervals).
-export([merge/1]).

merge(List) -> join(lists:sort(List)).

join([{From, To}, {Next, Last} | Rest]) when Next =< To -> join([{From, max(To, Last)} | Rest]);
join([Interval | Rest]) -> [Interval | join(Rest)];
join([]) -> [].
