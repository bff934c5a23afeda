"""Which books may be trained on: what is known of their licence, and which are held for it.

Belongs here: the words that a book's licence is told from, the gate before pairs and sets. Does
not: what words mean (``pairs/licences.py``).

What the reader was told or found in the file's metadata counts, else what is printed in the front
matter; but words printed there, or stated in the file, that forbid to train on the book count
before all but leave to do so. A held book stays at ``sections``
and what is made of those without training on them; no pair is made of it and none goes into a set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from booktune_assets.books.blocks import CODE_KINDS
from booktune_assets.errors import BookError, Code
from booktune_assets.lake import Lake
from booktune_assets.pairs.licences import PERMITTED, held, licence_of, printed_licence
from booktune_assets.settings_sets import Licences

__all__ = ["allowed", "licences_of", "printed", "stricter", "why_held"]

_DATA = re.compile(  # sections that tell of words, whatever these forbid
    r"(?:(?:subject|general) )?index|glossary(?: of terms)?|bibliography|references|works cited|"
    r"(?:further|recommended) reading|(?:table of )?contents", re.I,
)  # fmt: skip
_IMPRINT = re.compile(
    r"copyright|\u00a9|colophon|licen[cs]e|legal|imprint|impressum|rights|title page|credits", re.I
)
FRONT = 6  # sections at either end that are looked at: title page, imprint, colophon


def licences_of(lake: Lake, keys: list[str]) -> dict[str, str]:
    """Book to its licence as SPDX names it, else as it is stated, else empty."""
    return {key: licence_of(_words(lake, key)).name for key in keys}


def why_held(lake: Lake, key: str, licences: Licences) -> str:
    """Why a book that was read may not be trained on; empty when it may."""
    return held(licence_of(_words(lake, key)), licences)


def allowed(lake: Lake, key: str, licences: Licences) -> None:
    """Raise ``BookError(LICENCE_HELD)`` for a book that may not be trained on."""
    if why := why_held(lake, key, licences):
        remedy = ", or change [licences] in the settings"
        raise BookError(
            Code.LICENCE_HELD,
            f"{why[:1].upper()}{why[1:]}. State it: booktune add FILE --licence NAME"
            f"{'' if PERMITTED in why else remedy}",
            book=key,
        )  # fmt: skip


def printed(sections: pl.DataFrame, blocks: pl.DataFrame) -> str:
    """What the front matter says of the book's licence, in its words; of the back matter only what
    forbids to train on the book.

    An index or a glossary says nothing of the book that it is in, and listings do only where the
    section is an imprint or the like, or has no title.
    """
    there = sections.sort("ordinal")
    front = there.filter(pl.col("role") == "front").head(FRONT)
    back = there.filter(pl.col("role") == "back").tail(FRONT)
    said, last = (printed_licence(_paragraphs(part, blocks)) for part in (front, back))
    return last if licence_of(last).kind == "forbidden" else said


def _paragraphs(part: pl.DataFrame, blocks: pl.DataFrame) -> Iterator[str]:
    """Title and text of each section, as far as it may speak of the book."""
    for section, title, text in part.select("section_id", "title", "text").iter_rows():
        if _DATA.fullmatch(title or ""):
            continue
        own = blocks.filter(pl.col("section_id") == section).sort("ordinal")
        headed = own["kind"].head(1).to_list() == ["heading"]  # else the title is of its words
        if headed and not _IMPRINT.search(title):
            words = own.filter(~pl.col("kind").is_in(sorted(CODE_KINDS)))
            text = "\n".join(words["text"])
        yield f"{title}\n{text}" if headed else text


def _words(lake: Lake, key: str) -> str:
    """What the book is said to be licensed as."""
    raw = lake.receipt("raw_books", key)
    if raw is None:
        return ""
    told = raw.notes.get("licence")
    if told is None:  # read before receipts noted it
        told = lake.read("raw_books", key)["licence"][0]
    made = lake.receipt("sections", key)
    if made is None:
        return str(told or "")
    found = made.notes.get("licence_printed")
    if found is None:
        found = printed(lake.read("sections", key), lake.read("sections__blocks", key))
    return stricter(str(told or ""), str(found))


def stricter(told: str, shown: str) -> str:
    """What counts of the words that were told of a book and those that it says itself: in its front
    matter, or in the facts that its file holds."""
    if licence_of(told).kind != "permitted" and licence_of(shown).kind == "forbidden":
        return shown
    return told or shown
