"""What prose calls a form of code, and how that form looks.

Belongs here: the forms. Does not: which prose explains which code (``explain.py``), what a passage
is silent about (``refusal.py``).
"""

from __future__ import annotations

import re

__all__ = ["shows_what_it_names"]

_WORDS: tuple[tuple[str, str], ...] = (
    ("map|key", r"%\{|#\{.*=>|\bMap\."),
    ("struct", r"%[A-Z]|\bdefstruct\b"),
    ("list|head|tail", r"\[[^\]]*[,|]|\bList\."),
    ("tuple", r"(?<![%#\w])\{"),
    ("function|argument|arity", r"\bfn\b|\bdefp?\b|\bfun\b|&\d|\w[?!]?\(|^\w+\(.*\) ->"),
    ("clause", r"(?s)(?:->|\bdefp?\b).*(?:->|\bdefp?\b)"),
    ("module", r"\bdefmodule\b|-module\("),
    ("string", r"\""),
    ("atom", r"(?<![:\w]):[a-z]|\b[a-z_]+: "),
    ("number|integer|float", r"\b\d"),
    ("variable", r"^[^=\n]*\b[a-z_]\w* = "),
    ("error|exception", r"\*\* \(|\braise\b|\brescue\b|\*\* exception"),
    ("pattern|match(?:es|ing|ed)?", r"\] = |\} = |->|\bcase\b|\*\* \(MatchError"),
    ("condition", r"\bif\b|\bcond\b|\bunless\b|\bwhen\b"),
    ("process|message", r"\bspawn|\bsend\b|\breceive\b|GenServer|\bself\(\)"),
    ("pipe", r"\|>"),
    ("route", r"\b(?:get|post|match|forward) \""),
    ("test|assertion", r"\btest \"|\bassert\b"),
    ("macro|quoted", r"\bdefmacro\b|\bquote\b"),
)
_FORMS = tuple((re.compile(rf"\b(?:{word})s?\b", re.I), re.compile(form, re.M))
               for word, form in _WORDS)  # fmt: skip


def shows_what_it_names(said: str, code: str) -> bool:
    """Does a text speak of a form that is in the code: "takes a map" of ``%{}``?"""
    return any(word.search(said) and form.search(code) for word, form in _FORMS)
