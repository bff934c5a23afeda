"""Pictures within a sentence, as a notebook shows them: where they stand in it.

Belongs here: which figure is which picture of a paragraph's Markdown. Does not: finding pictures in
Markdown (``mdpictures.py``), figures that stand alone (``notebook.py``).

The reading gives such a picture twice: by its words in the paragraph, and as a figure below it. In
the notebook it stands in its sentence alone. One that the notebook does not show is told by its
words; so are those of lists and boxes, and where it cannot be told which figure is which. Figures
then stay below.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from booktune_assets.books.earmark import flowed, inlined
from booktune_assets.books.markdown import says
from booktune_assets.books.mdpictures import pictures_in, with_pictures

__all__ = ["in_sentences"]

_KINDS = ("prose", "list", "callout")
_REMOTE = re.compile(r"\]\(<?\s*(?:https?:)?//", re.I)


def in_sentences(
    blocks: Sequence[dict[str, Any]], sources: dict[str, str],
    shows: Mapping[str, tuple[str, str]], folder: str,
) -> tuple[list[dict[str, Any]], list[str]]:  # fmt: skip
    """The blocks of a section without the figures that stand in sentences, and what these show.

    ``sources`` of the paragraphs then say what the notebook has to, with files of ``folder``.
    """
    gone: set[str] = set()
    names: list[str] = []
    for at, block in enumerate(blocks):
        source = sources.get(block["block_id"], "")
        written = pictures_in(source) if block["kind"] in _KINDS else []
        if not written:
            continue
        below = takewhile(lambda one: one["block_id"] in shows, blocks[at + 1 :])
        figures = [one["block_id"] for one in below][: len(written)]
        shown = [shows[one] for one in figures]
        if block["kind"] == "prose" and len(shown) == len(written):
            placed = with_pictures(source, _placed(written, shown, folder))
            if all(map(_same, written, shown)) and _holds(placed, block["text"]):
                gone.update(figures)
                names += [name for name, _ in shown]
                sources[block["block_id"]] = placed
                continue
        sources[block["block_id"]] = with_pictures(source, [alt for alt, _ in written])
    return [one for one in blocks if one["block_id"] not in gone], names


def _same(written: tuple[str, str], shown: tuple[str, str]) -> bool:
    """Whether a picture of a sentence can be this figure, by its words."""
    alt, whole = written
    return not _REMOTE.search(whole) and says(alt, [shown[1]] if shown[1] else [])


def _holds(source: str, text: str) -> bool:
    """Whether a notebook takes this Markdown for that text: it would be written in plain words."""
    kept = flowed(inlined(source))
    return bool(kept) and says(kept, [text])


def _placed(
    written: Sequence[tuple[str, str]], shown: Sequence[tuple[str, str]], folder: str
) -> list[str]:
    return [
        f"![{alt}]({folder}/{name})" for (alt, _), (name, _) in zip(written, shown, strict=True)
    ]
