"""What the style sheets of an EPUB say of classes: set like code, kept lines, lines of their own.

Belongs here: the few facts of CSS that tell a listing from a paragraph. Does not: layout, colours.

Converters rename all classes (``calibre12``), so only the style sheet still knows what was code.
Only rules for one class (``.x``, ``p.x``) or one tag are understood; others are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from booktune_assets.books.elements import classes_of, tag_of

__all__ = ["Styles", "read_styles"]

_SIMPLE = re.compile(r"([a-z][a-z0-9]*)?(?:\.([\w-]+))?", re.I)
_MONO = re.compile(
    r"monospace|courier|consolas|menlo|monaco|\bmono|mono\b|inconsolata|source\s?code|fira\s?code"
    r"|typewriter|letter\s?gothic|jetbrains", re.I,
)  # fmt: skip
_RULES_MAX = 20_000
_INLINE = frozenset(
    {"code", "tt", "kbd", "samp", "var", "span", "a", "b", "i", "em", "strong", "pre"}
)


@dataclass(slots=True)
class Styles:
    """Selectors (``tag``, ``.class``, ``tag.class``) for which a fact holds."""

    mono: set[str] = field(default_factory=set[str])
    keeps: set[str] = field(default_factory=set[str])
    rows: set[str] = field(default_factory=set[str])
    hidden: set[str] = field(default_factory=set[str])

    def says(self, names: set[str], element: object) -> bool:
        """Whether one of the selectors in ``names`` matches an element by its class."""
        tag = tag_of(element)
        return any(f".{word}" in names or f"{tag}.{word}" in names for word in classes_of(element))

    def is_mono(self, element: object) -> bool:
        """Whether the element is set in a code font."""
        own = getattr(element, "get", dict[str, str]().get)("style") or ""
        return self.says(self.mono, element) or ("font-family" in own and bool(_MONO.search(own)))

    def is_row(self, element: object) -> bool:
        """Whether an inline element stands on a line of its own."""
        own = (getattr(element, "get", dict[str, str]().get)("style") or "").replace(" ", "")
        return self.says(self.rows, element) or "display:block" in own


def read_styles(sheets: Iterator[str]) -> Styles:
    """The facts of all style sheets together."""
    styles = Styles()
    for sheet in sheets:
        for chunk in _bare(sheet).split("}", _RULES_MAX)[:_RULES_MAX]:
            before, _, body = chunk.rpartition("{")
            facts = _facts(body.lower())
            selectors = before.rpartition("{")[2] if facts else ""
            for selector in selectors.split(","):
                match = _SIMPLE.fullmatch(selector.strip().lower())
                if match and match.group(2):
                    for fact in facts:
                        getattr(styles, fact).add(match.group())
    return styles


def _bare(sheet: str) -> str:
    """A style sheet without its comments."""
    first, *more = sheet.split("/*")
    return first + "".join(part.partition("*/")[2] for part in more)


def _facts(body: str) -> list[str]:
    """The names of the sets of :class:`Styles` that a rule speaks for."""
    found: list[str] = []
    for declaration in body.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip(), value.strip()
        if name in ("font-family", "font") and _MONO.search(value):
            found.append("mono")
        elif name == "white-space" and value.startswith("pre"):
            found.append("keeps")
        elif name == "display" and value.startswith(("block", "table-row", "flex", "grid")):
            found.append("rows")
        elif name == "display" and value.startswith("none"):
            found.append("hidden")
    return found
