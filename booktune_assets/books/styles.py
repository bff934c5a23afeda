"""What the style sheets of an EPUB say of classes: set like code, kept lines, lines of their own.

Belongs here: the few facts of CSS that tell a listing from a paragraph. Does not: layout, colours.

Converters rename all classes (``calibre12``), so only the style sheet still knows what was code.
A selector is understood where it is made of tags, classes and ids, each inside or below the one
before it, and names one class or id at least; others are left out, and so is which rule wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from booktune_assets.books.elements import classes_of, tag_of

__all__ = ["Rules", "Styles", "imported", "on_screens", "read_styles"]

_STEP = re.compile(r"(?P<tag>[a-z][a-z0-9]*|\*)?(?P<names>(?:[.#][\w-]+)*)", re.I)
_NAME = re.compile(r"[.#][\w-]+")
_MONO = re.compile(
    r"monospace|courier|consolas|menlo|monaco|\bmono|mono\b|inconsolata|source\s?code|fira\s?code"
    r"|typewriter|letter\s?gothic|jetbrains", re.I,
)  # fmt: skip
_RULES_MAX = 20_000
_STEPS_MAX = 8  # of a selector
_LONG = 400  # characters of a selector; longer ones are left out
_ALIKE = 50  # selectors that end at one name; a book has few
_ABOVE = 64  # elements around one that are looked at
_INSETS_MAX = 40
# Widths in letters' heights; of a share of the page only the steps between lines matter.
_UNITS = {"em": 1.0, "rem": 1.0, "ex": 2.0, "ch": 2.0, "pt": 12.0, "px": 16.0, "in": 1 / 6,
          "cm": 0.42, "mm": 4.2, "%": 2.5}  # fmt: skip
_WIDTH = r"(?P<wide>\d{0,4}\.?\d{1,4})(?P<unit>rem|em|ex|ch|pt|px|in|cm|mm|%)"
_INSET = re.compile(
    r"(?<![-\w])(?:margin-left|padding-left|margin-inline-start|padding-inline-start|text-indent)\s*:\s*"
    + _WIDTH
)
_SIDES = re.compile(r"(?<![-\w])(?:margin|padding)\s*:\s*(?P<all>[^;}!]{1,80})")
_ONE = re.compile(_WIDTH)
_MEDIA = re.compile(r"@media\b([^{};]*)\{", re.I)
_ELSEWHERE = re.compile(
    r"(?:only\s+)?(?:print|speech|aural|braille|embossed|handheld|projection|tty|tv|amzn-mobi)\b"
    r"|not\s+(?:screen|all)\b", re.I,
)  # fmt: skip
_BRACES = re.compile(r"[{}]")
_IMPORT = re.compile(
    r"@import\s+(?:url\(\s*)?[\"']?(?P<href>[^\"'\s();{}]{1,400})[\"']?\s*\)?(?P<media>[^;{}]{0,99});",
    re.I,
)  # fmt: skip
_KEEPS = re.compile(r"white-space:pre")


@dataclass(frozen=True, slots=True)
class _Step:
    """A tag, or none, and names with their signs (``.class``, ``#id``); ``>``: right above."""

    tag: str
    names: frozenset[str]
    near: bool = False  # the step after it is a child

    def fits(self, element: Any) -> bool:
        if self.tag and tag_of(element) != self.tag:
            return False
        return not self.names or self.names <= _names_of(element)


class Rules:
    """Selectors for which a fact holds, by a name or the tag of the element that they end at."""

    def __init__(self, outer: Rules | None = None) -> None:
        self._outer = outer  # those of the book, around those of one document
        self._found: dict[str, list[tuple[_Step, ...]]] = {}
        self._texts: set[str] = set()

    def add(self, selector: str) -> None:
        """Keep a selector that is understood."""
        steps = _steps(selector)
        if steps and selector not in self._texts:
            key = min(steps[-1].names, default=steps[-1].tag)
            alike = self._found.setdefault(key, [])
            if len(alike) < _ALIKE:
                self._texts.add(selector)
                alike.append(steps)

    def __contains__(self, selector: object) -> bool:
        return selector in self._texts

    def __len__(self) -> int:
        return len(self._texts)

    def fit(self, element: Any) -> bool:
        """Whether one of the selectors matches an element."""
        if self._outer is not None and self._outer.fit(element):
            return True
        if not self._found:
            return False
        for key in (tag_of(element), *_names_of(element)):
            if any(_matches(steps, element) for steps in self._found.get(key, ())):
                return True
        return False


@dataclass(slots=True)
class Styles:
    """The selectors for which each fact holds."""

    mono: Rules = field(default_factory=Rules)
    keeps: Rules = field(default_factory=Rules)
    rows: Rules = field(default_factory=Rules)
    hidden: Rules = field(default_factory=Rules)
    insets: dict[float, Rules] = field(default_factory=dict[float, Rules])

    def is_mono(self, element: Any) -> bool:
        """Whether the element is set in a code font."""
        own = _own(element)
        face = (element.get("face") or "") if tag_of(element) == "font" else ""
        named = "font-family" in own or "font:" in own
        return self.mono.fit(element) or bool(_MONO.search(face)) or (
            named and bool(_MONO.search(own))
        )  # fmt: skip

    def is_row(self, element: Any) -> bool:
        """Whether an inline element stands on a line of its own."""
        return self.rows.fit(element) or "display:block" in _own(element)

    def inset_of(self, element: Any) -> float:
        """How far an element is set in, in letters' heights."""
        found = [wide for wide, rules in self.insets.items() if rules.fit(element)]
        return max([*found, *_insets((element.get("style") or "").lower())], default=0.0)

    def keeps_lines(self, element: Any) -> bool:
        """Whether line breaks of the source stand in the element's text."""
        return self.keeps.fit(element) or bool(_KEEPS.search(_own(element)))


def _own(element: Any) -> str:
    return (element.get("style") or "").replace(" ", "").lower()


def _names_of(element: Any) -> set[str]:
    names = {f".{word}" for word in classes_of(element)}
    own = element.get("id")
    return names | {f"#{own.lower()}"} if own else names


def _matches(steps: Sequence[_Step], element: Any) -> bool:
    """Whether a selector ends at an element; each step takes the nearest that fits, as most do."""
    if not steps[-1].fits(element):
        return False
    above = element.getparent()
    for step in reversed(steps[:-1]):
        for _ in range(1 if step.near else _ABOVE):
            if above is None or step.fits(above):
                break
            above = above.getparent()
        if above is None or not step.fits(above):
            return False
        above = above.getparent()
    return True


def _steps(selector: str) -> tuple[_Step, ...]:
    """The steps of a selector; none where something else stands in it."""
    found: list[_Step] = []
    for word in selector.replace(">", " > ").split() if len(selector) <= _LONG else ():
        if word == ">":
            if not found or found[-1].near:
                return ()
            found[-1] = _Step(found[-1].tag, found[-1].names, near=True)
            continue
        match = _STEP.fullmatch(word)
        if match is None or len(found) >= _STEPS_MAX:
            return ()
        names = frozenset(_NAME.findall(match["names"]))
        found.append(_Step((match["tag"] or "").strip("*"), names))
    named = any(step.names for step in found)
    bare = not found or found[-1].near or not (found[-1].names or found[-1].tag)
    return () if bare or not named else tuple(found)


def read_styles(sheets: Iterable[str], outer: Styles | None = None) -> Styles:
    """The facts of all style sheets together, beside those of the book."""
    styles = Styles() if outer is None else Styles(
        Rules(outer.mono), Rules(outer.keeps), Rules(outer.rows), Rules(outer.hidden),
        {wide: Rules(rules) for wide, rules in outer.insets.items()},
    )  # fmt: skip
    for sheet in sheets:
        for chunk in _of_screens(_bare(sheet)).split("}", _RULES_MAX)[:_RULES_MAX]:
            before, _, body = chunk.rpartition("{")
            kept = [getattr(styles, fact) for fact in _facts(body.lower())]
            for wide in _insets(body.lower()):
                if wide in styles.insets or len(styles.insets) < _INSETS_MAX:
                    kept.append(styles.insets.setdefault(wide, Rules()))
            selectors = before.rpartition("{")[2].rpartition(";")[2] if kept else ""
            for selector in selectors.split(","):
                for rules in kept:
                    rules.add(" ".join(selector.lower().split()))
    return styles


def _insets(body: str) -> list[float]:
    """Widths that a rule sets an element in by."""
    found = list(_INSET.finditer(body))
    for sides in _SIDES.finditer(body):
        words = sides["all"].split()
        left = words[-1] if len(words) in (1, 4) else words[1] if len(words) in (2, 3) else ""
        if one := _ONE.fullmatch(left):
            found.append(one)
    return [round(float(one["wide"]) / _UNITS[one["unit"]], 2) for one in found]


def _bare(sheet: str) -> str:
    """A style sheet without its comments."""
    first, *more = sheet.split("/*")
    return first + "".join(part.partition("*/")[2] for part in more)


def on_screens(query: str | None) -> bool:
    """Whether a list of media says where a reader is, and not only paper or speech."""
    asked = [one.strip() for one in (query or "").split(",")]
    return not all(_ELSEWHERE.match(one) for one in asked)


def imported(sheet: str) -> list[str]:
    """The addresses of the style sheets that one takes in."""
    found = _IMPORT.finditer(_bare(sheet))
    return [one["href"] for one in found if on_screens(one["media"])]


def _of_screens(sheet: str) -> str:
    """A style sheet without what it says for other media."""
    first, *more = _MEDIA.split(sheet)
    out = [first]
    for query, rest in zip(more[::2], more[1::2], strict=True):
        out.append("{" + rest if on_screens(query) else _behind(rest))
    return "".join(out)


def _behind(rest: str) -> str:
    """What stands behind the end of a block whose beginning is cut off."""
    depth = 1
    for brace in _BRACES.finditer(rest):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return rest[brace.end() :]
    return ""


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
