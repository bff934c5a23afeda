"""Numbers of lines that stand in the text of a listing: ``1: def …``, or in elements of their own.

Belongs here: listings of formats that hold text (EPUB, AsciiDoc, Markdown). Does not: PDF, where
their place and type tell them (``linenos.py``), what mark-up names as numbers (``printmarks.py``).

Numbers are taken off where each line has one, they rise by one, and what is left is code by its
signs that the grammar takes better: a numbered list of words stays. Two listings, or six lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from booktune_assets.books.blocks import Block
from booktune_assets.books.judge import faults
from booktune_assets.books.lang import classify
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.repair import put_text

__all__ = ["take_text_numbers"]

_FIRST = re.compile(r"\s*0{0,3}(?P<number>[1-9]\d{0,3}|0)(?!\d)(?P<sign>[.:|)]?)(?=\D|$)")
_LEAST = 3  # lines of a listing
_LONG, _OFTEN = 6, 2  # lines that need no second listing; listings
_LINES_MAX = 5_000
_TYPED = frozenset({"iex", "erl_shell", "shell"})


@dataclass(slots=True)
class _Counted:
    """A listing of numbered lines: for each the end of its number, or None."""

    block: Block
    lines: list[str]
    ends: list[int | None]

    def rests(self, margin: int) -> list[str]:
        """The lines without numbers and the room behind them."""
        return [
            line if end is None else line[min(end + margin, len(line)) :]
            for line, end in zip(self.lines, self.ends, strict=True)
        ]  # fmt: skip

    @property
    def margin(self) -> int:
        """The room between the numbers and the leftmost line."""
        rests = [line[end:] for line, end in zip(self.lines, self.ends, strict=True)
                 if end is not None and line[end:].strip()]  # fmt: skip
        return min((len(rest) - len(rest.lstrip(" \u00a0")) for rest in rests), default=0)


def take_text_numbers(blocks: Sequence[Block], ledger: Ledger) -> None:
    """Take the numbers off the listings of a book, and write down what each line lost."""
    if not ledger.wants("line_numbers"):
        return
    found = [
        made for block in blocks if block.kind == "code" and (made := _counted(block)) is not None
    ]  # fmt: skip
    found = [one for one in found if _is_code(one.block, "\n".join(one.rests(one.margin)))]
    if len(found) < _OFTEN and not any(len(one.lines) >= _LONG for one in found):
        return
    margin = min((one.margin for one in found), default=0)
    for one in found:
        _take(one, margin, ledger)


def _take(one: _Counted, margin: int, ledger: Ledger) -> None:
    at, rests = 0, one.rests(margin)
    for line, rest in zip(one.lines, rests, strict=True):
        if len(rest) < len(line):
            places = one.block.places
            place = next((p for p in places if p.start <= at <= p.end), places[0])
            page = ledger.page_of(place)
            ledger.took(page, "line_numbers", line[: len(line) - len(rest)], block=one.block)
        at += len(line) + 1
    put_text(one.block, "\n".join(rests))


def _counted(block: Block) -> _Counted | None:
    """The listing, if next to each of its lines has its number."""
    lines = block.text.split("\n")
    first = _FIRST.match(lines[0])
    if first is None or not _LEAST <= len(lines) <= _LINES_MAX:
        return None
    number, ends = int(first["number"]), list[int | None]()
    sign = re.escape(first["sign"])
    for line in lines:
        if not line.strip():
            ends.append(None)
            number += 1
            if not _follows(lines, len(ends), number):
                number -= 1  # blank lines are not counted
            continue
        found = re.match(rf"\s*0*{number}(?!\d){sign}", line)
        if found is None:
            return None
        ends.append(found.end())
        number += 1
    if sum(end is not None for end in ends) < _LEAST:
        return None
    return min((_Counted(block, lines, ends), *_padded(block, lines, ends)), key=_crooked)


def _padded(block: Block, lines: list[str], ends: list[int | None]) -> list[_Counted]:
    """The same where numbers begin at one place and are padded to one width."""
    wide = max(end or 0 for end in ends)
    same = [None if end is None else wide for end in ends]
    padded = all(
        end is None or not line[end:wide].strip() for line, end in zip(lines, ends, strict=True)
    )
    return [_Counted(block, lines, same)] if padded and same != ends else []


def _crooked(one: _Counted) -> int:
    """Lines that are set in by no whole number of levels."""
    rests = one.rests(one.margin)
    return sum((len(rest) - len(rest.lstrip(" \u00a0"))) % 2 for rest in rests if rest.strip())


def _follows(lines: Sequence[str], start: int, number: int) -> bool:
    """Whether the next line that is not blank has this number."""
    line = next((line for line in lines[start:] if line.strip()), "")
    return re.match(rf"\s*0*{number}(?!\d)", line) is not None


def _is_code(block: Block, text: str) -> bool:
    """Whether what is left shows a language, and its grammar takes it better than before."""
    lang = classify(text, block.lang)[1]
    if lang in _TYPED:
        return classify(block.text, block.lang)[1] not in _TYPED
    if lang not in ("elixir", "erlang") or classify(text)[1] != lang:
        return False
    left, before = faults(text, lang), faults(block.text, lang)
    return (left or 0) < (before or 0)
