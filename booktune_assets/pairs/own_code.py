"""Names of a book's own code in exchanges that do not show that code.

"Sup is the pid of the supervisor" and "`my_reverse/2` copies the list" say something beside the
listing that has these names, and nothing to who reads the exchange alone.

Belongs here: which names these are, and whether an exchange speaks of one that it neither shows
nor introduces. Does not: other words that point at the page (``gates.py``), names of the book
itself and of its people (``called.py``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from booktune_assets.concepts.candidates import variables
from booktune_assets.concepts.lexicon import STANDARD_MODULES
from booktune_assets.concepts.mentions import code_without_text
from booktune_assets.pairs.candidate import CODE, Candidate
from booktune_assets.pairs.rules import fences, without_fences
from booktune_assets.pairs.subjects import CALLBACKS
from booktune_assets.pairs.topics import LANGUAGES

__all__ = ["code_names", "code_names_here", "speaks_of_code"]

_ERLANG = ("erlang", "erl_shell")
_VARIABLE = re.compile(r"(?<![\w?#@'\u2019.:/-])[A-Z][\w@]*\b(?![.:(/-]\w)")
_HEAD = re.compile(r"(?m)^([a-z]\w*)\((?:(?!\bfun\b)[^\n])*\)\s*(?:when\b[^\n]*)?->")
_MODULE = re.compile(r"-module\(([a-z]\w*)\)")
_MAKES = re.compile(r"\bdef(?:p|macrop?|guardp?)? ([a-z_]\w*[?!]?)")
_MODULES = re.compile(r"\bdefmodule ([A-Z][\w.]*)")
_CAMEL = re.compile(r"[a-z\d.][A-Z]")  # no word
_ALIAS = re.compile(r"(?<![\w.@%:])(?:[A-Z]\w*\.)*[A-Z]\w*")
# `f/1`, f(x), m:f, or a name that is no word
_CALLED = re.compile(
    r"(?<![\w.:@#/-])(?:([a-z]\w*):)?([a-z_]\w*[?!]?)(?=/\d|\()|(?<![\w.:@/-])([a-z]\w*):[a-z]\w*|"
    r"(?<![\w.:@/?#-])([a-z]+(?:_[a-z\d]+)+[?!]?)(?![\w.:])"
)
# A variable that begins a sentence is one only where a noun would take an article.
_BARE = re.compile(r"(?:\s+and\s+[A-Z]\w*\s+are|\s+(?:is|has|gets|becomes))\b")
# nobody's, words, and what books write anew that the libraries have
_NOBODYS_WORDS = """
foo bar baz foobar That This There It He Who What Which Here If When All Each Some assert refute map
filter reduce foldl foldr foreach reverse append length sum zip flatten member last nth takewhile
dropwhile any all
"""
_NOBODYS = frozenset((*LANGUAGES, *_NOBODYS_WORDS.split()))
_VARIABLES = re.compile(r"\bvariables\b(?! in\b)")
# what the library calls is its callback, what has a noun behind it is said to be something
_LIBRARYS = (
    r"\b[A-Z]\w+ (?:will call|calls) {0}\b|\bcallbacks? {0}\b|\b{0}/\d callback|\b{0} object"
)
_ODD = re.compile(r"[_\d@]|[a-z][A-Z]")
# of a name of two words, or the word "A": no variable
_NAMED = re.compile(r"(?:[A-Z][\w-]*|\d+)\b")
_ENDS = '.:!?"\u201c('
_TERM = re.compile(r"(?:\{|\b[a-z]\w*\()[^(){}\[\]]*")
_GROUP = re.compile(r"[({\[<|][^(){}\[\]]*")
Names = frozenset[str]


def code_names(blocks: Iterable[Mapping[str, Any]]) -> Names:
    """Functions that the listings of a book define, and variables of its Erlang, be it in a term
    in the prose (``{next_state, NewState}``).

    Callbacks are the behaviour's, whoever writes them.
    """
    every = list(blocks)
    langs = Counter(block["lang"] for block in every)
    found: set[str] = set()
    if sum(langs[name] for name in _ERLANG) > langs["elixir"] + langs["iex"]:
        terms = (term for one in every for term in _TERM.findall(one["text"]))
        found.update(name for term in terms for name in variables(term) if _ODD.search(name))
    for block in every:
        if block["kind"] not in CODE:
            continue
        bare = code_without_text(block["text"])
        if block["lang"] in _ERLANG:
            found.update(variables(bare), _HEAD.findall(bare), _MODULE.findall(bare))
        elif block["lang"] in ("elixir", "iex"):
            found.update(_MAKES.findall(bare))
            found.update(name for name in _MODULES.findall(bare) if _CAMEL.search(name))
    return frozenset(found - CALLBACKS - STANDARD_MODULES - _NOBODYS)


def code_names_here(text: str, names: Names) -> tuple[str, ...]:
    """Those of the names that a text may mean."""
    return tuple(sorted(names & set(re.findall(r"[A-Z][\w.]*\w|[A-Za-z_][\w@]*[?!]?", text))))


def speaks_of_code(candidate: Candidate, names: Sequence[str]) -> str:
    """Why an exchange cannot stand without a listing, if it speaks of one that it does not show."""
    if not names:
        return ""
    own, seen, told = frozenset(names), "", ""
    for question, answer in candidate.exchanges:
        for part in (question, answer):
            seen += "\n".join(text for _, text in fences(part)) + "\n"
            told += f"{without_fences(part)}\n"
        said = _said(without_fences(answer), own)
        if any(not _word(_last(name)).search(seen) and _meant(name, told) for name in said):
            return "speaks_of_code_not_shown"
    return ""


def _last(name: str) -> str:
    """What a listing writes of a module within another one."""
    return name.rpartition(".")[2]


def _said(prose: str, own: Names) -> list[str]:
    """The book's names that stand in the prose as names of code."""
    found: list[str] = []
    for match in _CALLED.finditer(prose):
        module, function = match[1] or match[3], match[2] or match[4]
        if module:
            found += [module] if module in own and module not in STANDARD_MODULES else []
        elif function in own:
            found.append(function)
    found += [match.group() for match in _ALIAS.finditer(prose) if _modules(match.group(), own)]
    variables = (match for match in _VARIABLE.finditer(prose) if match.group() in own)
    found += [match.group() for match in variables if _stands_for_a_value(match, prose)]
    return list(dict.fromkeys(found))


