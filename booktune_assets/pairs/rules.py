"""What every training row has to keep, whoever reads it (rules 1 to 5 of the export check).

Belongs here: rules on the messages of one row. Does not: what a good question is (``gates.py``),
rules across rows and files (``export.py``). The rules are those that trainers enforce: user and
assistant in turn, text that is text, fences that close, nothing left over from a template.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["broken_rule", "fences", "unsure", "without_fences"]

_FENCE = re.compile(r"(?ms)^(?P<fence>`{3,})(?P<lang>[\w-]*)\n(?P<code>.*?)\n?^(?P=fence)$")
_GAPS, _OPEN = re.compile(r"\n{3,}"), re.compile(r"(?m)^`{3,}")
# marks of direction among them: they show code in another order than it has
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SEEN = "[^\\s\u00ad\u200b-\u200f\u2060-\u206f\ufeff]"  # a character that anybody sees
_SEES = re.compile(_SEEN)
_RESIDUE = re.compile(
    r"\{\{\s*\w+(?:\.\w+)*\s*\}\}|\{%-?\s+(?:if|for|else|set|block|include|end\w+|generation)\b|"
    r"(?<![<\w])<(?:/?s|bos|eos|unk|pad)>(?!>)|(?m:^#{3,} )|\bAs an AI\b",
    re.I,
)
# what chat formats write between turns: a trainer that tokenises text takes it for the real thing,
# in a listing as well
_MARKS = re.compile(
    r"<[|\uff5c][^\s|\uff5c<>][^|\uff5c<>\n]{0,60}[|\uff5c]>|<(?:start|end)_of_(?:turn|text|image)>|"
    r"\[/?(?:INST|TOOL_CALLS|TOOL_RESULTS|AVAILABLE_TOOLS|TOOL_CONTENT|SYSTEM_PROMPT|ARGS|CALL_ID|"
    r"THINK)\]|<<SYS>>"
)
_BLANK = re.compile(
    r"(?<![%#\w{])\{(?:subject|language|be|task|clue|name|it|do|context|question)\}"
)
_MAYBE = (  # a template's
    r"(?i)\{\{|\{%|<[|\x{ff5c}]|\[/?[a-z_]+\]|<(?:/?s|bos|eos|unk|pad)>|<(?:start|end)_of_|<<SYS>>|"
    r"(?m:^#{3,} )|As an AI|\{[a-z]+\}"
)
_BRINGS = 4  # times as long as its answer is a question that brings a passage along
_LANGUAGES = {"elixir": "elixir", "erlang": "erlang", "iex": "iex", "erl": "erl_shell"}


def broken_rule(turns: Sequence[Mapping[str, str]], *, parse: bool = False) -> str:
    """Name of the first rule that the messages break, or an empty string.

    ``parse`` also parses every fenced block in its language; the gates have done that already when
    they call this, an export has not.
    """
    return _roles(turns) or next(
        (bad for turn in turns if (bad := _content(turn["content"], parse=parse))), ""
    ) or _says_something(turns)  # fmt: skip


def unsure(said: pl.DataFrame, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which messages have to be looked at by :func:`broken_rule`: all that break a rule are among
    them, and few others.

    ``said`` has ``role content``, one message after the other; ``rows`` are the rows that they are
    of. Roles are those of either form. Listings are parsed here.
    """
    frame = said.with_columns(
        row=pl.Series(rows),
        asked=pl.col("role").is_in(["user", "human"]),
        told=pl.col("role").is_in(["assistant", "gpt"]),
    )
    text, before = pl.col("content"), pl.col("content").shift(1)
    follows = (pl.col("row") == pl.col("row").shift(1)).fill_null(False)
    last = pl.col("row") != pl.col("row").shift(-1)
    turn = (follows & pl.col("asked").shift(1) & pl.col("told")) | (
        pl.col("asked") & (~follows | pl.col("told").shift(1)) & ~last.fill_null(True)
    )
    fenced = text.str.contains("```", literal=True)
    trim, old = text.str.strip_chars(), before.str.strip_chars()
    words = r"[\p{L}\p{N}_]+"
    more = text.str.extract_all(words).list.set_difference(before.str.extract_all(words))
    bad = frame.select(
        text.is_null() | ~text.str.contains(_SEEN) | ~turn.fill_null(False)
        | text.str.contains(r"[\x00-\x08\x0b-\x1f\x7f-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}]")
        | (text.str.normalize("NFC") != text)
        | (~fenced & text.str.contains(_MAYBE))
        | (pl.col("told") & ((trim == old) | old.str.contains(trim, literal=True)
                             | (more.list.len() == 0)))
    ).to_series().fill_null(True)  # fmt: skip
    found = bad.to_numpy().copy()
    with_code = frame.select(fenced.fill_null(False).arg_true()).to_series()
    for place, said in zip(with_code, frame["content"].gather(with_code), strict=True):
        found[place] = found[place] or bool(_content(said, parse=True))
    return found


def fences(text: str) -> list[tuple[str, str]]:
    """(language, code) of the fenced blocks."""
    if "```" not in text:
        return []
    return [(match["lang"], match["code"]) for match in _FENCE.finditer(text)]


def without_fences(text: str) -> str:
    """The prose around the fenced blocks."""
    bare = _FENCE.sub("", text) if "```" in text else text
    return _GAPS.sub("\n\n", bare).strip()


def _roles(turns: Sequence[Mapping[str, str]]) -> str:
    roles = [turn["role"] for turn in turns]
    spoken = roles[1:] if roles[:1] == ["system"] else roles
    if len(spoken) < 2 or len(spoken) % 2:
        return "turns_incomplete"
    wanted = ["user", "assistant"] * (len(spoken) // 2)
    return "" if spoken == wanted else "turns_not_alternating"


def _content(text: object, *, parse: bool) -> str:
    if not isinstance(text, str) or not _SEES.search(text):
        return "blank"
    if _CONTROL.search(text):
        return "control_characters"
    if not unicodedata.is_normalized("NFC", text):
        return "not_nfc"
    prose = without_fences(text)
    if "```" in prose and _OPEN.search(prose):
        return "fence_open"
    if _RESIDUE.search(prose) or _BLANK.search(prose) or _MARKS.search(text):
        return "template_residue"
    if parse and any(not _parses(lang, code) for lang, code in fences(text)):
        return "code_does_not_parse"
    return ""


@lru_cache(maxsize=20_000)  # a listing stands in several examples of its book
def _parses(lang: str, code: str) -> bool:
    from booktune_assets.beam.grammar import parses

    return lang not in _LANGUAGES or parses(code, _LANGUAGES[lang]) is not False


def _says_something(turns: Sequence[Mapping[str, str]]) -> str:
    """Does every answer, not the last one alone, say more than its question?"""
    spoken = [turn for turn in turns if turn["role"] != "system"]
    for asked, answered in zip(spoken[::2], spoken[1::2], strict=True):
        question, answer = asked["content"].strip(), answered["content"].strip()
        if question == answer:
            return "answer_is_question"
        if fences(answer) or len(answer) * _BRINGS < len(without_fences(question)):
            continue  # a question that brings a passage along holds its answer, and should
        words = set(re.findall(r"\w+", answer)) - set(re.findall(r"\w+", question))
        if answer in question:
            return "answer_in_question"
        if not words:
            return "answer_adds_nothing"
    return ""
