"""Layout as the formatters of the languages have it, and None for what does not parse."""

from __future__ import annotations

import shutil

import pytest

from booktune_assets.beam.formatted import TEXT_MAX, formatted
from booktune_assets.beam.toolchain import toolchain_version

pytestmark = pytest.mark.skipif(
    shutil.which("elixir") is None or not toolchain_version(), reason="no Elixir or sandbox here"
)
MODULE = """-module( a ).
-export([f/1,g/0]).
-define(X,{1,2}).
-ifdef(TEST).
-include_lib("eunit/include/eunit.hrl").
-endif.
-record(r,{a=1::integer(),b}).
f(X)when X>1->?X;f(_)-> #r{a=?MODULE,b="ä"}.
g()->receive {a,B}->B after 5->?assertEqual(1,1) end.
"""


def test_elixir_is_laid_out_by_its_own_formatter() -> None:
    found = formatted(["def  f( x ),do: x+1 # up", "def a(, do", "", "x=1\n\n\n\ny  = ~s(a  b)"],
                      "elixir")  # fmt: skip
    assert found[0] == "# up\ndef f(x), do: x + 1"
    assert found[1:3] == [None, None]
    assert found[3] == "x = 1\n\ny = ~s(a  b)"


def test_erlang_keeps_macros_and_what_the_preprocessor_reads() -> None:
    loose = MODULE.replace("->", "  ->\n   ").replace(";", " ;\n")
    one, two, body, broken, part = formatted(
        [MODULE, f"%% a comment\n{loose}", "X=1,\nY = X+1.", "f(X -> X.", "f(X)->X"], "erlang"
    )
    assert one is not None and one == two
    assert "?MODULE" in one and "?assertEqual(1, 1)" in one and "'?" not in one
    assert '- include_lib ( "eunit/include/eunit.hrl" ).\n' in one and "- endif.\n" in one
    assert 'b = "ä"' in one
    assert body == "X = 1, Y = X + 1.\n" and broken is None
    assert part == "f(X) ->\n    X.\n"
    again = formatted([one], "erlang")
    assert again == [one], "a layout is its own layout"


def test_odd_texts_end_nothing() -> None:
    deep = "[" * 20_000
    texts = ["x = 1", deep, "\ud800", "y" * (TEXT_MAX + 1), "x  =  2"]
    assert formatted(texts, "elixir") == ["x = 1", None, None, None, "x = 2"]
    with pytest.raises(ValueError, match="prolog"):
        formatted([], "prolog")
