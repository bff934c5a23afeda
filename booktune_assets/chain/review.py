"""What the sets do about the decisions of people.

Belongs here: decisions as an input of the sets, edited turns in the place of the pair's own, rows
for what was rejected. Does not: the table (``review/decisions.py``), asking (``review/server.py``).

Edits come before the gates over all books, so that an edited text is compared like any other.
Rejections come after them: what says the same as a rejected pair was left out as its duplicate, and
does not step into its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from booktune_assets.review.decisions import Decisions
from booktune_assets.schemas_review import ACCEPTED, EDITED
from booktune_assets.settings import Settings

if TYPE_CHECKING:
    from booktune_assets.pairs.once import Once

__all__ = ["REVIEW", "edited", "reviewed", "reviewing"]

REVIEW = "review"  # gate of what a person rejected


def reviewing(settings: Settings) -> dict[str, str]:
    """Inputs of a set: what was decided, if anything was."""
    known = Decisions(settings).digest()
    return {"review": known} if known else {}


def edited(pairs: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """The pairs, with the edited turns of those that were edited, and what follows from them.

    The id stays the pair's own. Of what was checked before only what did not change still holds: a
    check of code that is no longer the same counts as none.
    """
    edits = {
        one.pair_id: one.edited
        for one in Decisions(settings).all().values()
        if one.decision == "edit"
    }
    mine = pl.col("pair_id").is_in(sorted(edits))
    changed = pairs.filter(mine)
    if changed.is_empty():
        return pairs
    rows = [_with_turns(row, edits[row["pair_id"]]) for row in changed.to_dicts()]
    return pl.concat([pairs.filter(~mine), pl.DataFrame(rows, schema=pairs.schema)])


def reviewed(made: Once, before: pl.DataFrame, settings: Settings) -> None:
    """Take what was rejected out of ``made``, with rows and counts; ``before`` are all pairs.

    A decision about a pair that is no longer made stays where it is and is counted as idle. An edit
    that breaks a rule of rows leaves the set instead of stopping it.
    """
    from booktune_assets.pairs.rules import broken_rule

    known = Decisions(settings).all()
    there = set(before["pair_id"].to_list())
    names = {"accept": "accepted", "edit": "edited", "reject": "rejected"}
    made.counts |= {f"review_{name}": 0 for name in (*names.values(), "idle")}
    for one in known.values():
        name = names[one.decision] if one.pair_id in there else "idle"
        made.counts[f"review_{name}"] += 1
    _reject(made, {pair: one.note for pair, one in known.items() if one.decision == "reject"},
            "rejected")  # fmt: skip
    broken = {
        pair: f"edited turns break the rule {rule}"
        for pair, one in known.items()
        if one.decision == "edit" and (rule := broken_rule(one.edited, parse=True))
    }
    _reject(made, broken, "edit_broken")
    accepted = sorted(pair for pair, one in known.items() if one.decision == "accept")
    seen = pl.when(pl.col("pair_id").is_in(accepted)).then(
        pl.concat_list("gates", pl.lit(ACCEPTED))
    )
    made.pairs = made.pairs.with_columns(gates=seen.otherwise("gates"))


def _reject(made: Once, why: dict[str, str], reason: str) -> None:
    mine = pl.col("pair_id").is_in(sorted(why))
    gone = made.pairs.filter(mine).select("pair_id", "book_id", "family").sort("pair_id")
    if gone.is_empty():
        return
    made.pairs = made.pairs.filter(~mine)
    made.dropped += [
        {**row, "gate": REVIEW, "reason": reason, "other": None,
         "detail": why[row["pair_id"]] or "a person rejected it"}
        for row in gone.to_dicts()
    ]  # fmt: skip
    made.counts[f"dropped_{REVIEW}"] = made.counts.get(f"dropped_{REVIEW}", 0) + gone.height


def _with_turns(row: dict[str, Any], turns: list[dict[str, str]]) -> dict[str, Any]:
    from booktune_assets.pairs.rules import fences, without_fences
    from booktune_assets.pairs.tokens import answer_tokens

    before, after = _code(row["turns"]), _code(turns)
    answers = [turn["content"] for turn in turns if turn["role"] == "assistant"]
    prose = any(without_fences(text) for text in answers)
    shown = any(fences(text) for text in answers)
    tokens = answer_tokens(turns)
    made = {
        **row, "turns": turns, "gates": ["G0_form", EDITED],
        "kind": "theory" if not shown else "mixed" if prose else "code",
        "answer_chars": max(1, sum(len(text) for text in answers)),
        "answer_tokens": tokens.answer, "code_tokens": tokens.code,
    }  # fmt: skip
    if before != after:
        made |= {"verification": "none", "verified_by": None}
    return made


def _code(turns: list[dict[str, str]]) -> list[tuple[str, str]]:
    from booktune_assets.pairs.rules import fences

    return [piece for turn in turns for piece in fences(turn["content"])]
