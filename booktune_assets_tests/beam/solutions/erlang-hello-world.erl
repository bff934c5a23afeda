-module(hello_world).
-export([hello/0]).

hello() -> "Hello, World!".
