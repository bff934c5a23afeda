%% The untrusted BEAM of a split run: the candidate lives here and answers calls.
%%
%% Belongs here: loading a candidate, performing calls, shadows of the tests' processes. Does not:
%% tests or expected values, which never come here. Nothing here is relied on: whatever the candidate
%% does to these modules, it can only give other answers.
-module(booktune_untrusted).
-export([start/2, ask/2, new_process/1, loaded/5]).

-record(s, {port, run = 0, baseline, state, shadows = #{}, named = []}).

start(Language, Port) ->
    booktune_wire:init(u, ?MODULE),
    booktune_devices:no_input(),
    booktune_tests:warm(Language),
    booktune_compile:files([]),
    logger:set_primary_config(level, none), % reports of crashes are no output of the candidate's
    Namer = spawn(fun namer/0),
    register(booktune_namer, Namer),
    booktune_compile:tidy(),
    S = #s{port = Port, baseline = booktune_tests:baseline(), state = booktune_state:seen()},
    answer(<<"ready">>, S),
    loop(S).

loop(#s{port = Port} = S) ->
    receive
        {Port, {data, <<"J", Bytes/binary>>}} -> loop(command(binary_to_term(Bytes), S));
        {Port, {data, <<"C", Run:32, Bytes/binary>>}} when Run =:= S#s.run ->
            from_tests(booktune_wire:unpack(Bytes)),
            loop(S);
        {Port, {data, _}} -> loop(S);
        {Port, eof} -> halt(0);
        {send, Term} -> ship(Term, S), loop(S);
        {watch, Pid, What} -> loop(watch(Pid, What, S));
        {'DOWN', Ref, process, _, Why} -> loop(ended(Ref, Why, S));
        names -> loop(names(S));
        {[alias | Ref], _} = Said -> passed_on(Ref, Said), loop(S);
        {Ref, _} = Said when is_reference(Ref) -> passed_on(Ref, Said), loop(S);
        {now, Term} -> Next = names(S), ship(Term, Next), loop(Next);
        _ -> loop(S)
    end.

command({load, Run, Language, Sources, Interface, Files}, S) ->
    booktune_wire:reset(),
    booktune_compile:files(Files),
    Next = S#s{run = Run, named = all_names()},
    Loaded = load_candidate(Language, Sources, Interface, S#s.baseline),
    booktune_compile:files(Files), % as they were, whatever compiling wrote
    answer(Loaded, Next),
    Next;
command(structs, S) ->
    Own = booktune_tests:strays(S#s.baseline),
    Told = [{M, Shape} || M <- Own, erlang:function_exported(M, '__struct__', 0), Shape <- shape(M)],
    answer(base64:encode(term_to_binary(Told)), S),
    S;
command(done, S) ->
    is_process_alive(group_leader()) orelse halt(1), % no device for the next candidate
    [demonitor(Ref, [flush]) || Ref <- maps:keys(S#s.shadows)],
    booktune_tests:sweep(S#s.baseline),
    booktune_compile:unload(booktune_tests:strays(S#s.baseline)),
    booktune_wire:reset(),
    booktune_compile:tidy(),
    answer(<<"clean ", (booktune_state:told(S#s.state))/binary>>, S),
    S#s{run = 0, shadows = #{}}.

answer(Text, #s{port = Port}) ->
    true = port_command(Port, [<<"R">>, unicode:characters_to_binary([Text])]).

%% Text: "ok", or a class and what is the matter

load_candidate(Language, Sources, Interface, {_, Before}) ->
    case booktune_compile:compile(Language, Sources, []) of
        {error, Why} -> ["compile_error\n", Why];
        {ok, Made} -> loaded(Language, Made, Interface, Before, none)
    end.

shape(M) ->
    try [M:'__struct__'()] catch _:_ -> [] end.

%% Own is a folder whose modules are the candidate's.
loaded(Language, Made, Interface, Before, Own) ->
    Wanted = [M || {M, _, _} <- Interface],
    Taken = [
        M
     || {M, _} <- Made,
        lists:member(M, Before) orelse (from_library(M, Own) andalso not lists:member(M, Wanted))
    ],
    case Taken of
        [] -> present(Language, Made, Interface);
        _ -> ["redefines\n", io_lib:format("the candidate redefines ~tp", [Taken])]
    end.

%% Elixir has loaded what it compiled; the path still finds a library's own.
from_library(Module, Own) ->
    case code:where_is_file(atom_to_list(Module) ++ ".beam") of
        non_existing -> false;
        File -> filename:dirname(File) =/= Own
    end.

present(Language, Made, Interface) ->
    Language =:= erlang andalso booktune_compile:load_all(Made),
    case missing(Interface) of
        [] -> "ok";
        Missing -> ["missing\n", io_lib:format("not defined: ~ts", [lists:join(", ", Missing)])]
    end.

missing(Interface) ->
    [entry(E) || E <- Interface, not defined(E)].

defined({M, F, A}) ->
    code:ensure_loaded(M),
    erlang:function_exported(M, F, A) orelse
        erlang:function_exported(M, list_to_atom("MACRO-" ++ atom_to_list(F)), A + 1).

entry({M, F, A}) -> io_lib:format("~ts.~ts/~p", [short(atom_to_list(M)), F, A]).

short("Elixir." ++ Name) -> Name;
short(Name) -> Name.

ship(_, #s{run = 0}) ->
    ok;
ship(Term, #s{port = Port, run = Run}) ->
    case booktune_wire:pack(Term) of
        too_large -> port_command(Port, [<<"C", Run:32>>, term_to_binary({too_large, element(1, Term)})]);
        Bytes -> port_command(Port, [<<"C", Run:32>>, Bytes])
    end.

%% From the tests

from_tests({call, Id, Who, How, {M, F, Args}}) ->
    perform(Id, Who, How, {M, F, booktune_wire:decode(Args)});
from_tests({ask, Id, Who, How, {Number, Args}}) ->
    perform(Id, Who, How, {booktune_wire:exported(Number), booktune_wire:decode(Args)});
from_tests({called_back, Nr, Outcome}) ->
    [{_, Pid}] = ets:take(booktune_wire, {asked, Nr}),
    Pid ! {booktune, Nr, booktune_wire:decode(Outcome)};
from_tests({message, Number, Message}) ->
    booktune_wire:exported(Number) ! booktune_wire:decode(Message),
    booktune_namer ! look;
from_tests({mail, Number, Message}) ->
    booktune_wire:local(p, Number) ! booktune_wire:decode(Message);
from_tests({sync, Number, Id}) ->
    Shadow = booktune_wire:local(p, Number),
    case is_process_alive(Shadow) of
        true -> Shadow ! {booktune_sync, Id};
        false -> self() ! {send, {synced, Number, Id}}
    end;
from_tests({exit, Number, Sender, Reason}) ->
    signal(Sender, booktune_wire:exported(Number), booktune_wire:decode(Reason)),
    booktune_namer ! look;
from_tests({down, Number, Reason}) ->
    Shadow = booktune_wire:local(p, Number),
    Why = booktune_wire:decode(Reason),
    Shadow ! {booktune_down, Why},
    exit(Shadow, Why).

perform(Id, Who, {Leader, Traps, Mail, Callers}, What) ->
    Device = case Leader of none -> none; _ -> booktune_wire:local(p, Leader) end,
    Here = {[booktune_wire:local(p, N) || N <- Callers], booktune_wire:decode(Mail)},
    booktune_wire:local(p, Who) ! {booktune_call, Id, Device, Traps, Here, What}.

%% An exit signal comes from the shadow of its sender, by whom servers know their parent.
signal(0, Pid, Reason) -> exit(Pid, Reason);
signal(_, Pid, kill) -> exit(Pid, kill);
signal(Sender, Pid, Reason) -> booktune_wire:local(p, Sender) ! {booktune_exit, Pid, Reason}.

%% Shadows: one for each process of the tests that calls, so that links and the process dictionary
%% last from call to call as they would in one BEAM. Between calls, the mailbox is the tests'.

new_process(Number) ->
    Pid = spawn(fun() -> process_flag(trap_exit, true), idle(Number) end),
    self() ! {watch, Pid, {shadow, Number}},
    Pid.

idle(Number) ->
    receive
        {booktune_call, Id, Device, Traps, Here, What} ->
            process_flag(trap_exit, Traps),
            put(booktune_call, Id),
            as_there(Here),
            ets:insert(booktune_wire, {{performs, Number}, Id}),
            Outcome = outcome(Device, What),
            % processes that are about to end do so, as they would before the caller goes on
            [erlang:yield() || _ <- [1, 2, 3, 4]],
            ets:delete(booktune_wire, {performs, Number}),
            erase(booktune_call),
            Trapping = process_flag(trap_exit, true),
            [forward(Number, M) || M <- drain()],
            booktune_main ! names,
            booktune_main ! {send, {reply, Id, Outcome, Trapping}},
            idle(Number);
        {booktune_flush, From, Ref} ->
            From ! {flushed, Ref},
            idle(Number);
        {booktune_sync, Id} ->
            booktune_main ! {send, {synced, Number, Id}},
            idle(Number);
        {booktune_down, Reason} ->
            exit(Reason);
        {booktune_exit, Pid, Reason} ->
            exit(Pid, Reason),
            idle(Number);
        {'EXIT', _, _} = Exit ->
            forward(Number, Exit),
            idle(Number);
        Message ->
            forward(Number, Message),
            idle(Number)
    end.

%% The test's own mail lies before what came since.
as_there({Callers, Mail}) ->
    Callers =/= [] andalso put('$callers', Callers),
    Mail =/= [] andalso [self() ! Message || Message <- Mail ++ drain()].

drain() ->
    receive
        {booktune_flush, From, Ref} -> From ! {flushed, Ref}, drain();
        Message -> [Message | drain()]
    after 0 -> []
    end.

forward(Number, {'EXIT', From, Reason}) when is_pid(From) ->
    Sent = {exit, Number, booktune_wire:number(From), booktune_wire:encode(Reason)},
    booktune_main ! {send, Sent};
forward(Number, {io_request, From, As, {put_chars, Encoding, M, F, A}}) ->
    Chars = unicode:characters_to_list(apply(M, F, A)),
    forward(Number, {io_request, From, As, {put_chars, Encoding, Chars}});
forward(Number, Message) ->
    booktune_main ! {send, {message, Number, booktune_wire:encode(Message)}}.

outcome(Device, What) ->
    Own = group_leader(),
    Device =/= none andalso group_leader(Device, self()),
    try
        {ok, booktune_wire:encode(value(What))}
    catch
        Class:Reason:Stack -> {raise, Class, booktune_wire:encode(Reason), stack(Stack)}
    after
        group_leader(Own, self())
    end.

value({M, F, Args}) -> apply(M, F, Args);
value({Fun, Args}) -> apply(Fun, Args).

stack(Stack) ->
    [{M, F, arity(A), []} || {M, F, A, _} <- lists:sublist(Stack, 8)].

arity(Args) when is_list(Args) -> length(Args);
arity(Arity) -> Arity.

%% A fun of the tests is called: by the tests, for us.
ask(Number, Args) ->
    Nr = erlang:unique_integer([positive]),
    ets:insert(booktune_wire, {{asked, Nr}, self()}),
    booktune_main ! {send, {callback, Nr, get(booktune_call), Number, booktune_wire:encode(Args)}},
    told(Nr).

%% While the tests' fun runs it may call us again: the same shadow answers, in the middle of its call.
told(Nr) ->
    receive
        {booktune, Nr, {ok, Value}} ->
            Value;
        {booktune, Nr, {raise, Class, Reason, Stack}} ->
            erlang:raise(Class, Reason, Stack);
        {booktune_call, Id, Device, _, Here, What} ->
            Outer = put(booktune_call, Id),
            as_there(Here),
            Outcome = outcome(Device, What),
            put(booktune_call, Outer),
            {trap_exit, Trapping} = process_info(self(), trap_exit),
            booktune_main ! {send, {reply, Id, Outcome, Trapping}},
            told(Nr)
    end.

%% An answer of a server: after what its process said to the tests before.
passed_on(Ref, Said) ->
    case ets:lookup(booktune_wire, {theirs, Ref}) of
        [{_, Number}] -> in_turn({message, Number, booktune_wire:encode(Said)});
        [] -> ok
    end.

in_turn(Term) ->
    booktune_wire:flush(fun(N) -> ets:member(booktune_wire, {performs, N}) end),
    self() ! {now, Term}.

watch(Pid, What, S) ->
    S#s{shadows = (S#s.shadows)#{monitor(process, Pid) => What}}.

ended(Ref, Why, S) ->
    case maps:take(Ref, S#s.shadows) of
        {{shadow, Number}, Rest} ->
            died(ets:take(booktune_wire, {performs, Number}), Number, Why, S),
            S#s{shadows = Rest};
        {Number, Rest} ->
            in_turn({down, Number, booktune_wire:encode(Why)}),
            S#s{shadows = Rest};
        error ->
            S
    end.

%% A link took the shadow down in the middle of a call: so it goes with the caller.
died([{_, Id}], Number, Why, S) ->
    Reason = booktune_wire:encode(Why),
    ship({exit, Number, 0, Reason}, S),
    ship({reply, Id, {raise, exit, Reason, []}, false}, S);
died([], _, _, _) ->
    ok.

%% Names that the candidate's processes took since the last look

namer() ->
    receive
        look -> ok
    after 10 -> ok
    end,
    booktune_main ! names,
    namer().

names(#s{run = 0} = S) ->
    S;
names(#s{named = Before} = S) ->
    Now = all_names(),
    New = [{Name, Pid} || {Name, Pid} <- Now, is_pid(Pid), not lists:member({Name, Pid}, Before)],
    Own = [{Name, booktune_wire:number(Pid)} || {Name, Pid} <- New, not library(Name)],
    Own =/= [] andalso ship({names, Own}, S),
    S#s{named = Now}.

all_names() -> [{Name, whereis(Name)} || Name <- registered()].

library(Name) -> lists:prefix("booktune", atom_to_list(Name)).
