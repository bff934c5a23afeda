"""Values that shells print, compared.

Belongs here: what counts as the same value. Does not: reading one (``notation.py``), which lines
of a session are the value (``compare.py``).

Two texts show the same value when they differ in line breaks, in the order of maps, in how a
charlist, a binary, a keyword list or a set is written, in the numbers of pids, references, ports
and funs, or where one of them says ``...`` for more.
"""

from __future__ import annotations

import re
import unicodedata

from booktune_assets.beam.notation import Dialect, Term, parse_term

__all__ = ["Dialect", "Term", "parse_term", "same"]

_NOTES = frozenset({
    "context", "import", "imports", "line", "column", "alias", "counter", "no_parens", "delimiter",
    "closing", "do", "end", "ambiguous_op", "keep", "generated", "if_undefined",
    "end_of_expression",
})  # fmt: skip
_HANDLE = re.compile(rb"#(?:PID|Port|Ref|Reference|Function|Fun)<[^<>]*>")


def same(expected: Term, actual: Term) -> bool:
    """Is ``actual`` the value that ``expected`` shows?"""
    if expected.kind == "any" or actual.kind == "any":
        return True
    if expected.kind != actual.kind:
        return False
    if expected.kind in ("map", "struct", "set"):
        return expected.value == actual.value and _same_members(expected, actual)
    if expected.kind == "binary":
        return _same_bytes(expected, actual)
    if expected.kind == "fun":
        return None in (expected.value, actual.value) or expected.value == actual.value
    if expected.kind == "float":
        return _same_float(expected.value, actual.value)
    if expected.value != actual.value:
        return False
    if _is_quoted(expected) and _is_quoted(actual):  # versions keep different notes on code
        pairs = zip(expected.items[::2], actual.items[::2], strict=True)
        return all(same(one, other) for one, other in pairs)
    return _same_row(expected, actual)


def _is_quoted(term: Term) -> bool:
    """Code as data: ``{name, notes, arguments}``, with the notes that the compiler takes."""
    if term.kind != "tuple" or len(term.items) != 3 or term.items[1].kind != "list":
        return False
    keys = [pair.items[0].value for pair in term.items[1].items if len(pair.items) == 2]
    return len(keys) == len(term.items[1].items) and _NOTES.issuperset(keys)


def _same_row(expected: Term, actual: Term) -> bool:
    short = min(len(expected.items), len(actual.items))
    if len(expected.items) > short and not actual.open:
        return False
    if len(actual.items) > short and not expected.open:
        return False
    return all(map(same, expected.items[:short], actual.items[:short]))


def _same_members(expected: Term, actual: Term) -> bool:
    left = list(actual.items)
    for item in expected.items:
        place = next((n for n, other in enumerate(left) if same(item, other)), None)
        if place is None:
            return actual.open
        left.pop(place)
    return not left or expected.open


def _same_bytes(expected: Term, actual: Term) -> bool:
    mine, other = expected.value, actual.value
    assert isinstance(mine, bytes)
    assert isinstance(other, bytes)
    if mine == other:
        return True
    if expected.open and other.startswith(mine):
        return True
    if _composed(mine) == _composed(other):
        return True
    if b"#" in mine and b"<" in mine and _HANDLE.sub(b"#", mine) == _HANDLE.sub(b"#", other):
        return True
    # a string that the page was too narrow for
    return b"\n" in mine and b"".join(mine.split()) == b"".join(other.split())


def _composed(data: bytes) -> str:
    """Text with its accents composed, as typesetting and reading leave them."""
    return unicodedata.normalize("NFC", data.decode("utf-8", "surrogateescape"))


def _same_float(one: object, other: object) -> bool:
    assert isinstance(one, float)
    assert isinstance(other, float)
    return one == other or abs(one - other) <= 1e-12 * max(abs(one), abs(other))
