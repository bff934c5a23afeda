"""The parts of the page about the set as a whole: composition, what was left out, licences.

Belongs here: which tables and bars, their words. Does not: counting places (``data.py``), maps
(``heat.py``), single examples (``samples.py``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import polars as pl

from booktune_assets.evaluation.report_parts import table
from booktune_assets.page.data import PageData
from booktune_assets.pairs.mix_table import lacks
from booktune_assets.schemas_pairs import PAIR_FAMILIES, VERIFICATIONS

__all__ = ["bars", "composition", "contamination", "deficits", "left_out", "licences", "pre"]

SHOWN = 900  # characters of a text
_WORDS = {"heldout": "held out", "train": "trained on", "extractive": "taken from the text"}
_DIGEST = re.compile(r"[0-9a-f]{20,}$")


def composition(data: PageData) -> str:
    """Families by level, theory and code, who worded them, how code was checked, the split."""
    rows = data.rows
    code, answers = int(rows["code_tokens"].sum()), int(rows["answer_tokens"].sum())
    parts = [
        "<h2>What it is made of</h2>\n",
        _families(rows),
        bars(
            {"theory": answers - code, "code": code},
            "Tokens of answers that are prose, and tokens in code",
        ),
        bars(_tally(rows, "kind"), "Examples whose answer is theory, code, or both"),
        bars(_tally(rows, "verification", VERIFICATIONS), "Strongest check that the code of an "
                "example passed; none where it has no code to check"),
        bars(_wording(rows), "Who worded the examples"),
        bars(_tally(rows, "split"), "Trained on, and held out by section"),
    ]  # fmt: skip
    if "review" in rows.columns and rows["review"].str.len_chars().sum():
        seen = {name or "not looked at": count for name, count in _tally(rows, "review").items()}
        parts.append(bars(seen, "What a person did with them"))
    return "".join(parts)


def left_out(data: PageData) -> str:
    """Pairs that the set left out and candidates that gates refused, with samples."""
    return (
        "<h2>What was left out, and why</h2>\n"
        "<p>Every pair and every candidate that is not in the set is a row with the gate that "
        "stopped it and its reason. <code>booktune trace ID</code> shows one.</p>\n"
        + _reasons("Pairs that the set leaves out", data.dropped)
        + _reasons("Candidates that the gates of a book refused", data.rejected)
    )


def licences(data: PageData) -> str:
    """The books, what may be done with them, and what was read."""
    rows = [
        [
            str(book["title"]), str(book["format"]), str(book["licence"] or "not stated"),
            f"{book['examples']:,}", str(book["file_name"]), str(book["file_sha256"])[:16],
        ]
        for book in data.books
    ]  # fmt: skip
    heads = ["book", "format", "licence", "examples", "file", "SHA-256 begins"]
    silent = [str(book["title"]) for book in data.books if not book["licence"]]
    words = f"<p>No licence is stated for: {escape(', '.join(silent))}.</p>\n" if silent else ""
    shown = table("Books behind the examples, and their licences", heads, rows, (3,))
    return f"<h2>Books and licences</h2>\n{words}{shown}"


def contamination(data: PageData) -> str:
    """What the set has in common with each benchmark; nothing when it was not compared."""
    told = data.notes.get("benchmarks")
    rows: list[dict[str, Any]] = [dict(row) for row in told] if isinstance(told, list) else []
    if not rows:
        return ""
    heads = [
        name
        for name in rows[0]
        if not isinstance(rows[0][name], list | dict)
        and any(row.get(name) not in (None, "") for row in rows)
    ]
    cells = [[_cell(row.get(name)) for name in heads] for row in rows]
    numbers = [place for place, name in enumerate(heads) if not isinstance(rows[0][name], str)]
    shown = table(
        "Overlap with benchmarks, after what shows one was taken out",
        [name.replace("_", " ") for name in heads], cells, numbers,
    )  # fmt: skip
    return f"<h2>Contamination</h2>\n{shown}"


def deficits(data: PageData) -> str:
    """What the composition aimed at and did not get; nothing when no mix was asked for."""
    if data.mix is None or data.mix.is_empty():
        return ""
    aimed = data.mix.filter(
        pl.any_horizontal(pl.col("low", "high", "quota").is_not_null()) | (pl.col("deficit") > 0)
    )
    heads = ["what", "part", "there was", "in the set", "share", "aimed at", "missing"]
    rows = [
        [
            str(row["dimension"]).replace("_", " "), _part(row),
            f"{row['available']:,}", f"{row['got']:,} {row['unit']}", f"{100 * row['share']:.1f} %",
            _aim(row), lacks(row),
        ]
        for row in aimed.sort("deficit", descending=True, maintain_order=True).to_dicts()
    ]  # fmt: skip
    missing = aimed.filter(pl.col("deficit") > 0).height
    words = f"{missing} parts fall short" if missing else "Nothing falls short"
    return (
        f"<h2>What is missing</h2>\n<p>{words}; a deficit is reported and never padded.</p>\n"
        + _folded(
            table("Aims of the composition", heads, rows, (2, 3, 4, 6)), len(rows) > 14, "All aims"
        )
    )


def pre(name: str, text: str) -> str:
    """A heading and a text as it is, bounded."""
    cut = f" (first {SHOWN} of {len(text)} characters)" if len(text) > SHOWN else ""
    return f"<h4>{escape(name)}{cut}</h4>\n<pre>{escape(text[:SHOWN])}</pre>\n"


def bars(counts: Mapping[str, int], words: str) -> str:
    """A figure of bars, each with its count and share: a list, which fits any width."""
    most, total = max(counts.values(), default=0), sum(counts.values())
    if not most:
        return ""
    lines = "".join(
        f'<li><span>{escape(_WORDS.get(name, name.replace("_", " ")))}</span> <span class="bar">'
        f'<i style="--part:{count / most:.3f}"></i> {count:,} ({100 * count / total:.0f} %)'
        "</span></li>\n"
        for name, count in counts.items()
    )
    told = f"<figcaption>{escape(words)}.</figcaption>"
    return f'<figure><ul class="bars">\n{lines}</ul>{told}</figure>\n'


def _families(rows: pl.DataFrame) -> str:
    """Task families by level, as a table with shades."""
    levels = sorted(rows["level"].drop_nulls().unique().to_list())
    found = {(f, n): count for f, n, count in rows.group_by("family", "level").len().iter_rows()}
    tokens = dict(rows.group_by("family").agg(pl.col("answer_tokens").sum()).iter_rows())
    most = max(found.values(), default=1)
    known = [name for name in PAIR_FAMILIES if name in tokens]
    head = "".join(f'<th scope="col" class="n">level {level}</th>' for level in levels)
    lines: list[str] = []
    for family in known:
        counts = [found.get((family, level), 0) for level in levels]
        cells = "".join(
            f'<td class="n" style="background:rgba(59,130,196,{0.55 * count / most:.2f})">'
            f"{f'{count:,}' if count else '·'}</td>"
            for count in counts
        )
        lines.append(
            f'<tr><th scope="row">{family.replace("_", " ")}</th>{cells}'
            f'<td class="n">{sum(counts):,}</td><td class="n">{tokens[family]:,}</td></tr>\n'
        )
    return (
        '<div class="scroll"><table class="grid"><caption>Examples by task family and level, 1 '
        'easy to 5 hard</caption><thead><tr><th scope="col">family</th>'
        f'{head}<th scope="col" class="n">all</th><th scope="col" class="n">answer tokens</th></tr>'
        f"</thead>\n<tbody>\n{''.join(lines)}</tbody></table></div>\n"
    )


def _wording(rows: pl.DataFrame) -> dict[str, int]:
    names = pl.concat_str(
        "generator", pl.when(pl.col("recipe") != "").then(pl.lit(": ") + pl.col("recipe")),
        ignore_nulls=True,
    )  # fmt: skip
    return _tally(rows.with_columns(who=names), "who")


def _tally(rows: pl.DataFrame, column: str, order: Sequence[str] = ()) -> dict[str, int]:
    counts = {str(name): int(n) for name, n in rows.group_by(column).len().sort(column).iter_rows()}
    return {name: counts[name] for name in order if name in counts} or counts


def _reasons(title: str, rows: pl.DataFrame) -> str:
    """Counts by gate and reason, each with samples to open."""
    if rows.is_empty():
        return f"<h3>{escape(title)}</h3>\n<p>None.</p>\n"
    parts = [f"<h3>{escape(title)}: {rows.height:,}</h3>\n"]
    groups = rows.group_by("gate", "reason").len()
    for gate, reason, count in sorted(groups.iter_rows(), key=_in_order):
        mine = rows.filter((pl.col("gate") == gate) & (pl.col("reason") == reason))
        shown = mine.drop_nulls("turns").sort("id").to_dicts()
        inside = "".join(_sample(row) for row in shown)
        parts.append(
            f"<details><summary><code>{escape(gate)}</code> {escape(reason.replace('_', ' '))}: "
            f"{count:,}</summary>\n{inside}</details>\n"
        )
    return "".join(parts)


def _in_order(row: tuple[str, str, int]) -> tuple[int, str, int, str]:
    """Gates by their number, those without one last; reasons with the most first."""
    number = re.match(r"G(\d+)", row[0])
    return int(number[1]) if number else 99, row[0], -row[2], row[1]


def _sample(row: dict[str, Any]) -> str:
    near = f" · too near to <code>{escape(str(row['other']))}</code>" if row.get("other") else ""
    detail = f" · {escape(str(row['detail']))}" if row.get("detail") else ""
    family = str(row["family"]).replace("_", " ")
    said = "".join(pre(turn["role"], turn["content"]) for turn in row["turns"] or ())
    return f'<p class="soft"><code>{row["id"]}</code> · {family}{near}{detail}</p>\n{said}'


def _part(row: dict[str, Any]) -> str:
    """The name of a part: a chapter's as it stands, of all else without underscores."""
    name = str(row["name"])
    return name if row["dimension"] == "chapter" else name.replace("_", " ")


def _aim(row: dict[str, Any]) -> str:
    if row["low"] is not None or row["high"] is not None:
        return f"{100 * (row['low'] or 0):.0f}–{100 * (row['high'] or 1):.0f} %"
    return "" if row["quota"] is None else f"at least {row['quota']:,}"


def _folded(inside: str, fold: bool, words: str) -> str:
    return f"<details><summary>{words}</summary>\n{inside}</details>\n" if fold else inside


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{100 * value:.3f} %" if 0 <= value <= 1 else f"{value:g}"
    text = "" if value is None else str(value)
    return text if not _DIGEST.match(text) else f"{text[:8]}…"
