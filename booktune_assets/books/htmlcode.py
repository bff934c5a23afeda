"""The exact text of a listing in (X)HTML.

Belongs here: how lines, blanks and marks come out of elements. Does not: which elements are
listings (``codetags.py``), repairs (``repair.py``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from booktune_assets.books.elements import BREAKS, DROPPED, everything, tag_of
from booktune_assets.books.lang import classify
from booktune_assets.books.printmarks import is_code_mark, is_mark
from booktune_assets.books.styles import Styles

__all__ = ["Code", "code_of", "set_in"]

_ROWS = BREAKS - {"td", "th"}
_ROUND = re.compile("[\u2460-\u2473\u2776-\u277f\u24eb-\u24f4\u2780-\u2793]")
_SHOWN = re.compile(r"[(\[]?\d{1,2}[)\]]?")  # says the picture of a callout
_DEEP = 40  # columns of indentation
_COMMENTS = ("#", "%%%", "%%", "%", "//", "--", ";;", ";")


@dataclass(slots=True)
class Code:
    """The text of a listing and what was left out of it: ``(kind of change, text)``."""

    text: str
    took: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    inset: float = 0.0  # how far a style sheet sets it in


def code_of(element: Any, styles: Styles) -> Code:
    """The exact text of a listing.

    Line breaks are those of the text (in ``pre``), ``br``, and elements on lines of their own.
    """
    keeps = tag_of(element) in ("pre", "listing", "xmp") or styles.keeps_lines(element)
    if not keeps:
        keeps = any(tag_of(one) == "pre" for one in element.iter())
    reader = _Reader(styles, keeps, _breaks_doubled(element))
    if tag_of(element) == "table":
        for row in (one for one in element.iter() if tag_of(one) == "tr"):
            reader.row([c for c in row if tag_of(c) in ("td", "th")])
    else:
        reader.inner(element)
    text = "".join(reader.out)
    if keeps:
        text = text.removeprefix("\n").rstrip("\n")
    else:
        text = "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))
    return _without_rounds(Code(text, reader.took))


def set_in(lines: Sequence[Code]) -> list[str]:
    """The lines of a listing, with the indentation that only the style sheet gives them.

    The smallest step between two of them is one level of the language.
    """
    texts = [code.text for code in lines]
    insets = sorted({code.inset for code in lines if code.text.strip()})
    if len(insets) < 2 or any(text[:1] in (" ", "\t", "\u00a0") for text in texts if text.strip()):
        return texts
    step = min(two - one for one, two in pairwise(insets))
    level = 4 if classify("\n".join(texts))[1] == "erlang" else 2
    rooms = (min(_DEEP, round((code.inset - insets[0]) / step) * level) for code in lines)
    return [
        " " * room + text if text.strip() else text
        for room, text in zip(rooms, texts, strict=True)
    ]  # fmt: skip


def _breaks_doubled(element: Any) -> bool:
    """Whether each ``br`` is followed by a line break of the source: then one of them counts."""
    breaks = [one for one in element.iter() if tag_of(one) == "br"]
    return bool(breaks) and all((one.tail or "\n").startswith(("\n", "\r")) for one in breaks)


def _without_rounds(code: Code) -> Code:
    """Circled numbers at the end of lines point at remarks."""
    if code.text.isascii() or not _ROUND.search(code.text):
        return code
    lines = code.text.split("\n")
    for number, line in enumerate(lines):
        bare = line.rstrip()
        while bare and _ROUND.match(bare[-1]):
            bare = bare[:-1].rstrip()
        if bare != line.rstrip():
            lines[number] = _without_comment(bare)
            code.took.append(("callout_marks", line[len(lines[number]) :]))
    code.text = "\n".join(lines)
    return code


def _without_comment(line: str) -> str:
    """A line without the sign that began a comment of nothing but a mark."""
    bare = line.rstrip(" \t")
    for sign in _COMMENTS:
        if bare.endswith(sign):
            return bare.removesuffix(sign).rstrip(" \t")
    return bare


class _Reader:
    """Elements to the characters of a listing."""

    def __init__(self, styles: Styles, keeps: bool, doubled: bool) -> None:
        self.styles, self.keeps, self.doubled = styles, keeps, doubled
        self.out: list[str] = []
        self.took: list[tuple[str, str]] = []
        self.fresh = True  # nothing stands on this line yet
        self.swallow = False  # the next line break of the source is the one just written

    def inner(self, element: Any) -> None:
        self.say(element.text)
        for child in element:
            self.visit(child)
            self.say(child.tail)

    def visit(self, child: Any) -> None:
        tag = tag_of(child)
        if not tag:
            return
        if tag in DROPPED or is_mark(child):
            self.took.append(("hidden" if tag in DROPPED else "mark", everything(child)))
        elif is_code_mark(child) or (tag == "img" and _SHOWN.fullmatch(child.get("alt") or "")):
            self.mark(child)
        elif tag == "br":
            self.out.append("\n")
            self.fresh, self.swallow = True, self.doubled or not self.keeps
            self.inner(child)
        elif tag in _ROWS or self.styles.is_row(child):
            if not self.fresh:
                self.out.append("\n")
            self.fresh, before = True, len(self.out)
            self.kept(child)
            if not self.fresh or len(self.out) == before:
                self.out.append("\n")
            self.fresh = self.swallow = True
        else:
            self.kept(child)

    def kept(self, child: Any) -> None:
        """What is in a child, with its line breaks where its style keeps them."""
        before, self.keeps = self.keeps, self.keeps or self.styles.keeps_lines(child)
        self.inner(child)
        self.keeps = before

    def mark(self, child: Any) -> None:
        """A callout goes, with the comment that holds it."""
        pieces: list[str] = []
        while self.out and "\n" not in self.out[-1]:
            pieces.append(self.out.pop())
        if self.out:
            head, end, rest = self.out.pop().rpartition("\n")
            self.out.append(head + end)
            pieces.append(rest)
        line = "".join(reversed(pieces))
        ends = (child.tail or "\n").lstrip(" ").startswith("\n")
        kept = _without_comment(line) if ends else line
        self.out.append(kept)
        self.took.append(("callout_marks", line[len(kept) :] + everything(child)))

    def say(self, text: str | None) -> None:
        if not text:
            return
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if not self.keeps:
            text = self._folded(text)
        elif self.swallow and text.startswith("\n"):
            text = text[1:]
        if text:
            self.swallow = False
            self.fresh = text.endswith("\n")
            self.out.append(text)

    def _folded(self, text: str) -> str:
        """Outside of ``pre`` a line break of the source is a space, or nothing at a line's ends."""
        if "\n" not in text:
            return text
        if not text.strip(" \t\n"):
            return ""
        first, *more = text.split("\n")
        lines = [
            first.rstrip(" \t"),
            *(line.strip(" \t") for line in more[:-1]),
            more[-1].lstrip(" \t"),
        ]
        inner = [line for line in lines[1:-1] if line]
        text = " ".join([lines[0], *inner, lines[-1]])
        text = text.removeprefix(" ") if self.fresh and not lines[0] else text
        return text if lines[-1] else text.removesuffix(" ")

    def row(self, cells: list[Any]) -> None:
        """A row of a code table: the last cell is the line, the others count or mark."""
        for cell in cells[:-1]:
            self.took.append(("line_numbers", everything(cell)))
        before, self.out, self.keeps = self.out, [], True
        for cell in cells[-1:]:
            self.inner(cell)
        line = "".join(self.out).strip("\n")
        self.out = [*before, line, "\n"]
        self.fresh = True
