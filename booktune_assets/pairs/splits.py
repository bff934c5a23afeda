"""Which sections are held out: by section, never by row, and like sections together.

Belongs here: clusters of sections that repeat each other, their names, and the split that follows.
Does not: rows of a set, sections that are only nearly equal in two books (``apart.py once.py``).

A cluster is named by the titles above its sections and not by its text or its book: a section that
is edited stays on its side, and the PDF and the EPUB of a book hold out the same sections without
knowing of each other. Only the choice of the side rests on titles. What may not be parted is found
by text (here, and in ``once.py`` and ``apart.py``), so that nothing leaks whatever titles say.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping, Sequence

from booktune_assets.ids import make_id, stable_int

__all__ = ["anchor", "bare", "cluster_names", "clusters", "split_of"]

ALIKE = 0.6  # share of common lines, of the smaller section
_NUMBER = re.compile(
    r"^\s*(?:(?:chapter|part|lesson|appendix)\s+)?(?:\d+|[A-Z]|[IVX]+)(?:\.\d+)*[.:)]?\s+", re.I
)
_MARKS = re.compile(r"[\W_]+")
_LETTERS = (string.ascii_lowercase + string.digits).encode()
_WORDS = bytes(sign if sign in _LETTERS or sign == ord("\n") else ord(" ") for sign in range(256))
_ASCII_MARKS = bytes(sign for sign in range(128) if sign not in _LETTERS)
LINE_MIN = 25  # shorter lines say nothing about two sections being one


def clusters(texts: Mapping[str, str], ties: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """Section id to the representative of its cluster (the smallest id in it).

    ``ties`` are pairs of sections that belong together for another reason.
    """
    parent = {section: section for section in texts}

    def top(section: str) -> str:
        while parent[section] != section:
            parent[section] = parent[parent[section]]
            section = parent[section]
        return section

    lines = {section: _lines(text) for section, text in texts.items()}
    homes: dict[bytes, list[str]] = {}
    for section in sorted(lines):
        for line in lines[section]:
            homes.setdefault(line, []).append(section)
    common: dict[tuple[str, str], int] = {}
    for line, sections in homes.items():
        for place, one in enumerate(sections if len(sections) <= 20 else []):
            for other in sections[place + 1 :]:
                common[one, other] = common.get((one, other), 0) + len(line)
    sizes = {section: sum(map(len, found)) for section, found in lines.items()}
    for (one, other), shared in sorted(common.items()):
        if shared >= ALIKE * min(sizes[one], sizes[other]):
            first, second = sorted((top(one), top(other)))
            parent[second] = first
    for tie in ties:
        first, second = sorted((top(tie[0]), top(tie[1])))
        parent[second] = first
    return {section: top(section) for section in texts}


def cluster_names(
    texts: Mapping[str, str], home: Mapping[str, str], titles: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """Section id to the name of its cluster, which is made of titles: those from the chapter down.

    ``home`` is what :func:`clusters` found. The smallest name of its sections is the cluster's. A
    section without a title is named by its text.
    """
    names: dict[str, str] = {}
    own = {
        section: make_id("cluster", *(anchor(titles.get(section, ())) or [bare(text)]))
        for section, text in texts.items()
    }
    for section, top in home.items():
        names[top] = min(names.get(top, own[section]), own[section])
    return {section: names[top] for section, top in home.items()}


def anchor(titles: Sequence[str]) -> list[str]:
    """Titles without numbers, case and marks: what no layout changes."""
    plain = [bare(_NUMBER.sub("", title)) for title in titles]
    return [title for title in plain if title]


def bare(text: str) -> str:
    """Letters and digits only, without case: what no layout and no typesetter changes."""
    folded = text.casefold()
    if folded.isascii():  # nearly always, and ten times as fast
        return folded.encode().translate(None, _ASCII_MARKS).decode()
    return _MARKS.sub("", folded)


def split_of(representative: str, heldout_percent: int) -> str:
    """``heldout`` for the given share of clusters, else ``train``."""
    return "heldout" if stable_int(representative) % 100 < heldout_percent else "train"


def _lines(text: str) -> set[bytes]:
    """Sentences and code lines without case, marks and blanks."""
    for end in (". ", "! ", "? "):
        text = text.replace(end, f"{end[0]}\n")
    plain = text.lower().encode("ascii", "replace").translate(_WORDS)
    lines = (b" ".join(line.split()) for line in plain.split(b"\n") if len(line) >= LINE_MIN)
    found = {line for line in lines if len(line) >= LINE_MIN}
    return found or {b" ".join(plain.split())} - {b""}
