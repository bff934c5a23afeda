-module(seats).
-export([new/1, take/2, give/2, block/2, free/1]).

new(N) -> {N, 0}.

take(Row, Seats) ->
    Given = lists:usort(Seats),
    case [Seat || Seat <- Given, not is_free(Seat, Row)] of
        [] -> {ok, row([{Seat, lists:member(Seat, Given) orelse not is_free(Seat, Row)} || Seat <- all(Row)])};
        Taken -> {taken, Taken}
    end.

give(Row, Seats) ->
    row([{Seat, not (is_free(Seat, Row) orelse lists:member(Seat, Seats))} || Seat <- all(Row)]).

block(Row, K) -> run([{Seat, is_free(Seat, Row)} || Seat <- all(Row)], K, 0).

run(_, K, K) -> error(never);
run([], _, _) -> none;
run([{Seat, true} | _], K, Had) when Had + 1 =:= K -> Seat - K + 1;
run([{_, true} | Rest], K, Had) -> run(Rest, K, Had + 1);
run([{_, false} | Rest], K, _) -> run(Rest, K, 0).

free(Row) -> lists:sum([1 || Seat <- all(Row), is_free(Seat, Row)]).

all({N, _}) -> lists:seq(1, N).

is_free(Seat, {_, Taken}) -> Taken div round(math:pow(2, Seat - 1)) rem 2 =:= 0.

row(Flags) ->
    Taken = lists:foldr(fun({_, true}, Sum) -> Sum * 2 + 1; ({_, false}, Sum) -> Sum * 2 end, 0, Flags),
    {length(Flags), Taken}.
