"""What verifying a book found, as one HTML page for its author.

Belongs here: the order of the page and its words. Does not: verdicts (``verify.py``), pictures
(``books/crops.py``). The page needs no network and no script and has the same bytes for the same
rows; everything from the book or from its code is escaped.
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import polars as pl

from booktune_assets.beam.code_hints import hint, marked

__all__ = ["code_report"]

_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_WORDS = {
    "value": "It gives another value.",
    "output": "It prints something else.",
    "error_class": "It fails with another error.",
    "error_message": "The error says something else.",
    "no_error": "The book shows an error, and there is none.",
    "raises": "It fails, and the book does not say so.",
    "does_not_parse": "It is not valid syntax.",
    "does_not_compile": "It does not compile.",
    "tests_fail": "Its tests fail.",
    "undefined_module": "It calls a module that nobody knows.",
}
_REASONS = {
    "dependency": "needs a package that is not here",
    "network": "needs a network or another node",
    "fragment": "is a piece of something that the book does not show whole",
    "newer_version": "needs a newer Elixir or OTP",
    "placeholder": "holds a placeholder",
    "helper": "is a helper of the shell",
    "volatile": "depends on time, chance or the machine",
    "context": "builds on something that could not be checked",
    "file": "needs files that the book does not come with",
    "input": "waits for somebody to type",
    "project": "needs a Mix project or its configuration",
    "waits": "waits for a message",
    "hangs": "did not end in time",
    "ends_vm": "ends the machine that runs it",
    "not_code": "is set as code and is none",
}
_LOST = {  # what an author can mend; a package that is not here is no fault
    "slip": "there is a name that is almost the same",
    "arity": "there is one with other arguments",
    "version": "this version has none",
    "deprecated": "deprecated",
    "unknown": "nobody here knows the module",
}
_CARDS = (
    ("match", "good", "as the book shows"),
    ("error_as_said", "good", "fails as the book says"),
    ("ran", "", "runs, nothing to compare"),
    ("mismatch", "bad", "differs"),
    ("unverifiable", "", "cannot be checked here"),
    ("harness_error", "bad", "our fault"),
)
# what a check counts as where several toolchains differ: the first that one of them says
_RANK = ("mismatch", "harness_error", "match", "error_as_said", "ran", "unverifiable")
_GOOD = ("match", "error_as_said")
Row = Mapping[str, Any]


def code_report(
    title: str, rows: pl.DataFrame, frames: Mapping[str, pl.DataFrame],
    pictures: Mapping[tuple[str, int], bytes], calls: Sequence[Row] = (),
) -> str:  # fmt: skip
    """The page. ``frames`` are those of ``sections``; ``pictures`` PNGs by block id and page;
    ``calls`` rows of ``code_verification__calls``."""
    paths = dict(frames["sections"].select("section_id", "title_path").iter_rows())
    found = _checks(rows.to_dicts())
    wrong = [row for row in found if row["verdict"] == "mismatch"]
    chains = sorted(set(rows["toolchain"].to_list()))
    body = [
        f"<header>\n<h1>The code of {escape(title)}</h1>\n",
        f'<p class="lead">{escape(_headline(found, wrong))}</p>\n',
        f'<p class="soft">Run with {escape("; ".join(chains) or "nothing")}</p>\n</header>\n',
        _cards(found),
        _differences(wrong, paths, pictures),
        _lost([row for row in calls if row["reason"] in _LOST], paths),
        _unchecked([row for row in found if row["verdict"] == "unverifiable"], paths),
        _FOOT,
    ]
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>The code of {escape(title)}</title>\n<style>\n{_css()}</style>\n</head>\n"
        f"<body>\n<main>\n{''.join(body)}</main>\n</body>\n</html>\n"
    )
    return _UNFIT.sub("\ufffd", page)


def _checks(rows: Sequence[Row]) -> list[Row]:
    """One row a check, in the order of the book, with its ``runs`` on all toolchains."""
    runs: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        runs.setdefault((str(row["block_id"]), int(row["expression"])), []).append(row)
    return [
        {**min(held, key=lambda row: _RANK.index(row["verdict"])), "runs": held}
        for held in runs.values()
    ]


def _headline(rows: Sequence[Row], wrong: Sequence[Row]) -> str:
    judged = sum(row["verdict"] in ("match", "error_as_said", "mismatch") for row in rows)
    if not rows:
        return "There is no Elixir or Erlang in it."
    if not wrong:
        return f"All of {judged} results that could be compared are as the book shows them."
    are = "is" if len(wrong) == 1 else "are"
    return f"{len(wrong)} of {judged} results that could be compared {are} not as the book shows."


def _cards(rows: Sequence[Row]) -> str:
    counts = Counter(str(row["verdict"]) for row in rows)
    cards = "".join(
        f'<li class="{kind}"><div class="count">{counts[name]}</div><div>{words}</div></li>\n'
        for name, kind, words in _CARDS
        if counts[name] or name in ("match", "mismatch")
    )
    return f'<ul class="cards">\n{cards}</ul>\n'


def _differences(
    rows: Sequence[Row],
    paths: Mapping[str, Sequence[str]],
    pictures: Mapping[tuple[str, int], bytes],
) -> str:
    if not rows:
        return ""
    shown: set[tuple[str, int]] = set()
    parts = ["<h2>What differs</h2>\n"]
    for row in rows:
        place = (str(row["block_id"]), int(row["page"] or 0))
        picture = pictures.get(place) if place not in shown else None
        shown.add(place)
        parts.append(_difference(row, paths, picture))
    return "".join(parts)


def _difference(row: Row, paths: Mapping[str, Sequence[str]], picture: bytes | None) -> str:
    runs: Sequence[Row] = row["runs"]
    expected = str(row["expected"] or "")
    sides = ""
    if expected:
        shown, _ = marked(expected, str(row["actual"] or ""))
        sides += f"<div><h4>The book shows</h4><pre>{shown}</pre></div>"
    given: dict[str, list[str]] = {}
    for run in runs:
        if run["verdict"] == "mismatch":
            given.setdefault(str(run["actual"] or "nothing"), []).append(str(run["toolchain"]))
    for actual, chains in given.items():
        among = "" if len(chains) == len(runs) else f" ({'; '.join(chains)})"
        _, shown = marked(expected, actual)
        sides += f"<div><h4>It gives{escape(among)}</h4><pre>{shown}</pre></div>"
    others = ""
    good = "; ".join(str(run["toolchain"]) for run in runs if run["verdict"] in _GOOD)
    if good:
        others = f'<p class="soft">It is as the book shows with {escape(good)}.</p>\n'
    image = ""
    if picture:
        data = base64.b64encode(picture).decode("ascii")
        image = f'<img alt="The passage on its page" src="data:image/png;base64,{data}">\n'
    says = _WORDS.get(str(row["reason"]), str(row["reason"]))
    return (
        f"<section>\n<h3>{escape(_place(row, paths))}</h3>\n"
        f'<p>{escape(says)} <span class="hint">{escape(hint(row))}</span></p>\n{image}'
        f'{_pre(row["code"])}\n<div class="sides">{sides}</div>\n{others}</section>\n'
    )


def _lost(rows: Sequence[Row], paths: Mapping[str, Sequence[str]]) -> str:
    """Calls that come to nothing, also where the code around them was never run."""
    if not rows:
        return ""
    lines = "".join(
        f"<tr><td>{escape(_place(row, paths))}</td>"
        f"<td><code>{escape(_called(row))}</code></td>"
        f"<td>{escape(_LOST[str(row['reason'])])}</td><td>{escape(str(row['detail']))}</td></tr>\n"
        for row in rows
    )
    return (
        "<h2>Calls that come to nothing</h2>\n<table>\n<tr><th>where</th><th>call</th>"
        f"<th>why</th><th>what there is</th></tr>\n{lines}</table>\n"
    )


def _called(row: Row) -> str:
    return f"{row['module']}.{row['name']}/{row['arity']}"


def _unchecked(rows: Sequence[Row], paths: Mapping[str, Sequence[str]]) -> str:
    if not rows:
        return ""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(str(row["reason"]), []).append(row)
    parts = ["<h2>What cannot be checked here, and why</h2>\n"]
    for reason, held in sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        lines = "".join(
            f"<tr><td>{escape(_place(row, paths))}</td><td>{escape(str(row['detail']))}</td>"
            f"<td><code>{escape(_first_line(row['code']))}</code></td></tr>\n"
            for row in held
        )
        parts.append(
            f"<details>\n<summary>{len(held)} × {escape(_REASONS.get(reason, reason))}</summary>\n"
            f"<table>\n<tr><th>where</th><th>what</th><th>code</th></tr>\n{lines}</table>\n"
            "</details>\n"
        )
    return "".join(parts)


def _place(row: Row, paths: Mapping[str, Sequence[str]]) -> str:
    path = " › ".join(paths.get(str(row["section_id"]), ()))
    page = f"page {row['page']}" if row["page"] is not None else _in_text(row)
    return " · ".join(part for part in (page, path) if part)


def _in_text(row: Row) -> str:
    """Where formats have no pages: the anchor, and the line of the file or of the section."""
    line = ""
    if row.get("file_line"):
        line = f"line {row['file_line']}"
    elif row.get("section_line"):
        line = f"line {row['section_line']} of the section"
    elif row.get("line"):
        line = f"line {row['line']} of the listing"
    return " · ".join(part for part in (str(row["href"] or ""), line) if part)


def _first_line(code: object) -> str:
    line, _, more = str(code).strip().partition("\n")
    return f"{line[:90]} …" if more or len(line) > 90 else line


def _pre(text: object) -> str:
    return f"<pre>{escape(str(text))}</pre>"


def _css() -> str:
    return Path(__file__).with_name("code_report.css").read_text(encoding="utf-8")


_FOOT = (
    "<footer>\n<p>Every expression and listing was run in a sandbox, in the order of the book: a "
    "chapter is one session, a section has bindings of its own. Values are compared as values: "
    "line breaks, the order of maps, the numbers of pids and references, and how a version writes "
    "a charlist or a set make no difference. An expression that builds on one that differs is not "
    "counted again.</p>\n</footer>\n"
)
