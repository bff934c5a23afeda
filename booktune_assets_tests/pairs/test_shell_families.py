"""What is made of sessions: tests, sessions line by line, and calls with a gap. All is run."""

from pathlib import Path

import pytest

from booktune_assets.pairs.extract import PairsMade
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.test_execute import needs_beam, refused, rows, runner

PAGE = """# Words and numbers

A listing that the sessions need.

```elixir
defmodule Tally do
  def of(words), do: Enum.frequencies(words)
end
```

Sessions about it.

```iex
iex> words = ["sea", "tide", "sea"]
["sea", "tide", "sea"]
iex> length(words)
3
iex> Enum.member?(words, "sun") or false
false
iex> String.reverse("tide")
"edit"
iex> Enum.sort(words)
["sea", "sea", "tide"]
iex> self()
#PID<0.110.0>
iex> %{} = Map.new([a: 1])
%{a: 1}
iex> Enum.join(words, "-")
"sea-tide-sea"
```

Numbers that are wrong in the book.

```iex
iex> Enum.max([3, 9, 4])
4
iex> Enum.sum([3, 9, 4])
16
iex> Enum.take([7, 8, 9], 2)
[7, 8]
```

# Erlang words

In Erlang there are lists.

```erl_shell
1> lists:reverse([1, 2, 3]).
[3,2,1]
2> lists:sum([1, 2, 3]).
6
3> length([a, b]).
2
```
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> PairsMade:
    folder: Path = tmp_path_factory.mktemp("sessions")
    return pairs_of(book(PAGE), Pairs(per_block=20, per_family=9), runner=runner(folder))


def answers(made: PairsMade, family: str) -> str:
    return "\n\n".join(row["turns"][-1]["content"] for row in rows(made, family))


@needs_beam
def test_values_become_assertions(made: PairsMade) -> None:
    said = answers(made, "write_test")
    assert 'test "Words and numbers" do\n  words = ["sea", "tide", "sea"]\n' in said
    assert "  assert length(words) == 3\n" in said
    assert '  refute Enum.member?(words, "sun") or false\n' in said
    assert "erlang_words_test() ->\n    ?assertEqual([3,2,1], lists:reverse([1, 2, 3]))," in said
    assert "  assert (%{} = Map.new([a: 1])) == %{a: 1}\n" in said
    assert "self()" not in said
    assert {row["verification"] for row in rows(made, "write_test")} == {"executed"}


@needs_beam
def test_a_wrong_value_makes_no_row(made: PairsMade) -> None:
    """The book says 4 where 9 comes: whatever holds it is refused after the run."""
    for family in ("write_test", "session", "fill_in"):
        assert not any("Enum.max([3" in str(row["turns"]) for row in rows(made, family))
    reasons = {reason for _, reason in refused(made, "session").values()}
    assert "gives 9" in reasons


@needs_beam
def test_a_session_is_asked_line_by_line(made: PairsMade) -> None:
    first, *_ = rows(made, "session")
    asked = [turn["content"] for turn in first["turns"] if turn["role"] == "user"]
    told = [turn["content"] for turn in first["turns"] if turn["role"] == "assistant"]
    assert told[:3] == ["```\n3\n```", "```\nfalse\n```", '```\n"edit"\n```']
    assert 'words = ["sea", "tide", "sea"]\nlength(words)' in asked[0]
    assert all("words =" not in one for one in asked[1:])  # what was typed is known
    heads = [one.split("\n")[0] for one in asked]
    assert len(set(heads)) == len(heads)
    assert "self()" not in "".join(asked)


@needs_beam
def test_a_gap_that_one_name_fills(made: PairsMade) -> None:
    found = {row["turns"][1]["content"]: row for row in rows(made, "fill_in")}
    row = found['```elixir\nString.reverse("tide")\n```']
    assert 'String.___("tide")' in row["turns"][0]["content"]
    assert "`String`" in row["turns"][0]["content"]
    assert row["verification"] == "tested"
    assert "```erlang\nlists:reverse([1, 2, 3]).\n```" in found


@needs_beam
def test_a_gap_that_several_names_fill_is_no_question(tmp_path: Path) -> None:
    page = "# Max\n\nOne value.\n\n```iex\niex> Enum.max([5])\n5\n```\n"
    made = pairs_of(book(page), runner=runner(tmp_path))
    assert not rows(made, "fill_in")
    [(gate, reason)] = refused(made, "fill_in").values()
    assert gate == "G5_execute"
    assert ":min" in reason or ":sum" in reason or "[:" in reason


LINES_OF_TEXT = """# Lists of Łukasiewicz

