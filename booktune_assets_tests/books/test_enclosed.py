"""Recognised rows from ``do`` to ``end`` are code; numbers beside them are none of its words."""

from __future__ import annotations

import pytest

from booktune_assets.books.glyphs import Line
from booktune_assets.books.recognised import Word, lines_of
from booktune_assets_tests.books.test_scans import KETTLE, spoken

NARROW = dict.fromkeys("iltfj.,' ", 2.6) | dict.fromkeys("mwMW", 7.8)
PROSE = ["will it fill till the mill is still, little by little", "mammoth women warm him now"]
LONG = [*KETTLE[:2], '    x = "tea"', "    case kettle do", "      {:ok, tea} -> tea",
        "    end", *KETTLE[3:]]  # fmt: skip


def fixed(lines: list[Line]) -> list[bool]:
    return [line.runs[0].font.endswith("Mono") for line in lines]


def numbers(texts: list[str], top: float = 60.0) -> list[list[Word]]:
    """One number for each row, flush right and left of the rows."""
    return [
        [Word(text, 22 - 3.0 * len(text), base - 6, 22.0, base, base, 5.0 + n % 2)]
        for n, text in enumerate(texts) for base in (top + 12 * n,)
    ]  # fmt: skip


def beside(counts: list[list[Word]], rows: list[list[Word]]) -> list[list[Word]]:
    return [line for pair in zip(counts, rows, strict=True) for line in pair]


def test_a_listing_too_short_to_show_its_pitch_is_code() -> None:
    rows = spoken(KETTLE, None, 60)
    for line in rows:
        for word in line:  # ink does not fill its columns
            word.x0, word.x1 = word.x0 + 0.6, word.x1 - 0.8
    made = lines_of({1: [*rows, *spoken(PROSE, NARROW, 300)]})[1]
    assert fixed(made) == [True] * len(KETTLE) + [False] * len(PROSE)
    edges = [round((line.box[0] - made[0].box[0]) / 5.4) for line in made[: len(KETTLE)]]
    assert edges == [0, 2, 4, 2, 0] and made[1].text == "def boil(kettle) do"


@pytest.mark.parametrize(
    "texts",
    [
        ["test what the women do", "  will it fill till the mill is still", "  little", "end"],
        ["if there is work to do", "mammoth women warm him now", "end"],
        ["case in which the women do", "  mammoth women warm him now", "  to the very end"],
        KETTLE,  # in a font of words its letters stand in no columns
    ],
)
def test_rows_of_text_are_no_code(texts: list[str]) -> None:
    assert not any(fixed(lines_of({1: spoken([*texts, *PROSE], NARROW, 60)})[1]))


def test_numbers_beside_code_are_mended_and_no_code() -> None:
    seen = ["1", "2", "3", "4", "s", "6", "7", "B"]
    made = lines_of({1: beside(numbers(seen), spoken(LONG, None, 60))})[1]
    assert fixed(made) == [False, True] * len(LONG)
    assert [line.text for line in made[::2]] == list("12345678")
    assert len({line.runs[0].size for line in made[::2]}) == 1


def test_numbers_beside_text_stay_as_they_are() -> None:
    seen = ["1", "2", "3", "4", "s", "6", "7", "8"]
    rows = spoken(["boats", "women"] * 4, NARROW, 60)
    made = lines_of({1: beside(numbers(seen), rows)})[1]
    assert [line.text for line in made[::2]] == seen and not any(fixed(made))


def test_a_remark_in_the_margin_of_a_listing_is_no_code() -> None:
    rows = spoken(KETTLE, None, 60)
    (remark,) = spoken(["mammoth women warm him now"], NARROW, 84)
    for word in remark:
        word.x0, word.x1 = word.x0 + 250, word.x1 + 250
    made = lines_of({1: [*rows[:3], remark, *rows[3:]]})[1]
    assert "Mono" not in made[3].runs[0].font
