%% First module in each BEAM: takes its part, and ends the BEAM when that part ends.
-module(booktune_main).
-export([start/2]).

start(Part, Port) ->
    register(booktune_main, self()),
    code:del_path("."), % the working folder may hold what others wrote
    Main = self(),
    spawn(fun() -> watch(Main) end),
    part(Part, Port).

part(trusted, Port) -> booktune_trusted:start(Port);
part({untrusted, Language}, Port) -> booktune_untrusted:start(Language, Port);
part({inbeam, Language}, Port) -> booktune_inbeam:start(Language, Port).

watch(Main) ->
    Ref = monitor(process, Main),
    receive
        {'DOWN', Ref, process, Main, _} -> halt(1)
    end.
