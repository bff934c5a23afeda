"""What the later families make of a page: repairs, other forms, values, statements. All is run."""

from pathlib import Path

import pytest

from booktune_assets.pairs.extract import PairsMade
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.test_execute import needs_beam, refused, rows, runner

PAGE = """# Boats

The function `Enum.sum/1` adds the numbers of a list:

```iex
iex> Enum.sum([4, 5])
9
```

Boats have names.

```iex
iex> boats = ["Aurora", "Kestrel"]
["Aurora", "Kestrel"]
iex> Enum.map(boats, &String.length/1)
[6, 7]
iex> hail = fn name -> "Ahoy, " <> name end
#Function<42.3316493/1 in :erl_eval.expr/6>
iex> hail.("Aurora")
"Ahoy, Aurora"
iex> [first | rest] = ["bow", "mast", "stern"]
["bow", "mast", "stern"]
iex> 12 + 3 * length(boats)
18
iex> String.upcase("keel")
```

Values stand in comments.

```elixir
[1, 2] ++ [30, 40]
# => [1, 2, 30, 40]
String.downcase("MAST") #=> "mast"
Enum.count([7, 7]) # => 3
```

A listing that nothing tries.

```elixir
defmodule Harbour do
  def moor(vessel) do
    place = berth(vessel)
    {:moored, place}
  end

  defp berth(_vessel), do: 4
end
```
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> PairsMade:
    folder: Path = tmp_path_factory.mktemp("left")
    return pairs_of(book(PAGE), Pairs(per_block=30, per_family=9), runner=runner(folder))


def said(made: PairsMade, family: str) -> list[tuple[str, str]]:
    return [(row["turns"][0]["content"], row["turns"][1]["content"]) for row in rows(made, family)]


@needs_beam
def test_a_slip_is_shown_with_its_error_and_mended(made: PairsMade) -> None:
    found = said(made, "fix_bug")
    joined = [(asked, told) for asked, told in found if "[1, 2] + [30, 40]" in asked]
    assert joined
    for asked, told in joined:
        assert "It should give `[1, 2, 30, 40]`, but it fails with `** (ArithmeticError)" in asked
        assert told == "`+` has to be `++`.\n\n```elixir\n[1, 2] ++ [30, 40]\n```"
    assert all(row["verification"] in ("tested", "compiled") for row in rows(made, "fix_bug"))


@needs_beam
def test_a_listing_without_examples_is_mended_until_it_compiles(made: PairsMade) -> None:
    [(asked, told)] = [one for one in said(made, "fix_bug") if "Harbour" in one[0]]
    assert "oes not compile." in asked
    assert "def moor(vessel) do" in told or "defp berth" in told
    [row] = [row for row in rows(made, "fix_bug") if "Harbour" in str(row["turns"])]
    assert row["verification"] == "compiled"


@needs_beam
def test_both_forms_give_the_value(made: PairsMade) -> None:
    found = dict(said(made, "rewrite"))
    asked = next(one for one in found if "fn x -> String.length(x) end" in one)
    assert found[asked] == "```elixir\nEnum.map(boats, &String.length/1)\n```"
    assert 'boats = ["Aurora", "Kestrel"]' in asked
    assert {row["verification"] for row in rows(made, "rewrite")} == {"tested"}


@needs_beam
def test_an_expression_is_asked_by_its_value_and_its_parts(made: PairsMade) -> None:
    found = dict(said(made, "write_code"))
    asked = next(one for one in found if "[6, 7]" in one)
    assert "`Enum.map/2` and `String.length/1`" in asked
    assert "&String" not in asked
    assert found[asked] == "```elixir\nEnum.map(boats, &String.length/1)\n```"


@needs_beam
def test_a_statement_is_shown_by_its_code(made: PairsMade) -> None:
    found = dict(said(made, "write_code"))
    asked = next(one for one in found if "adds the numbers of a list." in one)
    assert found[asked] == "```iex\niex> Enum.sum([4, 5])\n9\n```"


@needs_beam
def test_what_shows_no_value_is_told_by_the_run(made: PairsMade) -> None:
    found = said(made, "predict_output")
    assert any('String.upcase("keel")' in asked and '"KEEL"' in told for asked, told in found)
    [(_, told)] = [one for one in found if "`{first, rest}`" in one[0]]
    assert told == '```\n{"bow", ["mast", "stern"]}\n```'


@needs_beam
def test_a_value_in_a_comment_is_a_value(made: PairsMade) -> None:
    found = dict(said(made, "predict_output"))
    asked = next(one for one in found if 'String.downcase("MAST")' in one)
    assert found[asked] == '```\n"mast"\n```'
    assert "=>" not in asked
    assert not any("Enum.count([7, 7])" in one for one in found)  # it is wrong on the page
    assert "gives 2" in {reason for _, reason in refused(made, "predict_output").values()}


@needs_beam
def test_the_error_of_a_slip_is_what_came(made: PairsMade) -> None:
    assert rows(made, "diagnose_error")
    for row in rows(made, "diagnose_error"):
        assert row["turns"][1]["content"].startswith("```\n** (")
        assert row["verification"] == "intended_failure"


def test_nothing_of_it_is_kept_without_a_run() -> None:
    made = pairs_of(book(PAGE), Pairs(per_block=30, per_family=9))
    for family in ("fix_bug", "rewrite", "diagnose_error"):
        assert not rows(made, family)
    assert not [one for one in said(made, "write_code") if "[6, 7]" in one[0]]
