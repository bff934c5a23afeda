"""Long code is cut between forms and nowhere else."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.books.forms import cut_code
from booktune_assets.books.judge import faults

ELIXIR = '''defmodule A do
  @moduledoc """
  def not_a_form

  end of words
  """

  @doc "First"
  @spec one(integer) :: integer
  # about one
  def one(x) do
    x
  end

  def two(x) do
    y = x

    y
  end
end

defmodule B do
  use GenServer

  def init(s), do: {:ok, s}
end
'''
ERLANG = """-module(a).
-export([one/1, two/1]).

%% one
-spec one(integer()) -> integer().
one(1) -> 2;
one(X) ->
    X.

two(X) ->
    Y = X,

    Y.
"""


def cut(text: str, lang: str, limit: int = 1, used: int = 0) -> list[str]:
    spots = [0, *cut_code(text, lang, limit, used=used), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(spots)]


def test_elixir_between_modules_and_functions() -> None:
    starts = [piece.strip().split("\n")[0].strip() for piece in cut(ELIXIR, "elixir")]
    assert starts == [
        "defmodule A do",
        '@moduledoc """',
        "def two(x) do",
        "defmodule B do",
        "use GenServer",
        "def init(s), do: {:ok, s}",
    ]
    whole = cut(ELIXIR, "elixir", limit=len(ELIXIR) - 10)
    assert len(whole) == 2  # no more cuts than it takes


def test_a_module_that_fits_is_not_torn() -> None:
    def module(name: str, functions: int) -> str:
        inner = "\n\n".join(f"  def f{n}(x) do\n    x + {n}\n  end" for n in range(functions))
        return f"# {name}\ndefmodule {name} do\n{inner}\nend\n"

    text = module("One", 6) + "\n" + module("Two", 6) + "\n" + module("Three", 2)
    size = len(module("One", 6))
    pieces = cut(text, "elixir", limit=size + 3 * size // 4)
    assert [piece.split("\n")[0] for piece in pieces] == ["# One", "# Two"]
    assert len(cut(text, "elixir", limit=size // 2)) > 4  # what does not fit is cut inside
    late = cut(text, "elixir", limit=size + 40, used=100)
    assert late[1].startswith("  def f") and late[2].startswith("# Two")


def test_erlang_between_forms_never_between_clauses() -> None:
    starts = [piece.split("\n")[0] for piece in cut(ERLANG, "erlang")]
    assert starts == ["-module(a).", "-export([one/1, two/1]).", "%% one", "two(X) ->"]


def test_sessions_before_prompts_and_outputs_at_lines() -> None:
    assert cut("iex> 1\n1\niex(2)> f(\n...>   2)\n2\n", "iex") == [
        "iex> 1\n1\n",
        "iex(2)> f(\n...>   2)\n2\n",
    ]
    assert cut("1> a.\na\n2> b.\nb", "erl_shell") == ["1> a.\na\n", "2> b.\nb"]
    assert cut("a\n\nb\nc", "shell") == ["a\n\n", "b\nc"]
    assert cut("a\nb", "output") == ["a\n", "b"]
    assert cut("def a do\n  1\nend", "elixir") == ["def a do\n  1\nend"]  # one form is never cut


def test_a_form_that_begins_within_a_line_is_no_place() -> None:
    assert cut("a = [\n  1\n]; b = 2\nc = 3", "elixir") == ["a = [\n  1\n]; b = 2\n", "c = 3"]


def test_room_that_is_taken_already() -> None:
    text = "def a do\n  1\nend\n\ndef b do\n  2\nend"
    assert cut_code(text, "elixir", 40) == []
    assert cut_code(text, "elixir", 40, used=20) == [18]
    assert cut_code(text, "elixir", 40, used=39) == [0]


FORMS = st.lists(
    st.sampled_from(
        [
            "def a(x) do\n  x\nend",
            '@doc """\nwords\n\ndef no\n"""\ndef b, do: 1',
            "# remark\ndefp c(x), do: x",
            "use GenServer",
            "@x 1",
            "defmodule In do\n  def d do\n    1\n  end\nend",
            "def e(\u03bb), do: \u03bb",
        ]
    ),
    min_size=1,
    max_size=8,
)


@settings(deadline=None)
@given(FORMS, st.integers(10, 90), st.integers(0, 60))
def test_pieces_are_whole_forms(forms: list[str], limit: int, used: int) -> None:
    text = "\n\n".join(forms)
    pieces = cut(text, "elixir", limit, used)
    assert "".join(pieces) == text
    assert all(piece == "" or not piece.startswith((" x", "end", "words")) for piece in pieces)
    if "defmodule In" not in text:  # a cut inside of a module leaves open ends on purpose
        found = sum(faults(piece, "elixir") or 0 for piece in pieces)
        assert found <= (faults(text, "elixir") or 0)
