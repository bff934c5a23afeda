"""Family ``compare``: how two things differ, answered by a sentence that sets them side by side.

Belongs here: shapes of contrasting sentences and the two things they speak of. Does not: which
sentences stand alone (``prose.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from booktune_assets.concepts.names import name_key
from booktune_assets.pairs.candidate import Candidate, View, shown
from booktune_assets.pairs.phrases import named, plural, small
from booktune_assets.pairs.prose import Said, follow, said
from booktune_assets.pairs.subjects import known_here, names_a_thing
from booktune_assets.pairs.wording import ask

__all__ = ["compare"]

_NP = (
    r"(?:(?:the|a|an|most|other|all) )?[\w./:'`&@!?-]+(?: (?!(?:and|or|is|are|for|in|when|because|"
    r"as|with|on)\b)[\w./:'`-]+){0,3}?"
)
_VERB = (
    r"(?:is|are|do|does|can|cannot|will|has|have|must|may|should|doesn't|don't|can't|isn't|aren't|"
    r"won't|allows?|returns?|works?|uses?|takes?|stores?|keeps?|gives?|runs?|raises?|creates?|"
    r"matche?s?|requires?|expects?|provides?|supports?|makes?|stops?|starts?|needs?|only|always|"
    r"never|also)"
)
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        rf"(?:Unlike|In contrast to|Contrary to|As opposed to|Compared (?:to|"
        rf"with)) (?P<other>{_NP})(?:, which [^,]{{4,80}})?, "
        rf"(?P<one>{_NP}) {_VERB}\b.*",
        rf"(?P<one>{_NP}) {_VERB}\b[^.;]{{8,160}}?[,;]? (?:whereas|"
        rf"while) (?P<other>{_NP}) {_VERB}\b.*",
        rf"While (?P<other>{_NP}) {_VERB}\b[^.;]{{8,120}}?, (?P<one>{_NP}) {_VERB}\b.*",
        rf"Whereas (?P<other>{_NP}) {_VERB}\b[^.;]{{8,120}}?, (?P<one>{_NP}) {_VERB}\b.*",
        rf"Prefer (?P<one>{_NP}) over (?P<other>{_NP}),? (?:because|since|when|if|for|as)\b.*",
        rf".*\bdifferences? between (?P<one>{_NP}) and (?P<other>{_NP})(?= is| are|[.,]| lies).*",
        rf"(?P<one>{_NP}) (?:is|are) (?:\w+ )?(?:different from|similar to|equivalent to|the "
        rf"counterpart of|(?:faster|slower|cheaper|more \w+|less \w+|stricter|safer|simpler) than) "
        rf"(?P<other>{_NP})(?=[.,;]| because| in that| except| but| when| as| and).*",
        rf"(?P<one>{_NP}) {_VERB}\b[^.;]{{2,120}}? (?:just )?(?:like|as) (?P<other>{_NP})"
        rf"(?: do| does| are| is)?(?:, but| in that|, except)\b.*",
        rf"(?P<one>{_NP}) and (?P<other>{_NP}) (?:behave|work|look|act|differ|are) "
        rf"(?:identical\w*|different\w*|the same(?: way)?|alike|similar\w*|in (?:how|that|their))"
        rf"\b.*",
        rf"(?P<one>{_NP}), (?:unlike|in contrast to|as opposed to) (?P<other>{_NP}), {_VERB}\b.*",
    )
)  # fmt: skip
NEAR = 24  # characters behind the words that compare
_OPEN = re.compile(r" (?:that|which|who|whose|to|of|does|do|not)$")  # a clause that was cut
_CUE = re.compile(r"\b(?:differences? between|differs? from|unlike|in contrast to)\b", re.I)
_NOTHING = re.compile(
    r"(?:it|they|this|that|these|those|you|we|there|one|others?|both|each|the (?:first|second|"
    r"other|latter|former|one|code|example|result|function|above)|which|what|who|some|most|many|"
    r"all|i|he|she|here|now|then|if|when|in|on|to|for|with|by|an?|the)(?: \w+ing)?",
    re.I,
)


def compare(view: View) -> Iterator[Candidate]:
    """One candidate per contrasting sentence whose two sides are named."""
    for one in said(view):
        sides = _sides(view, one)
        if sides is None:
            continue
        last = follow(one)
        quote = view.quote(one.block, one.sentence.start, one.every[last].end, "answer")
        key = f"{one.block['block_id']}:{one.sentence.start}"
        language = view.subject or view.language
        question = ask(
            "compare", key, one=sides[0], other=sides[1], language=language,
            do="do" if plural(sides[0]) else "does",
        )  # fmt: skip
        yield Candidate(
            "compare", one.block["block_id"], "", "theory", question, shown(quote.text), [quote]
        )


def _sides(view: View, one: Said) -> tuple[str, ...] | None:
    """The two things as they are named in the sentence, else the two concepts in it."""
    text = one.text
    for shape in _SHAPES:
        match = shape.fullmatch(text)
        if not match:
            continue
        known = [_known(view, one, match, side) for side in ("one", "other")]
        if not any(known) or not (all(known) or _things(view, match)):
            continue
        if found := _fit(_plain(view, match, "one"), _plain(view, match, "other")):
            return found
    cue = _CUE.search(text)
    if cue is None:
        return None
    start = one.sentence.start
    found = [label for label, kind in named(view, one.block, start, one.sentence.end)
             if kind != "construct" or label.lower() in text.lower()]  # fmt: skip
    found = [name for name in found if name not in (view.subject, view.language)]
    if len(found) != 2 or not _apart(found[0], found[1]) or not _beside(text, cue, found):
        return None
    return found[0], found[1]


def _beside(text: str, cue: re.Match[str], names: Sequence[str]) -> bool:
    """Does a name stand right behind the words that compare, and not in an aside further on?"""
    places = [text.lower().find(name_key(name).lower(), cue.end()) for name in names]
    return any(cue.end() <= place <= cue.end() + NEAR for place in places)


def _known(view: View, one: Said, match: re.Match[str], side: str) -> bool:
    """Does the side name a concept of the book, and not the book's own subject?"""
    start = one.sentence.start
    if match[side] in (view.subject, view.language):
        return False
    return bool(named(view, one.block, start + match.start(side), start + match.end(side)))


def _things(view: View, match: re.Match[str]) -> bool:
    """Do both sides name a thing, be it no concept of the book, and none its subject?"""
    sides = [match[side] for side in ("one", "other")]
    own = (view.subject, view.language)
    return all(names_a_thing(side) and known_here(view, side) and side not in own for side in sides)


def _plain(view: View, match: re.Match[str], side: str) -> str:
    """A side as a question names it: only what begins the sentence has lost its small letter."""
    told = shown(match[side])
    return told if match.start(side) else small(view, told)


def _fit(*sides: str) -> tuple[str, ...] | None:
    if any(_NOTHING.fullmatch(side) or _OPEN.search(side) or len(side) < 3 for side in sides):
        return None
    return sides if _apart(*sides) else None


def _apart(one: str, other: str) -> bool:
    """Two different things, and neither is a kind of the other by name alone."""
    first, second = name_key(one), name_key(other)
    return bool(first and second) and first not in second and second not in first
