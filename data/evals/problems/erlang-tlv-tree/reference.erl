-module(tlv).
-export([encode/1, decode/1]).

encode(Tree) ->
    try
        pack(Tree)
    catch
        throw:too_long -> {error, too_long}
    end.

decode(Binary) ->
    try
        {ok, unpack(Binary)}
    catch
        throw:truncated -> {error, truncated}
    end.

pack(Tree) -> << <<(packed(Node))/binary>> || Node <- Tree >>.

packed({Tag, Value}) when is_binary(Value) -> tagged(Tag, Value);
packed({Tag, Tree}) when is_list(Tree) -> tagged(Tag + 128, pack(Tree)).

tagged(Tag, Value) when byte_size(Value) =< 255 -> <<Tag, (byte_size(Value)), Value/binary>>;
tagged(_Tag, _Value) -> throw(too_long).

unpack(<<>>) ->
    [];
unpack(<<Kind:1, Tag:7, Size, Value:Size/binary, Rest/binary>>) ->
    [{Tag, value(Kind, Value)} | unpack(Rest)];
unpack(_Short) ->
    throw(truncated).

value(0, Value) -> Value;
value(1, Value) -> unpack(Value).
