%% The order of what a test's process was sent, whichever way its mail goes.
%%
%% Belongs here: numbers for messages, and sorting by them. Does not: moving mail (booktune_trusted).
%%
%% While the candidate runs on behalf of a test's process, that process's mail lies with its shadow,
%% and what was not taken comes back. Something older may be on its way there while something newer
%% is on its way back. So each message is numbered when it first arrives, or when it is first given
%% away, and what has come back is put into that order. Equal messages may stand for each other.
-module(booktune_order).
-export([init/0, reset/0, came/2, given_away/2, all_back/1, in_order/2]).

-define(TABLE, booktune_order).
-define(MOST, 20000). % beyond that nobody counts: memory is the candidate's to fill, but not twice

init() ->
    ?TABLE = ets:new(?TABLE, [named_table, public, ordered_set]),
    ok.

reset() -> ets:delete_all_objects(?TABLE), ok.

%% On its way into a mailbox: come back, or new.
came(Pid, Message) ->
    case ets:select(?TABLE, alike(Pid, Message, away), 1) of
        {[Place], _} -> ets:update_element(?TABLE, {Pid, Place}, {3, here});
        '$end_of_table' -> insert(Pid, {erlang:unique_integer([monotonic, positive]), 0}, Message, here)
    end.

%% Given away after the message that was given away at After (none: the first): gives its place.
%% Of equal ones the newest still lies in the mailbox, for what was received was older.
given_away(Message, After) ->
    case ets:select_reverse(?TABLE, alike(self(), Message, here), 1) of
        {[Place], _} ->
            ets:update_element(?TABLE, {self(), Place}, {3, away}),
            Place;
        '$end_of_table' ->
            Place = {first(After), erlang:unique_integer([monotonic, positive])},
            insert(self(), Place, Message, away),
            Place
    end.

first(none) -> 0;
first({Number, _}) -> Number.

%% What did not come back was taken.
all_back(Pid) -> ets:match_delete(?TABLE, {{Pid, '_'}, '_', away}).

%% The messages by their numbers. One without a number stays behind its neighbour.
in_order(Pid, Messages) ->
    [Message || {_, Message} <- lists:keysort(1, placed(Pid, Messages, {0, 0}, #{}))].

placed(_, [], _, _) ->
    [];
placed(Pid, [Message | Rest], Last, Used) ->
    Free = [P || P <- ets:select(?TABLE, alike(Pid, Message, here)), not is_map_key(P, Used)],
    Left = length([M || M <- Rest, M =:= Message]),
    % as many are still to be placed: those that came first were received and are stale
    case lists:nthtail(max(0, length(Free) - Left - 1), Free) of
        [] -> [{Last, Message} | placed(Pid, Rest, Last, Used)];
        [Place | _] -> [{Place, Message} | placed(Pid, Rest, Place, Used#{Place => true})]
    end.

alike(Pid, Message, State) ->
    [{{{Pid, '$1'}, '$2', State}, [{'=:=', '$2', {const, Message}}], ['$1']}].

insert(Pid, Place, Message, State) ->
    ets:info(?TABLE, size) < ?MOST andalso ets:insert(?TABLE, {{Pid, Place}, Message, State}).
