"""The comparison's table for the README, read from the page that a run wrote.

Belongs here: reading the page, the Markdown. Does not: any figure of its own. Written by
``docs/generate.py``, so the README never says what the page does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

__all__ = ["readme_table"]

_ROW = re.compile(r"<tr>(.*?)</tr>", re.S)
_CELL = re.compile(r"<t[dh]>(.*?)</t[dh]>", re.S)
_SAID = re.compile(r"<li><b>(.*?)</b>: (.*?)</li>", re.S)
_SPENT = re.compile(r"<p class=quiet>(Run on .*?)</p>", re.S)
_NO_LESS = re.compile(r"but no less than ([^;.(]+)")


def readme_table(page: str) -> str:
    """Every method with its difference, interval and p; least lost first, then who did not learn.

    The last column is the page's verdict on what is free.
    """
    head, *body = _cells(page.partition("<h2>Figures</h2>")[2])
    rows = [dict(zip(head, cells, strict=True)) for cells in body]
    said = {unescape(name): unescape(words) for name, words in _SAID.findall(page)}
    told = sorted((row for row in rows if row["beside naive"]), key=_difference)
    lines = [
        "| way | lost beside naive, bits/byte [95 %] | p; over all ways | less than the free? |",
        "|---|---|---|---|",
        *(_line(row, said.get(row["method"], "")) for row in told),
    ]  # fmt: skip
    mute = [
        row["method"] for row in rows if not row["beside naive"] and row["method"] != "naive LoRA"
    ]
    after = f"\nDid not learn, or did not run: {', '.join(mute)}." if mute else ""
    spent = _SPENT.search(page)
    return "\n".join([*lines, after, *([f"\n{unescape(spent[1])}"] if spent else [])])


def _cells(html: str) -> list[list[str]]:
    return [
        [unescape(cell) for cell in _CELL.findall(row)]
        for row in _ROW.findall(html.partition("</table>")[0])
    ]


def _difference(row: Mapping[str, str]) -> float:
    return float(row["beside naive"])


def _line(row: Mapping[str, str], said: str) -> str:
    low, high = row["95 %"].split() if row["95 %"] else ("", "")
    span = f" [{low}, {high}]" if low else ""
    clear = bool(low) and (float(high) < 0 or float(low) > 0)
    ps = "; ".join(one for one in (row["p"], row["p, family"]) if one)
    return (
        f"| {row['method']} | {row['beside naive']}{span} | {ps} | {_free(said, clear)} |".replace(
            "-0.", "\u22120."
        )
    )


def _free(said: str, clear: bool) -> str:
    if "and less than all four" in said:
        return "yes, than all four"
    if not clear:
        return "no clear difference to naive"
    if "forgets more" in said:
        return "no: it forgets more"
    no_less = _NO_LESS.search(said)
    return f"not less than {no_less[1].strip()}" if no_less else "is free itself"
