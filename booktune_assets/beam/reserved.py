"""Words that no function can be called in Elixir or Erlang, whatever a problem calls its own.

Belongs here: the words. Does not: what a reader of problems does about them (``adapters_*.py``).
"""

from __future__ import annotations

__all__ = ["RESERVED"]

# of Elixir's, no argument can bear these names either
RESERVED = {
    "elixir": frozenset({
        "true", "false", "nil", "when", "and", "or", "not", "in", "fn", "do", "end",
        "catch", "rescue", "after", "else", "unquote", "__MODULE__", "__ENV__", "__DIR__",
        "__CALLER__", "__STACKTRACE__", "__aliases__", "__block__", "_",
    }),
    "erlang": frozenset({
        "after", "and", "andalso", "band", "begin", "bnot", "bor", "bsl", "bsr", "bxor",
        "case", "catch", "cond", "div", "end", "fun", "if", "let", "not", "of", "or",
        "orelse", "receive", "rem", "try", "when", "xor",
    }),
}  # fmt: skip
