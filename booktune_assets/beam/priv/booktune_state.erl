%% What a program can change for those that come after it in the same BEAM.
%%
%% Belongs here: what is compared before and after a program. Does not: processes and modules, which
%% are cleared away (booktune_tests), what follows from a change (the runner takes a new BEAM).
%% A program that means harm can hide a change; the screen gives those a BEAM of their own.
-module(booktune_state).
-export([seen/0, told/1]).

seen() ->
    Apps = lists:sort([{A, lists:sort(application:get_all_env(A))} || {A, _, _} <- application:loaded_applications()]),
    Devices = [{D, catch io:getopts(D)} || D <- [user, standard_error]],
    erlang:phash2({Apps, Devices, logger:get_primary_config(), lists:sort(os:env()), code:get_path(), lists:sort(registered()), tables(), terms(), files()}).

%% Tables that outlive their programs have an heir.
tables() -> lists:sort([T || T <- ets:all(), is_atom(T)]).

terms() -> lists:sort([Term || {Key, _} = Term <- persistent_term:get(), not ours(Key)]).

%% The nonce and the like differ from run to run.
ours(Key) -> is_atom(Key) andalso lists:prefix("booktune", atom_to_list(Key)).

%% Names and sizes in the one place that can be written to, but for folders that are cleared.
files() ->
    Home = os:getenv("HOME", "/tmp"),
    {ok, Names} = file:list_dir_all(Home),
    Kept = [filename:join(Home, Name) || Name <- lists:sort(Names), Name =/= "work", Name =/= "erlang"],
    Inside = filelib:wildcard(filename:join([Home, "include", "**"])),
    [{File, case filelib:is_dir(File) of true -> dir; false -> filelib:file_size(File) end} || File <- Kept ++ Inside].

%% The word for the runner: how many atoms there are, or more than there can be.
told(Before) ->
    Now = try seen() catch _:_ -> changed end,
    case Now of
        Before -> integer_to_binary(erlang:system_info(atom_count));
        _ -> <<"4294967295">>
    end.
