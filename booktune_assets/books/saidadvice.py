"""Callouts that only their words tell: "NOTE: …", and "Tip" in bold type alone above a paragraph.

Belongs here: which rows are such labels, and which paragraphs of a PDF they make callouts. Does
not: boxes and bars (``rows.py headed.py``), labels beside rows (``advice.py``).

Nothing tells where such a callout ends: it is one paragraph. "Note: …" in plain type begins many a
paragraph that is text like any other, and stays so.
"""

from __future__ import annotations

import re
from itertools import pairwise

from booktune_assets.books.blocks import Block
from booktune_assets.books.rows import Row

__all__ = ["is_advice_label", "mark_advice"]

_WORDS = "note|tip|warning|caution|important|hint|danger|attention"
_ALONE = re.compile(rf"(?:{_WORDS})s?\s*[:!]?", re.I)
_SAID = re.compile(rf"(?:{_WORDS.upper()})S?\s*[:!]\s+\S")
_NEAR = 30.0  # pt from a label to its paragraph


def is_advice_label(row: Row) -> bool:
    """Whether a row outside of boxes is such a label and nothing else."""
    loud = row.bold or row.text.isupper()
    return loud and row.frame is None and not row.mono and _is_alone(row.text)


def mark_advice(blocks: list[Block]) -> list[Block]:
    """Make callouts of the paragraphs that say so, or that stand right below a label."""
    for label, block in pairwise([None, *blocks]):
        if block is None or block.kind != "prose":
            continue
        under = label is not None and label.kind == "callout" and _is_under(label, block)
        if under or _SAID.match(block.text):
            block.kind = "callout"
    return blocks


def _is_alone(text: str) -> bool:
    return _ALONE.fullmatch(text.strip()) is not None


def _is_under(label: Block, block: Block) -> bool:
    if not _is_alone(label.text) or not label.places or not block.places:
        return False
    above, below = label.places[-1], block.places[0]
    if above.page != below.page or above.box is None or below.box is None:
        return False
    return -2 < below.box[1] - above.box[3] < _NEAR
