"""Files made here to break an importer: each in bounded time and memory, read or refused by code.

A file that is accepted loses and doubles no character, and gives the sentence that it was made
around. After each one the next book is read.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.reader import read_book
from booktune_assets.contracts import check
from booktune_assets.errors import BookError
from booktune_assets.schemas import TABLES
from booktune_assets.settings import Reading
from booktune_assets_tests.books import hostile_makers as made
from booktune_assets_tests.books import hostile_texts as texts
from booktune_assets_tests.books.makers import epub
from booktune_assets_tests.books.spent import cpu_spent

SECONDS, MEMORY_MB = 10, 1024
KEEPER = "The keeper counts the boats"
Make = Callable[[Path], Path]
READ = "read"

# What must come of each: READ, or refusals that are right for it. A newer MuPDF may read more.
PDFS: dict[Make, tuple[str, ...]] = {
    made.object_stream_loop: (READ,),
    made.huge_page: (READ, "NO_TEXT_LAYER", "PAGE_UNREADABLE"),
    made.upside_down_page: (READ, "NO_CONTENT", "NO_TEXT_LAYER"),
    made.many_contents: (READ,),
    made.huge_image: (READ,),
    made.broken_to_unicode: (READ,),
    made.many_links: (READ,),
    made.form_that_draws_itself: (READ,),
    made.forms_that_double: ("TOO_LARGE", "TOO_SLOW", "PAGE_UNREADABLE"),
    made.nested_states: (READ, "PAGE_UNREADABLE", "TOO_LARGE"),
    made.nested_arrays: (READ, "NO_TEXT_LAYER", "PAGE_UNREADABLE", "DAMAGED_FILE"),
    made.page_with_3d: (READ,),
    made.one_page_many_times: (READ, "DAMAGED_FILE"),
    made.deep_page_tree: (READ, "DAMAGED_FILE"),
    made.absurd_numbers: (READ,),
    made.many_rectangles: (READ,),
    made.many_glyphs: (READ, "TOO_SLOW"),
    made.chained_tables: (READ,),
    made.twice_packed: (READ, "TOO_SLOW", "TOO_LARGE", "PAGE_UNREADABLE"),
    made.packed_objects: (READ, "TOO_LARGE", "DAMAGED_FILE"),
    made.packed_font: (READ, "TOO_LARGE", "TOO_SLOW", "PAGE_UNREADABLE"),
    made.packed_map: (READ, "TOO_LARGE", "TOO_SLOW", "PAGE_UNREADABLE"),
    made.many_fonts: (READ, "TOO_SLOW"),
}
EPUBS: dict[Make, tuple[str, ...]] = {
    texts.many_entries: (READ,),
    texts.outside_names: (READ,),
    texts.long_spine: (READ,),
    texts.deep_page: (READ,),
    texts.deep_table: (READ,),
    texts.huge_attribute: (READ,),
    texts.entity_tricks: (READ,),
    texts.encoding_tricks: (READ,),
    texts.zip64_lies: (READ, "DAMAGED_FILE", "TOO_LARGE"),
    texts.overlapping_entries: ("DAMAGED_FILE", "TOO_LARGE", "TOO_SLOW"),
    texts.encrypted_entries: ("NEEDS_PASSWORD",),
    texts.wrong_mimetype: (READ,),
    texts.style_bomb: (READ,),
    texts.many_anchors: (READ,),
}
TEXTS: dict[Make, tuple[str, ...]] = {
    texts.deep_quotes: (READ, "TOO_SLOW"),
    texts.backticks: (READ, "TOO_SLOW"),
    texts.brackets: (READ, "TOO_SLOW"),
    texts.references: (READ, "TOO_SLOW"),
    texts.broken_notebook: (READ,),
}
CASES = [
    *((maker, ".pdf", wanted) for maker, wanted in PDFS.items()),
    *((maker, ".epub", wanted) for maker, wanted in EPUBS.items()),
    *(
        (maker, ".livemd" if maker is texts.broken_notebook else ".md", wanted)
        for maker, wanted in TEXTS.items()
    ),
]


@pytest.mark.parametrize(("maker", "suffix", "wanted"), CASES, ids=[c[0].__name__ for c in CASES])
def test_a_hostile_file_is_read_or_refused(
    tmp_path: Path, maker: Make, suffix: str, wanted: tuple[str, ...]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = maker(folder / f"hostile{suffix}")
    before = sorted(Path("/").iterdir()), path.read_bytes()
    start = cpu_spent()
    reading = Reading(memory_mb=MEMORY_MB)  # type: ignore[call-arg]  # the usual limit of time
    try:
        raw = read_book(path, "book", reading)
    except BookError as problem:
        assert problem.code in wanted and problem.remedy and "\n" not in str(problem)
    else:
        assert READ in wanted
        for name, frame in raw.frames.items():
            check(TABLES[name], frame)
        assert (raw.counts["lost"], raw.counts["doubled"]) == (0, 0)
        text = "\n".join(raw.frames["raw_books__blocks"]["text"])
        assert KEEPER in " ".join(text.split()) or maker in (made.huge_page, made.upside_down_page)
        for leak in ("root:", "alert(", "escaped", "A" * 60_000):
            assert leak not in text
    assert cpu_spent() - start < 2 * SECONDS  # a core may have half the speed of another
    assert (sorted(Path("/").iterdir()), path.read_bytes()) == before
    assert list(tmp_path.rglob("*")) == [folder, path]
    good = epub(tmp_path / "good.epub", {"c.xhtml": "<h1>Next</h1>"})
    assert read_book(good, "good", reading).counts["rows"] == 1


def test_what_entities_and_codings_give(tmp_path: Path) -> None:
    raw = read_book(texts.entity_tricks(tmp_path / "e.epub"), "e", Reading())  # type: ignore[call-arg]
    warnings = " ".join(raw.frames["raw_books"]["warnings"][0])
    assert "not expanded" in warnings
    raw = read_book(texts.encoding_tricks(tmp_path / "c.epub"), "c", Reading())  # type: ignore[call-arg]
    text = "\n".join(raw.frames["raw_books__blocks"]["text"])
    for words in ("sixteen bits and no mark", "not sixteen", "none", "codec"):
        assert words in text


def test_a_page_that_never_ends_is_stopped_long_before_the_limit_of_a_book(tmp_path: Path) -> None:
    path = made.forms_that_double(tmp_path / "f.pdf")
    start = os.times()
    with pytest.raises(BookError):
        read_book(path, "f", Reading(memory_mb=8_192))  # type: ignore[call-arg]
    spent = os.times()
    assert spent.children_user - start.children_user < 3 * SECONDS
