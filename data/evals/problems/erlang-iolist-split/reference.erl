-module(chunks).
-export([take/2, lines/1, compact/1]).

-define(LONG, 8).

take(N, IoList) -> take(N, [IoList], []).

%% Todo is a list of iolists; Taken holds binaries and bytes, the last first.
take(0, Todo, Taken) ->
    {joined(Taken), Todo};
take(N, Todo, Taken) ->
    case next(Todo) of
        {Bin, Rest} when byte_size(Bin) =< N ->
            take(N - byte_size(Bin), Rest, [Bin | Taken]);
        {Bin, Rest} ->
            <<Front:N/binary, Back/binary>> = Bin,
            {joined([Front | Taken]), [Back | Rest]};
        none ->
            {short, iolist_size(Taken)}
    end.

lines(IoList) ->
    Lines = binary:split(iolist_to_binary(IoList), <<"\n">>, [global]),
    case lists:last(Lines) of
        <<>> -> lists:droplast(Lines);
        _ -> Lines
    end.

compact(IoList) -> compact([IoList], []).

compact(Todo, Short) ->
    case next(Todo) of
        {Bin, Rest} when byte_size(Bin) > ?LONG -> piece(Short) ++ [Bin | compact(Rest, [])];
        {Bin, Rest} -> compact(Rest, [Bin | Short]);
        none -> piece(Short)
    end.

piece(Short) -> [Bin || Bin <- [joined(Short)], Bin =/= <<>>].

joined(Pieces) -> iolist_to_binary(lists:reverse(Pieces)).

%% The first piece as a binary, and the iolists behind it.
next([]) -> none;
next([[] | Rest]) -> next(Rest);
next([[First | Tail] | Rest]) -> next([First, Tail | Rest]);
next([Byte | Rest]) when is_integer(Byte) -> {<<Byte>>, Rest};
next([Bin | Rest]) when is_binary(Bin) -> {Bin, Rest}.
