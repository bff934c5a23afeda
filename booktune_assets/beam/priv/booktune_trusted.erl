%% The trusted BEAM of a split run: tests live here, the candidate lives elsewhere.
%%
%% Belongs here: problems prepared once, stand-ins for the candidate's modules and processes, and
%% what the untrusted side may ask for. Does not: what tests ask (booktune_asking), running them (booktune_results), how
%% terms cross (booktune_wire). Modules are stood in for because the problem names them, never
%% because the other side does. No fun that arrives is called; no message of a library's own
%% protocol that could make a process of ours apply a function is delivered.
-module(booktune_trusted).
-export([start/1, ask/2, new_process/1]).
-import(booktune_asking, [bare/1, outcome/2, stack/1]).

-record(s, {port, problems = #{}, run = none, runner, baseline = [], watched = #{}}).

%% What a fun of the candidate's is where the tests are asks by this (booktune_wire).
ask(Number, Args) -> booktune_asking:ask(Number, Args).

start(Port) ->
    booktune_wire:init(t, ?MODULE),
    booktune_order:init(),
    booktune_devices:quiet(),
    has_elixir() andalso booktune_tests:warm(elixir),
    answer(<<"ready">>, #s{port = Port}),
    loop(#s{port = Port, baseline = booktune_tests:baseline()}).

has_elixir() -> code:which(elixir) =/= non_existing.

loop(#s{port = Port} = S) ->
    receive
        {Port, {data, <<"J", Bytes/binary>>}} -> loop(command(binary_to_term(Bytes), S));
        {Port, {data, <<"C", Run:32, Bytes/binary>>}} -> loop(arrived(Run, Bytes, S));
        {Port, eof} -> halt(0);
        {send, Term} -> ship(Term, S), loop(S);
        {watch, Pid, Number} -> loop(watch(Pid, {ours, Number}, S));
        {'DOWN', Ref, process, Pid, Why} -> loop(ended(Ref, Pid, Why, S));
        {result, Run, Result} -> loop(finished(Run, Result, whole, S));
        {[alias | Ref], _} = Said -> passed_on(Ref, Said), loop(S);
        {Ref, _} = Said when is_reference(Ref) -> passed_on(Ref, Said), loop(S);
        _ -> loop(S)
    end.

command({prepare, Key, Language, Tests, Interface, Files, Told}, S) ->
    % what was compiled goes out as it is, for another trusted BEAM or for tests in one BEAM
    case booktune_tests:prepare(Language, Tests, Interface, Files, booktune_standin:shapes(Told)) of
        {ok, #{count := Count} = Made} ->
            true = port_command(S#s.port, [<<"B">>, term_to_binary(Made)]),
            answer([<<"prepared ">>, integer_to_binary(Count)], S),
            again(S#s{problems = (S#s.problems)#{Key => Made}});
        {Class, Why} ->
            answer([atom_to_binary(Class), "\n", Why], S),
            again(S)
    end;
command({run, Key, Run}, S) ->
    booktune_wire:reset(),
    booktune_order:reset(),
    #{Key := Made} = S#s.problems,
    ok = booktune_tests:load(Made),
    ets:insert(booktune_wire, {running, Run}),
    ets:insert(booktune_wire, {captures, maps:get(captures, Made)}),
    booktune_wire:modules(maps:get(names, Made)),
    ets:insert(booktune_wire, {helpers, booktune_calls:helpers(maps:get(names, Made))}),
    Main = self(),
    {Runner, Ref} = spawn_monitor(fun() -> Main ! {result, Run, booktune_results:run(Made)} end),
    S#s{run = {Run, Key, Ref}, runner = Runner};
command(abort, #s{run = none} = S) ->
    answer(<<"aborted">>, S),
    S;
command(abort, S) ->
    Next = clear(cut, S),
    answer(<<"aborted">>, Next),
    Next;
command({restore, Key, Made}, S) ->
    S#s{problems = (S#s.problems)#{Key => Made}};
command({screen, Language, Sources, Beside, Tests, Secret}, S) ->
    answer(booktune_screen:flags(Language, Sources, Beside, Tests, Secret), S),
    S.

%% ExUnit was started anew.
again(S) -> S#s{baseline = booktune_tests:baseline()}.

finished(Run, Result, S) -> finished(Run, Result, cut, S).

finished(Run, Result, How, #s{run = {Run, _, _}} = S) ->
    Marks = [[" ", atom_to_list(Mark)] || Mark <- booktune_wire:marks()],
    {Status, Ran, Detail} = with_asserted(Result, ets:lookup(booktune_wire, asserted)),
    Next = clear(How, S),
    answer([atom_to_list(Status), " ", integer_to_list(Ran), Marks, "\n", Detail], Next),
    Next;
finished(_, _, _, S) ->
    S.

%% An assertion that did not hold where the candidate could hide it is a failure all the same.
with_asserted({Class, Ran, _}, [{_, Text}]) when Class =:= pass; Class =:= harness_error -> {fail, Ran, Text};
with_asserted({fail, Ran, Detail}, [{_, Text}]) -> {fail, Ran, [Detail, "\n", Text]};
with_asserted(Result, _) -> Result.

clear(How, #s{run = {_, Key, Ref}} = S) ->
    demonitor(Ref, [flush]),
    [demonitor(R, [flush]) || R <- maps:keys(S#s.watched)],
    #{Key := #{language := Language} = Made} = S#s.problems,
    booktune_tests:clear(Made, S#s.baseline),
    booktune_wire:reset(),
    Next = S#s{run = none, runner = undefined, watched = #{}},
    case {How, Language} of
        {cut, elixir} ->
            % ExUnit believes that its run goes on
            booktune_tests:forget_tests(),
            again(Next);
        _ ->
            Next
    end.

answer(Text, #s{port = Port}) ->
    true = port_command(Port, [<<"R">>, unicode:characters_to_binary([Text])]).

ship(_, #s{run = none}) ->
    ok;
ship(Term, #s{port = Port, run = {Run, _, _}}) ->
    case booktune_wire:pack(Term) of
        too_large -> lost(Term, <<"more than 16 MB in one call">>);
        Bytes -> port_command(Port, [<<"C", Run:32>>, Bytes])
    end.

lost(Term, Why) when element(1, Term) =:= call; element(1, Term) =:= ask ->
    booktune_wire:mark(unsupported),
    reply_to(element(2, Term), {raise, error, {booktune_unsupported, Why}, []}, keep);
lost(_, _) ->
    booktune_wire:mark(unsupported).

%% From the other side

arrived(Run, Bytes, #s{run = {Run, _, _}} = S) ->
    try
        from_candidate(booktune_wire:unpack(Bytes), S)
    catch
        throw:{unsupported, Why} ->
            finished(Run, {unsupported, 0, Why}, S);
        throw:{breach, Why} ->
            finished(Run, {breach, 0, io_lib:format("~tP", [Why, 20])}, S);
        error:Why ->
            finished(Run, {breach, 0, io_lib:format("a frame that means nothing: ~tP", [Why, 12])}, S)
    end;
arrived(_, _, S) ->
    S.

from_candidate({reply, Id, {ok, Value}, Traps}, S) when is_boolean(Traps) ->
    reply_to(Id, {ok, booktune_wire:decode(Value)}, Traps),
    S;
from_candidate({reply, Id, {raise, Class, Reason, Stack}, Traps}, S) when
    is_boolean(Traps), (Class =:= error orelse Class =:= exit orelse Class =:= throw)
->
    is_struct(Reason) andalso booktune_wire:mark(exception),
    reply_to(Id, {raise, Class, booktune_wire:decode(Reason), stack(Stack)}, Traps),
    S;
from_candidate({too_large, _}, _) ->
    throw({unsupported, <<"more than 16 MB in one answer">>});
from_candidate({callback, Nr, Id, Number, Args}, S) when is_integer(Nr), is_list(Args) ->
    Fun = booktune_wire:exported(Number),
    true = is_function(Fun, length(Args)),
    Given = booktune_wire:decode(Args),
    case is_integer(Id) andalso ets:lookup(booktune_wire, {waiting, Id}) of
        [{_, Pid}] -> Pid ! {booktune, Id, {callback, Nr, Fun, Given}};
        _ -> spawn(fun() -> booktune_main ! {send, {called_back, Nr, outcome(Fun, Given)}} end)
    end,
    S;
from_candidate({message, Number, Message}, S) ->
    deliver(booktune_wire:exported(Number), booktune_wire:decode(Message), S),
    S;
from_candidate({synced, Number, Id}, S) ->
    booktune_wire:exported(Number) ! {booktune, Id, synced},
    S;
from_candidate({down, Number, Reason}, S) when is_integer(Number) ->
    Pid = booktune_wire:local(p, Number),
    ets:insert(booktune_wire, {{ending, Pid}, true}),
    Pid ! {booktune_down, booktune_wire:decode(Reason)},
    S;
from_candidate({exit, Number, From, Reason}, S) ->
    Pid = booktune_wire:exported(Number),
    is_pid(Pid) andalso signal(booktune_wire:local(p, From), Pid, booktune_wire:decode(Reason)),
    S;
from_candidate({names, Names}, #s{run = {_, Key, _}} = S) when is_list(Names) ->
    #{Key := #{atoms := Known}} = S#s.problems,
    [name(Name, booktune_wire:local(p, N)) || {Name, N} <- Names, is_map_key(Name, Known)],
    S.

%% The stand-in gives the signal, unless it is past that: a test has killed it, or the end of what it
%% stands for was told first. Who traps exits gets a message, in the order of the frames.
signal(Sender, Pid, Reason) ->
    Gives = is_process_alive(Sender) andalso not ets:member(booktune_wire, {ending, Sender}),
    case {Gives, process_info(Pid, trap_exit)} of
        {_, {trap_exit, true}} -> Pid ! {'EXIT', Sender, Reason};
        {true, _} -> Sender ! {booktune_exit, Pid, Reason};
        {false, {trap_exit, false}} -> exit(Pid, Reason);
        {false, undefined} -> ok
    end.

is_struct(#{'__struct__' := _}) -> true;
is_struct(_) -> false.

reply_to(Id, Outcome, Traps) ->
    case ets:take(booktune_wire, {waiting, Id}) of
        [{_, Pid}] -> Pid ! {booktune, Id, Outcome, Traps};
        [] -> throw({breach, {no_such_call, Id}})
    end.

%% Only names that the tests use and nothing here has.
name(Name, Pid) ->
    case whereis(Name) of
        undefined -> catch register(Name, Pid);
        Pid -> ok;
        Other -> renamed(ets:lookup(booktune_wire, {theirs, Other}), Name, Pid)
    end.

renamed([], _, _) -> ok;
renamed([_], Name, Pid) -> catch unregister(Name), catch register(Name, Pid).

deliver(Target, Message, _) when is_reference(Target) ->
    Target ! Message;
deliver(Target, Message, _) when is_pid(Target) ->
    case harmless(Message) andalso plain_process(Target, Message) of
        true ->
            booktune_order:came(Target, Message),
            Target ! Message;
        false ->
            booktune_wire:mark(blocked),
            unanswered(Message)
    end.

%% Who asks would wait for ever: for a process, a function, what a device has read. Requests have an
%% asker in the same place whatever they start with (gen_event puts its caller there).
unanswered({_, {Pid, _}, _}) when is_pid(Pid) ->
    throw({unsupported, <<"a request to a process of a library that the tests started">>});
unanswered({io_request, Pid, _, _}) when is_pid(Pid) ->
    throw({unsupported, <<"a request to a device of the tests">>});
unanswered(_) ->
    blocked.

%% Device requests may carry a function to apply; ours never take that form.
harmless({io_request, From, _, Request}) when is_pid(From) -> io_request(Request);
harmless(Message) when is_tuple(Message), tuple_size(Message) > 0 ->
    Head = element(1, Message),
    not (Head =:= booktune orelse Head =:= system orelse Head =:= booktune_down orelse
        Head =:= booktune_exit orelse Head =:= booktune_flush orelse Head =:= flushed orelse Head =:= notify orelse Head =:= ack);
harmless(_) ->
    true.

io_request({put_chars, _, Chars}) -> is_binary(Chars) orelse is_list(Chars);
io_request({put_chars, Chars}) -> is_binary(Chars) orelse is_list(Chars);
io_request({get_line, _, _}) -> true;
io_request({get_line, _}) -> true;
io_request({get_chars, _, _, N}) -> is_integer(N);
io_request({get_geometry, _}) -> true;
io_request(getopts) -> true;
io_request(_) -> false.

%% Agents and other servers of the library apply functions that a request names.
plain_process(Pid, {Head, _, _}) when Head =:= '$gen_call' -> own_server(Pid);
plain_process(Pid, {Head, _}) when Head =:= '$gen_cast' -> own_server(Pid);
plain_process(_, {io_request, _, _, _}) -> true;
plain_process(Pid, _) ->
    case initial(Pid) of
        {'Elixir.Agent.Server', _, _} -> false;
        {gen_event, _, _} -> false;
        _ -> true
    end.

own_server(Pid) ->
    {Module, _, _} = initial(Pid),
    lists:member(Module, ets:lookup_element(booktune_wire, modules, 2)).

initial(Pid) ->
    case process_info(Pid, dictionary) of
        {dictionary, Words} -> proplists:get_value('$initial_call', Words, {none, none, 0});
        undefined -> {none, none, 0}
    end.

%% Stand-ins for processes of the candidate

new_process(Number) ->
    Pid = spawn(fun() -> process_flag(trap_exit, true), stand_in(Number) end),
    booktune_main ! {watch, Pid, {theirs, Number}},
    Pid.

stand_in(Number) ->
    receive
        {booktune_flush, From, Ref} ->
            From ! {flushed, Ref},
            stand_in(Number);
        {booktune_down, Reason} ->
            process_flag(trap_exit, false),
            exit(Reason);
        {booktune_exit, Pid, Reason} ->
            exit(Pid, Reason),
            stand_in(Number);
        {'EXIT', From, Reason} ->
            Sender = booktune_wire:number(From),
            booktune_main ! {send, {exit, Number, Sender, booktune_wire:encode(bare(Reason))}},
            stand_in(Number);
        Message ->
            booktune_main ! {send, {message, Number, booktune_wire:encode(Message)}},
            stand_in(Number)
    end.

passed_on(Ref, Said) ->
    case ets:lookup(booktune_wire, {theirs, Ref}) of
        [{_, Number}] -> self() ! {send, {message, Number, booktune_wire:encode(Said)}};
        [] -> ok
    end.

watch(Pid, {theirs, _} = What, S) ->
    S#s{watched = (S#s.watched)#{monitor(process, Pid) => What}};
watch(Pid, {ours, Number}, S) when is_integer(Number) ->
    S#s{watched = (S#s.watched)#{monitor(process, Pid) => {ours, Number}}};
watch(Pid, {ours, What}, S) ->
    watch(Pid, What, S).

ended(Ref, _, Why, #s{run = {Run, _, Ref}} = S) when Why =/= normal ->
    finished(Run, {fail, 0, io_lib:format("the tests ended: ~tP", [Why, 20])}, S);
ended(Ref, _, Why, S) ->
    case maps:take(Ref, S#s.watched) of
        {{ours, Number}, Watched} ->
            ship({down, Number, booktune_wire:encode(bare(Why))}, S),
            S#s{watched = Watched};
        {{theirs, Number}, Watched} ->
            Why =:= killed andalso ship({exit, Number, 0, kill}, S),
            S#s{watched = Watched};
        error ->
            S
    end.
