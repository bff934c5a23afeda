"""Markdown as its author wrote it: the source of one block, which a notebook gives back.

Belongs here: markers of lists, definitions that a link needs, rows of tables, marks above code.
Does not: what a block says (``mdtext.py``), which blocks there are (``markdown.py``), notebooks.

A paragraph's source is without what stands around it (``>``, indentation); an item of a list has
its indentation and marker, so that lists keep their numbers and their depth. Of code the source is
what stands above it: marks, one a line, and last what the fence says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from booktune_assets.books.blocks import printable
from booktune_assets.books.mdpictures import pictures_in, with_pictures

__all__ = [
    "SPECIAL",
    "Lists",
    "above_code",
    "in_boxes",
    "in_list",
    "quoted",
    "source_of",
    "table_source",
]

# what Markdown would take for a mark
SPECIAL = re.compile(
    r"[\\`*\[\]$]|<(?=[A-Za-z/!?])|~(?=~)|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|\^(?=\[)"
)


@dataclass(slots=True)
class Lists:
    """The items around a paragraph: each has a marker, and whether it is written yet."""

    items: list[tuple[str, bool]] = field(default_factory=list[tuple[str, bool]])

    def opened(self, token: Any) -> None:
        """An item begins."""
        self.items.append((f"{token.info}{token.markup}", False))

    def closed(self) -> None:
        """The innermost item ends."""
        self.items.pop()

    def lined(self, source: str) -> str:
        """A paragraph of the innermost item, with the marker if it is the first."""
        if not self.items:
            return f"* {source}".replace("\n", "\n  ")  # terms and what they mean
        marker, written = self.items[-1]
        self.items[-1] = marker, True
        room = " " * sum(len(one) + 1 for one, _ in self.items[:-1])
        inner = " " * (len(marker) + 1)
        lines = [f"{room}{inner}{line}".rstrip() for line in source.split("\n")]
        if not written:
            lines[0] = f"{room}{marker} {source.partition(chr(10))[0]}"
        return "\n".join(lines)


def source_of(token: Any, *, shown: bool = False) -> str | None:
    """The Markdown of an inline token, with the definitions that its links need.

    None where a dialect's marks were taken off it, and where it shows pictures, unless these may be
    ``shown`` in it: then each says its address. References to footnotes are left out, as they are
    out of the text.
    """
    if token.meta.get("dialect"):
        return None
    text = str(token.content)
    images = [child for child in token.children or () if child.type == "image"]
    if images:
        found = [alt for alt, _ in pictures_in(text)]
        if not shown or found != [child.content for child in images]:
            return None
        text = with_pictures(text, map(_shown, pictures_in(text), images))
    wanted: dict[str, str] = {}
    for child in token.children or ():
        if child.type == "footnote_ref":
            text = text.replace(f"[^{child.meta['label']}]", "", 1)
        elif child.type == "link_open" and (label := child.meta.get("label")):
            title = str(child.attrGet("title") or "").replace('"', '\\"')
            said = f"[{label}]: <{child.attrGet('href') or ''}>"
            wanted[label] = f'{said} "{title}"' if title else said
    return printable(["\n\n".join([text.strip(), *wanted.values()])])


def _shown(written: tuple[str, str], image: Any) -> str:
    """A picture with its address, which a definition elsewhere may say."""
    alt, whole = written
    return whole if whole.endswith(")") else f"![{alt}](<{image.attrGet('src') or ''}>)"


def quoted(source: str) -> str:
    """A source as a quotation."""
    return "\n".join(f"> {line}".rstrip() for line in source.split("\n"))


def in_list(sources: Sequence[str]) -> str:
    """The sources of items below each other, moved left so that the first has no indentation."""
    first = len(sources[0]) - len(sources[0].lstrip(" "))
    text, before = "", ""
    for source in sources:
        lines = source.split("\n")
        moved = "\n".join(line[min(first, len(line) - len(line.lstrip(" "))) :] for line in lines)
        same = before and _marker(moved) and _marker(moved)[-1] == _marker(before)[-1:]
        text += f"\n{moved}" if same and "\n\n" not in before else f"\n\n{moved}"
        before = moved
    return text.strip("\n")


def in_boxes(sources: Sequence[str]) -> str:
    """The paragraphs of callouts as quotations: a title, or a mark of a kind, begins another."""
    boxes: list[str] = []
    for source in sources:
        if boxes and not _TITLES.match(source):
            boxes[-1] += f"\n\n{source}"
        else:
            boxes.append(source)
    return "\n\n".join(map(quoted, boxes))


def _marker(source: str) -> str:
    """The marker at the beginning of an item; empty for what goes on in one."""
    found = _MARKER.match(source)
    return found.group(1) if found else ""


def table_source(rows: Sequence[Sequence[Any]]) -> str | None:
    """Rows of inline tokens, each with how its column is set, as a table of Markdown."""
    lines: list[str] = []
    for number, row in enumerate(rows):
        cells = [source_of(token) for token, _ in row]
        if any(cell is None or "\n" in cell for cell in cells):
            return None
        lines.append(_row([str(cell).replace("|", "\\|") for cell in cells]))
        if number == 0:
            lines.append(_row([_RULES.get(style, "---") for _, style in row]))
    return "\n".join(lines)


_TITLES = re.compile(r"\[!|#{1,6} ")
_MARKER = re.compile(r" *([-+*]|\d{1,9}[.)])(?: |$)")
_RULES = {"text-align:left": ":---", "text-align:center": ":---:", "text-align:right": "---:"}


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def above_code(marks: Sequence[str], info: str) -> str | None:
    """What stands above a code block; None when that is nothing."""
    info = " ".join(info.split())
    return printable(["\n".join([*marks, info])]) if marks or info else None
