%% What tests ask of the other side, from a test's own process.
%%
%% Belongs here: calls of stand-ins and of the candidate's funs, the mail that goes along and comes back, what
%% an error or a failed assertion becomes on its way. Does not: frames (booktune_trusted), terms (booktune_wire).
-module(booktune_asking).
-export([call/3, ask/2, outcome/2, bare/1, stack/1]).

-define(SORTED, 2000). % messages that are put in order at most

-define(OURS(M), (is_tuple(M) andalso tuple_size(M) > 0 andalso element(1, M) =:= booktune)).

%% Answers to requests of the tests and news of their monitors, by references that the candidate was
%% never given: it cannot have anything to do with them.
-define(ANSWERS(M), (is_tuple(M) andalso tuple_size(M) =:= 2 andalso is_reference(element(1, M)))).
-define(ANSWERS_BY_ALIAS(M), (is_tuple(M) andalso tuple_size(M) =:= 2 andalso is_list(element(1, M))
    andalso element(1, M) =/= [] andalso hd(element(1, M)) =:= alias andalso is_reference(tl(element(1, M))))).
-define(NEWS(M), (is_tuple(M) andalso tuple_size(M) =:= 5 andalso element(1, M) =:= 'DOWN'
    andalso is_reference(element(2, M)))).
-define(PRIVATE(M, Given), (
    (?ANSWERS(M) andalso not is_map_key(element(1, M), Given)) orelse
    (?ANSWERS_BY_ALIAS(M) andalso not is_map_key(tl(element(1, M)), Given)) orelse
    (?NEWS(M) andalso not is_map_key(element(2, M), Given)))).

%% From the tests: call a function of the interface, or a fun that the candidate returned

call(Module, Function, Args) ->
    case ets:member(booktune_wire, running) of
        true -> request(call, {Module, Function, booktune_wire:encode(known_there(Args))});
        false -> erlang:raise(error, undef, [{Module, Function, Args, []}])
    end.

ask(Number, Args) -> request(ask, {Number, booktune_wire:encode(known_there(Args))}).

%% A module of the tests can be called where they are and nowhere else.
known_there(Args) ->
    case booktune_calls:name(ets:lookup_element(booktune_wire, helpers, 2), Args) of
        false -> Args;
        true ->
            booktune_wire:mark(unsupported),
            error({booktune_unsupported, <<"a module of the tests as an argument">>})
    end.

request(Kind, What) ->
    Id = erlang:unique_integer([positive]),
    Who = booktune_wire:number(self()),
    booktune_wire:flush(fun(_) -> false end),
    true = ets:insert(booktune_wire, {{waiting, Id}, self()}),
    {trap_exit, Traps} = process_info(self(), trap_exit),
    Mail = mail(get('$initial_call'), Who),
    Outer = put(booktune_in_call, Id),
    How = {booktune_tests:captured(), Traps, sent_before(Mail), callers(get('$callers'))},
    booktune_main ! {send, {Kind, Id, Who, How, What}},
    try
        await(Id, Mail)
    after
        put(booktune_in_call, Outer),
        Outer =:= undefined andalso erase(booktune_posted) =:= true andalso all_back(Who, Id)
    end.

%% Mail that the candidate did not take is on its way back: what the test asks next is whether
%% it was sent something.
all_back(Who, Id) ->
    booktune_main ! {send, {sync, Who, Id}},
    receive
        {booktune, Id, synced} -> ok
    end,
    erase(booktune_last),
    booktune_order:all_back(self()),
    sorted(3).

%% What came back may stand behind what came later. While it is sorted more may come: looked at again.
sorted(0) ->
    ok;
sorted(Tries) ->
    Given = booktune_wire:references(),
    {messages, All} = process_info(self(), messages),
    Mail = [M || M <- All, not ?OURS(M), not ?PRIVATE(M, Given)],
    case length(Mail) > ?SORTED orelse booktune_order:in_order(self(), Mail) =:= Mail of
        true ->
            ok;
        false ->
            [self() ! Message || Message <- booktune_order:in_order(self(), taken(Given))],
            sorted(Tries - 1)
    end.

