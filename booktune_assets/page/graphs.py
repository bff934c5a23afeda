"""How the concepts of a set's books build on each other: a picture for each book.

Belongs here: which books are drawn, and the words around the pictures. Does not: the drawing
(``concepts/picture.py``), the graph itself (``concepts/graph.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from booktune_assets.lake import Lake

__all__ = ["BOOKS_DRAWN", "concept_pictures", "graphs"]

BOOKS_DRAWN = 6  # those with most examples; a picture is some 20 KB


def concept_pictures(lake: Lake, books: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """Title and SVG of the prerequisite graph of each book that has one.

    ``books`` are rows of ``raw_books`` with ``examples``; of many the first ones by their examples.
    """
    from booktune_assets.concepts.picture import graph_svg

    chosen = sorted(books, key=lambda row: (-row["examples"], row["book_id"]))[:BOOKS_DRAWN]
    found: list[tuple[str, str]] = []
    for row in chosen:
        book, title = str(row["book_id"]), str(row["title"])
        concepts = lake.read("concept_graph", book)
        edges = lake.read("concept_graph__edges", book)
        if svg := graph_svg(concepts, edges, title=f"{title}: what builds on what"):
            found.append((title, svg))
    return found


def graphs(pictures: Sequence[tuple[str, str]], books: int) -> str:
    """The part of the page; empty when no book has edges between concepts."""
    if not pictures:
        return ""
    drawn = "".join(
        f"<details{' open' if place == 0 else ''}><summary>{escape(title)}</summary>\n"
        f"<figure>{svg}<figcaption>Concepts that others build on stand to the left; darker ones "
        f"are of a higher level.</figcaption></figure></details>\n"
        for place, (title, svg) in enumerate(pictures)
    )
    words = f"Drawn are {len(pictures)} of {books} books, those with most examples."
    left = f'<p class="soft">{words}</p>\n' if len(pictures) < books else ""
    return (
        "<h2>How the concepts build on each other</h2>\n<p>An arc leads from a concept to one that "
        "needs it; of many concepts those with most arcs are shown. All of them, with the evidence "
        "of each arc: <code>booktune concepts BOOK --graphml FILE</code>.</p>\n"
        f"{drawn}{left}"
    )
