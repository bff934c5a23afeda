-module(sema).
-behaviour(gen_server).
-export([start_link/1, acquire/2, release/2, free/1, waiting/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(s, {all, out = 0, line = []}).

start_link(N) -> gen_server:start_link(?MODULE, #s{all = N}, []).
acquire(Pid, K) -> gen_server:call(Pid, {want, K}, infinity).
release(Pid, K) -> gen_server:call(Pid, {back, K}).
free(Pid) -> gen_server:call(Pid, free).
waiting(Pid) -> gen_server:call(Pid, waiting).

init(State) -> {ok, State}.

handle_call({want, K}, _, #s{all = N} = S) when K > N -> {reply, {error, too_many}, S};
handle_call({want, K}, From, #s{line = Line} = S) -> {noreply, go_on(S#s{line = Line ++ [{K, From}]})};
handle_call({back, K}, _, #s{out = Out} = S) when K > Out -> {reply, {error, not_taken}, S};
handle_call({back, K}, _, #s{out = Out} = S) -> {reply, ok, go_on(S#s{out = Out - K})};
handle_call(free, _, #s{all = N, out = Out} = S) -> {reply, N - Out, S};
handle_call(waiting, _, #s{line = Line} = S) -> {reply, length(Line), S}.

handle_cast(_, S) -> {noreply, S}.

%% Who asks joins the line, even when nobody stands there.
go_on(#s{all = N, out = Out, line = [{K, From} | Line]} = S) when Out + K =< N ->
    gen_server:reply(From, ok),
    go_on(S#s{out = Out + K, line = Line});
go_on(S) -> S.
