"""Tables and processes with a name that a chapter makes in one section and uses in the next."""

from pathlib import Path

from booktune_assets.pairs.sessions import Entry
from booktune_assets.pairs.standing import standing_lines
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.test_execute import needs_beam, refused, rows, runner

PAGE = """# Tables

## Making one

A table is made with a name and options.

```iex
iex> spare = :ets.new(:spare_boats, [:set])
#Reference<0.1.2.3>
iex> :ets.new(:boats, [:set, :protected, :named_table])
:boats
```

## Filling it

Rows are tuples.

```iex
iex> :ets.insert(:boats, {"herring", 12, :wood})
true
iex> :ets.lookup(:boats, "herring")
[{"herring", 12, :wood}]
```

## Looking things up

Rows are found by their key.

```iex
iex> :ets.lookup_element(:boats, "herring", 2)
12
iex> :ets.match(:boats, {:"$1", 12, :_})
[["herring"]]
iex> :ets.lookup(:boats, "herring")
[{"herring", 14, :wood}]
```

# Other tables

## Looking in vain

Nothing of another chapter stays.

```iex
iex> :ets.lookup_element(:boats, "herring", 3)
:wood
```
"""


def _blocks(*sections: str) -> list[tuple[str, list[dict[str, object]]]]:
    return [("one", [{"kind": "iex", "text": text}]) for text in sections]


def _said(found: list[tuple[dict[str, object], Entry]]) -> list[str]:
    return [entry.expression for _, entry in found]


def test_lines_of_earlier_sections_that_speak_of_a_name() -> None:
    made = "iex> :ets.new(:boats, [:named_table])\n:boats\niex> 1 + 1\n2\n"
    filled = "iex> :ets.insert(:boats, {1})\ntrue\n"
    none, first, second = standing_lines(_blocks(made, filled, "iex> :ets.info(:boats)\n[]\n"))
    assert not none
    assert _said(first) == [":ets.new(:boats, [:named_table])"]
    assert _said(second) == [":ets.new(:boats, [:named_table])", ":ets.insert(:boats, {1})"]


def test_what_a_section_makes_itself_is_not_lent_nor_what_has_no_name() -> None:
    made = "iex> :ets.new(:boats, [:named_table])\n:boats\n"
    *_, own = standing_lines(_blocks(made, made + "iex> :ets.info(:boats)\n[]\n"))
    *_, nameless = standing_lines(_blocks("iex> :ets.new(:t, [])\n1\n", "iex> :ets.info(:t)\n1\n"))
    assert not own
    assert not nameless


@needs_beam
def test_later_sections_are_asked_with_the_lines_that_made_the_table(tmp_path: Path) -> None:
    made = pairs_of(book(PAGE), Pairs(per_block=20), runner=runner(tmp_path))
    asked = {row["turns"][0]["content"]: row for row in rows(made, "predict_output")}
    (one,) = (text for text in asked if 'lookup_element(:boats, "herring", 2)' in text)
    assert ":ets.new(:boats, [:set, :protected, :named_table])\n:ets.insert(:boats, " in one
    assert "spare" not in one  # nobody asks for it
    assert "lookup(:boats" not in one  # it changes nothing
    assert asked[one]["verification"] == "executed"
    assert not any('"herring", 3)' in text for text in asked)  # another chapter
    quotes = made.frames["instruction_pairs__evidence"]
    own = quotes.filter(quotes["pair_id"] == asked[one]["pair_id"])
    assert own["section_id"].n_unique() == 3
    said = [reason for _, reason in refused(made, "predict_output").values()]
    assert any(reason.startswith("gives [{") for reason in said)  # the book's slip


def test_an_edit_of_the_first_section_remakes_those_that_rest_on_it() -> None:
    first = pairs_of(book(PAGE))
    other = PAGE.replace(":protected, :named", ":public, :named")
    again = pairs_of(book(other), previous=first.frames)
    assert again.counts["sections_made"] == 3
    assert again.frames["instruction_pairs"].equals(
        pairs_of(book(other)).frames["instruction_pairs"]
    )
