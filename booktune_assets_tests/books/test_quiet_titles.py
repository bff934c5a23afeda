"""Titles that hardly stand out: in text size, run in, hanging numbers; heads that name them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pymupdf
import pytest

from booktune_assets.books.blocks import Parsed
from booktune_assets_tests.books.makers import paragraph

Read = Callable[[Path], Parsed]
Page = pymupdf.Page
NAMES = ["Hulls", "Sails", "Old ropes", "Anchors", "Charts", "Lamps", "Oars", "Masts"]


def put(page: Page, x: float, y: float, text: str, font: str = "tiro", size: float = 10) -> float:
    """Draw words; gives where they end."""
    page.insert_text((x, y), text, fontname=font, fontsize=size)
    return x + pymupdf.get_text_length(text, font, size)


def rows(page: Page, y: float, seed: int, count: int = 3, indent: float = 10) -> float:
    """Rows of a paragraph below a height; gives that of the last."""
    words = paragraph(seed, 200)
    for number in range(count):
        y += 12
        put(page, 40 + (0 if number else indent), y, words[60 * number : 60 * number + 56])
    return y


def heads(parsed: Parsed) -> list[tuple[str, int | None]]:
    assert all((page.lost, page.doubled) == (0, 0) for page in parsed.pages)
    return [(block.text, block.level) for block in parsed.blocks if block.kind == "heading"]


def harbour(
    path: Path, names: Sequence[str] = NAMES, *, air: float = 28, mark: str = ".", more: int = 1,
    outline: bool = False,
) -> Path:  # fmt: skip
    """Two titles a page that run in below a numbered one; ``more`` paragraphs below each."""
    entries: list[list[object]] = []
    with pymupdf.open() as document:
        for at in range(0, len(names), 2):
            page = document.new_page(width=400, height=560)
            put(page, 40, 60, f"{at // 2 + 1} Of harbour {'ABCDEFGH'[at]}", "hebo", 16)
            entries.append([1, f"Of harbour {'ABCDEFGH'[at]}", at // 2 + 1])
            y = rows(page, 74, at, 4)
            for number, name in enumerate(names[at : at + 2]):
                y += air
                end = put(page, 40, y, f"{name}{mark} ", "tibo")
                put(page, end, y, paragraph(at + number + 40, 60)[:36])
                y = rows(page, y, at + number + 20, 2, indent=0)
                for seed in range(more):
                    y = rows(page, y, at + number + 30 + seed)
        document.set_toc(entries if outline else [])
        document.save(path)
    return path


@pytest.mark.parametrize("mark", [".", ""])
@pytest.mark.parametrize("outline", [False, True])
def test_titles_with_air_above_run_in(
    mark: str, outline: bool, tmp_path: Path, read: Read
) -> None:  # fmt: skip
    parsed = read(harbour(tmp_path / "a.pdf", mark=mark, outline=outline))
    found = heads(parsed)
    assert [text for text, _ in found if not text.startswith("Of harbour")] == NAMES
    levels = {level for text, level in found if text in NAMES}
    above = max(level or 0 for text, level in found if text not in NAMES)
    assert levels == {above + 1}


@pytest.mark.parametrize(
    "change",
    [
        {"air": 12.0},
        {"more": 0, "names": NAMES},
        {"names": [f"Example {n}" for n in range(1, 9)]},
        {"names": ["Note"] * 8},
    ],
    ids=["no air", "terms below each other", "examples", "notes"],
)
def test_stressed_words_without_air_and_labels_do_not(
    change: dict[str, object], tmp_path: Path, read: Read
) -> None:
    parsed = read(harbour(tmp_path / "a.pdf", **change))  # type: ignore[arg-type]
    assert [text for text, _ in heads(parsed) if not text.startswith("Of harbour")] == []


def test_bold_titles_in_text_size_that_the_outline_leaves_out(tmp_path: Path, read: Read) -> None:
    long = ["A title that is as long as the page is wide, and so it is", "continued below"]
    with pymupdf.open() as document:
        for number, name in enumerate(NAMES):
            page = document.new_page(width=400, height=420)
            put(page, 40, 60, f"Harbour {'ABCDEFGH'[number]}", "hebo", 16)
            y = rows(page, 74, number, 4) + 26
            put(page, 40, y, name, "tibo")
            y = rows(page, y + 4, number + 20)
            if number == 4:
                put(page, 40, y + 26, long[0], "tibo", 11)
                put(page, 40, y + 39, long[1], "tibo", 11)
                y = rows(page, y + 43, number + 60)
            elif number > 4:
                put(page, 40, y + 26, f"More of {name.lower()}", "tibo", 11)
                y = rows(page, y + 32, number + 60)
            rows(page, y, number + 30)
        document.set_toc([[1, f"Harbour {'ABCDEFGH'[n]}", n + 1] for n in range(8)])
        document.save(tmp_path / "b.pdf")
    found = dict(heads(read(tmp_path / "b.pdf")))
    assert {name for name in NAMES if found.get(name) == 2} == {*NAMES}


def test_running_heads_name_bold_titles_in_text_size(tmp_path: Path, read: Read) -> None:
    """Odd pages say a section, even ones the chapter; words and numbers of heads stand apart."""
    with pymupdf.open() as document:
        for number, name in enumerate(NAMES + [f"{name} again" for name in NAMES]):
            page = document.new_page(width=400, height=460)
            chapter, section = number // 4 + 1, number % 4 + 1
            if section == 1:
                put(page, 40, 60, f"{chapter} Harbour {'ABCD'[chapter - 1]}", "hebo", 18)
            elif section % 2:
                end = put(page, 250, 30, f"{chapter}.{section}.")
                put(page, end + 12, 30, name)
            else:
                end = put(page, 40, 30, f"{chapter}.")
                put(page, end + 12, 30, f"Harbour {'ABCD'[chapter - 1]}")
            y = rows(page, 64, number, 6 + number % 3)
            put(page, 40, y + 26, f"{chapter}.{section} {name}", "hebo", 10.5)
            rows(page, y + 32, number + 20, 6)
            put(page, 40 if number % 2 else 340, 440, str(number + 1))
        document.save(tmp_path / "h.pdf")
    parsed = read(tmp_path / "h.pdf")
    found = [text for text, _ in heads(parsed) if not text.startswith("Harbour")]
    assert found == NAMES + [f"{name} again" for name in NAMES]
    texts = [block.text for block in parsed.blocks if block.kind == "prose"]
    assert not [text for text in texts if any(name in text for name in (*NAMES, "1.", "2."))]


def test_titles_without_text_whose_numbers_hang_are_no_head_of_a_table(
    tmp_path: Path, read: Read
) -> None:
    with pymupdf.open() as document:
        for number in range(4):
            page = document.new_page(width=400, height=420)
            y = rows(page, 40, number, 4) + 30
            for row, name in enumerate(NAMES[2 * number : 2 * number + 2], 1):
                put(page, 40, y, f"{number + 1}.{row}", "hebo", 11)
                put(page, 74, y, name, "hebo", 11)
                y += 24
            rows(page, y - 10, number + 20, 6)
        document.save(tmp_path / "n.pdf")
    assert [text for text, _ in heads(read(tmp_path / "n.pdf"))] == NAMES


def test_a_title_that_was_stretched_over_its_row_goes_on(tmp_path: Path, read: Read) -> None:
    with pymupdf.open() as document:
        for number, name in enumerate(NAMES):
            page = document.new_page(width=400, height=420)
            y = rows(page, 40, number, 4) + 30
            rows(page, y + 6, number + 20, 6)
            if number == 5:
                edge = max(float(word[2]) for word in page.get_text("words"))
                last = edge - pymupdf.get_text_length("keepers", "hebo", 11)
                for x, word in ((40, "Lamps"), (110, "and"), (160, "their"), (last, "keepers")):
                    put(page, x, y - 14, word, "hebo", 11)
                put(page, 40, y, "of old", "hebo", 11)
            else:
                put(page, 40, y, name, "hebo", 11)
        document.save(tmp_path / "s.pdf")
    found = [text for text, _ in heads(read(tmp_path / "s.pdf"))]
    assert found == [*NAMES[:5], "Lamps and their keepers of old", *NAMES[6:]]
