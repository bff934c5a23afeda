"""Names of concepts: how two wordings are found to be one, and which words name nothing.

Belongs here: normal form of a wording, what may stand as a name, the list of words that never do.
Does not: where names are found (``definitions.py``, ``mentions.py``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

__all__ = ["Word", "api_name", "name_key", "plausible_name", "singular", "words"]

_WORD = re.compile(r"[A-Za-z_]\w*(?:[.:][A-Za-z_]\w*)*(?:[!?](?=/\d|\(|`))?(?:/\d+)?")
_API = re.compile(r"(?:(?:[A-Z]\w*\.)+|:?[a-z]\w*[:.])[a-z_]\w*[!?]?(?:/\d+)?|[a-z_]\w*[!?]?/\d+")
_IRREGULAR = {
    "aliases": "alias", "alias": "alias", "analysis": "analysis", "basis": "basis", "this": "this",
    "indices": "index", "matrices": "matrix", "statuses": "status", "status": "status",
    "series": "series", "children": "child", "erlang": "erlang", "elixirs": "elixir",
    "bitwise": "bitwise", "ets": "ets", "dets": "dets", "axis": "axis", "canvas": "canvas",
    "caches": "cache", "macos": "macos", "cookies": "cookie", "movies": "movie",
    "https": "https", "dns": "dns", "kubernetes": "kubernetes", "has": "has",
    "does": "does", "was": "was", "always": "always", "its": "its", "as": "as", "is": "is",
    "behaviors": "behaviour", "behavior": "behaviour", "behaviours": "behaviour",
}  # fmt: skip
_STOP_WORDS = """
a an the this that these those it its they them their we us our you your he she his her i my me
one ones two three first second third next last other others another same such some any each
every all both many much more most few several no none nothing something anything everything
someone anyone what which who whose when where why how here there now then if else unless and or
but so as at by for from in into of on onto out over to up with without within about after
before between through during under not only just also very too quite rather even still yet
again once always never often sometimes usually can could may might must shall should will would
do does did done doing is are was were be been being has have had having get gets got let lets
make makes made take takes took see seen use uses used using want need try call calls called
give gives given go goes work works working look looks like wants keep keeps know than while
because since though although however therefore thus hence instead please above below include
includes included following put delete upgrade via per
"""
_STOP = frozenset(_STOP_WORDS.split())
_JUNK_WORDS = """
example exercise summary conclusion introduction overview motivation note notes warning tip
chapter section part book page lesson guide tutorial text paragraph figure table listing code
snippet sample output result return value line word thing stuff way case kind type sort form
point idea reason problem solution answer question step task goal aim purpose topic subject rule
option feature difference advantage benefit drawback downside upside issue bug fact approach
technique method strategy choice detail basic concept background preface foreword appendix index
glossary reference resource reading review recap wrap up usage use setup start getting started
installation requirement prerequisite objective outcome name argument parameter input data
information content user developer programmer person people reader author team friend number
letter item element member object entity place time day year world end beginning middle top
bottom side left right hand expression statement program language computer machine system file
folder directory command software project function operator operation key new version default
caveat trick pitfall best practice common mistake further material learn more turn hint
challenge bonus test tool event action bit lot pair group set collection structure body head
tail block change error failure message request response client server state behavior work role
implementation definition description explanation comment documentation doc job process id
account order price product customer animal cat dog pet house car game player card hero hobbit
coffee pizza cookie recipe cake shop store sentence constraint limitation convention possibility
community compatibility address distribution global web support security performance individual
foreground ecosystem situation scenario alternative syntax
"""
_SIGNS = re.compile(r"[^\w\s.:/!?-]")
_JUNK = frozenset(_JUNK_WORDS.split())


class Word(NamedTuple):
    """A word of a text: its normal form, how it is written, where it stands."""

    key: str
    text: str
    start: int
    end: int


@lru_cache(maxsize=8192)  # each block is looked at several times in a row of steps
def words(text: str) -> tuple[Word, ...]:
    """Words in order; ``Enum.map/2`` is one word whose key is ``Enum.map``."""
    return tuple(
        Word(_word_key(found.group()), found.group(), found.start(), found.end())
        for found in _WORD.finditer(text)
    )


def name_key(name: str) -> str:
    """Normal form of a wording: two wordings with one key are one name."""
    return " ".join(word.key for word in words(name))


def singular(word: str) -> str:
    """Singular of a lower-case English word, good enough to match it with itself."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=1 << 16)  # a book has few words, each of them often
def api_name(word: str) -> str | None:
    """The function that a word names, without its arity if a module is named; else None."""
    if not _API.fullmatch(word):
        return None
    plain = word.lstrip(":")
    name, _, arity = plain.partition("/")
    if "." in name or ":" in name:
        module, _, function = name.replace(":", ".").rpartition(".")
        del function
        known_shape = arity or module[:1].isupper() or ":" in plain
        return name if known_shape and not name.endswith((".ex", ".exs", ".erl", ".beam")) else None
    return plain if arity and len(name) > 1 else None


def plausible_name(name: str) -> bool:
    """May these words name a concept? One to three words, none empty of meaning."""
    found = list(words(name))
    if not 1 <= len(found) <= 3 or len(name) > 40 or len(name) < 3:
        return False
    if _SIGNS.search(name):
        return False
    keys = [singular(word.text.lower()) for word in found]
    if any(
        key in _STOP or word.text.lower() in _STOP for key, word in zip(keys, found, strict=True)
    ):
        return False
    if len(keys) == 1:
        return keys[0] not in _JUNK and len(keys[0]) > 2 and not keys[0].endswith("ly")
    return not all(key in _JUNK for key in keys) and not keys[0].endswith("ly")


@lru_cache(maxsize=1 << 16)
def _word_key(word: str) -> str:
    if "." in word or ":" in word or "/" in word:
        return api_name(word) or word
    return singular(word.lower())
