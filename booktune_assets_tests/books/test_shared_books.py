"""The sample book and the shared books: formats agree with each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.blocks import CODE_KINDS, Parsed
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
