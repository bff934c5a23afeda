"""What an asset page shows: column schemas, counts, a preview, a picture.

Belongs here: turning contracts and outcomes into Dagster metadata. Does not: numbers that are not
in a receipt or a table already. Numeric entries are few and keep their names, because the UI plots
each of them over time (all others are rows of one table); the preview is the same for the same
rows.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

import dagster as dg
import polars as pl

from booktune_assets.assets.evaluated import evaluated, gains_plot
from booktune_assets.assets.outline import outlined
from booktune_assets.assets.plots import INLINE_CHARS, bars, curve, trail
from booktune_assets.assets.rehearsal import rehearsed
from booktune_assets.chain.clean import refusals
from booktune_assets.chain.editions import shelf_editions
from booktune_assets.chain.exports import exported
from booktune_assets.chain.house import PER_BOOK, House, Outcome
from booktune_assets.chain.remembered import remembered, remembered_table
from booktune_assets.chain.teacher import teacher_words
from booktune_assets.chain.turned import strengths
from booktune_assets.contracts import Column, Table
from booktune_assets.evaluation.outcomes import known
from booktune_assets.evaluation.report_parts import metric_name
from booktune_assets.evaluation.suite import card
from booktune_assets.lake import Receipt
from booktune_assets.page.serve import address_of, book_address
from booktune_assets.page.views import view_of
from booktune_assets.page.write import page_of
from booktune_assets.schemas import tables_of

__all__ = ["about", "described", "shown"]

PREVIEW_CHARS = 400  # of one row, at most; rows share what the page shows in place
HEADING_CHARS = 70

# counts worth a line over time
_PLOTTED = (
    "pages", "blocks", "kept", "sections_made", "books", "steps",
    "match", "mismatch", "unverifiable",
)  # fmt: skip

# asset → (heading columns, the text that follows them)
_PREVIEW: dict[str, tuple[tuple[str, ...], str]] = {
    "raw_books": (("title", "authors", "format"), "warnings"),
    "sections": (("title_path", "page_first"), "text"),
    "concept_graph": (("label", "kind", "level"), "definition"),
    "instruction_pairs": (("family", "lang", "verification"), "turns"),
    "code_verification": (("verdict", "reason", "kind"), "code"),
    "sharegpt_set": (("family", "split", "section_title"), "conversations"),
    "alpaca_set": (("family", "split", "instruction"), "output"),
    "rehearsal_set": (("origin", "source"), "text"),
    "lora_adapter": (("base", "rank", "steps"), "forgetting"),
    "eval_report": (("suite", "metric", "n"), "verdict"),
}


def described(asset: str) -> str:
    """Description of an asset, from its contracts: what a row of each of its tables is."""
    main, *others = tables_of(asset)
    lines = [f"{main.description}.", "", f"Key: {', '.join(f'`{name}`' for name in main.key)}."]
    if others:
        lines += ["", "Beside it:", ""]
        lines += [f"- `{table.name}`: {_lower(table.description)}" for table in others]
    return "\n".join(lines)


def about(asset: str) -> dict[str, Any]:
    """Metadata that belongs to the definition: the column schema of the main table."""
    main, *others = tables_of(asset)
    extra = {f"columns of {table.name}": _schema(table) for table in others}
    return {"dagster/column_schema": _schema(main), **extra}


def shown(outcome: Outcome, house: House) -> dict[str, Any]:
    """Metadata of one materialisation."""
    receipt = outcome.receipt
    if receipt is None:
        return {}
    asset = outcome.asset
    main = tables_of(asset)[0].name
    rows = receipt.tables[main].rows
    count = "dagster/partition_row_count" if asset in PER_BOOK else "dagster/row_count"
    frame = house.lake.read(main, receipt.key)
    said = [str(words) for words in frame["warnings"][0]] if asset == "raw_books" and rows else []
    plain: dict[str, Any] = {
        count: rows,
        **({"warnings": dg.MetadataValue.md(_listed(said))} if said else {}),
        **{name: receipt.counts[name] for name in _PLOTTED if name in receipt.counts},
        "made_seconds": receipt.seconds,
        "reused": outcome.status == "reused",
        "digest": receipt.digest,
        "path": dg.MetadataValue.path(house.lake.folder(asset, receipt.key)),
        "tables": dg.MetadataValue.md(_tables(receipt)),
        "counts": dg.MetadataValue.md(_counts(receipt)),
    }
    if preview := _preview(asset, frame, house.settings.preview_rows):
        plain["preview"] = dg.MetadataValue.md(preview)
    if picture := _picture(asset, receipt.key, frame, house):
        plain["plot"] = dg.MetadataValue.md(picture)
    plain |= _of_models(receipt, frame, house)
    if refused := refusals(house.lake, asset, receipt.key):
        plain["refused"] = dg.MetadataValue.md(_refused(refused))
    if asset in ("raw_books", "sections"):
        plain["view"] = _view(receipt.key, house)
    if asset == "concept_graph" and (graph := _graph(receipt.key, frame, house)):
        plain["graph"] = dg.MetadataValue.md(graph)
    if asset == "instruction_pairs" and (words := teacher_words(receipt)):
        plain["teacher"] = dg.MetadataValue.md(_listed(words))
    if asset == "sections" and (editions := _editions(receipt.key, house)):
        plain["editions"] = dg.MetadataValue.md(editions)
    if asset == "sections" and house.settings.preview_rows:  # it quotes the book
        plain |= outlined(house.lake, receipt.key)
    if asset == "raw_books" and (figures := _figures(receipt.key, house)):
        plain["figures shown"] = dg.MetadataValue.md(figures)
    return _reached(plain | _files(receipt, house), house.settings.pages_url)


def _reached(plain: dict[str, Any], served: str) -> dict[str, Any]:
    """Says beside links that lead to our server when that answers."""
    if served and any(str(getattr(one, "value", "")).startswith(served) for one in plain.values()):
        plain["links"] = "open while `make ui` or `booktune pages` runs"
    return plain


def _of_models(receipt: Receipt, frame: pl.DataFrame, house: House) -> dict[str, Any]:
    """What only the assets that load a model show."""
    if receipt.asset == "rehearsal_set":
        return rehearsed(receipt, frame, house)
    if receipt.asset == "eval_report":
        return evaluated(frame.to_dicts(), receipt, house)
    if receipt.asset == "lora_adapter":
        known = remembered(receipt)
        stages = {"stages": dg.MetadataValue.md(remembered_table(known))} if known else {}
        return _penalties(receipt.key, house) | _strengths(receipt.key, house) | stages
    return {}


def _graph(book: str, concepts: pl.DataFrame, house: House) -> str:
    """Prerequisites of a book as a picture; the page shows it at a click, for its length."""
    from booktune_assets.concepts.picture import graph_svg

    svg = graph_svg(concepts, house.lake.read("concept_graph__edges", book), title=book)
    data = base64.b64encode(svg.encode()).decode()
    return f"![concepts of {_plain(book)}](data:image/svg+xml;base64,{data})" if svg else ""


def _view(book: str, house: House) -> dg.MetadataValue[Any]:
    """The pages of a book beside its blocks: the address, or how to write it."""
    if address := book_address(house.settings, book):
        return dg.MetadataValue.url(address)
    file = view_of(house.settings, book)
    if file.is_file():
        return dg.MetadataValue.url(file.resolve().as_uri())
    return dg.MetadataValue.md(f"`booktune show {book}` writes pages beside their blocks")


def _editions(book: str, house: House) -> str:
    """Other books of the shelf that are one text with this one, the nearest first."""
    known = shelf_editions(house.settings)
    own = known.filter(pl.any_horizontal(pl.col("book_id", "edition_of") == book))
    lines = ["| book | is | of | share | back |", "| --- | --- | --- | ---: | ---: |"]
    lines += [
        f"| `{row['book_id']}` | {row['kind']} | `{row['edition_of']}` | {row['share']:.1%} "
        f"| {row['share_back']:.1%} |"
        for row in own.sort("share", descending=True).to_dicts()
    ]
    return "\n".join(lines) if own.height else ""


def _figures(book: str, house: House) -> str:
    """The figures of a book, each a link to its picture, as many as the page shows in place."""
    blocks = house.lake.read("raw_books__blocks", book)
    captions = blocks.select(caption_block_id="block_id", caption="text")
    figures = house.lake.read("raw_books__figures", book).sort("ordinal")
    lines: list[str] = []
    for row in figures.join(captions, on="caption_block_id", how="left").iter_rows(named=True):
        words = _plain(str(row["caption"] or row["alt"] or "no caption")[:HEADING_CHARS])
        place = f"page {row['page']}" if row["page"] is not None else _plain(str(row["href"] or ""))
        file = house.settings.home / row["file"] if row["file"] else None
        shown = (
            f"[{words}]({address_of(house.settings, file)})"
            if file
            else f"{words} ({row['fault']})"
        )
        lines.append(f"- {shown} — {place[:40]}")
    while lines and len("\n".join(lines)) > INLINE_CHARS - 40:
        lines.pop()
    left = figures.height - len(lines)
    return "\n".join([*lines, f"- … and {left} more"] if left else lines)


def _files(receipt: Receipt, house: House) -> dict[str, Any]:
    """Paths that a person opens next: the page of a set, exports, reports."""
    files = [file for file, there in exported(house, receipt).items() if there]
    folder = house.lake.folder(receipt.asset, receipt.key)
    files += [folder / name for name in receipt.files if not name.startswith("figures/")]
    page = page_of(house.settings, receipt)
    found = {"page": dg.MetadataValue.url(address_of(house.settings, page))} if page else {}
    if not files:
        return found
    lines = "\n".join(f"- `{file}`" for file in files)
    return {**found, "files": dg.MetadataValue.md(lines)}


def _schema(table: Table) -> dg.TableSchema:
    return dg.TableSchema(columns=[_column(table, column) for column in table.columns])


def _column(table: Table, column: Column) -> dg.TableColumn:
    unit = f" In {column.unit}." if column.unit else ""
    values = f" One of: {', '.join(value or '(empty)' for value in column.values)}."
    says = column.description if column.description.endswith("?") else f"{column.description}."
    return dg.TableColumn(
        name=column.name,
        type=str(column.dtype),
        description=f"{says}{unit}{values if column.values else ''}",
        constraints=dg.TableColumnConstraints(
            nullable=column.nullable and column.name not in table.key,
            unique=table.key == (column.name,),
        ),
    )


def _tables(receipt: Receipt) -> str:
    lines = ["| table | rows | digest |", "| --- | ---: | --- |"]
    lines += [
        f"| `{name}` | {fact.rows:,} | `{fact.digest[:12]}` |"
        for name, fact in receipt.tables.items()
    ]
    return "\n".join(lines)


def _counts(receipt: Receipt) -> str:
    lines = ["| count | value |", "| --- | ---: |"]
    return "\n".join(
        lines + [f"| {name} | {value:,} |" for name, value in sorted(receipt.counts.items())]
    )


def _refused(counts: list[tuple[str, str, int]]) -> str:
    """What the gates refused, as many lines as the page shows in place."""
    lines = ["| gate | reason | refused |", "| --- | --- | ---: |"]
    lines += [f"| {gate} | {reason} | {count:,} |" for gate, reason, count in counts]
    left = 0
    while len("\n".join(lines)) > INLINE_CHARS - 40:
        lines.pop()
        left += 1
    return "\n".join([*lines, f"| … | {left} more reasons | |"] if left else lines)


def _listed(sentences: list[str]) -> str:
    return "\n".join(f"- {_plain(words)}" for words in sentences)


def _preview(asset: str, frame: pl.DataFrame, rows: int) -> str:
    """The first rows by key, each a heading and a fenced text; nothing when ``rows`` is 0."""
    if not rows or frame.is_empty():
        return ""
    main = tables_of(asset)[0]
    heading, text = _PREVIEW[asset]
    if asset == "rehearsal_set":  # what the model wrote says more than real text
        frame = frame.filter(pl.col("model") != "") if (frame["model"] != "").any() else frame
    order = "ordinal" if "ordinal" in frame.columns else main.key
    first = frame.sort(order).head(rows)
    room = min(PREVIEW_CHARS, INLINE_CHARS // first.height - HEADING_CHARS - 70)
    return "\n\n".join(_row(main.key[-1], heading, text, row, room) for row in first.to_dicts())


def _row(key: str, heading: tuple[str, ...], text: str, row: Mapping[str, Any], room: int) -> str:
    facts = " · ".join(
        _fact(name, row[name]) for name in heading if row[name] not in (None, "", [])
    )
    body = _words(row[text])[: max(room, 40)]
    longest = max((len(run) for run in re.findall("`+", body)), default=0)
    fence = "`" * max(3, longest + 1)
    title = f"**{_plain(facts[:HEADING_CHARS])}** — `{row[key]}`"
    return f"{title}\n\n{fence}\n{body}\n{fence}" if body else title


def _fact(name: str, value: object) -> str:
    """A value of a heading: suites and metrics by their names, numbers with theirs."""
    if name == "suite" and known({"suite": value}):
        return card(str(value)).title
    if name == "metric":
        return metric_name(str(value))
    return f"{name.replace('_', ' ')} {value}" if isinstance(value, int) else _flat(value)


def _flat(value: object) -> str:
    return " › ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def _words(value: object) -> str:
    """Text of a cell; turns become ``role: words``."""
    if not isinstance(value, list):
        return "" if value is None else str(value)
    turns = []
    for item in value:
        if isinstance(item, dict):
            who, said = list(item.values())[:2]
            turns.append(f"{who}: {said}")
        else:
            turns.append(str(item))
    return "\n\n".join(turns)


def _plain(text: str) -> str:
    """One line without Markdown's or HTML's own signs."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", " ".join(text.split()))


