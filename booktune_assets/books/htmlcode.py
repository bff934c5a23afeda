"""The exact text of a listing in (X)HTML.

Belongs here: how lines, blanks and marks come out of elements, and indentation that only the style
sheet has. Does not: which elements are listings (``codetags.py``), bars and buttons of a listing
(``codebars.py``), repairs (``repair.py textmarks.py``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from booktune_assets.books.codebars import is_inner_bar
from booktune_assets.books.elements import BREAKS, DROPPED, classes_of, everything, tag_of
from booktune_assets.books.lang import classify
from booktune_assets.books.printmarks import is_code_mark, is_gutter, is_mark
from booktune_assets.books.styles import Styles
from booktune_assets.books.textmarks import without_comment

__all__ = ["Code", "code_of", "set_in", "together"]

_ROWS = BREAKS - {"td", "th"}
_SHOWN = re.compile(r"[(\[]?\d{1,2}[)\]]?")  # says the picture of a callout
_GOES_ON = re.compile(
    r"\bcont(?:inu\w*)?\b|wrap|(?:^|[-_/])arrow", re.I
)  # a picture of a sign of wraps
_DEEP = 40  # columns of indentation
_ROOM = (" ", "\t", "\u00a0", "\u2002", "\u2003")
_LINES = frozenset({"line", "code-line", "codeline", "token-line", "view-line", "cm-line", "cl"})
_SIGN = "\u27a5"


@dataclass(slots=True)
class Code:
    """The text of a listing and what was left out of it: ``(kind of change, text)``.

    ``insets``: how far the style sheet sets each line in; ``added``: what an image says that stands
    for a sign.
    """

    text: str
    took: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    insets: list[float] = field(default_factory=list[float])
    added: str = ""


def code_of(element: Any, styles: Styles, off: Collection[str] = ()) -> Code:
    """The exact text of a listing; ``off`` names repairs that must not be made.

    Line breaks are those of the text (in ``pre``), ``br``, and elements on lines of their own.
    """
    keeps = tag_of(element) in ("pre", "listing", "xmp") or styles.keeps_lines(element)
    if not keeps:
        keeps = any(tag_of(one) == "pre" for one in element.iter())
    reader = _Reader(styles, keeps, _breaks_doubled(element), off)
    reader.lines = {id(one): one for one in _unbroken(element)}
    if tag_of(element) == "table":
        for row in (one for one in element.iter() if tag_of(one) == "tr"):
            reader.row([c for c in row if tag_of(c) in ("td", "th")])
    else:
        reader.inner(element)
    whole = "".join(reader.out)
    insets = reader.insets_of(whole)
    if keeps:
        text = whole.removeprefix("\n")
        insets = insets[len(whole) - len(text) :]
        text = text.rstrip("\n")
    else:
        bare = whole.lstrip("\n")
        insets = insets[len(whole) - len(bare) :]
        text = "\n".join(line.rstrip() for line in bare.rstrip("\n").split("\n"))
    return Code(text, reader.took, insets[: text.count("\n") + 1], reader.added)


def together(lines: Sequence[Code]) -> Code:
    """Listings that are lines of one."""
    whole = Code("\n".join(code.text for code in lines))
    for code in lines:
        whole.took += code.took
        whole.insets += code.insets
        whole.added += code.added
    blank = len(whole.text) - len(whole.text.lstrip("\n"))
    whole.text = whole.text.strip("\n")
    whole.insets = whole.insets[blank : blank + whole.text.count("\n") + 1]
    return whole


def set_in(code: Code) -> list[tuple[str, str]]:
    """Give a listing the indentation that only the style sheet gives its lines.

    The smallest step between two of them is one level of the language. What became of each line
    comes back.
    """
    texts = code.text.split("\n")
    pairs = list(zip(texts, code.insets, strict=True)) if len(texts) == len(code.insets) else []
    insets = sorted({inset for text, inset in pairs if text.strip()})
    if len(insets) < 2 or any(text[:1] in _ROOM for text in texts if text.strip()):
        return []
    step = min(two - one for one, two in pairwise(insets))
    level = 4 if classify(code.text)[1] == "erlang" else 2
    made: list[str] = []
    for text, inset in pairs:
        room = min(_DEEP, round((inset - insets[0]) / step) * level)
        made.append(" " * room + text if text.strip() else text)
    code.text = "\n".join(made)
    return [(old, new) for old, new in zip(texts, made, strict=True) if old != new]


def _breaks_doubled(element: Any) -> bool:
    """Whether each ``br`` is followed by a line break of the source: then one of them counts."""
    breaks = [one for one in element.iter() if tag_of(one) == "br"]
    return bool(breaks) and all((one.tail or "\n").startswith(("\n", "\r")) for one in breaks)


def _unbroken(element: Any) -> list[Any]:
    """Elements named lines that nothing breaks: the style sheet that did it is not there."""
    named = [one for one in element.iter() if tag_of(one) and _LINES & set(classes_of(one))]
    if len(named) < 2 or "\n" in "".join(element.itertext()).strip():
        return []
    broken = any(tag_of(one) in BREAKS or tag_of(one) == "br" for one in element.iterdescendants())
    return [] if broken else named


def _said(image: Any) -> str:
    return " ".join(image.get(name) or "" for name in ("alt", "src", "class"))


class _Reader:
    """Elements to the characters of a listing."""

    def __init__(
        self, styles: Styles, keeps: bool, doubled: bool, off: Collection[str]
    ) -> None:  # fmt: skip
        self.styles, self.keeps, self.doubled, self.off = styles, keeps, doubled, off
        self.out: list[str] = []
        self.took: list[tuple[str, str]] = []
        self.added = ""
        self.lines: dict[int, Any] = {}  # elements that are lines by their names alone
        self.inset = 0.0  # of the rows around
        self.starts: list[tuple[int, float]] = []  # pieces that a row of some inset begins with
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
        if tag in DROPPED or is_inner_bar(child):
            self.took.append(("hidden" if tag in DROPPED else "mark", everything(child)))
        elif is_mark(child):
            gutter = is_gutter(child)
            if gutter and "line_numbers" in self.off:
                self.kept(child)
            else:
                self.took.append(("line_numbers" if gutter else "mark", everything(child)))
            if not gutter and self.out and (child.tail or "\n").lstrip(" \t")[:1] in ("", "\n"):
                self.out[-1] = self.out[-1].rstrip(" \t")  # kept the mark off the code
        elif is_code_mark(child) or (tag == "img" and _SHOWN.fullmatch(child.get("alt") or "")):
            self.mark(child) if "callout_marks" not in self.off else self.kept(child)
        elif tag == "img" and _GOES_ON.search(_said(child)):
            self.added += _SIGN
            self.say(_SIGN)
        elif tag == "br":
            self.out.append("\n")
            self.fresh, self.swallow = True, self.doubled or not self.keeps
            self.inner(child)
        elif tag in _ROWS or self.styles.is_row(child) or id(child) in self.lines:
            self.line(child)
        else:
            self.kept(child)

    def line(self, child: Any) -> None:
        """What stands on a line of its own."""
        if not self.fresh:
            self.out.append("\n")
        outer, self.inset = self.inset, self.inset + self.styles.inset_of(child)
        self.starts.append((len(self.out), self.inset))
        self.fresh, before = True, len(self.out)
        if everything(child) != "\u00a0":  # what keeps an empty line open
            self.kept(child)
        if not self.fresh or len(self.out) == before:
            self.out.append("\n")
        self.inset = outer
        self.starts.append((len(self.out), outer))
        self.fresh = self.swallow = True

    def insets_of(self, whole: str) -> list[float]:
        """How far each line of the text is set in by the rows that it stands in."""
        lines: list[float] = []
        inset, at, piece = 0.0, 0, 0
        for start, wide in self.starts:
            at += sum(text.count("\n") for text in self.out[piece:start])
            piece = max(piece, start)
            if at < len(lines):  # a row within a row that began on the same line
                del lines[at:]
            lines += [inset] * (at - len(lines))
            inset = wide
        lines += [inset] * (whole.count("\n") + 1 - len(lines))
        return lines

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
        kept = without_comment(line) if ends else line
        self.out.append(kept)
        self.took.append(("callout_marks", line[len(kept) :] + everything(child)))

    def say(self, text: str | None) -> None:
        if not text:
            return
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
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
        numbered = "line_numbers" in self.off
        for cell in [] if numbered else cells[:-1]:
            self.took.append(("line_numbers", everything(cell)))
        before, self.out, self.keeps = self.out, [], True
        pieces: list[str] = []
        for cell in cells if numbered else cells[-1:]:
            self.inner(cell)
            pieces.append("".join(self.out).strip("\n"))
            self.out = []
        line = " ".join(pieces)
        self.out = [*before, line, "\n"]
        self.fresh = True
