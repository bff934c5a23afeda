"""Listings whose result the page leaves out: a run says it, and only what is the same anywhere."""

from pathlib import Path

import polars as pl
import pytest

from booktune_assets.beam.sandbox import probe
from booktune_assets.beam.toolchains import toolchains
from booktune_assets.pairs.execute import find_runner
from booktune_assets.pairs.extract import PairsMade
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book

needs_beam = pytest.mark.skipif(
    probe().rung is None or not toolchains(), reason="no sandbox or no Elixir here"
)
PAGE = """
# Kettles

A kettle is a thing with heat. This doubles the heat of all kettles:

```elixir
heats = [200, 350, 600]
```

```elixir
Enum.map(heats, fn heat -> heat * 2 end)
```

The order of keys is nobody's business.

```elixir
for {name, heat} <- %{red: 1, blue: 2, tall: 3}, do: {heat, name}
```

```elixir
Enum.sum([20, 35]) #=> 55
```

```elixir
rem(17, 10) # it leaves 7
```

```elixir
Enum.random(1..6)
```

```elixir
spawn(fn -> IO.puts("steam") end)
```

```elixir
unknown_thing + 1
```
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> PairsMade:
    return pairs_of(book(PAGE), Pairs(), runner=find_runner(Path(tmp_path_factory.mktemp("c"))))


def _asked(made: PairsMade, family: str) -> dict[str, str]:
    """Answer by the last line of the question's code."""
    rows = made.frames["instruction_pairs"].filter(pl.col("family") == family)
    found: dict[str, str] = {}
    for turns in rows["turns"].to_list():
        lines = [line for line in turns[0]["content"].split("\n") if line.strip("` ")]
        found[lines[-1]] = turns[1]["content"]
    return found


@needs_beam
def test_the_answer_is_what_the_code_gives(made: PairsMade) -> None:
    found = _asked(made, "predict_output")
    assert found == {
        "Enum.map(heats, fn heat -> heat * 2 end)": "```\n[400, 700, 1200]\n```",
        "Enum.sum([20, 35])": "```\n55\n```",  # without the remark that tells it
    }
    rows = made.frames["instruction_pairs"].filter(pl.col("family") == "predict_output")
    assert set(rows["verification"]) == {"executed"}
    assert {by.split(": ")[1] for by in rows["verified_by"]} == {
        "the answer is what it gives", "gives what the book shows",
    }  # fmt: skip
    question = next(
        turns[0]["content"] for turns in rows["turns"].to_list() if "heat * 2" in str(turns)
    )
    assert "heats = [200, 350, 600]" in question  # what it needs stands there


@needs_beam
def test_a_fault_is_told_by_what_comes_of_it(made: PairsMade) -> None:
    found = made.frames["instruction_pairs"].filter(pl.col("family") == "fix_bug").to_dicts()
    assert found
    for row in found:
        question, answer = (turn["content"] for turn in row["turns"])
        if "Enum.sum" in answer:  # its value is stated beside it
            assert "It should give `55`, but it fails with `** (" in question
            continue
        assert "It should give `[400, 700, 1200]`, but it " in question
        assert "fn heat -> heat * 2 end" not in question
        assert "fn heat -> heat * 2 end" in answer
        assert row["verified_by"].endswith("with the fault it does not")


@needs_beam
def test_what_may_come_out_otherwise_is_a_refusal_with_its_reason(made: PairsMade) -> None:
    refused = made.frames["instruction_pairs__rejected"].filter(
        pl.col("family") == "predict_output"
    )
    reasons = {
        row["turns"][0]["content"].split("\n")[-2]: row["reason"] for row in refused.to_dicts()
    }
    assert reasons["rem(17, 10) # it leaves 7"] == "answer_in_a_remark"
    assert "result_varies" in reasons.values()


def test_without_a_run_there_is_no_answer() -> None:
    made = pairs_of(book(PAGE))
    assert set(_asked(made, "predict_output")) == {"Enum.sum([20, 35])"}  # the page states it
    refused = made.frames["instruction_pairs__rejected"]
    assert "not_run" in set(refused.filter(pl.col("family") == "predict_output")["reason"])
