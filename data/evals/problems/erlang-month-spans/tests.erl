-module(spans_tests).
-include_lib("eunit/include/eunit.hrl").

add_test() ->
    ?assertEqual({2024, 5, 15}, spans:add_months({2024, 3, 15}, 2)),
    ?assertEqual({2025, 1, 15}, spans:add_months({2024, 12, 15}, 1)),
    ?assertEqual({2024, 12, 1}, spans:add_months({2023, 12, 1}, 12)),
    ?assertEqual({2024, 3, 31}, spans:add_months({2024, 3, 31}, 0)).

short_months_test() ->
    ?assertEqual({2024, 2, 29}, spans:add_months({2024, 1, 31}, 1)),
    ?assertEqual({2023, 2, 28}, spans:add_months({2023, 1, 29}, 1)),
    ?assertEqual({2025, 2, 28}, spans:add_months({2024, 2, 29}, 12)).

back_test() ->
    ?assertEqual({2023, 12, 31}, spans:add_months({2024, 1, 31}, -1)),
    ?assertEqual({2022, 11, 30}, spans:add_months({2024, 1, 31}, -14)),
    ?assertEqual({2022, 12, 5}, spans:add_months({2024, 12, 5}, -24)).

workdays_test() ->
    ?assertEqual(1, spans:workdays({2024, 5, 3}, {2024, 5, 5})),
    ?assertEqual(0, spans:workdays({2024, 5, 4}, {2024, 5, 5})),
    ?assertEqual(1, spans:workdays({2024, 5, 6}, {2024, 5, 6})),
    ?assertEqual(23, spans:workdays({2024, 5, 1}, {2024, 5, 31})),
    ?assertEqual(262, spans:workdays({2024, 1, 1}, {2024, 12, 31})),
    ?assertEqual(0, spans:workdays({2024, 5, 6}, {2024, 5, 5})).

mondays_test() ->
    ?assertEqual([{2024, 4, D} || D <- [1, 8, 15, 22, 29]], spans:mondays({2024, 4})),
    ?assertEqual([{2026, 2, D} || D <- [2, 9, 16, 23]], spans:mondays({2026, 2})),
    ?assertEqual([{2024, 9, D} || D <- [2, 9, 16, 23, 30]], spans:mondays({2024, 9})).

periods_test() ->
    ?assertEqual(
        [{{2024, 1, 31}, {2024, 2, 28}}, {{2024, 2, 29}, {2024, 3, 30}}, {{2024, 3, 31}, {2024, 4, 10}}],
        spans:periods({2024, 1, 31}, {2024, 4, 10}, 1)
    ),
    ?assertEqual(
        [{{2023, 11, 15}, {2024, 2, 14}}, {{2024, 2, 15}, {2024, 2, 15}}],
        spans:periods({2023, 11, 15}, {2024, 2, 15}, 3)
    ).

few_periods_test() ->
    ?assertEqual([{{2024, 1, 1}, {2024, 1, 31}}], spans:periods({2024, 1, 1}, {2024, 1, 31}, 1)),
    ?assertEqual([{{2024, 1, 1}, {2024, 1, 1}}], spans:periods({2024, 1, 1}, {2024, 1, 1}, 6)),
    ?assertEqual([], spans:periods({2024, 1, 2}, {2024, 1, 1}, 1)).
