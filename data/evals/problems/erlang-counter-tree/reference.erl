-module(counter_tree).
-behaviour(supervisor).
-export([start_link/1, bump/2, value/2, kill/2, stop/1]).
-export([init/1, start_counter/0]).

start_link(Names) -> supervisor:start_link(?MODULE, Names).
bump(Pid, Name) -> ask(child(Pid, Name), bump).
value(Pid, Name) -> ask(child(Pid, Name), value).

kill(Pid, Name) ->
    Child = child(Pid, Name),
    Ref = monitor(process, Child),
    exit(Child, kill),
    receive
        {'DOWN', Ref, process, Child, _} -> await(Pid, Name, Child)
    end.

stop(Pid) ->
    Names = lists:sort([Id || {Id, _, _, _} <- supervisor:which_children(Pid)]),
    Values = [ask(child_of(Pid, Id), value) || Id <- Names],
    Ref = monitor(process, Pid),
    unlink(Pid),
    exit(Pid, shutdown),
    receive
        {'DOWN', Ref, process, Pid, _} -> Values
    end.

init(Names) ->
    Flags = #{strategy => one_for_one, intensity => 1000, period => 1},
    Children = [
        #{id => {Place, Name}, start => {?MODULE, start_counter, []}}
     || {Place, Name} <- lists:zip(lists:seq(1, length(Names)), Names)
    ],
    {ok, {Flags, Children}}.

start_counter() -> {ok, spawn_link(fun() -> loop(0) end)}.

loop(Value) ->
    receive
        {From, Ref, bump} ->
            From ! {Ref, Value + 1},
            loop(Value + 1);
        {From, Ref, value} ->
            From ! {Ref, Value},
            loop(Value)
    end.

ask(Pid, Question) ->
    Ref = make_ref(),
    Pid ! {self(), Ref, Question},
    receive
        {Ref, Answer} -> Answer
    end.

child(Pid, Name) ->
    [Id] = [Id || {{_, Known} = Id, _, _, _} <- supervisor:which_children(Pid), Known =:= Name],
    child_of(Pid, Id).

child_of(Pid, Id) ->
    {Id, Child, _, _} = lists:keyfind(Id, 1, supervisor:which_children(Pid)),
    Child.

await(Pid, Name, Old) ->
    case child(Pid, Name) of
        New when is_pid(New), New =/= Old -> ok;
        _ -> await(Pid, Name, Old)
    end.
