-module(tapes).
-behaviour(gen_event).
-export([start_link/0, add/3, tell/3, read/2, ids/1, take/2, swap/4]).
-export([init/1, handle_event/2, handle_call/2, terminate/2]).

-record(tape, {levels, texts = queue:new()}).

start_link() -> gen_event:start_link().

add(Pid, Id, Levels) ->
    case there(Pid, Id) of
        true -> {error, exists};
        false -> insert(Pid, Id, #tape{levels = Levels})
    end.

insert(Pid, Id, #tape{} = Tape) -> gen_event:add_handler(Pid, {?MODULE, Id}, Tape).

tell(Pid, Level, Text) -> gen_event:sync_notify(Pid, {record, Level, Text}).

ids(Pid) ->
    ordsets:from_list(lists:map(fun({?MODULE, Id}) -> Id end, gen_event:which_handlers(Pid))).

there(Pid, Id) -> gen_event:call(Pid, {?MODULE, Id}, here) =:= yes.

read(Pid, Id) -> texts(gen_event:call(Pid, {?MODULE, Id}, tape)).

take(Pid, Id) -> texts(gen_event:delete_handler(Pid, {?MODULE, Id}, taken)).

texts(#tape{texts = Texts}) -> {ok, queue:to_list(Texts)};
texts({error, _}) -> {error, no_tape}.

%% out with the old one, and what it held goes into the new one
swap(Pid, Old, New, Levels) ->
    Same = Old =:= New,
    case there(Pid, Old) of
        false ->
            {error, no_tape};
        true ->
            case not Same andalso there(Pid, New) of
                true ->
                    {error, exists};
                false ->
                    Tape = gen_event:delete_handler(Pid, {?MODULE, Old}, swapped),
                    insert(Pid, New, Tape#tape{levels = Levels})
            end
    end.

init(Tape) -> {ok, Tape}.

handle_event({record, Level, Text}, Tape) ->
    {ok, case [L || L <- Tape#tape.levels, L =:= Level] of
        [] -> Tape;
        _ -> record(lists:all(fun char/1, Text), Text, Tape)
    end}.

record(true, Text, Tape) -> Tape#tape{texts = queue:in(Text, Tape#tape.texts)}.

char(C) -> io_lib:char_list([C]).

handle_call(here, Tape) -> {ok, yes, Tape};
handle_call(tape, Tape) -> {ok, Tape, Tape}.

terminate(_, Tape) -> Tape.
