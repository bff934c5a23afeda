"""How many section ids move when a book is made again: PDF against EPUB, and layout against layout.

    .venv/bin/python benchmarks/section_ids.py [--layouts] [--show] [BOOK …]

Reads both formats of every book of ``../shared/books`` (or ``$BOOKTUNE_BOOKS``) under one key and
compares the ids of their sections. ``--layouts`` sets the texts in other layouts (needs weasyprint,
typst or Chromium) and compares each with the records it was set from. ``--show`` prints each
section that differs. A section differs for the first of these reasons that applies:

heading   no section of that title stands there
glyph     a character without a meaning (U+FFFD)
as code   its prose was read as code, or its code as prose
float     its prose was read as table, caption or note
order     the same words in another order
words     other words, or words lost
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from _typeset import STYLES, render

from booktune_assets.books.blocks import Block, Limits, Parsed
from booktune_assets.books.formats import parse
from booktune_assets.books.frames import Facts, into_frames
from booktune_assets.books.identity import CODE_KINDS
from booktune_assets.books.sections import into_sections
from booktune_assets.ids import fold_prose, normalise_prose

HERE = Path(__file__).parent
BOOKS = Path(os.environ.get("BOOKTUNE_BOOKS", HERE.parents[1] / "shared" / "books"))
CAUSES = ("heading", "glyph", "as code", "float", "order", "words")
FLOATS = ("table", "caption", "figure", "footnote")
RECORDS = 1200  # of a book, when it is set anew
TARGET = 0.9


@dataclass(frozen=True)
class Part:
    """A section as it is compared."""

    title: str
    page: int | None
    section_id: str
    prose_id: str | None
    blocks: list[tuple[str, str]]

    def text(self, *, code: bool = False, floats: bool = False) -> str:
        """Its prose, its code or its tables and notes."""
        wanted = (
            text for kind, text in self.blocks
            if (kind in CODE_KINDS) == code and (kind in FLOATS) == floats
        )  # fmt: skip
        return normalise_prose("\n".join(wanted))


def sections_of(parsed: Parsed) -> list[Part]:
    """Sections in reading order, all under one book key."""
    raw = into_frames(parsed.as_plain(), Facts("book", Path("book"), "0" * 64, 1, "raw_books.0"))
    made = into_sections("book", "0" * 64, raw["raw_books__blocks"], raw["raw_books__spans"])
    blocks: dict[str, list[tuple[str, str]]] = {}
    for row in made["sections__blocks"].iter_rows(named=True):
        blocks.setdefault(row["section_id"], []).append((row["kind"], row["text"]))
    return [
        Part(row["title"], row["page_first"], row["section_id"], row["prose_id"],
             blocks[row["section_id"]])
        for row in made["sections"].sort("ordinal").iter_rows(named=True)
    ]  # fmt: skip


def cause(one: Part, two: Part) -> str:
    """Why the prose of two sections of one title differs."""
    left, right = one.text().split(), two.text().split()
    if Counter(left) == Counter(right):
        return "order"
    found: set[str] = set()
    code = fold_prose(one.text(code=True) + two.text(code=True))
    floats = fold_prose(one.text(floats=True) + two.text(floats=True))
    for what, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        here, there = fold_prose(" ".join(left[a:b])), fold_prose(" ".join(right[c:d]))
        if what == "equal" or here == there:
            continue
        longer = max(here, there, key=len)
        found.add(
            "glyph" if "\ufffd" in here + there
            else "as code" if longer in code
            else "float" if longer in floats
            else "words"
        )  # fmt: skip
    return next((name for name in CAUSES if name in found), "words")


def compare(name: str, one: list[Part], two: list[Part], *, show: bool) -> tuple[float, float]:
    """Shares of section ids and prose ids that agree, printed with the causes of the rest."""
    whole = max(len(one), len(two))
    same = (Counter(p.section_id for p in one) & Counter(p.section_id for p in two)).total()
    said = (Counter(p.prose_id for p in one) & Counter(p.prose_id for p in two)).total()
    causes: Counter[str] = Counter()
    titles = [[fold_prose(part.title).casefold() for part in parts] for parts in (one, two)]
    steps = SequenceMatcher(None, titles[0], titles[1], autojunk=False).get_opcodes()
    for what, a, b, c, d in steps:
        if what != "equal":
            causes["heading"] += max(b - a, d - c)
            if show:
                print("    heading", [(p.title, p.page) for p in one[a:b]],
                      [p.title for p in two[c:d]])  # fmt: skip
            continue
        for left, right in zip(one[a:b], two[c:d], strict=True):
            if left.prose_id != right.prose_id:
                why = cause(left, right)
                causes[why] += 1
                if show:
                    print(f"    {why:8} page {left.page}: {left.title}")
    cells = " ".join(f"{causes[key]:>7}" for key in CAUSES)
    print(f"{name:34} {whole:>8} {same / whole:>10.3f} {said / whole:>9.3f}   {cells}", flush=True)
    return same / whole, said / whole


def source(records: list[dict[str, Any]]) -> Parsed:
    """The records that a layout is set from, as if a reader had read them."""
    kinds = {"li": "list", "note": "callout", "caption": "caption", "footnote": "footnote"}
    blocks: list[Block] = []
    for record in records:
        if record["kind"] == "table":
            rows = [record.get("header") or [], *(record.get("rows") or [])]
            text = "\n".join(" | ".join(str(cell) for cell in row) for row in rows if row)
            blocks.append(Block("table", text))
            continue
        kind = record["kind"]
        kind = kinds.get(str(record.get("role")), "prose") if kind == "prose" else kind
        blocks.append(Block(kind, str(record["text"]), record.get("level")))
    return Parsed("md", title="book", blocks=blocks)


def layouts(truths: list[Path], *, show: bool) -> list[float]:
    """Each text in each layout against the records it was set from."""
    shares: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for truth in truths:
            lines = truth.read_text(encoding="utf-8").splitlines()[:RECORDS]
            records = [json.loads(line) for line in lines]
            kept = [
                r for r in records if r["kind"] != "image" and (r["kind"] != "code" or r["text"])
            ]
            wanted = sections_of(source(kept))
            for name, style in STYLES.items():
                file = Path(folder, f"{name}.pdf")
                if why := render(kept, style, file):
                    print(f"{name:34} not set: {why}")
                    continue
                found = sections_of(read(file))
                label = f"{truth.name.partition('.')[0]} {name}"
                shares.append(compare(label, found, wanted, show=show)[1])
    return shares


def read(path: Path) -> Parsed:
    """A book file, read in this process."""
    return parse(path, Limits(), lambda done, total: None)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--layouts", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("books", nargs="*")
    asked = parser.parse_args()
    truths = [
        path for path in sorted(BOOKS.glob("*.truth.jsonl"))
        if not asked.books or path.name.partition(".")[0] in asked.books
    ]  # fmt: skip
    if not truths:
        print(f"no books with truths: {BOOKS} is not there; nothing measured")
        return
    heads = " ".join(f"{key:>7}" for key in CAUSES)
    print(f"{'book':34} {'sections':>8} {'section id':>10} {'prose id':>9}   {heads}")
    if asked.layouts:
        shares = layouts(truths, show=asked.show)
    else:
        names = [path.with_name(path.name.partition(".")[0]) for path in truths]
        shares = [
            compare(name.name, sections_of(read(name.with_suffix(".pdf"))),
                    sections_of(read(name.with_suffix(".epub"))), show=asked.show)[1]
            for name in names
            if name.with_suffix(".pdf").exists() and name.with_suffix(".epub").exists()
        ]  # fmt: skip
    if shares:
        held = sum(share >= TARGET for share in shares)
        print(f"prose ids agree for {TARGET:.0%} of the sections in {held} of {len(shares)}")


if __name__ == "__main__":
    main()
