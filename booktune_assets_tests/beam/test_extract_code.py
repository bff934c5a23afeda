"""The program is found in answers as models write them."""

from __future__ import annotations

import pytest

from booktune_assets.beam.extract_code import extract_code

MODULE = "defmodule A do\n  def f, do: 1\nend\n"
ERLANG = "-module(a).\n-export([f/0]).\nf() -> 1.\n"


@pytest.mark.parametrize(
    ("answer", "language", "code"),
    [
        (f"Here:\n```elixir\n{MODULE}```\nDone.", "elixir", MODULE),
        (f"```\n{MODULE}```", "elixir", MODULE),
        (f"```bash\nmix test\n```\n```ex\n{MODULE}```", "elixir", MODULE),
        (f"~~~elixir\n{MODULE}~~~", "elixir", MODULE),
        (f"```elixir\n{MODULE}", "elixir", MODULE),
        (f"```elixir\r\n{MODULE}```", "elixir", MODULE),
        (f"Sure.\n\n{MODULE}\nThis defines a module.", "elixir", MODULE),
        (f"```erlang\n{ERLANG}```", "erlang", ERLANG),
        (f"Sure.\n\n{ERLANG}\nThis module exports a function.", "erlang", ERLANG),
        ("```elixir\n1 + 1\n```", "elixir", "1 + 1\n"),
        ("I cannot do that.", "elixir", ""),
        ("", "erlang", ""),
    ],
)
def test_found(answer: str, language: str, code: str) -> None:
    assert extract_code(answer, language) == code


def test_helpers_in_two_blocks_are_joined() -> None:
    other = MODULE.replace("A", "B")
    answer = f"```elixir\n{MODULE}```\nand\n```elixir\n{other}```"
    assert extract_code(answer, "elixir") == f"{MODULE}\n{other}"
