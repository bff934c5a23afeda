"""Sentences of an answer that lean on a page which its reader does not have.

Belongs here: what each sentence points at, and whether the question, its code or the answer has it.
Does not: how an answer begins and ends (``gates.py``), single sentences as material (``prose.py``).

The first sentence of an answer is looked at by every family; here are the others, too.
"""

from __future__ import annotations

import re
from functools import lru_cache

from booktune_assets.concepts.names import singular
from booktune_assets.concepts.sentences import split_sentences
from booktune_assets.pairs.rules import fences, without_fences

__all__ = ["lacking"]

# A thing that a page shows: the question shows it too, or the answer has to.
_SHOWN = (
    (re.compile(r"\b(?:this|that|the above) (?:error|exception)(?: message| report)?\b", re.I),
     re.compile(r"\*\*|\berror|\braise|\bexception|Error\b|=~|\bexit\b|\bthrow", re.I)),
    (re.compile(r"\bthis (?:unit |failing )?test\b|\b(?:these|those|all of our|our) tests\b|"
                r"\b[Tt]he test (?:creates|checks|starts|asserts|verifies|fails|passes|uses)\b"),
     re.compile(r"\btest\b.*\bdo\b|\bassert|_test\b|\btest\(|^test", re.M)),
    (re.compile(r"\b(?:this|that|these) (?:output|result|message|warning)s?\b(?! (?:of|that)\b)",
                re.I),
     re.compile(r"\b(?:output|result|message|warning|return|print)", re.I)),
)  # fmt: skip
_MESSAGE = re.compile(r"\s*(?:\d+> )?\*\* ")  # an error alone is no code to point at
# "this file", "these options": the noun has to have been said.
_DEMONSTRATIVE = re.compile(
    r"\b(?:[Tt]his|[Tt]hese|[Tt]hose) (?!is\b|are\b|was\b|were\b)((?:[a-z]+-)?[a-z]{3,})\b"
)
# "these two variables": they have to have been there, in the plural
_COUNTED = re.compile(r"\b(?:these|those) (?:two|three|four|five) ([a-z]{3,}s)\b", re.I)
# Nouns that take up a whole statement, or are no nouns.
_WHOLE_WORDS = """
way means case kind sort type approach behaviour behavior reason purpose problem issue point fact
time moment change allows makes will can would could should must may might does has have had works
gives lets ensures leads happens applies idea style and two three latter also gets becomes tells
says shows brings comes helps results looks requires includes only just first second third next
others over under who that which with from for into onto between through allow let make give enable
help mean need use provide take keep work apply come return hold doesn isn error exception test
output result message warning
"""
_WHOLE = frozenset(_WHOLE_WORDS.split())
_CODE_WORDS = """
code function module line example expression session snippet program call listing clause macro
variable definition command implementation syntax value list map string tuple struct file loop block
operator callback server client plug process pattern approach macro feature
"""
_OF_CODE = frozenset(_CODE_WORDS.split())
_PICTURED = frozenset(("question", "diagram", "picture", "image", "exercise", "anti-pattern"))
_STORY = re.compile(
    r"\b(?:this (?:whole|entire) time|all (?:this time|along)|up (?:to|until|till) now|"
    r"until now|by now\b|as usual\b|as promised|(?:we|you)(?:'ve| have)? already "
    r"(?:know|knew|seen|saw|learned|learnt|used|met|done|had|been)\b|"
    r"we(?:'ve| have| had)? (?:just |already |also )?(?:changed|moved|replaced|extended)\b)",
    re.I,
)
# What was done on the page: beside its code, that is clear.
_OWN_STORY = re.compile(
    r"\b(?:we|you) (?:have |had |just )+(?:already )?(?:been|seen|done|made|written|built|added|"
    r"created|defined|implemented)\b|\b[Ww]e(?:'ve| have| had)? (?:just |already |also )?"
    r"(?:implemented|added|wrote|built|created|introduced)\b|"
    r"(?:^|[.;] )(?:Our (?!own\b)\w+|Your (?:implementation|code|test|module|server|project)s?\b)"
)
# It promises, praises or sends on, and says nothing of the thing.
_EMPTY = re.compile(
    r"\b(?:an? )?(?:great|good|perfect|nice|excellent|wonderful) (?:opportunity|chance|time|moment|"
    r"occasion|place|excuse) (?:to|for)\b|\bshed (?:some )?light\b|\bgive it a (?:read|try|go)\b|"
    r"\bready to (?:proceed|move on|go on|continue)\b|\bmuch more (?:interesting|fun|exciting)\b|"
    r"\bgood overview\b|\bscratch(?:ed|ing)? the surface\b|\bbeyond the scope\b|"
    r"\b(?:we|you) (?:can|may) (?:also )?(?:check|consult|read|find) (?:out )?the\b[^.]*"
    r"\bdocumentation\b|\bworth (?:a look|checking|exploring|reading)\b|"
    r"\bdocumentation (?:also )?provides\b|\blet that sink in\b",
    re.I,
)


@lru_cache(maxsize=1 << 13)
def lacking(answer: str, question: str) -> str:
    """Why a sentence of the answer cannot stand with this question alone; empty if all can."""
    prose = without_fences(answer).replace("\u2019", "'")
    if not prose:
        return ""
    asked = question.replace("\u2019", "'")
    shown = [*fences(question), *fences(answer)]
    code = any(not _MESSAGE.match(text) for _, text in shown)
    if _STORY.search(prose) or (not code and _OWN_STORY.search(prose)):
        return "answer_tells_the_page"
    every = [one.text for one in split_sentences(prose)] or [prose]
    if sum(bool(_EMPTY.search(one)) for one in every) * 2 >= len(every):
        return "answer_empty"
    before = asked + "\n" + "\n".join(text for _, text in fences(answer))
    for place, text in enumerate(every):
        if reason := _points(text, before, code=code, first=not place):
            return reason
        before = f"{before}\n{text}"
    return ""


def _points(text: str, before: str, *, code: bool, first: bool) -> str:
    """A later sentence may take up the one before it in other words, the first has none."""
    for says, shows in _SHOWN:
        found = says.search(text)
        if found and not shows.search(before + "\n" + text[: found.start()]):
            return "answer_points_at_nothing"
    for found in _COUNTED.finditer(text):
        if found[1].lower() not in f"{before} {text[: found.start()]}".lower():
            return "answer_points_at_nothing"
    for found in _DEMONSTRATIVE.finditer(text):
        noun = singular(found[1]).lower()
        if not first and noun not in _PICTURED:
            continue
        defines = re.match(r" (?:that|which|who)\b", text[found.end() :])
        if defines or noun in _WHOLE or noun.endswith("ly"):
            continue
        known = f"{before} {text[: found.start()]}".lower()
        given = code or re.search(r"[`\[{(\d]", text[: found.start()])  # a value in the sentence
        if not (given and noun in _OF_CODE) and noun[: max(4, len(noun) - 2)] not in known:
            return "answer_points_at_nothing"
    return ""
