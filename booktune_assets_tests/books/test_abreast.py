"""Listings that stand side by side, each in its box."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.blocks import CODE_KINDS, Parsed
from booktune_assets_tests.books.makers import paragraph
from booktune_assets_tests.books.test_presses import Press

Read = Callable[[Path], Parsed]
LEFT = ["def tide(n) do", "  n + 1", "end"]
RIGHT = ["tide(N) ->", "    case N of", "        0 -> 1;", "        _ -> 2", "    end."]


def boxes(press: Press, listings: list[list[str]], gap: float) -> None:
    """Frames of one height from left to right, ``gap`` pt apart."""
    press.y -= 10
    high, wide = 11 * max(map(len, listings)) + 8, 150
    for number, listing in enumerate(listings):
        x = 50 + number * (wide + gap)
        press.canvas.rect(x, press.y - high, wide, high, 1, 0)
        press.canvas.setFont("Courier", 8)
        for row, text in enumerate(listing, start=1):
            press.canvas.drawString(x + 5, press.y - 11 * row, text)
    press.y -= high + 10


@pytest.mark.parametrize("listings", [[LEFT, RIGHT], [["mix new tide"], ["mix compile"]]])
def test_listings_abreast_are_read_one_by_one(
    tmp_path: Path, read: Read, listings: list[list[str]]
) -> None:
    press = Press(tmp_path / "book.pdf")
    boxes(press, listings, 12)
    for seed in range(3):
        press.prose(seed, 60)
    boxes(press, listings, 12)
    press.prose(9)
    press.turn()
    press.prose(10, 60)
    boxes(press, listings, 12)
    parsed = read(press.save())
    code = [b.text for b in parsed.blocks if b.kind in CODE_KINDS]
    assert code == ["\n".join(listing) for listing in listings] * 3
    kinds = [b.kind in CODE_KINDS for b in parsed.blocks]
    assert kinds == [True, True] + [False] * 3 + [True, True] + [False] * 2 + [True, True]
    assert not any(page.lost or page.doubled for page in parsed.pages)


def test_code_on_grounds_in_a_sentence_stays_in_it(tmp_path: Path, read: Read) -> None:
    press = Press(tmp_path / "book.pdf")
    for seed in range(6):
        press.prose(seed, 40)
        press.y -= 20
        for x, word in ((50, "send"), (110, "receive")):
            press.canvas.setFillGray(0.9)
            press.canvas.rect(x - 2, press.y - 3, 46, 12, 0, 1)
            press.canvas.setFillGray(0)
            press.canvas.setFont("Courier", 9)
            press.canvas.drawString(x, press.y, word)
        press.canvas.setFont("Times-Roman", 10)
        press.canvas.drawString(160, press.y, paragraph(seed, 5))
    parsed = read(press.save())
    assert not [b for b in parsed.blocks if b.kind in CODE_KINDS]
