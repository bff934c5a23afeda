"""Twenty examples beside the place in the book that they rest on.

Belongs here: which twenty (by family in turn, by hash within), their words, their pictures. Does
not: the walk to the page (``lineage.py``).
"""

from __future__ import annotations

import base64
from html import escape
from typing import Any

import polars as pl

from booktune_assets.errors import BooktuneError
from booktune_assets.ids import stable_int
from booktune_assets.lineage import Quote, Trace, pictures, trace_pair
from booktune_assets.on_disk import Rows
from booktune_assets.page.data import PageData
from booktune_assets.page.parts import pre
from booktune_assets.settings import Settings

__all__ = ["chosen", "samples"]

COUNT = 20
QUOTE = 400  # characters of a quote


def chosen(rows: pl.DataFrame, count: int = COUNT) -> list[str]:
    """Example ids: one of each family in turn, within a family the lowest by hash.

    The same set gives the same samples, and a new book changes few of them.
    """
    lines: dict[str, list[str]] = {}
    for family, names in rows.group_by("family").agg("example_id").sort("family").iter_rows():
        lines[family] = sorted(names, key=lambda name: (stable_int(name), name))[:count]
    found: list[str] = []
    for place in range(count):
        found += [names[place] for names in lines.values() if place < len(names)]
    return found[:count]


def samples(settings: Settings, data: PageData) -> str:
    """The part of the page with the samples, in the order of the books."""
    wanted = chosen(data.rows)
    here = pl.col("example_id").is_in(wanted)
    known = {row["example_id"]: row for row in data.rows.filter(here).to_dicts()}
    rows = [known[row["example_id"]] | row for row in _taken(data.examples, here).to_dicts()]
    parts = [_sample(settings, row | {"set_id": data.key, "format": ""}) for row in rows]
    return (
        f"<h2>{len(parts)} examples beside their pages</h2>\n<p>Chosen by the hash of their ids, "
        "from each family in turn; not picked by hand. Outlined is the evidence.</p>\n"
        + "".join(parts)
    )


def _taken(examples: pl.DataFrame | Rows, rule: pl.Expr) -> pl.DataFrame:
    return examples.filter(rule) if isinstance(examples, pl.DataFrame) else examples.where(rule)


def _sample(settings: Settings, row: dict[str, Any]) -> str:
    found = trace_pair(settings, str(row["book_id"]), str(row["pair_id"]), row)
    facts = [
        found.family.replace("_", " "), f"level {row['level']}", found.kind,
        "held out" if found.split == "heldout" else found.split,
        str(row["verification"]).replace("_", " "), str(row["review"] or ""),
    ]  # fmt: skip
    head = " · ".join(escape(fact) for fact in facts if fact and fact != "none")
    said = "".join(pre(role, text) for role, text in found.turns)
    quotes = "".join(_quote(quote) for quote in found.quotes)
    where = " › ".join(found.section_path)
    return (
        f"<article>\n<h3>{head} <code>{escape(str(row['example_id']))}</code></h3>\n"
        f'<div class="sides"><div>{said}</div>\n<div><p class="soft">{escape(found.title)}: '
        f"{escape(where)}</p>\n{_picture(settings, found)}{quotes}</div></div>\n</article>\n"
    )


def _quote(quote: Quote) -> str:
    pages = sorted({place.page for place in quote.places if place.page is not None})
    parts = list(dict.fromkeys(place.href for place in quote.places if place.href))
    where = ", ".join([f"page {page}" for page in pages] or parts)
    text = quote.text if len(quote.text) <= QUOTE else f"{quote.text[:QUOTE]}…"
    return (
        f"<h4>Evidence of the {quote.role}{f', {escape(where)}' if where else ''}</h4>\n"
        f"<blockquote>{escape(text)}</blockquote>\n"
    )


def _picture(settings: Settings, found: Trace) -> str:
    """The page of the answer, as far as it is evidence; words where there is none to show."""
    answers = [quote for quote in found.quotes if quote.role == "answer"] or list(found.quotes)
    pages = [place.page for quote in answers for place in quote.places if place.page is not None]
    if not pages:
        return ""
    try:
        drawn = pictures(settings, found, pages[:1])
    except BooktuneError as problem:
        return f'<p class="soft">No picture: {escape(str(problem))}</p>\n'
    return "".join(
        f'<img alt="Page {page} of {escape(found.title)}, evidence outlined" '
        f'src="data:image/png;base64,{base64.b64encode(picture).decode()}">\n'
        for page, picture in drawn.items()
    )
