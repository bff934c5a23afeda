"""``concepts``: what a book or the shelf teaches, in which order, and what builds on what.

Belongs here: the lines, and writing GraphML or SVG. Does not: making the graph (``concepts/``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.figures import NewFile
from booktune_assets.cli.words import clean

if TYPE_CHECKING:
    import polars as pl

__all__ = ["concepts"]

Frames = Mapping[str, "pl.DataFrame"]
_FILE = NewFile()
_NEEDS_SHOWN = 6


@click.command()
@click.argument("book", required=False)
@click.option("--graphml", type=_FILE, help="Write the graph for yEd, Gephi or networkx.")
@click.option("--svg", type=_FILE, help="Write a picture of the graph.")
@click.option("--path", "path", is_flag=True, help="Print the learning path only: one name a line.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@pass_asked
def concepts(
    asked: Asked, book: str | None, graphml: Path | None, svg: Path | None, path: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Print the learning path of BOOK, or of the whole shelf: level, concept, section, needs.

    BOOK is a key of the shelf whose concepts were made. Without it all books are pooled: they vote
    on what comes first, and numbered files of a kind count as one book.
    """
    names, edges, titles = _book(asked, book) if book else _shelf(asked)
    if graphml is not None:
        from booktune_assets.concepts.graphml import into_graphml

        _write(graphml, into_graphml(names, edges))
    if svg is not None:
        from booktune_assets.concepts.picture import graph_svg

        _write(svg, graph_svg(names, edges, title=book or "shelf"))
    rows = _rows(names, edges, titles)
    for row in rows:
        if as_json:
            click.echo(json.dumps(row, ensure_ascii=False))
        elif path:
            click.echo(clean(row["label"]))
        else:
            click.echo(_line(row))
    if not rows:
        click.echo("no concepts: booktune run concept_graph", err=True)


def _rows(names: pl.DataFrame, edges: pl.DataFrame, titles: Mapping[str, str]) -> list[Any]:
    label = dict(names.select("concept_id", "label").iter_rows())
    needs: dict[str, list[str]] = {}
    for row in edges.sort("score", "source_id", descending=[True, False]).iter_rows(named=True):
        if row["direct"] and not row.get("dropped"):
            needs.setdefault(row["target_id"], []).append(label[row["source_id"]])
    found: list[dict[str, Any]] = []
    for row in names.sort("path").iter_rows(named=True):
        sections = row["sections"] if "sections" in row else [row["introduced_in"]]
        found.append({
            "concept_id": row["concept_id"], "label": row["label"], "kind": row["kind"],
            "level": row["level"], "depth": row["depth"], "needs": needs.get(row["concept_id"], []),
            "sections": [{"section_id": s, "title": titles.get(s, "")} for s in sections],
        })  # fmt: skip
    return found


def _line(row: Mapping[str, Any]) -> str:
    place = row["sections"][0]["title"]
    needs = row["needs"][:_NEEDS_SHOWN]
    more = len(row["needs"]) - len(needs)
    after = f" ← {', '.join(needs)}{f' and {more} more' if more else ''}" if needs else ""
    return clean(f"{row['level']}  {row['label']}  [{place}]{after}")


def _book(asked: Asked, book: str) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, str]]:
    from booktune_assets.books.shelf import Shelf
    from booktune_assets.errors import BookError, Code
    from booktune_assets.lake import Lake

    key = Shelf(asked.settings).book(book).key
    lake = Lake(asked.settings.lake)
    if lake.receipt("concept_graph", key) is None:
        raise BookError(Code.NOT_BUILT, f"booktune run concept_graph --book {key}", book=book)
    frames = lake.read("concept_graph", key), lake.read("concept_graph__edges", key)
    return *frames, _titles(lake.read("sections", key))


def _shelf(asked: Asked) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, str]]:
    from booktune_assets.chain.concepts import shelf_graph
    from booktune_assets.lake import Lake

    frames = shelf_graph(asked.settings)
    lake = Lake(asked.settings.lake)
    titles: dict[str, str] = {}
    for key in sorted(lake.keys("sections")):
        titles |= {one: f"{key}: {t}" for one, t in _titles(lake.read("sections", key)).items()}
    return frames["shelf_concepts"], frames["shelf_edges"], titles


def _titles(sections: pl.DataFrame) -> dict[str, str]:
    return dict(sections.select("section_id", "title").iter_rows())


def _write(file: Path, text: str) -> None:
    from booktune_assets.lake import replaced

    with replaced(file) as temp:
        temp.write_text(text, encoding="utf-8")
    click.echo(f"wrote {clean(file)}", err=True)
