"""Sessions are taken apart as their reader would read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.beam.transcripts import Exchange, annotated, exchanges, preamble


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("iex> 1 + 1\n2", [("1 + 1", "2")]),
        ("iex(1)> x = 1\n1\niex(2)> x", [("x = 1", "1"), ("x", "")]),
        ("iex(3)> 1 +\n...(3)> 2\n3", [("1 +\n2", "3")]),
        ("iex(cat@home)1> node()\n:cat@home", [("node()", ":cat@home")]),
        ("iex> fn x ->\n  x\nend\n#Function<6.1/1>", [("fn x ->\n  x\nend", "#Function<6.1/1>")]),
        ("iex> if true do\n\n  1\nend\n1", [("if true do\n\n  1\nend", "1")]),
        ('iex> IO.puts("a")\na\n:ok\n# well\n', [('IO.puts("a")', "a\n:ok")]),
        ("iex> self()\n#PID<0.1.0>\n", [("self()", "#PID<0.1.0>")]),
        ("iex> 1 +\n** (TokenMissingError) x", [("1 +", "** (TokenMissingError) x")]),
        ("# again\n...> f(1)\n2", [("f(1)", "2")]),
        ("iex>\niex> 1\n1", [("1", "1")]),
    ],
)
def test_iex(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.expression, one.result) for one in exchanges(text, "iex")] == expected


def test_prompts_say_where_a_session_begins_and_on_which_node() -> None:
    found = exchanges("iex(1)> 1\n1\niex(2)> 2\n2\niex(a@b)1> 3\n3", "iex")
    assert [(one.fresh, one.node, one.line) for one in found] == [
        (True, "", 0), (False, "", 2), (True, "a@b", 4),
    ]  # fmt: skip


def test_erlang_goes_on_until_the_full_stop() -> None:
    text = "1> X = [1,\n2].\n[1,2]\n(a@b)2> lists:sum(X).\n% why?\n"
    found = exchanges(text, "erl_shell")
    assert found == [Exchange("X = [1,\n2].", "[1,2]"), Exchange("lists:sum(X).", "")]
    assert (found[0].fresh, found[1].node) == (True, "a@b")


@pytest.mark.parametrize("node", ["", "(n@h)"])
def test_a_prompt_of_the_same_number_goes_on(node: str) -> None:
    typed = [
        "4> F = fun(X) ->", "4>   X*2", "4> end.", "#Fun<erl_eval.6>", "5> F(2).", "4", "6> F(3).",
        "7> ok.", "ok",
    ]  # fmt: skip
    text = "\n".join(node + line if ">" in line[:2] else line for line in typed)
    found = exchanges(text, "erl_shell")
    assert found == [
        Exchange("F = fun(X) ->\n  X*2\nend.", "#Fun<erl_eval.6>"), Exchange("F(2).", "4"),
        Exchange("F(3).", ""), Exchange("ok.", "ok"),
    ]  # fmt: skip
    assert [one.line for one in found] == [0, 4, 6, 7]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1> X = 1.\n1> Y = 2.", ["X = 1.", "Y = 2."]),  # the first is whole
        ("1> X.\n2> Y.", ["X.", "Y."]),
        ("1> f(\n2> Y.", ["f(", "Y."]),  # another number
        ("(a@h)1> f(\n(b@h)1> Y.", ["f(", "Y."]),  # another node
        ("1> f(]\n* 1:3: syntax error before: ']'\n1> f().", ["f(]", "f()."]),
        ("1> f( % one\n.. 1,\n1> 2).", ["f( % one\n1,\n2)."]),
        ("1> begin ok. % done\n1> X.", ["begin ok. % done", "X."]),
    ],
)
def test_where_a_prompt_begins_an_expression(text: str, expected: list[str]) -> None:
    assert [one.expression for one in exchanges(text, "erl_shell")] == expected


def test_what_stands_above_the_prompts_is_kept() -> None:
    text = "defmodule A do\n  def b, do: 1\nend\n\niex> A.b()\n1"
    assert preamble(text, "iex") == "defmodule A do\n  def b, do: 1\nend"
    assert preamble("iex> 1\n1", "iex") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 1 # => 2", [("1 + 1", "2")]),
        ("x = 1\nx + 1\n#=> 2\n", [("x = 1", ""), ("x + 1", "2")]),
        ("%{a: 1}\n# => %{\n#      a: 1}\n# good\n", [("%{a: 1}", "%{\na: 1}")]),
        ('"#=> no"', []),
        ("x = 1 # one", []),
        ("def f( do #=> 1", []),  # it does not parse, so nothing of it was run
    ],
)
def test_results_in_comments(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.expression, one.result) for one in annotated(text)] == expected


LINES = st.lists(
    st.sampled_from(
        ["iex> ", "...> ", "1> ", "iex(2)> x", "", "# a", "#=> 1", "[", "do", "end", "x.", '"']
    )
    | st.text(max_size=12),
    max_size=12,
)  # fmt: skip


@given(LINES)
def test_no_text_is_too_odd(lines: list[str]) -> None:
    text = "\n".join(lines)
    for shell in ("iex", "erl_shell"):
        for one in exchanges(text, shell):
            assert one.expression
            assert all(part.strip() in text for part in one.result.splitlines())
    annotated(text)
