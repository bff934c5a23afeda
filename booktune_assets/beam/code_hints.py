"""What an author can do about a result that differs, and where exactly it does.

Belongs here: the likely slip behind two texts, the words that differ in them. Does not: whether
they differ (``compare.py``), the page around it (``code_report.py``). A hint is drawn from the two
texts alone and says no more than they show.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from html import escape
from typing import Any

__all__ = ["hint", "marked"]

_CALL = re.compile(r"(?:[\w:.]*[.:])?[a-z_]\w*[!?]?\.?\(.*\)")
_NUMBER = re.compile(r"-?\d[\d_]*(\.\d+(?:[eE][-+]?\d+)?)?")
_STRING_KEY = re.compile(r'"([a-z_]\w*)" => ')
_CLOSES = re.compile(r"""["'\]})>]+""")
_HANDLE = re.compile(r"#(?:Function|PID|Reference|Port)<[^>]*>")
_TOKEN = re.compile(rf"{_HANDLE.pattern}|\w+|[^\w\s]")
_ALIKE = 0.3  # below that two texts have so little in common that marks would cover both
_LONGEST = 1_500  # tokens
_GENERAL = {
    "value": "Print what it gives, or mend the code.",
    "output": "Print what it gives, or mend the code.",
    "error_class": "Print the error that it gives, or mend the code.",
    "error_message": "Print what the error says; where versions word it differently, name one.",
    "no_error": "Say that it works by now, or show code that still fails.",
    "raises": "Mend the code; if it is meant to fail, show the error.",
    "does_not_parse": "Mend the syntax; if it is a piece, let ... stand for what is left out.",
    "does_not_compile": "Mend the code, or show before it what it needs.",
    "undefined_module": "Mend the name of the module.",
    "tests_fail": "Mend the tests, or the code that they test.",
}


def hint(row: Mapping[str, Any]) -> str:
    """What to do about a ``mismatch``: the likely slip where the texts show one."""
    reason, expected, actual = (
        str(row[name] or "").strip() for name in ("reason", "expected", "actual")
    )
    found = ""
    if module := str(row.get("detail") or ""):
        return f"Nobody knows that module. Is “{module}” meant?"
    if reason in ("value", "output") and expected:
        found = _slip(expected, actual)
    elif reason == "does_not_parse" and "missing terminator: end" in actual:
        found = "An “end” is missing."
    return found or _GENERAL.get(reason, "")


def _slip(expected: str, actual: str) -> str:
    lines = [line.strip() for line in expected.splitlines()]
    calls = (
        one for one in lines if _CALL.fullmatch(one) and f"{one.partition('(')[0]}(" not in actual
    )
    if len(lines) > 1 and (code := next(calls, "")):
        return f"A prompt seems to be missing: “{code}” reads as code, not as a result."
    if expected.endswith(",") and _flat(expected[:-1]) == _flat(actual):
        return "The comma at its end is one too many."
    end = _flat(actual).removeprefix(_flat(expected))
    if len(end) < len(_flat(actual)) and _CLOSES.fullmatch(end):
        return f"Its end is missing: {end}"
    if (number := _other_number(expected, actual)) != "":
        return number
    return _other_keys(expected, actual) or _nearly(expected, actual)


def _flat(text: str) -> str:
    return "".join(text.split())


def _other_number(expected: str, actual: str) -> str:
    one, two = _NUMBER.fullmatch(expected), _NUMBER.fullmatch(actual)
    if not one or not two or bool(one[1]) == bool(two[1]):
        return ""
    if float(expected.replace("_", "")) != float(actual.replace("_", "")):  # a book may print 1_
        return ""
    kind = "a float" if two[1] else "an integer"
    return f"It gives {kind}, which is written {actual}."


def _other_keys(expected: str, actual: str) -> str:
    one, two = _STRING_KEY.sub(r"\1: ", expected), _STRING_KEY.sub(r"\1: ", actual)
    if _flat(one) != _flat(two):
        return ""
    if two == actual:
        return "Its keys are atoms, and the book prints strings."
    return "Its keys are strings, and the book prints atoms."


def _nearly(expected: str, actual: str) -> str:
    if expected.casefold() == actual.casefold():
        return "Only capitals differ. Print what it gives, or mend the code."
    one, two = (re.findall(r"\w+", text) for text in (expected, actual))
    if one == two:
        return "Only punctuation or spaces differ. Print what it gives, or mend the code."
    return ""


def marked(expected: str, actual: str) -> tuple[str, str]:
    """Both texts as HTML, with a mark around the words that the other has not. Line breaks and the
    numbers of handles are no difference."""
    one, two = list(_TOKEN.finditer(expected)), list(_TOKEN.finditer(actual))
    if not one or not two or len(one) + len(two) > _LONGEST:
        return escape(expected), escape(actual)
    matcher = SequenceMatcher(None, _keys(one), _keys(two), autojunk=False)
    if matcher.ratio() < _ALIKE:
        return escape(expected), escape(actual)
    spans: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    for kind, a, b, c, d in matcher.get_opcodes():
        for held, tokens, begin, end in ((spans[0], one, a, b), (spans[1], two, c, d)):
            if kind != "equal" and end > begin:
                held.append((tokens[begin].start(), tokens[end - 1].end()))
    return _with_marks(expected, spans[0]), _with_marks(actual, spans[1])


def _keys(tokens: Sequence[re.Match[str]]) -> list[str]:
    return [
        token[0].partition("<")[0] if _HANDLE.fullmatch(token[0]) else token[0] for token in tokens
    ]


def _with_marks(text: str, spans: Sequence[tuple[int, int]]) -> str:
    parts, last = list[str](), 0
    for begin, end in spans:
        parts.append(f"{escape(text[last:begin])}<mark>{escape(text[begin:end])}</mark>")
        last = end
    return "".join([*parts, escape(text[last:])])
