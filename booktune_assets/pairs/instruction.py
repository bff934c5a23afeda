"""The one exchange of a pair as an Alpaca row: what is asked, and what it is asked about.

Belongs here: which part of a question is ``input``, and the rule that it is nothing else. Does not:
the other columns of a row (``render.py``), the other rules (``validate.py``).

What is asked stays whole in ``instruction``. Only what was put before or behind it is ``input``:
listings, or numbered passages. Where words and listings take turns, or nobody can tell where the
passages end, all of it is ``instruction``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import polars as pl

from booktune_assets.pairs.rules import fences, without_fences
from booktune_assets.pairs.shingles import prose_of
from booktune_assets.pairs.wording import BANK

__all__ = ["CUT", "cut_rows", "instruction_of"]

CUT = "instruction_cut"
BEHIND = "retrieved"  # asked behind numbered passages
GIVEN = ("refusal", BEHIND)  # families that bring passages along, with listings of their own
_FIRST, _NUMBERED = "[1] ", r"(?m)^\[\d+\] "
_PASSAGES = r"^(?:[^\n]*:\n\n)?\[1\] "


@cache
def _frames() -> list[tuple[str, str]]:
    """What stands before passages and between them and the question, where that is more than a
    gap, which may stand in either."""
    found: list[tuple[str, str]] = []
    for wording in BANK[BEHIND]:
        before, _, rest = wording.partition("{passages}")
        between = rest.partition("{question}")[0]
        if between.strip():
            found.append((before, between))
    return found


def instruction_of(family: str, turns: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """``instruction input output`` of one exchange."""
    question = turns[0]["content"]
    asked, given = _behind(question) if family == BEHIND else (question, "")
    if family not in GIVEN and "```" in question:
        asked, given = _apart(question)
    return {"instruction": asked, "input": given, "output": turns[-1]["content"]}


def cut_rows(rows: pl.DataFrame) -> set[int]:
    """Places of the Alpaca rows that are cut in a passage, or have the task in ``input``."""
    given, asked = pl.col("input"), pl.col("instruction")
    behind = pl.col("family") == BEHIND
    torn = ~given.str.contains(_PASSAGES) | asked.str.contains(_NUMBERED)
    words = rows.select(prose_of(rows["input"]).str.strip_chars() != "").to_series()
    mixed = words | asked.str.contains("```", literal=True) | pl.col("family").is_in(GIVEN)
    bad = (given != "") & pl.when(behind).then(torn).otherwise(mixed)
    return set(rows.select(bad.fill_null(False).arg_true()).to_series().to_list())


def _behind(question: str) -> tuple[str, str]:
    """The question and the passages before it; all of it where nobody can tell them apart."""
    for before, between in _frames():
        at = question.rfind(between)
        if not question.startswith(f"{before}{_FIRST}") or at < 0:
            continue
        lead, passages = before.strip(), question[len(before) : at]
        asked = f"{between.strip()} {question[at + len(between) :]}"
        if lead.endswith(":"):
            return asked, f"{lead}\n\n{passages}"
        return (f"{lead}\n\n{asked}" if lead else asked), passages
    return question, ""


def _apart(question: str) -> tuple[str, str]:
    """Words and listings, where all listings stand at one end."""
    asked = without_fences(question)
    if not asked or not fences(question):
        return question, ""
    for given in (question.removeprefix(asked), question.removesuffix(asked)):
        if given != question:
            return asked, given.strip()
    return question, ""
