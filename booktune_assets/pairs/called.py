"""Names that only the book has: its own, and those of the people in its story.

Belongs here: which names these are, and whether an exchange says one. Does not: other words that
point at the page (``gates.py``), names of things (``topics.py``).

A title may be what the book is about (*Pattern Matching*, *Phoenix LiveView*): then its prose says
it all over, or writes it small. Such a title is no name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from booktune_assets.pairs.candidate import Candidate
from booktune_assets.pairs.rules import without_fences
from booktune_assets.pairs.topics import LANGUAGES

__all__ = ["names_here", "own_names", "says_own_name"]

SECTIONS_FEW, SHARE_MAX = 3, 0.05  # sections that say it; in more, it is the subject
_PARTS = re.compile(r"\s*[:|()\[\]\u2013\u2014]\s*|\s+-\s+")
SQUASHED_MIN = 9  # letters: ``elixirschool``, as a site or an account writes it
_CODE = re.compile(r"`[^`\n]*`")  # a name in a value is a value
# What people do, and of that what no program is said to do either.
_PEOPLE = (
    "exclaim|laugh|smile|nod|shrug|sigh|grin|whisper|giggle|mutter|frown|yawn|squint|cr(?:y|ie)|"
    "interrupt"
)
_TALK = "ask|say|think|wonder|want|repl(?:y|ie)|answer|continue|like|hope|look|tr(?:y|ie)"
_ACTS = re.compile(
    rf"\b([A-Z][a-z]+)(?: [a-z]+ly)? (?:({_PEOPLE})|{_TALK})(?:e?s|e?d)\b|"
    rf"\b([A-Z][a-z]+) (?:said|thought)\b"
)


def own_names(title: str, texts: Sequence[str]) -> tuple[str, ...]:
    """The book's names, of two words or more each, and those of its people.

    ``title`` is the book's, ``texts`` are those of its sections.
    """
    return *_of_the_title(title, texts), *_people(texts)


def names_here(text: str, names: Sequence[str]) -> tuple[str, ...]:
    """Those of the names that a text says."""
    return tuple(name for name in names if _said(name, text))


def says_own_name(candidate: Candidate, names: Sequence[str]) -> str:
    """Why an exchange cannot stand without its book, if its prose says one of the names."""
    for exchange in candidate.exchanges if names else ():
        for part in exchange:
            if found := names_here(_CODE.sub(" ", without_fences(part)), names):
                return "names_the_book" if " " in found[0] else "names_a_character"
    return ""


def _of_the_title(title: str, texts: Sequence[str]) -> Iterable[str]:
    few = max(SECTIONS_FEW, SHARE_MAX * len(texts))
    for part in dict.fromkeys(_PARTS.split(title)):
        name = " ".join(part.split()).strip(" .,")
        if len(name.split()) < 2:
            continue
        said = sum(bool(_wordings(name, text)) for text in texts)
        named = sum(_said(name, text) for text in texts)
        if named <= few and 2 * named >= said:
            yield name


def _people(texts: Iterable[str]) -> list[str]:
    """Who does two things that people do, one of them what only people do."""
    done: dict[str, set[str]] = defaultdict(set)
    only: set[str] = set()
    for text in texts:
        for match in _ACTS.finditer(text):
            name = match[1] or match[3]
            done[name].add(match.group().rpartition(" ")[2])
            if match[2]:
                only.add(name)
    return sorted(name for name in only if len(done[name]) > 1 and name not in _NOBODY)


_NOBODY = frozenset(
    (*LANGUAGES, "He", "She", "They", "We", "You", "It", "Who", "Everyone", "Someone", "Nobody")
)


def _said(name: str, text: str) -> bool:
    """Does the text say it as a name: with capitals at both ends, or in one word?"""
    for wording in _wordings(name, text):
        words = wording.split()
        if len(words) < len(name.split()) or (words[0][0].isupper() and words[-1][0].isupper()):
            return True
    return False


def _wordings(name: str, text: str) -> list[str]:
    """How the text writes the name, in any case, as words or in one."""
    words = r"\s+".join(re.escape(word) for word in name.split())
    squashed = "".join(name.split())
    one = f"|{re.escape(squashed)}" if " " in name and len(squashed) >= SQUASHED_MIN else ""
    return re.findall(rf"(?<![\w@.])(?:{words}{one})(?!\w)", text, re.I)
