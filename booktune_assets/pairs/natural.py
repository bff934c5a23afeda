"""Worse answers that a book gives by itself: faults that a run found, statements that are false.

Belongs here: what kept pairs of one book say about worse answers to kept questions. Does not: what
gates refused, the files (``preference.py``).

A listing with a fault is the worse answer wherever the listing is the answer: where the fault is to
be found, and where that code is to be written. It counts only where a run told the two apart. A
false statement is the worse answer to the question whether it is right.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from typing import Any

import polars as pl

from booktune_assets.ids import make_id
from booktune_assets.pairs.rules import broken_rule, fences, without_fences
from booktune_assets.pairs.wording import BANK, ask

__all__ = ["MUTANT", "STATEMENT", "natural"]

MUTANT, STATEMENT = "mutant", "statement"  # what a row is called in the column ``match``
RAN = ("executed", "tested", "intended_failure")
ALIKE = 0.5  # lines that code and its faulty copy have in common, or letters of a single line
_WRITING = ("write_code", "api_use")  # families that answer with a listing nobody has shown

Row = dict[str, Any]
Faults = Mapping[str, Sequence[str]]


def natural(pairs: pl.DataFrame) -> Iterator[Row]:
    """Rows as ``preference.COLUMNS`` has them, of training pairs of one book.

    ``pairs`` are rows of ``instruction_pairs``; only single exchanges are looked at.
    """
    single = pairs.filter(pl.col("turns").list.len() == 2).sort("pair_id")
    known: dict[str, list[str]] = defaultdict(list)
    for row in single.filter(pl.col("family") == "fix_bug").iter_rows(named=True):
        if row["verification"] not in RAN:
            continue
        question, answer = (turn["content"] for turn in row["turns"])
        if found := _faulty(question, answer):
            right, wrong = found
            known[right].append(wrong)
            yield from _row(row, answer.replace(right, wrong), MUTANT)
    for row in single.iter_rows(named=True):
        question, answer = (turn["content"] for turn in row["turns"])
        if row["family"] in _WRITING:
            for _, code in fences(answer):
                if code in known and code not in question:
                    yield from _row(row, answer.replace(code, min(known[code])), MUTANT)
        elif row["family"] == "true_false":
            statement = _stated(question)
            if statement and answer.startswith(BANK["false"]):
                verdict = ask("true", row["pair_id"])
                yield from _row(row, f"{verdict} {statement}", STATEMENT)


def _row(row: Row, rejected: str, match: str) -> Iterator[Row]:
    """A row, unless the worse answer breaks a rule of rows or is the better one."""
    asked, told = row["turns"]
    if rejected == told["content"] or broken_rule([asked, {**told, "content": rejected}]):
        return
    yield {
        "prompt": asked["content"], "chosen": told["content"], "rejected": rejected,
        "gate": "", "reason": "fault_put_in" if match == MUTANT else "says_what_is_false",
        "match": match, "family": row["family"], "pair_id": row["pair_id"],
        "candidate_id": make_id("pair", "rejected", row["pair_id"], rejected),
        "book_id": row["book_id"], "section_id": row["section_id"],
    }  # fmt: skip


def _faulty(question: str, answer: str) -> tuple[str, str] | None:
    """The code of an answer, and the same part of the code in the question that has the fault."""
    told = fences(answer)
    if len(told) != 1:
        return None
    lang, right = told[0]
    own = right.split("\n")
    best = (ALIKE, "")
    for its, code in fences(question):
        if its != lang or code == right:
            continue
        wrong = _window(own, code.split("\n"))
        share = SequenceMatcher(None, right, wrong, autojunk=False).ratio()
        if wrong != right and share > best[0]:
            best = (share, wrong)
    return (right, best[1]) if best[1] else None


def _window(own: list[str], lines: list[str]) -> str:
    """The lines that stand where ``own`` stand: an answer shows one function of a long listing."""
    if len(lines) <= len(own):
        return "\n".join(lines)
    plain = [[line.strip() for line in some] for some in (own, lines)]
    blocks = SequenceMatcher(None, *plain, autojunk=False).get_matching_blocks()[:-1]
    if not blocks:
        return "\n".join(lines)
    first, last = blocks[0], blocks[-1]
    start = max(0, first.b - first.a)
    end = last.b + last.size + len(own) - last.a - last.size
    chosen = lines[start:end]
    indent = min((len(one) - len(one.lstrip()) for one in chosen if one.strip()), default=0)
    return "\n".join(line[indent:] for line in chosen)


def _stated(question: str) -> str:
    """The statement that is to be judged, where the wording is one of ours."""
    if without_fences(question) != question.strip():
        return ""
    for shape in _shapes():
        if found := shape.fullmatch(question):
            return found["statement"]
    return ""


@cache
def _shapes() -> list[re.Pattern[str]]:
    """The wordings around a statement, longest first, with a language or without one."""
    found: list[str] = []
    for wording in sorted(BANK["true_false"], key=len, reverse=True):
        shape = re.escape(wording).replace(re.escape("{statement}"), r"(?P<statement>.+?)")
        language = re.escape("{language}")
        found.append(shape.replace(language, r"[\w /.+-]+?"))
        if re.search(rf"(?:\\ (?:about|in|of|on)\\ ){language}", shape):
            found.append(re.sub(rf"\\ (?:about|in|of|on)\\ {re.escape(language)}", "", shape))
    return [re.compile(shape, re.S) for shape in found]