def _modules(name: str, own: Names) -> bool:
    """Is it a module of the book, not of the libraries that its own are called after?"""
    return name in own and bool(_CAMEL.search(name)) and name.split(".")[0] not in STANDARD_MODULES


def _stands_for_a_value(match: re.Match[str], prose: str) -> bool:
    """Is this word of capitals a variable here, and not a word that begins something?"""
    before = prose[: match.start()].rstrip()
    if before.split()[-1:] in (["a"], ["A"], ["an"], ["An"]):
        return False
    if _ODD.search(match.group()):
        return True
    if not before or before[-1] in _ENDS or before.endswith(("\n", "-", "*")):
        return bool(_BARE.match(prose, match.end()))
    beside = _NAMED.match(prose[match.end() :].lstrip())
    return not beside and not before.split()[-1][:1].isupper()


def _meant(name: str, prose: str) -> bool:
    """Is the name not introduced in the prose itself, by a call or a term: ``exit(Reason)``?"""
    if re.search(_LIBRARYS.format(re.escape(name)), prose):
        return False
    if not name[0].isupper():
        return True
    groups = [(one.start(), one.end()) for one in _GROUP.finditer(prose)]
    for found in _word(name).finditer(prose):  # what comes first counts
        if any(start < found.start() < end for start, end in groups):
            return False
        if _stands_for_a_value(found, prose):
            break
    beside = rf"\b{name} (?:[=!|]|->|\+\+)|(?:[=!|]|->|\+\+) {name}\b"
    return not re.search(beside, prose) and not _VARIABLES.search(prose)


@lru_cache(maxsize=1 << 12)
def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w@]){re.escape(name)}(?![\w@])")
