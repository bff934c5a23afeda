"""Letters that are printed as one: spelt out, in code with a record that can be switched off."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from booktune_assets.books import packed, rowbook
from booktune_assets.books.blocks import Limits, Parsed
from booktune_assets.books.formats import parse
from booktune_assets.books.ligatures import SPELT

WORDS = "The \ufb01rst o\ufb03ce \ufb02ows with the tide, a\ufb00able as ever."
CODE = ("de\ufb01ne_\ufb02ow = :a\ufb00ord", "con\ufb01g :tide, pro\ufb01le: 2", "tide = 3")


def printed(path: Path) -> Path:
    with pymupdf.open() as document:
        for _ in range(3):
            page = document.new_page(width=400, height=300)
            text = pymupdf.TextWriter(page.rect)
            words, fixed = pymupdf.Font("tiro"), pymupdf.Font("cour")
            for row in range(3):
                text.append((40, 60 + 14 * row), WORDS, font=words, fontsize=11)
            for row, line in enumerate(CODE):
                text.append((40, 130 + 14 * row), line, font=fixed, fontsize=10)
            for row in range(3):
                text.append((40, 200 + 14 * row), WORDS, font=words, fontsize=11)
            text.write_text(page)
        document.save(path)
    return path


def read(path: Path, *off: str) -> Parsed:
    return parse(path, Limits(repairs_off=off), lambda done, total: None)


def spelt(text: str) -> str:
    return text.translate(str.maketrans(SPELT))


@pytest.mark.parametrize("live", [300, 1])
def test_letters_are_spelt_out_and_those_of_code_are_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, live: int
) -> None:
    monkeypatch.setattr(packed, "LIVE", live)
    monkeypatch.setattr(rowbook, "LIVE", live)
    book = read(printed(tmp_path / "book.pdf"))
    code = [block.text for block in book.blocks if block.kind == "code"]
    assert code == [spelt("\n".join(CODE))] * 3
    prose = " ".join(block.text for block in book.blocks if block.kind == "prose")
    assert spelt(WORDS).split(",")[0] in prose and spelt(prose) == prose
    told = [(one["page"], one["before"], one["after"]) for one in book.changes
            if one["kind"] == "glyphs"]  # fmt: skip
    on_a_page = [("\ufb01\ufb02\ufb00", "fiflff"), ("\ufb01\ufb01", "fifi")]
    assert told == [(page, *change) for page in (1, 2, 3) for change in on_a_page]
    assert not any(page.lost or page.doubled for page in book.pages)


def test_switched_off_code_stays_as_it_is_printed(tmp_path: Path) -> None:
    book = read(printed(tmp_path / "book.pdf"), "glyphs")
    code = [block.text for block in book.blocks if block.kind == "code"]
    assert code == ["\n".join(CODE)] * 3
    prose = [block.text for block in book.blocks if block.kind == "prose"]
    assert prose and all(spelt(text) == text for text in prose), "words are words"
    assert not any(page.lost or page.doubled for page in book.pages)
