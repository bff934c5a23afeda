"""Short answers against what they should be: equal after normalising, and F1 of their tokens.

Belongs here: the answer inside of a reply, tokens, both figures. Does not: questions
(``suites/short_answers.py``), likeness of long answers (``likeness.py``).

As SQuAD does it (Rajpurkar et al., 2016), but its normaliser takes all punctuation off, and that
is half of a language: ``:ok`` and ``ok``, ``[1, 2]`` and ``{1, 2}``, ``even?`` and ``even`` are
different answers here. Case and articles are ignored only where the right answer is words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

__all__ = ["equal", "said", "token_f1"]

_FENCE = re.compile(r"```[^\n`]*\n(.*?)(?:```|\Z)", re.DOTALL)
_SPAN = re.compile(r"`+([^`\n]+)`+")
_LEAD = re.compile(
    r"(?i)^(?:(?:the|its)\s+)?(?:correct\s+)?"
    r"(?:answer|term|function|module|name|arity|value|result|exception)(?:\s+is\s*:?|\s*:)\s+"
)
_SENTENCE = re.compile(r"[.!?:](?=\s|$)")
_TOKEN = re.compile(
    r'"(?:\\.|[^"\\\n])*"'  # a string is one token: what stands in it counts as it is
    r"|[:@&]?[^\W\d]\w*(?:\.[^\W\d]\w*)*[?!]?(?:/\d+)?"
    r"|\d[\d_]*(?:\.\d+)?"
    r"|\S"
)
_ARTICLES = {"a", "an", "the"}
_MARKS = ".,;:!?*_\"'()[]\u2018\u2019\u201c\u201d"


def said(reply: str, *, code: bool) -> str:
    """The answer inside of a reply: a fenced block, the one span of code, or the first sentence.

    Models say "The term is **cast**. A cast is …" where they were asked for the term only; what
    follows the first sentence is no part of the answer, right or wrong.
    """
    if fenced := _FENCE.search(reply):
        return fenced[1].strip()
    lines = [line.strip() for line in reply.splitlines() if line.strip()]
    if not lines:
        return ""
    line = _LEAD.sub("", lines[0])
    spans = _SPAN.findall(line)
    if spans and (line.startswith("`") or len(spans) == 1):
        return str(spans[0]).strip()
    if code:
        return line.removesuffix(".").strip()
    return _SENTENCE.split(line, maxsplit=1)[0].strip()


def equal(answer: str, golds: Sequence[str], *, code: bool) -> bool:
    """Does the answer have the tokens of one of the right ones, in order?"""
    given = _tokens(answer, code)
    return any(given == _tokens(gold, code) for gold in golds)


def token_f1(answer: str, golds: Sequence[str], *, code: bool) -> float:
    """From 0 to 1, of the right answer that it comes nearest to."""
    given = _tokens(answer, code)
    return max((_f1(given, _tokens(gold, code)) for gold in golds), default=0.0)


def _f1(given: Sequence[str], gold: Sequence[str]) -> float:
    if not given or not gold:
        return float(given == gold)
    same = (Counter(given) & Counter(gold)).total()
    return 2 * same / (len(given) + len(gold))


def _tokens(text: str, code: bool) -> list[str]:
    """Of code all but white space; of words neither case, articles nor punctuation."""
    if code:
        return _TOKEN.findall(text)
    words = (word.strip(_MARKS).casefold() for word in re.split(r"[\s\u2010-\u2015-]+", text))
    return [word for word in words if word and word not in _ARTICLES]
