"""Wordings of questions: chosen by a hash of what is asked about, and by nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from booktune_assets.pairs.wording import BANK, ask

ROOT = Path(__file__).resolve().parents[2]
BLANKS = {"subject": "a tuple", "language": "Elixir", "be": "is", "do": "does", "it": "it"}
SCRIPT = """
from booktune_assets.pairs.wording import ask
print([ask("predict_output", f"blk_{n}", language="Erlang") for n in range(40)])
"""


def test_every_wording_of_a_kind_is_used_by_some_block() -> None:
    asked = {ask("predict_output", f"blk_{n}", language="Elixir") for n in range(400)}
    assert asked == {one.format(language="Elixir") for one in BANK["predict_output"]}


def test_a_block_keeps_its_wording_whatever_was_asked_before() -> None:
    first = ask("define", "blk_1", **BLANKS)
    for n in range(50):
        ask("define", f"blk_{n}", **BLANKS)
    assert ask("define", "blk_1", **BLANKS) == first


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_asks_in_the_same_words(seed: str) -> None:
    """Python's own hash differs from process to process; ours does not."""
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, env=env
    )
    here = [ask("predict_output", f"blk_{n}", language="Erlang") for n in range(40)]
    assert told.stdout.strip() == str(here)
