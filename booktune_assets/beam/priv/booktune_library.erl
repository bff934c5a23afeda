%% Modules of the library, for a program that shares its BEAM with the tests.
%%
%% Belongs here: holding them as they are, and seeing whether they still are. Does not: what the screen
%% reads (booktune_screen), what a change leads to (booktune_inbeam).
%% Elixir lets whoever defines a module of the library's name take its place, also by defimpl or
%% defprotocol in the body of a function, that is, while the tests run.
-module(booktune_library).
-export([hold/1, free/1, bind/1, seen/1, changed/3, md5/1]).

%% From now on nothing takes the place of a module that is loaded. The folder Own is the program's.
%% Returns the files of the library by the names of their modules, loaded or not.
hold(Own) ->
    Dirs = [Dir || Dir <- code:get_path(), Dir =/= ".", Dir =/= Own],
    [code:stick_dir(Dir) || Dir <- Dirs],
    maps:from_list([{filename:rootname(Name), filename:join(Dir, Name)} || Dir <- lists:reverse(Dirs), Name <- beams(Dir)]).

beams(Dir) ->
    case file:list_dir(Dir) of
        {ok, Names} -> [Name || Name <- Names, filename:extension(Name) =:= ".beam"];
        {error, _} -> []
    end.

%% The interface may ask the program for a module of a library's name: free for it, then bound again.
free(Modules) -> [code:unstick_mod(M) || M <- Modules].

bind(Modules) -> [code:stick_mod(M) || M <- Modules].

%% Digests of all modules that are loaded from a file, and of Others.
seen(Others) ->
    maps:from_list([{M, md5(M)} || M <- Others ++ [M || {M, File} <- code:all_loaded(), is_list(File), File =/= ""]]).

%% Of a module as it is loaded now; none where it is not.
md5(M) -> try erlang:get_module_info(M, md5) catch _:_ -> none end.

%% Those of Before that are others now, and those that came since under a name of the library's and
%% not from its file. Own are the program's by right, whatever they are called.
changed(Before, Own, Library) ->
    Changed = [M || {M, Was} <- maps:to_list(maps:without(Own, Before)), md5(M) =/= Was],
    New = [M || {M, File} <- code:all_loaded(), is_list(File), not is_map_key(M, Before), not lists:member(M, Own)],
    Changed ++ [M || M <- New, {ok, File} <- [maps:find(atom_to_list(M), Library)], other(M, File)].

other(M, File) ->
    case beam_lib:md5(File) of
        {ok, {M, Digest}} -> md5(M) =/= Digest;
        _ -> true
    end.
