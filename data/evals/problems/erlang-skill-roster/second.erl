-module(roster).
-export([by_skill/1, teach/3, missing/2]).

by_skill(Roster) ->
    Pairs = lists:sort([{Skill, Name} || {Name, Skills} <- maps:to_list(Roster), Skill <- Skills]),
    Skills = lists:usort([Skill || {Skill, _} <- Pairs]),
    maps:from_list([{Skill, [Name || {One, Name} <- Pairs, One =:= Skill]} || Skill <- Skills]).

teach([], _, Roster) -> {Roster, 0};
teach([Name | Names], Skill, Roster) ->
    Known = maps:get(Name, Roster, []),
    case ordsets:is_element(Skill, Known) of
        true -> teach(Names, Skill, Roster);
        false ->
            {New, N} = teach(Names, Skill, maps:put(Name, ordsets:add_element(Skill, Known), Roster)),
            {New, N + 1}
    end.

missing(Skills, Roster) ->
    Had = sets:from_list(lists:append(maps:values(Roster))),
    lists:filter(fun(Skill) -> not sets:is_element(Skill, Had) end, Skills).