def _picture(asset: str, key: str, frame: pl.DataFrame, house: House) -> str:
    if asset == "raw_books":
        blocks = house.lake.read("raw_books__blocks", key)
        return bars("Blocks by kind", _tally(blocks, "kind"))
    if asset == "sections":
        chapters = pl.col("title_path").list.first().alias("chapter")
        sums = frame.sort("ordinal").group_by(chapters, maintain_order=True)
        parts = sums.agg(pl.col("chars").sum()).iter_rows()
        return bars("Characters by chapter", {str(name): float(size) for name, size in parts})
    if asset == "lora_adapter":
        steps = house.lake.read("lora_adapter__steps", key).sort("step")
        return curve("Training loss", steps["loss"].to_list(), "optimiser steps")
    if asset == "eval_report":
        return gains_plot(frame.to_dicts())
    column, title = {
        "concept_graph": ("level", "Concepts by level, 1 easy to 5 hard"),
        "instruction_pairs": ("family", "Pairs by task family"),
        "code_verification": ("verdict", "Expressions and listings by verdict"),
        "rehearsal_set": ("origin", "Rows by origin"),
    }.get(asset, ("family", "Examples by task family"))
    return bars(title, _tally(frame, column))


def _penalties(key: str, house: House) -> dict[str, Any]:
    """What ways of not forgetting added to the loss, by step; empty when they added nothing."""
    steps = house.lake.read("lora_adapter__steps", key).sort("step")
    added = [
        sum(value for name, value in json.loads(figures).items() if name.startswith("term."))
        for figures in steps["metrics"]
    ]
    if not any(added):
        return {}
    picture = curve("Penalties added to the loss", added, "optimiser steps")
    return {"penalties": dg.MetadataValue.md(picture)}


def _strengths(key: str, house: House) -> dict[str, Any]:
    """The alpha curve, and which strength it speaks for."""
    known = strengths(house.lake, key)
    shown: dict[str, Any] = {"strength": known.applied, "strengths": known.words()}
    new, old = (
        {row["alpha"]: row["loss"] for row in known.points if row["kind"] == kind}
        for kind in ("new", "old")
    )
    points = [(f"{alpha:g}", new[alpha], old[alpha]) for alpha in sorted(set(new) & set(old))]
    if len(points) > 1:
        picture = trail("Strengths: held-out answers' loss across, general text's up", points)
        shown["alpha curve"] = dg.MetadataValue.md(picture)
    return shown


def _tally(frame: pl.DataFrame, column: str) -> dict[str, float]:
    counts = frame.group_by(column).len().sort(column).iter_rows()
    return {str(name): float(count) for name, count in counts}


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
