"""AsciiDoc: captions that Asciidoctor counts, and notes that an author gathers by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books import asciidoc
from booktune_assets.books.blocks import Parsed
from booktune_assets.books.reader import read_book
from booktune_assets.books.sections import into_sections
from booktune_assets.settings import Reading
from booktune_assets_tests.books.figure_makers import picture

Read = Callable[[Path], Parsed]
pytestmark = pytest.mark.skipif(
    shutil.which(asciidoc.PROGRAM) is None, reason="asciidoctor is not installed"
)
COUNTED = """= A Harbour Book
:doctype: book
:listing-caption: Listing
:table-caption: Tabelle

== Tides

As Figure 1 and Figure 2 show, and Listing 2, Table 1, Example 1 and Figure 3.

.The tide
image::tide.png[A tide]

.First
----
one
----

.Own words
[caption="Figure A. "]
image::tide.png[Own]

== Ebb

.Second
----
two
----

.Boats
|===
|A |B

|1 |2
|===

.Keepers
====
Words of the keeper.
====

.The ebb
image::tide.png[An ebb]
"""
NOTES = """= A Harbour Book
:doctype: book

== Tides

[[r1]]Tides run^<<n1,1>>^ high.footnote:[Mostly.]

The keeper counts the boats.

[[n1]]^<<r1,1>>^ A note.

== Ebb

Words.
"""


def test_typed_numbers_mean_the_captions_that_are_counted(tmp_path: Path) -> None:
    (tmp_path / "b.adoc").write_text(COUNTED)
    (tmp_path / "tide.png").write_bytes(picture((300, 200)))
    raw = read_book(tmp_path / "b.adoc", "b", Reading(), figures=tmp_path / "out").frames
    blocks = raw["raw_books__blocks"]
    captions = blocks.filter(blocks["kind"] == "caption")
    assert captions.select("text", "label", "number").rows() == [
        ("The tide", "figure", "1"), ("First", "listing", "1"),
        ("Figure A. Own words", None, None), ("Second", "listing", "2"), ("Boats", "table", "1"),
        ("Keepers", "example", "1"), ("The ebb", "figure", "2"),
    ]  # fmt: skip
    assert raw["raw_books__figures"]["label"].to_list() == ["figure 1", None, "figure 2"]
    said = dict(blocks.select("block_id", "text").rows())
    parts = [raw[f"raw_books__{name}"] for name in ("blocks", "spans", "pages", "links")]
    refs = into_sections("b", "0" * 64, *parts)["sections__refs"]
    assert [said.get(one, "") for one in refs["target_block_id"]] == [
        "The tide", "The ebb", "Second", "Boats", "Keepers", "",
    ]  # fmt: skip
    assert refs["target_section_id"].null_count() == 1  # there is no third figure


def test_captions_that_nothing_counts_have_no_number(tmp_path: Path, read: Read) -> None:
    (tmp_path / "b.adoc").write_text("= T\n:table-caption!:\n\nA.\n\n.Boats\n|===\n|A\n|===\n")
    found = [b for b in read(tmp_path / "b.adoc").blocks if b.kind == "caption"]
    assert [(one.text, one.number) for one in found] == [("Boats", None)]


def test_notes_below_a_chapter_belong_to_their_marks(tmp_path: Path, read: Read) -> None:
    (tmp_path / "b.adoc").write_text(NOTES)
    parsed = read(tmp_path / "b.adoc")
    assert [(block.kind, block.text) for block in parsed.blocks] == [
        ("heading", "Tides"), ("prose", "Tides run high."), ("footnote", "Mostly."),
        ("footnote", "A note."), ("prose", "The keeper counts the boats."),
        ("heading", "Ebb"), ("prose", "Words."),
    ]  # fmt: skip
    assert (parsed.pages[0].lost, parsed.pages[0].doubled) == (0, 0)
