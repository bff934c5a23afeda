"""The page of a set: its order and its frame.

Belongs here: what stands on the page, in which order, and the head of it. Does not: the parts
(``parts.py heat.py samples.py``), when it is written (``write.py``).

The page needs no network and no script, reads in order without its style sheet, and has the same
bytes for the same set. Everything that comes from a book or a model is escaped.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from importlib.resources import files

import polars as pl

from booktune_assets.page import parts
from booktune_assets.page.data import PageData, Used
from booktune_assets.page.graphs import graphs
from booktune_assets.page.heat import heat_map, legend, runs, summary
from booktune_assets.page.samples import samples
from booktune_assets.settings import Settings

__all__ = ["render_page"]

_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
CONCEPTS_NAMED = 20
RUN = ("executed", "intended_failure", "tested")


def render_page(settings: Settings, data: PageData) -> str:
    """The page."""
    body = [
        _header(data),
        parts.composition(data),
        _places(data),
        _concepts(data),
        graphs(data.graphs, len(data.books)),
        parts.deficits(data),
        parts.left_out(data),
        parts.contamination(data),
        parts.licences(data),
        samples(settings, data),
        _footer(),
    ]
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Data set {escape(data.key)}</title>\n<style>\n{_css()}</style>\n</head>\n"
        f"<body>\n<main>\n{''.join(part for part in body if part)}</main>\n</body>\n</html>\n"
    )
    return _UNFIT.sub("\ufffd", page)


def _header(data: PageData) -> str:
    rows = data.rows
    code, answers = int(rows["code_tokens"].sum()), int(rows["answer_tokens"].sum())
    pages = [one for one in data.pages if one.cells]
    taken = sum(one.count("used", "over") for one in pages)
    could = sum(len(one.cells) - one.count("blank") for one in pages)
    with_code = rows.filter(pl.col("code_tokens") > 0)
    checked = with_code.filter(pl.col("verification").is_in(RUN)).height
    cards = {
        "examples": f"{rows.height:,}",
        "book" if len(data.books) == 1 else "books": str(len(data.books)),
        "code, of answer tokens": f"{100 * code / max(1, answers):.0f} %",
        "pages and sections used": f"{100 * taken / max(1, could):.0f} %",
        "code rows run and right": f"{100 * checked / max(1, with_code.height):.0f} %",
        "left out or refused": f"{data.dropped.height + data.rejected.height:,}",
    }
    told = "".join(
        f'<li><div class="moved">{escape(value)}</div><div class="what">{escape(name)}</div></li>\n'
        for name, value in cards.items()
    )
    form = data.asset.removesuffix("_set")
    return (
        f"<header>\n<h1>What the model learns from</h1>\n"
        f'<p class="lead">{rows.height:,} examples from {len(data.books)} '
        f"book{'s' if len(data.books) != 1 else ''}, each with the place that it rests on.</p>\n"
        f'<p class="soft">data set <code>{escape(data.key)}</code> · form {escape(form)}</p>\n'
        f'</header>\n<ul class="verdicts">\n{told}</ul>\n'
    )


def _places(data: PageData) -> str:
    """Which pages the examples rest on."""
    maps = "".join(_map(used) for used in data.pages)
    return (
        "<h2>Which pages are used</h2>\n<p>One cell for each page, of books without pages for each "
        "section; the figure is the number of examples with evidence there. Over-mined: three "
        f"times the median of used pages, or more.</p>\n<figure>{legend()}</figure>\n{maps}"
    )


def _map(used: Used) -> str:
    """A map, then in words what it shows, for those who cannot see it."""
    lines = [f"{summary(used)}."]
    for state, words in (("unused", "Unused"), ("over", "Over-mined")):
        if names := runs(used, state):
            lines.append(f"{words}: {names}.")
    told = '</p>\n<p class="soft">'.join(escape(line) for line in lines[1:])
    more = (
        "<details><summary>Which are unused or over-mined</summary>\n"
        f'<p class="soft">{told}</p></details>\n'
    )
    whole = _names(used)
    return (
        f"<h3>{escape(used.title)}</h3>\n<figure>{heat_map(used)}<figcaption>{escape(lines[0])}."
        f"</figcaption></figure>\n{more if told else ''}{whole}"
    ).replace("..</figcaption>", ".</figcaption>")


def _names(used: Used) -> str:
    """The name and figure of each cell that no number beside its row tells, in the map's order."""
    taken = [cell for cell in used.cells if cell.examples]
    if used.what != "concept" or not taken:
        return ""
    named = ", ".join(f"{escape(cell.name)}\u00a0{cell.examples}" for cell in taken)
    return (
        "<details><summary>Which concept each cell is, in their order</summary>\n"
        f'<p class="soft">{named}</p></details>\n'
    )


def _concepts(data: PageData) -> str:
    """Which concepts the examples are about."""
    if not data.concepts:
        return ""
    cells = sorted(
        (cell for used in data.concepts for cell in used.cells),
        key=lambda cell: (-cell.examples, cell.name),
    )
    most = {cell.name: cell.examples for cell in cells[:CONCEPTS_NAMED] if cell.examples}
    picture = parts.bars(most, "The concepts with most examples; shares are of these")
    maps = "".join(_map(used) for used in data.concepts)
    return (
        "<h2>Which concepts are taught</h2>\n<p>One cell for each concept of the books, by level; "
        "an example may be about several. Over-mined: a tenth of all examples, or more.</p>\n"
        f"{maps}{picture}"
    )


def _footer() -> str:
    return (
        "<footer>\n<h2>From here to the page</h2>\n<p><code>booktune trace EXAMPLE_ID</code> walks "
        "from an example to its page, <code>booktune trace --page BOOK:PAGE</code> from a page to "
        "the examples that rest on it, and <code>booktune review</code> asks a person about them."
        "</p>\n</footer>\n"
    )


@lru_cache(maxsize=1)
def _css() -> str:
    report = files("booktune_assets.evaluation").joinpath("report.css").read_text("utf-8")
    return report + files("booktune_assets.page").joinpath("page.css").read_text("utf-8")
