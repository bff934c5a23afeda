-module(clip).
-export([bytes/2, points/2, fault/1, repair/1]).

bytes(Text, Max) when Max >= byte_size(Text) -> Text;
bytes(Text, Max) ->
    %% a code point begins wherever no continuation byte stands
    case binary:at(Text, Max) bsr 6 of
        2 -> bytes(Text, Max - 1);
        _ -> binary:part(Text, 0, Max)
    end.

points(Text, Max) ->
    Points = unicode:characters_to_list(Text),
    unicode:characters_to_binary(lists:sublist(Points, Max)).

fault(Binary) ->
    case unicode:characters_to_list(Binary) of
        Points when is_list(Points) -> none;
        {_, Points, _} -> byte_size(unicode:characters_to_binary(Points))
    end.

repair(Binary) ->
    case fault(Binary) of
        none ->
            Binary;
        At ->
            <<Good:At/binary, _, Rest/binary>> = Binary,
            Mended = repair(Rest),
            <<Good/binary, "?", Mended/binary>>
    end.
