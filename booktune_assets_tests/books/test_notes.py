"""Marks of footnotes, and headings where running heads stand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf

from booktune_assets.books.blocks import Parsed
from booktune_assets.books.glyphs import Run, edges_of
from booktune_assets.books.layout import Piece
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.notes import take_note_marks
from booktune_assets.books.rows import Row
from booktune_assets_tests.books.makers import paragraph

Read = Callable[[Path], Parsed]


NOTES = [
    "She lives above the office.", "Both were built at Horten.", "The manual of the crane has it.",
]  # fmt: skip


def noted(path: Path) -> Path:
    """Pages of prose with a note at the foot, its mark behind a word, and an exponent."""
    with pymupdf.open() as document:
        for number in range(1, 4):
            page = document.new_page(width=400, height=500)
            for row in range(14):
                page.insert_text((50, 60 + 14 * row), paragraph(row)[:60], fontsize=10)
            words = "Ask the harbour master"
            page.insert_text((50, 280), words, fontsize=10)
            end = 50 + pymupdf.get_text_length(words, fontsize=10)
            page.insert_text((end, 276.5), str(number), fontsize=6)
            page.insert_text((50, 294), "about 2", fontsize=10)
            end = 50 + pymupdf.get_text_length("about 2", fontsize=10)
            page.insert_text((end, 290.5), str(number), fontsize=6)
            page.insert_text((end + 4, 294), " boats that lie at the pier.", fontsize=10)
            page.insert_text((50, 450), f"{number} {NOTES[number - 1]}", fontsize=7)
        document.save(path)
    return path


def test_marks_of_notes_are_no_part_of_words(tmp_path: Path, read: Read) -> None:
    parsed = read(noted(tmp_path / "notes.pdf"))
    said = " ".join(block.text for block in parsed.blocks if block.kind == "prose")
    assert said.count("harbour master about 2") == 3
    assert "about 21 boats" in said  # an exponent stays
    notes = [block.text for block in parsed.blocks if block.kind == "footnote"]
    assert notes == NOTES
    assert sum(one["kind"] == "mark" for one in parsed.changes) == 6  # and the numbers of the notes
    assert not any(page.lost or page.doubled for page in parsed.pages)


def sections(path: Path) -> Path:
    """Three pages: words with a mark, code that they lead to, a new section, the note at the foot.

    The sign of the last note stands nowhere in the text.
    """
    with pymupdf.open() as document:
        for number in range(1, 4):
            page = document.new_page(width=400, height=500)
            for row in range(10):
                page.insert_text((50, 60 + 14 * row), paragraph(row)[:60], fontsize=10)
            words = "The crane is asked:"
            page.insert_text((50, 214), words, fontsize=10)
            end = 50 + pymupdf.get_text_length(words, fontsize=10)
            if number < 3:
                page.insert_text((end, 210.5), str(number), fontsize=6)
            page.insert_text((50, 240), f"Crane.lift({number})", fontsize=9, fontname="cour")
            page.insert_text((50, 290), f"Section {'ABC'[number - 1]}", fontsize=16,
                             fontname="hebo")  # fmt: skip
            for row in range(6):
                page.insert_text((50, 320 + 14 * row), paragraph(row)[:60], fontsize=10)
            page.insert_text((50, 450), f"{number} {NOTES[number - 1]}", fontsize=7)
        document.save(path)
    return path


def test_a_note_follows_the_words_that_refer_to_it(tmp_path: Path, read: Read) -> None:
    parsed = read(sections(tmp_path / "sections.pdf"))
    said = [(block.kind, block.text) for block in parsed.blocks]
    for number in (1, 2):
        at = said.index(("footnote", NOTES[number - 1]))
        assert said[at - 1] == ("code", f"Crane.lift({number})")  # the words lead to it
        assert said[at - 2][1].endswith("The crane is asked:")
        assert said[at + 1] == ("heading", f"Section {'AB'[number - 1]}")
    assert said[-1] == ("footnote", NOTES[2])  # no mark tells where it belongs
    assert not any(page.lost or page.doubled for page in parsed.pages)


def columns(path: Path) -> Path:
    """Chapters whose title in large type is drawn word by word; the running head repeats it."""
    titles = ["Supervision in Practice", "Distribution in Practice", "Releases in Practice"]
    with pymupdf.open() as document:
        for number, title in enumerate([*titles, *titles], start=1):
            page = document.new_page(width=400, height=500)
            title = f"{title} {'of Old' if number > 3 else ''}".strip()
            page.insert_text((50, 28), title, fontsize=7)
            page.insert_text((195, 490), str(number), fontsize=7)
            first, second, *rest = title.split()
            page.insert_text((50, 70), first, fontsize=18, fontname="hebo")
            page.insert_text((190, 70), second, fontsize=18, fontname="hebo")
            page.insert_text((50, 91), " ".join(rest), fontsize=18, fontname="hebo")
            for row in range(24):
                page.insert_text((50, 120 + 14 * row), paragraph(row)[:60], fontsize=10)
        document.save(path)
    return path


def test_titles_drawn_word_by_word_are_no_running_heads(tmp_path: Path, read: Read) -> None:
    parsed = read(columns(tmp_path / "columns.pdf"))
    heads = [block.text for block in parsed.blocks if block.kind == "heading"]
    assert heads == [
        "Supervision in Practice", "Distribution in Practice", "Releases in Practice",
        "Supervision in Practice of Old", "Distribution in Practice of Old",
        "Releases in Practice of Old",
    ]  # fmt: skip


def test_headings_that_count_at_the_top_of_pages_stay(tmp_path: Path, read: Read) -> None:
    with pymupdf.open() as document:
        for number in range(8):
            page = document.new_page(width=400, height=500)
            page.insert_text((195, 490), str(number + 1), fontsize=7)
            if number > 4:
                page.insert_text((50, 40), f"A closer look {number - 5}", fontsize=10.9,
                                 fontname="hebo")  # fmt: skip
            for row in range(26):
                page.insert_text((50, 70 + 14 * row), paragraph(row)[:60], fontsize=10)
        document.save(tmp_path / "look.pdf")
    parsed = read(tmp_path / "look.pdf")
    heads = [block.text for block in parsed.blocks if block.kind == "heading"]
    assert heads == ["A closer look 0", "A closer look 1", "A closer look 2"]
    texts = [block.text for block in parsed.blocks if block.kind != "running_head"]
    assert not any(map(str.isdigit, texts))


def drawn(text: str, role: str, small: str = "") -> Row:
    """A row in one type, whose digits are as wide as letters but for those that are a mark."""
    lefts, rights, x = list[float](), list[float](), 50.0
    start = len(text) - len(small) if small else len(text)
    for at, char in enumerate(text):
        wide = 3.0 if at >= start and char.isdigit() else 5.0
        lefts.append(x)
        rights.append(x := x + wide)
    run = Run(text, "Serif", 10.0, 0, 0, edges_of(lefts, rights))
    box = (50.0, 90.0, x, 102.0)
    return Row(1, [run], 100.0, box, text, 10.0, "Serif", bold=False, mono=False, role=role)


def test_marks_that_the_font_itself_draws_small() -> None:
    """They stand on the line, in the size of the text: only their advance is that of small ones."""
    told, about = drawn("Ask the harbour master.12", "", "12"), drawn("It is built of oak12", "")
    note = drawn("12 She lives above the office", "footnote")
    pieces = [Piece("prose", [told]), Piece("prose", [about]), Piece("footnote", [note])]
    ledger = Ledger()
    take_note_marks(pieces, ledger)
    assert (told.text, about.text) == ("Ask the harbour master.", "It is built of oak12")
    assert pieces[0].notes == pieces[2].notes == ((1, "12"),)


def gathered(path: Path, *, marks: bool = True) -> Path:
    """Pages of prose whose notes stand at the end, below a heading, their first rows set in."""
    with pymupdf.open() as document:
        for number in range(1, 4):
            page = document.new_page(width=400, height=300)
            for row in range(14):
                page.insert_text((50, 60 + 14 * row), paragraph(row)[:60], fontsize=10)
            end = 50 + pymupdf.get_text_length(f"Ask {number} at the pier", fontsize=10)
            page.insert_text((50, 256), f"Ask {number} at the pier", fontsize=10)
            if marks:
                page.insert_text((end, 252.5), str(number), fontsize=6)
        page = document.new_page(width=400, height=300)
        page.insert_text((50, 60), "Notes", fontname="hebo", fontsize=16)
        for number, note in enumerate(NOTES):
            page.insert_text((62, 90 + 28 * number), f"{number + 1} {note} Some say", fontsize=10)
            page.insert_text((50, 104 + 28 * number), "that it does no more.", fontsize=10)
        document.set_toc([[1, "Notes", 4]])
        document.save(path)
    return path


def test_notes_at_the_end_follow_the_words_that_refer_to_them(tmp_path: Path, read: Read) -> None:
    parsed = read(gathered(tmp_path / "e.pdf"))
    blocks = [block for block in parsed.blocks if block.kind != "running_head"]
    notes = {at: block.text for at, block in enumerate(blocks) if block.kind == "footnote"}
    assert [*notes.values()] == [f"{note} Some say that it does no more." for note in NOTES]
    assert all(
        blocks[at - 1].text.endswith(f"Ask {number} at the pier")
        for number, at in enumerate(notes, start=1)
    )
    assert all((page.lost, page.doubled) == (0, 0) for page in parsed.pages)


def test_a_list_below_notes_that_nothing_refers_to_is_a_list(tmp_path: Path, read: Read) -> None:
    parsed = read(gathered(tmp_path / "l.pdf", marks=False))
    assert not [block for block in parsed.blocks if block.kind == "footnote"]
