"""Pieces that all parts of the report are made of: tables, quotes, words for figures.

Belongs here: HTML and words that know nothing of an evaluation's order. Does not: what stands on
the page (``report.py``), plots (``svg.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

__all__ = ["figure", "metric_name", "plural", "quote", "signed", "status_words", "table"]

_NAMES = {"bleu": "BLEU", "pattern_f1": "F1 over patterns"}


def table(
    caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()
) -> str:
    """An HTML table; ``numbers`` are the columns that are set to the right."""

    def kind(column: int) -> str:
        return ' class="n"' if column in numbers else ""

    head = "".join(f'<th scope="col"{kind(i)}>{escape(name)}</th>' for i, name in enumerate(heads))
    body = "".join(
        "<tr>"
        + "".join(f"<td{kind(i)}>{escape(cell)}</td>" for i, cell in enumerate(row))
        + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption><thead><tr>{head}</tr>'
        f"</thead>\n<tbody>\n{body}</tbody></table></div>\n"
    )


def quote(name: str, text: object, most: int) -> str:
    """A text under its name; of a longer one the first ``most`` characters, and how many it has."""
    full = str(text)
    cut = f" (first {most:,} of {len(full):,} characters)" if len(full) > most else ""
    return f"<h4>{escape(name)}{cut}</h4>\n<pre>{escape(full[:most])}</pre>\n"


def figure(row: Mapping[str, Any], name: str) -> str:
    """A score as it stands, with the digits of its unit."""
    value = row.get(name)
    return "–" if value is None else f"{value:.{_digits(str(row['unit']))}f}"


def signed(value: float | None, unit: str) -> str:
    """The same with a sign, a true minus."""
    if value is None:
        return "–"
    text = f"{value:+.{_digits(unit)}f}"
    return (text[1:] if float(text) == 0 else text).replace("-", "\u2212")


def metric_name(metric: str) -> str:
    """``bits_per_byte`` as people write it."""
    return _NAMES.get(metric, metric.replace("_", " ").replace("chrf", "chrF"))


def status_words(status: str) -> str:
    """A failure class in words."""
    return "passes, or scored" if status == "ok" else status.replace("_", " ")


def plural(count: int, word: str) -> str:
    """``1 item``, ``2,000 items``."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _digits(unit: str) -> int:
    return 3 if unit in ("bits per byte", "nats per token") else 1
