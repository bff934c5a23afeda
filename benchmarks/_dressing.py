"""What a publisher adds to the records of a book: captions, callouts, notes beside and below.

Used by ``_imprints.py``. What is added in words is a record of prose of its own, with a ``role``,
where a reader of the book would read it; so a truth made of dressed records holds all that is
printed but digits of callouts and labels ("NOTE", "Copy"). A pure function of the records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from _books import NOUNS, VERBS

Record = dict[str, Any]


@dataclass(frozen=True)
class Dressing:
    """Of so many listings or paragraphs one is dressed; none where the number is 0.

    ``caption`` is set above a listing and may name ``{chapter}`` and ``{number}``. ``explained``
    callouts have a paragraph each behind the listing. ``notes`` are paragraphs set apart.
    """

    caption: str = ""
    captions: int = 0
    callouts: int = 0
    explained: bool = False
    beside: int = 0
    notes: int = 0
    footnotes: int = 0
    margins: int = 0


def dressed(records: list[Record], dressing: Dressing) -> list[Record]:
    """The records with what is added, in reading order; tabs become blanks, as print has them.

    Code has ``marks`` (rows from 0 that end in or begin with a callout, 1 for the first of them)
    where it is dressed with them; records of the roles ``beside``, ``margin`` and ``footnote``
    follow what they belong to.
    """
    out: list[Record] = []
    chapter = listing = paragraph = 0
    for record in records:
        if record["kind"] == "heading":
            chapter += int(record["level"]) == 1
            out.append(record)
        elif record["kind"] == "code":
            listing += 1
            out += _listing(record, dressing, max(1, chapter), listing)
        elif record["kind"] == "prose" and not record.get("role"):
            paragraph += 1
            out += _paragraph(record, dressing, paragraph)
        else:
            out.append(record)
    return out


def _listing(record: Record, dressing: Dressing, chapter: int, number: int) -> list[Record]:
    text = str(record["text"]).expandtabs(8).strip("\n")
    lines = text.split("\n")
    code: Record = {**record, "text": text}
    out = [code]
    if _due(number, dressing.captions):
        words = dressing.caption.format(chapter=chapter, number=number)
        out.insert(0, _said("caption", f"{words} {_words(number)}"))
    if _due(number, dressing.callouts) and len(lines) > 4:
        code["marks"] = [row for row in (1, 3, 5, 7) if "".join(lines[row : row + 1]).strip()]
        for at, row in enumerate(code["marks"] if dressing.explained else (), start=1):
            said = f"{_words(number + at)} from row {row + 1} on."
            out.append({**_said("callout", said), "mark": at})
    if _due(number, dressing.beside) and len(lines) > 4 and max(map(len, lines)) < 60:
        out.append(_said("beside", f"{_words(number)} in this row"))
    return out


def _paragraph(record: Record, dressing: Dressing, number: int) -> list[Record]:
    if _due(number, dressing.notes):
        return [{**record, "role": "note"}]
    out = [record]
    if _due(number, dressing.footnotes):
        out.append(_said("footnote", f"{_words(number)}, as others do."))
    if _due(number, dressing.margins):
        out.append(_said("margin", f"{_words(number)}, but not at once."))
    return out


def _due(number: int, every: int) -> bool:
    return every > 0 and number % every == 0


def _words(number: int) -> str:
    """Words that differ in more than digits, so that notes at the foot are no running feet."""
    noun, other = NOUNS[number % len(NOUNS)], NOUNS[number * 5 % len(NOUNS)]
    return f"The {noun} of harbour {number} can {VERBS[number * 3 % len(VERBS)]} a {other}"


def _said(role: str, text: str) -> Record:
    return {"kind": "prose", "role": role, "text": text}
