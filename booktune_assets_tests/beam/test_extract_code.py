"""The program is found in answers as models write them."""

from __future__ import annotations

import pytest

from booktune_assets.beam.extract_code import extract_code

MODULE = "defmodule A do\n  def f, do: 1\nend\n"
DRAFT = MODULE.replace("1", "0")
ERLANG = "-module(a).\n-export([f/0]).\nf() -> 1.\n"
SHOWN = MODULE.replace("  def", '  @moduledoc """\n  So:\n\n  ```\n  A.f()\n  ```\n  """\n  def')
TESTS = 'defmodule ATest do\n  use ExUnit.Case\n  test "f", do: assert(A.f() == 1)\nend\n'
EUNIT = "-module(a_tests).\nf_test() -> 1 = a:f().\n"
PROTOCOL = "defprotocol Q do\n  def g(x)\nend\n"
FOR_LISTS = "defimpl Q, for: List do\n  def g(x), do: x\nend\n"
FOR_ATOMS = FOR_LISTS.replace("List", "Atom")


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
        (f"<think>\n```elixir\n{DRAFT}```\n</think>\n```elixir\n{MODULE}```", "elixir", MODULE),
        (f"0, so\n{DRAFT}</think>\n{MODULE}", "elixir", MODULE),
        (f"[THINK]hm[/THINK]{ERLANG}", "erlang", ERLANG),
        (f"<think>\n```elixir\n{MODULE}```", "elixir", ""),
        (f"```elixir\n{DRAFT}```\nNo:\n```elixir\n{MODULE}```", "elixir", MODULE),
        (f"```erlang\n{ERLANG.replace('1', '0')}```\n```erlang\n{ERLANG}```", "erlang", ERLANG),
        (f"```elixir\n{MODULE}```\n```elixir\n{TESTS}```", "elixir", MODULE),
        (f"```erlang\n{EUNIT}```\n```erlang\n{ERLANG}```", "erlang", ERLANG),
        (f"```elixir\n{SHOWN}```\nDone.", "elixir", SHOWN),
        (f"```markdown\n# A\n\n```elixir\n{MODULE}```\n```", "elixir", MODULE),
        (f"```elixir\n{MODULE}\nThis defines a module.", "elixir", MODULE),
        (f"```elixir\n{MODULE.rstrip()}```\nDone.", "elixir", MODULE),
        (f"{ERLANG}```\nThe end of it.", "erlang", ERLANG),
        (f"{PROTOCOL}\n{MODULE}", "elixir", f"{PROTOCOL}\n{MODULE}"),
        (f"import Bitwise\n\n{MODULE}", "elixir", f"import Bitwise\n\n{MODULE}"),
        (f"{MODULE}\ndefmodule B do\n  def", "elixir", f"{MODULE}\ndefmodule B do\n  def"),
        ("```\n-module (a).\n```\n", "erlang", "-module (a).\n"),
        ('<tool_call>{"text": "defmodule A do\\nend"}</tool_call>', "elixir", ""),
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


def test_parts_of_a_protocol_are_no_drafts_of_each_other() -> None:
    parts = [PROTOCOL, FOR_LISTS, FOR_ATOMS]
    answer = "\n".join(f"```elixir\n{one}```" for one in parts)
    assert extract_code(answer, "elixir") == "\n".join(parts)