taken(Given) ->
    receive
        Message when not ?OURS(Message), not ?PRIVATE(Message, Given) -> [Message | taken(Given)]
    after 0 -> []
    end.

%% What a test's process is sent while the candidate runs on its behalf goes to its shadow, which
%% gives back what it did not take. A server's mail stays: it has a protocol of its own.
mail(undefined, Who) -> Who;
mail({_, _, 0}, Who) -> Who; % a task
mail(_, _) -> none.

%% What lies there goes along with the call, so that one that only looks (receive ... after 0) finds it.
sent_before(none) ->
    [];
sent_before(Who) ->
    Given = booktune_wire:references(),
    receive
        Message when not ?OURS(Message), not ?PRIVATE(Message, Given) ->
            given_away(Message),
            [booktune_wire:encode(Message) | sent_before(Who)]
    after 0 -> []
    end.

posted(Who, Message) ->
    given_away(Message),
    booktune_main ! {send, {mail, Who, booktune_wire:encode(Message)}}.

given_away(Message) ->
    put(booktune_posted, true),
    put(booktune_last, booktune_order:given_away(Message, last_given())).

%% On whose behalf a task of the tests runs, as it tells those that it calls.
callers(Pids) when is_list(Pids) -> [booktune_wire:number(Pid) || Pid <- Pids, is_pid(Pid)];
callers(_) -> [].

last_given() ->
    case get(booktune_last) of
        undefined -> none;
        Place -> Place
    end.

await(Id, Mail) ->
    Given = booktune_wire:references(),
    receive
        {booktune, Id, {ok, Value}, Traps} -> trap(Traps), Value;
        {booktune, Id, {raise, Class, Reason, Stack}, Traps} ->
            trap(Traps),
            erlang:raise(Class, Reason, Stack);
        {booktune, Id, {callback, Nr, Fun, Args}} ->
            booktune_main ! {send, {called_back, Nr, outcome(Fun, Args)}},
            await(Id, Mail);
        Message when Mail =/= none, not ?OURS(Message), not ?PRIVATE(Message, Given) ->
            posted(Mail, Message),
            await(Id, Mail)
    end.

%% A function may have made its caller trap exits.
trap(Traps) when is_boolean(Traps) -> process_flag(trap_exit, Traps);
trap(keep) -> ok.

outcome(Fun, Args) ->
    try
        {ok, booktune_wire:encode(apply(Fun, Args))}
    catch
        Class:Reason:Stack ->
            {raise, Class, booktune_wire:encode(bare(Reason)), stack(Stack)}
    end.

%% What an assertion expected stays here; that it failed decides the run.
bare(Reason) ->
    case asserted(Reason) of
        true ->
            booktune_wire:mark(asserted),
            Text = io_lib:format("an assertion in a callback: ~tP", [Reason, 40]),
            ets:insert_new(booktune_wire, {asserted, Text}),
            bare_as(Reason);
        false ->
            Reason
    end.

bare_as(#{'__struct__' := _}) ->
    #{'__struct__' => 'Elixir.RuntimeError', '__exception__' => true, message => <<"an assertion failed">>};
bare_as(_) ->
    assertion_failed.

%% Anywhere in the reason: an exit may carry the reason of another process.
asserted(#{'__struct__' := 'Elixir.ExUnit.AssertionError'}) -> true;
asserted(#{'__struct__' := 'Elixir.ExUnit.MultiError'}) -> true;
asserted(T) when is_map(T) -> asserted(maps:to_list(T));
asserted([H | T]) -> asserted(H) orelse asserted(T);
asserted({Name, Facts}) when is_atom(Name), is_list(Facts) ->
    lists:prefix("assert", atom_to_list(Name)) orelse asserted(Facts);
asserted(T) when is_tuple(T) -> asserted(tuple_to_list(T));
asserted(_) -> false.

stack(Stack) ->
    [{M, F, arity(A), []} || {M, F, A, _} <- lists:sublist(Stack, 8), is_atom(M), is_atom(F)].

arity(Args) when is_list(Args) -> length(Args);
arity(Arity) when is_integer(Arity), Arity >= 0, Arity < 256 -> Arity;
arity(_) -> 0.
