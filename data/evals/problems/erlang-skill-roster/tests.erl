-module(roster_tests).
-include_lib("eunit/include/eunit.hrl").

crew() -> #{eva => [cook, sail], bo => [sail], al => [cook, mend, sail], zoe => []}.

by_skill_test() ->
    ?assertEqual(
        #{cook => [al, eva], mend => [al], sail => [al, bo, eva]},
        roster:by_skill(crew())
    ),
    ?assertEqual(#{}, roster:by_skill(#{})),
    ?assertEqual(#{}, roster:by_skill(#{zoe => []})).

many_names_stay_sorted_test() ->
    Names = [list_to_atom("p" ++ integer_to_list(N)) || N <- lists:seq(100, 160)],
    Roster = maps:from_list([{Name, [walk]} || Name <- lists:reverse(Names)]),
    ?assertEqual(#{walk => Names}, roster:by_skill(Roster)).

teach_test() ->
    {Roster, 2} = roster:teach([zoe, bo, al], mend, crew()),
    ?assertEqual([mend], maps:get(zoe, Roster)),
    ?assertEqual([mend, sail], maps:get(bo, Roster)),
    ?assertEqual([cook, mend, sail], maps:get(al, Roster)),
    ?assertEqual([cook, sail], maps:get(eva, Roster)).

newcomers_test() ->
    ?assertEqual({#{new => [sail]}, 1}, roster:teach([new], sail, #{})),
    ?assertEqual({#{new => [sail]}, 1}, roster:teach([new, new], sail, #{})),
    ?assertEqual({crew(), 0}, roster:teach([], sail, crew())).

skills_stay_sorted_test() ->
    {Roster, 1} = roster:teach([bo], trim, crew()),
    ?assertEqual([sail, trim], maps:get(bo, Roster)),
    {Roster2, 1} = roster:teach([bo], row, Roster),
    ?assertEqual([row, sail, trim], maps:get(bo, Roster2)).

missing_test() ->
    ?assertEqual([swim, row, swim], roster:missing([swim, cook, row, swim], crew())),
    ?assertEqual([], roster:missing([sail, cook], crew())),
    ?assertEqual([sail], roster:missing([sail], #{zoe => []})).
