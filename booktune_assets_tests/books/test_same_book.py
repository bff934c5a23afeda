"""One text in several prints: the ids of its sections do not move."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from booktune_assets.books.blocks import Parsed
from booktune_assets.books.frames import Facts, into_frames
from booktune_assets.books.sections import into_sections
from booktune_assets_tests.books.test_customs import CODE, NAMES

Read = Callable[[Path], Parsed]
SAYS = (
    "The keeper of the harbour counts the boats of each morning, and writes them down by name "
    "and by weight. Whoever asks for a boat that is not in the book gets no answer at all, and "
    "waits at the gate until the tide has turned and the next count is done."
)


def printed(
    path: Path, *, wide: float, high: float, size: float, code: tuple[str, float], head: bool
) -> Path:
    """The book on pages of a size, in a type of a size, with code in a font."""
    document = pymupdf.open()
    page, y = document.new_page(width=wide, height=high), 70.0

    def row(text: str, x: float, font: str, points: float, down: float) -> None:
        nonlocal page, y
        if y > high - 70:
            page, y = document.new_page(width=wide, height=high), 70.0
        page.insert_text((x, y), text, fontname=font, fontsize=points)
        y += down

    for number, name in enumerate(NAMES):
        y += 20
        row(name, 54, "hebo", 1.7 * size, 2.4 * size)
        for line in textwrap.wrap(
            f"{SAYS} {name} are the {number}th of them.", int(wide / size * 1.5)
        ):
            row(line, 54, "tiro", size, 1.3 * size)
        y += 8
        for line in CODE:
            row(line.replace("Tide", f"Tide{number}"), 66, *code, 1.25 * code[1])
        y += 8
        for line in textwrap.wrap(SAYS[:120] + f" of {name}.", int(wide / size * 1.5)):
            row(line, 54, "tiro", size, 1.3 * size)
    for number in range(1, document.page_count + 1):
        if head:
            document[number - 1].insert_text(
                (54, 36), f"A Small Harbour   {number}", fontname="tiit", fontsize=8
            )
    document.save(path)
    return path


def ids(parsed: Parsed) -> list[str]:
    raw = into_frames(parsed.as_plain(), Facts("book", Path("book"), "0" * 64, 1, "raw_books.0"))
    made = into_sections("book", "0" * 64, raw["raw_books__blocks"], raw["raw_books__spans"])
    return made["sections"]["section_id"].to_list()


@pytest.mark.parametrize(
    ("wide", "high", "size", "code", "head"),
    [(595, 842, 11, ("cour", 9), True), (360, 520, 9, ("cour", 7.5), False),
     (480, 680, 10, ("helv", 9), True), (480, 680, 10, ("tiro", 9), False)],
)  # fmt: skip
def test_another_print_moves_no_section(
    tmp_path: Path, read: Read, wide: float, high: float, size: float, code: tuple[str, float],
    head: bool,
) -> None:  # fmt: skip
    first = printed(tmp_path / "a.pdf", wide=440, high=640, size=10, code=("cour", 8), head=True)
    other = printed(tmp_path / "b.pdf", wide=wide, high=high, size=size, code=code, head=head)
    found = ids(read(first))
    assert len(found) == len(NAMES) and ids(read(other)) == found