Text over two lines, one as a string and one as a sigil.

```iex
iex> poem = "sea
...> tide"
iex> String.length(poem)
8
iex> String.split(poem, "\\n")
["sea", "tide"]
```

```iex
iex> words = ~s(one
...> two)
iex> String.length(words)
7
iex> String.split(words, "\\n")
["one", "two"]
```

```erl_shell
1> X = 5. % five
5
2> lists:seq(1, X).
[1,2,3,4,5]
3> lists:sum([X, 1]).
6
```

# Né čísla

Two more values.

```erl_shell
1> lists:max([4, 9, 5]).
9
2> Y = [7,
.. 8].
[7,8]
3> lists:last(Y).
8
```
"""


@needs_beam
def test_a_test_is_run_as_it_stands(tmp_path: Path) -> None:
    """Text over several lines and remarks are not carried into a test; names are Erlang's."""
    made = pairs_of(book(LINES_OF_TEXT), Pairs(per_block=20, per_family=9), runner=runner(tmp_path))
    [row] = rows(made, "write_test")
    assert row["turns"][-1]["content"] == (
        "```erlang\nne_cisla_test() ->\n    Y = [7,\n8],\n"
        "    ?assertEqual(9, lists:max([4, 9, 5])),\n    ?assertEqual(8, lists:last(Y)).\n```"
    )
    plain = LINES_OF_TEXT.replace("X = 5. % five", "X = 5.")
    named = pairs_of(book(plain), Pairs(per_block=20, per_family=9), runner=runner(tmp_path))
    assert "values_test() ->\n    X = 5,\n" in answers(named, "write_test")


@needs_beam
@pytest.mark.parametrize(
    ("lang", "lines", "named"),
    [
        (
            "iex", 'iex> String.valid?("a")\ntrue\niex> String.valid?("b")\ntrue',
            'test "String.valid?" do',
        ),
        ("erl_shell", "1> lists:sum([1, 2]).\n3\n2> lists:sum([4, 9]).\n13", "lists_sum_test() ->"),
        ("iex", 'iex> String.length("a")\n1\niex> String.upcase("b")\n"B"', 'test "Answers" do'),
    ],
)  # fmt: skip
def test_a_test_is_named_after_what_it_tests(
    tmp_path: Path, lang: str, lines: str, named: str
) -> None:
    """A heading such as "Answers" says nothing where one function is called all along."""
    page = f"# Answers\n\nTwo values.\n\n```{lang}\n{lines}\n```\n"
    made = pairs_of(book(page), Pairs(per_block=20, per_family=9), runner=runner(tmp_path))
    assert named in answers(made, "write_test")


@needs_beam
def test_a_wrong_test_is_refused_though_its_text_speaks_of_failing(tmp_path: Path) -> None:
    page = (
        '# When things fail\n\nTwo values.\n\n```iex\niex> String.upcase("fail")\n"FALL"\n'
        'iex> String.length("fail")\n4\n```\n'
    )
    made = pairs_of(book(page), Pairs(per_block=20, per_family=9), runner=runner(tmp_path))
    assert not rows(made, "write_test")  # a module of tests that fails as its words say
    assert [gate for gate, _ in refused(made, "write_test").values()] == ["G5_execute"]


def test_nothing_of_it_is_kept_unrun() -> None:
    made = pairs_of(book(PAGE))
    for family in ("write_test", "session", "fill_in"):
        assert not rows(made, family)
