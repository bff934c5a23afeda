%% One call that holds a scheduler for minutes: no timer inside of the BEAM fires.
-module(act).
-export([act/0, parse_transform/2]).

parse_transform(Forms, _Options) ->
    act(),
    Forms.

act() -> crypto:pbkdf2_hmac(sha512, <<"password">>, <<"salt">>, 2000000000, 64).
