"""Sets keep one of what says the same, nothing of a benchmark, and a row for what is left out."""

import json
import random
import re
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from booktune_assets.chain.build import build, state
from booktune_assets.chain.clean import REFUSED, refusals
from booktune_assets.chain.house import House
from booktune_assets.cli import cli
from booktune_assets.errors import Code
from booktune_assets.pairs.near import alike
from booktune_assets.pairs.shingles import joined
from booktune_assets.settings import Pairs, Settings
from booktune_assets.settings_sets import Licences
from booktune_assets_tests.chain.test_books import chain, markdown, put

ALLOW = Licences(unknown="allow")

_WORDS = "lamp hall stair door wall roof lock rope chair bell clock coat drum fork gate hook"
WORDS = _WORDS.split()


def _unlike(number: int) -> str:
    """A section that is like no other, but for a sentence and a listing that all nearly have."""
    say = random.Random(number)
    own = " ".join(
        f"The {say.choice(WORDS)} {say.choice(WORDS)}s its {say.choice(WORDS)} {n * number}."
        for n in range(1, 40)
    )
    return f"""## Number {number} of the {say.choice(WORDS)}

{own}

A **lantern** is a lamp with a handle that the keeper carries at night through hall {number}.

Define a function that adds up the oil of all lanterns:

```elixir
defmodule Oil do
  def total(lanterns_{number}) do
    Enum.reduce(lanterns_{number}, 0, fn one, sum -> one.oil + sum end)
  end
end
```
"""


def _house(home: Path, **pairs: object) -> House:
    settings = Settings(home=home, licences=ALLOW, pairs=Pairs(heldout_percent=30, **pairs))  # type: ignore[arg-type]
    settings.books.mkdir(parents=True, exist_ok=True)
    return House.open(settings)


def _set(house: House) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, object]]:
    made = build("sharegpt_set", None, house)
    assert made.error is None, made.error
    assert made.receipt is not None
    lake = house.lake
    dropped = lake.read("sharegpt_set__dropped", made.key)
    return lake.read("sharegpt_set", made.key), dropped, dict(made.receipt.notes)


def _all(house: House, *keys: str) -> pl.DataFrame:
    return house.lake.read_all("instruction_pairs", list(keys))


def test_every_pair_is_in_the_set_or_says_why_not(tmp_path: Path) -> None:
    house = _house(tmp_path)
    text = markdown(6)
    put(house, "shelves.md", text)
    put(house, "shelves-again.md", text.replace(" is ", " surely is ").replace("# Part one", "# A"))
    for key in ("shelves", "shelves-again"):
        chain(house, key)
    examples, dropped, _ = _set(house)
    pairs = _all(house, "shelves", "shelves-again")
    assert dropped.height > 0
    kept, gone = set(examples["pair_id"]), set(dropped["pair_id"])
    assert not kept & gone
    assert kept | gone == set(pairs["pair_id"])
    near = dropped.filter(pl.col("gate") == "G8_duplicates").drop_nulls("other")
    assert near.height > 0
    assert set(near["other"]) <= set(pairs["pair_id"])


def test_no_held_out_row_has_a_near_copy_in_training(tmp_path: Path) -> None:
    """Sections unlike as a whole have a sentence and a listing that are nearly the same."""
    house = _house(tmp_path)
    put(house, "lamps.md", "# Lamps\n\n" + "\n".join(_unlike(number) for number in range(1, 25)))
    chain(house, "lamps")
    pairs = _all(house, "lamps").sort("pair_id")
    assert _crossing(pairs)  # as they were made, some stand on both sides
    examples, dropped, _ = _set(house)
    kept = pairs.join(examples.select("pair_id", side="split"), on="pair_id").with_columns(
        split="side"
    )
    assert dropped.filter(pl.col("gate") == "G8_duplicates").height >= 20
    assert not _crossing(kept)


def _crossing(pairs: pl.DataFrame) -> list[list[int]]:
    """Pairs of rows on different sides with nearly the same words and code."""
    plain = joined(pairs["turns"]).str.replace_all(r"lanterns_\d+", "lanterns")
    sides = pairs["split"].to_list()
    return [one for one in alike(plain, 0.7).tolist() if sides[one[0]] != sides[one[1]]]


def test_a_benchmark_named_in_the_settings_is_kept_out(tmp_path: Path) -> None:
    house = _house(tmp_path)
    put(house, "shelves.md", markdown(4))
    chain(house, "shelves")
    examples, before, notes = _set(house)
    assert before.filter(pl.col("gate") == "G9_contamination").is_empty()
    assert [one["name"] for one in notes["benchmarks"]] == ["booktune"]  # type: ignore[union-attr]
    pairs = _all(house, "shelves")
    row = max(
        pairs.filter(pl.col("pair_id").is_in(examples["pair_id"].implode())).to_dicts(),
        key=lambda one: len(one["turns"][-1]["content"]),
    )
    bench = tmp_path / "asked.jsonl"
    bench.write_text(json.dumps({"id": "q1", "text": row["turns"][-1]["content"]}) + "\n")
    again = _house(tmp_path, benchmarks=[str(bench)])
    assert state("instruction_pairs", "shelves", again) == "current"  # pairs do not depend on it
    assert state("sharegpt_set", None, again) == "stale"
    _, dropped, notes = _set(again)
    hit = dropped.filter(pl.col("gate") == "G9_contamination").to_dicts()
    assert row["pair_id"] in {one["pair_id"] for one in hit}
    assert {one["other"] for one in hit} == {"asked.jsonl:q1"}
    assert [one["hits"] for one in notes["benchmarks"]] == [len(hit), 0]  # type: ignore[union-attr]


