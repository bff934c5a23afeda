"""Code in (X)HTML: which elements hold it, and its exact text.

Belongs here: ``pre``, paragraphs that are lines of code, tables with a column of line numbers, and
how lines, blanks and marks come out of them. Does not: prose, order (``walker.py``), languages
beyond the one that mark-up names (``lang.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from booktune_assets.books.elements import (
    BREAKS,
    DROPPED,
    classes_of,
    everything,
    is_code_mark,
    is_mark,
    tag_of,
)
from booktune_assets.books.styles import Styles

__all__ = ["Code", "code_of", "fence_of", "is_code_paragraph", "is_code_table", "is_listing"]

# The words that name code in class names, as a whole or before a place (first, last, a number).
_CODE = re.compile(
    r"(?:[a-z0-9]+[-_]+)*?(?:source-?code|src-?code|program-?code|program-?listing|code-?listing"
    r"|codelines?|code-?block|code-?line|code-?para(?:graph)?|listing-?code|code-?text|fixed-?line"
    r"|code|programs?|(?<=[-_])source|verbatim|literal-?layout)"
    r"(?:[-_\d]|first|last|mid|middle|start|end|top|bottom|only|indent|sub|line|block|para|small)*"
)
_FIRST, _LAST = re.compile(r"[-_]?(?:first|start|top|only)\d*$"), re.compile(r"[-_]?(?:last|end|bottom|only)\d*$")
_CODE_TAGS = frozenset({"code", "tt", "kbd", "samp"})
_ROWS = BREAKS - {"td", "th"}
_NUMBERISH = re.compile(r"(?:line\s*)?\d{0,4}[.:|-]?|[-\u00bb>\u2022]", re.I)
_KNOWN = frozenset({
    "elixir", "erlang", "iex", "bash", "sh", "shell", "console", "json", "html", "sql", "yaml", "text",
    "output", "javascript", "ruby", "python", "xml", "css", "eex", "heex", "dockerfile", "makefile",
})  # fmt: skip
_PREFIXES = ("language-", "lang-", "highlight-source-", "src-", "brush:", "sourcecode-", "highlight-")
_ROUND = "\u2460-\u2473\u2776-\u277f\u24eb-\u24f4\u2780-\u2793"
_ROUND_END = re.compile(rf"[ \t]*(?:(?:#|%+|//|--|;)[ \t]*)?[{_ROUND}][{_ROUND} ]*$", re.M)
_COMMENT_END = re.compile(r"[ \t]*(?:#|%+|//|--|;)?[ \t]*$")


@dataclass(slots=True)
class Code:
    """The text of a listing and what was left out of it: ``(kind of change, text)``."""

    text: str
    took: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def is_listing(element: Any, styles: Styles) -> bool:
    """Whether a block element is a whole listing: ``pre``, or a holder that is named or set so."""
    tag = tag_of(element)
    if tag in ("pre", "listing", "xmp"):
        return True
    if tag not in ("div", "figure", "section", "blockquote") or not _named(element, styles):
        return False
    inner = [tag_of(one) for one in element.iter() if one is not element]
    return not {"pre", "table", "img", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6"} & set(inner)


def is_code_paragraph(element: Any, styles: Styles) -> bool:
    """Whether a paragraph is one line (or a few) of a listing."""
    tag = tag_of(element)
    if tag not in ("p", "div", "li"):
        return False
    if any(tag_of(one) in BREAKS or tag_of(one) == "img" for one in element.iterdescendants()):
        return False
    return _named(element, styles)


def is_all_code(element: Any, styles: Styles) -> bool:
    """Whether all words of a paragraph stand in inline code: maybe a line of a listing."""
    if tag_of(element) not in ("p", "div", "blockquote") or (element.text or "").strip():
        return False
    children = [one for one in element if tag_of(one)]
    held = [one for one in children if tag_of(one) in _CODE_TAGS or styles.is_mono(one)]
    others = [one for one in children if one not in held and tag_of(one) != "br"]
    if any(tag_of(one) in BREAKS for one in element.iterdescendants()):
        return False
    return bool(held) and not others and not any((one.tail or "").strip() for one in children)


def begins(element: Any) -> bool:
    """Whether a paragraph is named the first of a listing."""
    return any(_CODE.fullmatch(word) and _FIRST.search(word) for word in classes_of(element))


def ends(element: Any) -> bool:
    """Whether a paragraph is named the last of a listing."""
    return any(_CODE.fullmatch(word) and _LAST.search(word) for word in classes_of(element))


def _named(element: Any, styles: Styles) -> bool:
    if any(_CODE.fullmatch(word) for word in classes_of(element)):
        return True
    return styles.is_mono(element)


def is_code_table(table: Any) -> bool:
    """Whether a table sets a listing, one row a line: a cell is code, the others count or mark."""
    rows = [row for row in table.iter() if tag_of(row) == "tr"]
    cells = [[c for c in row if tag_of(c) in ("td", "th")] for row in rows]
    inner = [tag_of(one) for one in table.iter() if one is not table]
    if not cells or {"p", "ul", "ol", "table", "img"} & set(inner) or "pre" in inner and len(rows) < 2:
        return False
    named = any(_CODE.fullmatch(word) or "processedcode" in word for word in classes_of(table))
    held = all(row and all(_counts(cell) for cell in row[:-1]) for row in cells)
    if named and held:
        return True
    return held and len(cells[0]) > 1 and all(
        any(_CODE.fullmatch(word) for word in classes_of(row[-1])) or _only_code(row[-1])
        for row in cells
    )  # fmt: skip


def _counts(cell: Any) -> bool:
    return bool(_NUMBERISH.fullmatch("".join(everything(cell).replace("\u200b", "").split())))


def _only_code(cell: Any) -> bool:
    inner = [one for one in cell if tag_of(one)]
    return bool(inner) and not (cell.text or "").strip() and all(
        tag_of(one) in _CODE_TAGS | {"pre"} and not (one.tail or "").strip() for one in inner
    )  # fmt: skip


def is_number_column(element: Any) -> bool:
    """Whether a ``pre`` only counts the lines of the one beside it."""
    words = everything(element).split()
    cell = next((one for one in element.iterancestors() if tag_of(one) in ("td", "th")), None)
    if cell is None or not words or not all(word.isdigit() for word in words):
        return False
    return [int(word) for word in words] == list(range(int(words[0]), int(words[0]) + len(words)))


def code_of(element: Any, styles: Styles) -> Code:
    """The exact text of a listing.

    Line breaks are those of the text (in ``pre``), ``br``, and elements on lines of their own.
    """
    keeps = tag_of(element) in ("pre", "listing", "xmp") or styles.says(styles.keeps, element)
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


def _breaks_doubled(element: Any) -> bool:
    """Whether each ``br`` is followed by a line break of the source: then one of them counts."""
    breaks = [one for one in element.iter() if tag_of(one) == "br"]
    return bool(breaks) and all((one.tail or "\n").startswith(("\n", "\r")) for one in breaks)


def _without_rounds(code: Code) -> Code:
    """Circled numbers at the end of lines point at remarks."""
    gone = [found.group() for found in _ROUND_END.finditer(code.text)]
    if gone:
        code.text = _ROUND_END.sub("", code.text)
        code.took += [("callout_marks", mark) for mark in gone]
    return code


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
        elif is_code_mark(child):
            self.mark(child)
        elif tag == "br":
            self.out.append("\n")
            self.fresh, self.swallow = True, self.doubled or not self.keeps
        elif tag in _ROWS or self.styles.is_row(child):
            if not self.fresh:
                self.out.append("\n")
            self.fresh, before = True, len(self.out)
            self.inner(child)
            if not self.fresh or len(self.out) == before:
                self.out.append("\n")
            self.fresh = self.swallow = True
        else:
            self.inner(child)

    def mark(self, child: Any) -> None:
        """A callout goes, with the comment that holds it."""
        before = "".join(self.out)
        kept = _COMMENT_END.sub("", before) if (child.tail or "\n").lstrip(" ").startswith("\n") or (
            child.tail is None) else before  # fmt: skip
        self.out = [kept]
        self.took.append(("callout_marks", before[len(kept) :] + everything(child)))

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
        text = re.sub(r"[ \t]*\n[ \t\n]*", "\n", text)
        text = text.removeprefix("\n") if self.fresh else text
        return text.removesuffix("\n").replace("\n", " ")

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


def fence_of(element: Any) -> str:
    """The language named by mark-up: of ``pre``, of the ``code`` in it, or of the ``div`` around."""
    near = [element, *[e for e in element if tag_of(e) == "code"], element.getparent()]
    words = [word for one in near if one is not None for word in _words(one)]
    for word in words:
        for prefix in _PREFIXES:
            if word.startswith(prefix):
                return word.removeprefix(prefix)
    return next((word for word in words if word in _KNOWN), "")


def _words(element: Any) -> Iterator[str]:
    for name in ("data-code-language", "data-lang", "data-language"):
        if said := (element.get(name) or "").lower():
            yield f"lang-{said}"
    yield from classes_of(element)
