-module(tlv).
-export([encode/1, decode/1]).

encode(Tree) ->
    try iolist_to_binary([node_bytes(Node) || Node <- Tree])
    catch throw:too_long -> {error, too_long}
    end.

node_bytes({Tag, Value}) when is_binary(Value) -> framed(Tag, Value);
node_bytes({Tag, Tree}) -> framed(Tag + 128, iolist_to_binary([node_bytes(Node) || Node <- Tree])).

framed(_, Bytes) when byte_size(Bytes) > 255 -> throw(too_long);
framed(First, Bytes) -> [First, byte_size(Bytes), Bytes].

decode(Binary) ->
    try {ok, nodes_of(binary_to_list(Binary))}
    catch throw:short -> {error, truncated}
    end.

nodes_of([]) -> [];
nodes_of([First, Length | Rest]) when length(Rest) >= Length ->
    {Value, More} = lists:split(Length, Rest),
    [one(First, Value) | nodes_of(More)];
nodes_of(_) -> throw(short).

one(First, Value) when First > 127 -> {First - 128, nodes_of(Value)};
one(First, Value) -> {First, list_to_binary(Value)}.
