%% Devices of the BEAMs: what is printed there is no verdict, and nobody types.
%%
%% Belongs here: a device that keeps the tail of what is written, one whose input has ended. Does not: the
%% device that a test puts in their place (booktune_tests).
-module(booktune_devices).
-export([quiet/0, no_input/0, said/0]).

%% Devices that keep the tail of what is written instead of printing it: what tests print is no
%% verdict, and a problem's compiler warnings must not fill the pipe.
quiet() ->
    Device = spawn(fun() -> device(<<>>) end),
    register(booktune_device, Device),
    catch unregister(standard_error),
    register(standard_error, spawn(fun() -> pass_to(Device) end)),
    group_leader(Device, self()),
    logger:set_primary_config(level, none),
    ok.

%% A device whose input has ended, where the usual one would let readers wait for ever.
no_input() ->
    Usual = group_leader(),
    Device = spawn(fun() -> without_input(Usual) end),
    group_leader(Device, whereis(code_server)), % what runs while a module is loaded
    group_leader(Device, self()).

without_input(Usual) ->
    receive
        {io_request, From, As, Request} = Asked ->
            case reads(Request) of
                true -> From ! {io_reply, As, eof};
                false -> Usual ! Asked
            end;
        _ ->
            ok
    end,
    without_input(Usual).

reads(Request) when is_tuple(Request) ->
    lists:member(element(1, Request), [get_line, get_chars, get_until, get_password]);
reads(_) ->
    false.

pass_to(Device) ->
    receive
        Message -> Device ! Message
    end,
    pass_to(Device).

device(Said) ->
    receive
        {io_request, From, As, Request} ->
            {Reply, More} = device_reply(Request),
            From ! {io_reply, As, Reply},
            device(tail(<<Said/binary, More/binary>>));
        {tail, From} ->
            From ! {tail, Said},
            device(<<>>);
        _ ->
            device(Said)
    end.

device_reply({put_chars, _, Chars}) -> {ok, bytes(Chars)};
device_reply({put_chars, _, M, F, A}) -> {ok, bytes(catch apply(M, F, A))};
device_reply(getopts) -> {[{encoding, unicode}], <<>>};
device_reply({setopts, _}) -> {ok, <<>>};
device_reply({get_geometry, _}) -> {{error, enotsup}, <<>>};
device_reply(Read) when element(1, Read) =:= get_line; element(1, Read) =:= get_chars -> {eof, <<>>};
device_reply(_) -> {{error, request}, <<>>}.

bytes(Chars) ->
    case catch unicode:characters_to_binary(Chars) of
        Text when is_binary(Text) -> Text;
        _ -> <<>>
    end.

tail(Said) when byte_size(Said) > 4000 -> binary:part(Said, byte_size(Said), -2000);
tail(Said) -> Said.

said() ->
    booktune_device ! {tail, self()},
    receive
        {tail, Said} -> Said
    after 1000 -> <<>>
    end.
