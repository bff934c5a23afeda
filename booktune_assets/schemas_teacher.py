"""Tables of ``instruction_pairs`` that a teacher fills: passages asked about, verdicts of judges.

Belongs here: contracts of both. Does not: pairs and rejects (``schemas_pairs.py``), all other
tables (``schemas.py``, which lists these too).
"""

from __future__ import annotations

import polars as pl

from booktune_assets.columns import BOOK
from booktune_assets.contracts import Column as C
from booktune_assets.contracts import Ref, Table

__all__ = ["PAIR_TEACHER", "PAIR_VERDICTS"]

S, I32, B, STRINGS = pl.String, pl.Int32, pl.Boolean, pl.List(pl.String)

PAIR_TEACHER = Table("instruction_pairs__teacher",
    "One row per passage and recipe: what the teacher was asked and what came of it",
    ("unit_id", "recipe"), (
    C("unit_id", S, "H(book, evidence, occurrence)", pattern="passage_[0-9a-f]{20}"),
    C("recipe", S, "Recipe"),
    BOOK,
    C("section_id", S, "Section that the passage is of"),
    C("input_digest", S, "Digest of passage, recipe and model: the same means nothing to ask"),
    C("status", S, "remaining: the budget did not reach; failed: no answer, or none of use; "
        "refused: the server does not take a call",
        values=("done", "failed", "refused", "remaining")),
    C("withheld", I32, "Blocks that speak to a model and were not shown to one", ge=0),
    C("kept", I32, "Pairs kept", ge=0),
    C("rejected", I32, "Candidates refused", ge=0),
    C("pair_ids", STRINGS, "The pairs"),
    C("candidate_ids", STRINGS, "The candidates refused"),
    C("call_keys", STRINGS, "All calls, those of judges too"),
), (Ref("section_id", "sections", "section_id"),))  # fmt: skip
PAIR_VERDICTS = Table("instruction_pairs__verdicts",
    "One row per sentence that a judge looked at, kept or refused",
    ("candidate_id", "ordinal"), (
    C("candidate_id", S, "Pair, or the id that a refused candidate would have had"),
    C("ordinal", I32, "Order of the sentence in the answers, from 0", ge=0),
    BOOK,
    C("section_id", S, "Section"),
    C("judge", S, "Model that judged, with its revision"),
    C("prompt", S, "Version of the judging prompt"),
    C("sentence", S, "What was judged", min_length=1),
    C("votes", I32, "Votes that the evidence supports it", ge=0),
    C("asked", I32, "Votes asked for", ge=1),
    C("supported", B, "At least two thirds of the votes"),
    C("applied", B, "The judge passed the canaries, so the verdict decided; else it is only told"),
    C("call_keys", STRINGS, "Calls behind the votes"),
), (Ref("section_id", "sections", "section_id"),))  # fmt: skip
