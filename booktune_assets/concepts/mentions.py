"""Where concepts are mentioned: words in prose, signatures in code.

Belongs here: the matcher that turns a set of known names into mentions with offsets. Does not:
which names are known (``graph.py``), what is said about them (``definitions.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from booktune_assets.concepts.names import Word, name_key, words

__all__ = ["Hit", "Matcher", "code_without_text"]

_LONGEST = 5  # words in a wording, at most
_STRINGS = re.compile(r'"""[\s\S]*?"""|"(?:[^"\\]|\\.)*"|(?<!\w)\'(?:[^\'\\\n]|\\.)*\'')
_COMMENT = re.compile(r"(?m)(?<![\w$?\"])(?:#(?!\{)(?![a-z_]\w*\{)|%(?![\w{]))[^\n]*")
# A line of a log and what it goes on with: its time is no float, its report no code.
_LOGGED = re.compile(
    r"^[ \t]*(?:\d{4}-\d\d-\d\d[T ])?\d{1,2}:\d\d:\d\d(?:[.,]\d+)?Z?[ \t].*"
    r"(?:\n(?![ \t]*$|[ \t]*(?:iex|\.\.\.)[(\d>]|[ \t]*\d+>).*)*",
    re.M,
)
_CALL = re.compile(
    r"(?<![\w.:@])((?:[A-Z]\w*\.)+[a-z_]\w*[!?]?|:?[a-z]\w*[:.][a-z_]\w*)(?=\(|/\d| )"
)

# "a table that maps names to pids": a verb, by what goes before it and what it is done to.
_DOER = frozenset(("that", "which", "who", "it"))
_DONE_TO = frozenset(
    ("a", "an", "the", "each", "every", "all", "any", "its", "their", "our", "your", "one", "to")
)
_NO_PLURAL = frozenset(("is", "was", "has", "does", "as", "this", "always", "perhaps", "us"))


@dataclass(frozen=True, slots=True)
class Hit:
    """``name`` is the label under which the matcher knows the concept."""

    name: str
    start: int
    end: int


class Matcher:
    """Finds the longest known wording at each place; wordings with capitals keep their case."""

    def __init__(
        self, wordings: Iterable[tuple[str, str]], codes: Iterable[tuple[str, str]]
    ) -> None:
        """``wordings`` are (label, wording), ``codes`` (label, signature); the first label wins.

        A book may write small what the lexicon writes with a capital: both wordings hold then.
        """
        self._known: dict[str, list[tuple[str, str]]] = {}
        for label, wording in wordings:
            entry = self._known.setdefault(name_key(wording), [])
            if (label, wording) not in entry:
                entry.append((label, wording))
        self._begin: dict[str, int] = {}  # first word to the most words of a wording it begins
        for key in self._known:
            first, size = key.partition(" ")[0], key.count(" ") + 1
            self._begin[first] = max(size, self._begin.get(first, 0))
        self._codes = [(label, re.compile(code, re.M)) for label, code in codes if code]

    def in_prose(self, text: str) -> Iterator[Hit]:
        """Mentions in prose, left to right, never overlapping."""
        found = words(text)
        place = 0
        while place < len(found):
            if found[place].key not in self._begin:  # nearly every word
                place += 1
                continue
            size, label = self._longest(text, found, place)
            if label is None or (size == 1 and _is_verb(text, found, place)):
                place += 1
                continue
            yield Hit(label, found[place].start, found[place + size - 1].end)
            place += size

    def in_code(self, text: str) -> list[Hit]:
        """First place of each concept whose signature the code shows, and of each known call."""
        bare = _LOGGED.sub(lambda m: " " * len(m[0]), code_without_text(text))
        hits: dict[str, Hit] = {}
        for label, code in self._codes:
            if shown := code.search(bare):
                hits[label] = Hit(label, shown.start(), max(shown.end(), shown.start() + 1))
        for call in _CALL.finditer(bare):
            known = self._exact(call.group(1).lstrip(":"))
            if known and known not in hits:
                hits[known] = Hit(known, call.start(), call.end())
        return sorted(hits.values(), key=lambda hit: (hit.start, hit.name))

    def exact(self, name: str) -> str | None:
        """Label of the concept that these words name, all of them; else None."""
        found = words(name)
        if not found or len(found) > _LONGEST:
            return None
        size, label = self._longest(name, found, 0)
        return label if size == len(found) else None

    def _exact(self, key: str) -> str | None:
        entry = self._known.get(key)
        return entry[0][0] if entry else None

    def _longest(self, text: str, found: Sequence[Word], place: int) -> tuple[int, str | None]:
        most = min(_LONGEST, len(found) - place, self._begin.get(found[place].key, 0))
        for size in range(most, 0, -1):
            run = found[place : place + size]
            entry = self._known.get(" ".join(word.key for word in run))
            if entry is None or (size > 1 and not _adjacent(text, run)):
                continue
            surface = text[run[0].start : run[-1].end]
            for label, wording in entry:
                if _same_case(wording, surface):
                    return size, label
        return 0, None


@lru_cache(maxsize=4096)  # asked by those who gather names and by those who find them
def code_without_text(code: str) -> str:
    """The code with strings and comments blanked out; offsets stay."""
    bare = _STRINGS.sub(lambda m: '"' + " " * (len(m.group()) - 2) + '"', code)
    return _COMMENT.sub(lambda m: " " * len(m.group()), bare)


def _adjacent(text: str, run: Sequence[Word]) -> bool:
    """Only blanks, hyphens, slashes and quotes may stand between the words of one name."""
    gaps = (text[a.end : b.start] for a, b in pairwise(run))
    return all(len(gap) <= 2 and not gap.strip(" \n-/`*_'\u2019") for gap in gaps)


def _is_verb(text: str, found: Sequence[Word], place: int) -> bool:
    """Is a plural none: `a server that processes requests`, `it links the two`?"""
    if not 0 < place < len(found) - 1 or not found[place].text.endswith("s"):
        return False
    before, after = found[place - 1].text.lower(), found[place + 1].text
    if before not in _DOER or text[found[place].end : found[place + 1].start].strip():
        return False
    several = after.islower() and after.endswith("s") and after not in _NO_PLURAL
    return after.lower() in _DONE_TO or several


def _same_case(wording: str, surface: str) -> bool:
    if not any(char.isupper() for char in wording):
        return True
    size = min(len(wording), len(surface)) - 1  # a plural may change the last letter
    return wording[:size] == surface[:size]
