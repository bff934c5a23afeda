"""The figures of a book in its view: a list with small pictures, and each in its place.

Belongs here: HTML of figures. Does not: pages and blocks (``view.py``), copying pictures (the verb
``show``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import polars as pl

__all__ = ["figure_list", "figure_rows", "shown_figure"]

Plain = dict[str, Any]


def figure_rows(frames: Mapping[str, pl.DataFrame], pictures: Mapping[str, str]) -> list[Plain]:
    """The figures in reading order, each with the text of its ``caption`` and its ``picture``."""
    captions = frames["raw_books__blocks"].select(caption_block_id="block_id", caption="text")
    joined = frames["raw_books__figures"].join(captions, on="caption_block_id", how="left")
    return [
        {**row, "picture": pictures.get(row["figure_id"])}
        for row in joined.sort("ordinal").iter_rows(named=True)
    ]


def figure_list(rows: Sequence[Plain], number: Mapping[str, int]) -> str:
    """All figures with small pictures; ``number`` are places of documents by their name."""
    if not rows:
        return ""
    cells = "".join(
        f'<div><a href="#{row["block_id"]}-0">{shown_figure(row)}</a>'
        f"<div class=kind>{_place(row, number)}</div></div>"
        for row in rows
    )
    return f"<h2>Figures ({len(rows)})</h2><div class=figures>{cells}</div>"


def shown_figure(row: Plain) -> str:
    """One figure: picture, caption or alternative text, words inside of it."""
    said = row["caption"] or row["alt"] or ""
    if row["picture"]:
        picture = (
            f'<img loading=lazy src="{escape(row["picture"])}" alt="{escape(said, quote=True)}">'
        )
    else:
        picture = f"<span class=bad>no picture: {escape(row['fault'] or 'not made')}</span>"
    size = f"{row['width']}×{row['height']} px" if row["width"] and row["height"] else ""
    words = " · ".join(row["words"].split("\n"))
    inside = f"<div class=took>{escape(words[:300])}</div>" if words else ""
    return (
        f"<figure>{picture}<figcaption>{escape(said)} <span class=kind>{row['kind']} {size}</span>"
        f"</figcaption>{inside}</figure>"
    )


def _place(row: Plain, number: Mapping[str, int]) -> str:
    if row["page"] is not None:
        return f"page {row['page']}"
    document = (row["href"] or "").partition("#")[0]
    return escape(f"part {number[document]}" if document in number else row["href"] or "")