def test_a_benchmark_that_is_gone_stops_the_sets_and_says_so(tmp_path: Path) -> None:
    house = _house(tmp_path, benchmarks=[str(tmp_path / "gone.jsonl")])
    put(house, "shelves.md", markdown(2))
    chain(house, "shelves")
    made = build("sharegpt_set", None, house)
    assert made.error is not None
    assert made.error.code is Code.FILE_MISSING
    assert "pairs.benchmarks" in made.error.remedy


@pytest.mark.parametrize("asset", ["sharegpt_set", "alpaca_set"])
def test_refused_candidates_lie_beside_the_set(tmp_path: Path, asset: str) -> None:
    house = _house(tmp_path)
    words = "A shelf is a board that holds books in order, one beside the other."
    worse = "A shelf is what the previous chapter has shown at some length, as we have seen."
    text = f"# Rooms\n\n## Shelf\n\n{words}\n\nA **shelf** is a board for books.\n\n{worse}\n"
    put(house, "rooms.md", text + markdown(2))
    chain(house, "rooms")
    made = build(asset, None, house)
    assert made.receipt is not None
    folder = house.settings.exports / asset.removesuffix("_set")
    names = [Path(str(one)).name for one in made.receipt.notes["export"]]  # type: ignore[union-attr]
    there = (folder / "preference.jsonl").is_file()
    assert there == ("preference.jsonl" in names) == (folder / "preference.parquet").is_file()
    if there:
        rows = [json.loads(line) for line in (folder / "preference.jsonl").open()]
        whole = house.lake.read(asset, made.key)
        train = whole.filter(pl.col("split") == "train")
        assert {row["section_id"] for row in rows} <= set(train["section_id"])
        left = house.lake.read(f"{asset}__dropped", made.key)
        spare = left.filter(pl.col("gate") == "G10_composition")["pair_id"]
        assert {row["pair_id"] for row in rows} <= {*train["pair_id"], *spare}


def test_gates_and_reasons_are_counted(tmp_path: Path) -> None:
    house = _house(tmp_path)
    near = "\n".join(_unlike(number) for number in range(1, 9))
    put(house, "shelves.md", f"{markdown(4)}\n{near}")
    chain(house, "shelves")
    made = build("sharegpt_set", None, house)
    for asset, key in (("instruction_pairs", "shelves"), ("sharegpt_set", made.key)):
        counts = refusals(house.lake, asset, key)
        rows = house.lake.read(REFUSED[asset], key)
        assert sum(count for _, _, count in counts) == rows.height > 0
        assert [count for _, _, count in counts] == sorted((one[2] for one in counts), reverse=True)
    assert refusals(house.lake, "sections", "shelves") == []
    shown = CliRunner().invoke(cli, ["--home", str(tmp_path), "status", "shelves"])
    assert shown.exit_code == 0
    gate, reason, count = refusals(house.lake, "instruction_pairs", "shelves")[0]
    assert re.search(rf"{gate}\s+{reason}\s+{count}\b", shown.stdout)
    rows = json.loads(CliRunner().invoke(cli, ["--home", str(tmp_path), "status", "--json"]).stdout)
    sets = next(row for row in rows if row["asset"] == "sharegpt_set")
    assert sum(count for _, _, count in sets["refused"]) > 0


def test_what_only_the_bands_left_out_has_worse_answers_too(tmp_path: Path) -> None:
    from booktune_assets.chain.clean import preferred
    from booktune_assets.review.decisions import Decision, Decisions

    house = _house(tmp_path)
    lines = [
        f"Shelves of {wood} are sorted by the names of all their books in every room."
        for wood in ("oak", "pine", "ash", "elm", "teak", "beech", "maple", "cedar", "larch")
    ]
    put(house, "shelves.md", markdown(4) + "\n\n".join(f"## Room {n}\n\n{line}"
                                                      for n, line in enumerate(lines)))  # fmt: skip
    chain(house, "shelves")
    pairs = house.lake.read("instruction_pairs", "shelves")
    false = pairs.filter(
        pl.col("family") == "true_false", pl.col("split") == "train",
        pl.col("turns").list.last().struct.field("content").str.contains(r"(?i)wrong|false|not"),
    )  # fmt: skip
    assert false.height
    one = false.row(0, named=True)
    rest = pairs.filter(pl.col("pair_id") != one["pair_id"], pl.col("split") == "train")
    facts = rest.select("pair_id", "book_id", "section_id", "split")
    facts = pl.concat([facts, facts.head(1).with_columns(section_id=pl.lit(one["section_id"]))])
    left = pl.DataFrame({"pair_id": [one["pair_id"]], "gate": ["G10_composition"]})

    def has(dropped: pl.DataFrame | None) -> bool:
        found = preferred(house.lake, house.settings, facts, dropped)
        return one["pair_id"] in found["pair_id"].to_list()

    assert has(left) and not has(None)
    assert not has(left.with_columns(gate=pl.lit("review")))
    edited = (("user", "Is it so?"), ("assistant", "It is of oak."))
    Decisions(house.settings).put(Decision(one["pair_id"], "shelves", "edit", edited))
    assert not has(left)
