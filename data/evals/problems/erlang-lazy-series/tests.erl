-module(series_tests).
-include_lib("eunit/include/eunit.hrl").

%% A series of a list that notes which tails were called.
noting([]) -> [];
noting([Head | Rest]) ->
    [Head | fun() -> put({called, Head}, yes), noting(Rest) end].

called() ->
    Called = lists:sort([Head || {{called, Head}, yes} <- get()]),
    [erase({called, Head}) || Head <- Called],
    Called.

all(Series) -> series:take(1000, Series).

from_test() ->
    ?assertEqual([1, 2, 3], series:take(3, series:from(1, 1))),
    ?assertEqual([5, 2, -1, -4], series:take(4, series:from(5, -3))),
    ?assertEqual([], series:take(0, series:from(1, 1))).

take_test() ->
    ?assertEqual([a, b], series:take(5, noting([a, b]))),
    ?assertEqual([], series:take(3, [])),
    called(),
    ?assertEqual([a, b], series:take(2, noting([a, b, c]))),
    ?assertEqual([a], called()),
    series:take(0, noting([a])),
    ?assertEqual([], called()).

map_test() ->
    Double = fun(N) -> put({called, {f, N}}, yes), N * 2 end,
    Series = series:map(Double, noting([1, 2, 3])),
    ?assertEqual([{f, 1}], called()),
    ?assertEqual([2, 4], series:take(2, Series)),
    ?assertEqual([1, {f, 2}], called()),
    ?assertEqual([2, 4, 6], all(Series)),
    ?assertEqual([], series:map(Double, [])).

while_test() ->
    Small = fun(N) -> N < 3 end,
    ?assertEqual([1, 2], all(series:while(Small, noting([1, 2, 3, 1])))),
    ?assertEqual([], all(series:while(Small, series:from(3, 1)))),
    ?assertEqual([1], all(series:while(Small, noting([1])))),
    ?assertEqual([], series:while(Small, [])).

merge_test() ->
    Even = series:from(0, 2),
    Third = series:from(0, 3),
    ?assertEqual([0, 2, 3, 4, 6, 8, 9, 10], series:take(8, series:merge(Even, Third))),
    ?assertEqual([1, 2, 3], all(series:merge(noting([1, 3]), noting([2])))),
    ?assertEqual([1, 2], all(series:merge([], noting([1, 2])))),
    ?assertEqual([1, 2], all(series:merge(noting([1, 2]), []))),
    called(),
    series:take(2, series:merge(noting([1, 5]), noting([2, 6]))),
    ?assertEqual([1], called()).

chunks_test() ->
    ?assertEqual([[1, 2], [3, 4], [5]], all(series:chunks(2, noting([1, 2, 3, 4, 5])))),
    ?assertEqual([[1], [2]], all(series:chunks(1, noting([1, 2])))),
    ?assertEqual([], series:chunks(3, [])),
    called(),
    Series = series:chunks(2, noting([1, 2, 3, 4])),
    ?assertEqual([1], called()),
    ?assertEqual([[1, 2], [3, 4]], series:take(2, Series)).

again_test() ->
    [_ | Tail] = series:merge(series:from(1, 4), []),
    ?assertEqual([5, 9], series:take(2, Tail())),
    ?assertEqual([5, 9], series:take(2, Tail())).
