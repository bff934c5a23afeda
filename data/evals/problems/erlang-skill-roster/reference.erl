-module(roster).
-export([by_skill/1, teach/3, missing/2]).

by_skill(Roster) ->
    Pairs = [{Skill, Name} || {Name, Skills} <- maps:to_list(Roster), Skill <- Skills],
    maps:map(fun(_Skill, Names) -> lists:sort(Names) end, grouped(Pairs)).

teach(Names, Skill, Roster) ->
    lists:foldl(fun(Name, Given) -> learn(Name, Skill, Given) end, {Roster, 0}, Names).

missing(Skills, Roster) ->
    Known = by_skill(Roster),
    [Skill || Skill <- Skills, not is_map_key(Skill, Known)].

learn(Name, Skill, {Roster, Taught}) ->
    Skills = maps:get(Name, Roster, []),
    case lists:member(Skill, Skills) of
        true -> {Roster, Taught};
        false -> {Roster#{Name => lists:usort([Skill | Skills])}, Taught + 1}
    end.

grouped(Pairs) ->
    Add = fun({Key, Value}, Groups) ->
        maps:update_with(Key, fun(Values) -> [Value | Values] end, [Value], Groups)
    end,
    lists:foldl(Add, #{}, Pairs).
