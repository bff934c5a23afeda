"""The sample book and the shared books: formats agree with each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.blocks import CODE_KINDS, Parsed
from booktune_assets.books.frames import Facts, into_frames
from booktune_assets.books.sections import into_sections
from booktune_assets.ids import normalise_code
from booktune_assets.settings import PROJECT

Read = Callable[[Path], Parsed]
SAMPLE = PROJECT / "data" / "books" / "sample" / "first-steps-on-the-beam"


def code(parsed: Parsed) -> Counter[str]:
    return Counter(normalise_code(b.text) for b in parsed.blocks if b.kind in CODE_KINDS)


def heads(parsed: Parsed) -> list[str]:
    return [block.text for block in parsed.blocks if block.kind == "heading"]


@pytest.mark.parametrize("suffix", [".pdf", ".epub"])
def test_the_sample_book_reads_the_same_in_every_format(read: Read, suffix: str) -> None:
    path = SAMPLE.with_suffix(suffix)
    if not path.exists():
        pytest.skip("the sample book has not been rendered")
    source, made = read(SAMPLE.with_suffix(".md")), read(path)
    assert code(made) == code(source)
    assert set(heads(source)) <= set(heads(made))


@pytest.mark.slow
def test_pdf_and_epub_of_a_shared_book_hold_the_same_code(shared: Path, read: Read) -> None:
    pdf, epub = code(read(shared / "cowboy-guide.pdf")), code(read(shared / "cowboy-guide.epub"))
    assert (pdf & epub).total() >= 0.95 * epub.total()


def prose_ids(parsed: Parsed) -> Counter[str | None]:
    raw = into_frames(parsed.as_plain(), Facts("book", Path("book"), "0" * 64, 1, "raw_books.0"))
    made = into_sections("book", "0" * 64, raw["raw_books__blocks"], raw["raw_books__spans"])
    return Counter(made["sections"]["prose_id"].to_list())


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["cowboy-guide", "dockyard-livebooks", "elixir-guides", "elixir-school", "joy-of-elixir"],
)
def test_prose_ids_of_pdf_and_epub_agree(shared: Path, read: Read, name: str) -> None:
    """``benchmarks/section_ids.py`` prints the shares and the causes of the rest."""
    pdf, epub = (prose_ids(read(shared / f"{name}.{suffix}")) for suffix in ("pdf", "epub"))
    assert (pdf & epub).total() >= 0.9 * max(pdf.total(), epub.total())
