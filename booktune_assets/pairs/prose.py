"""Sentences of a section as material for questions: which stand alone, and how far they go on.

Belongs here: what every prose family asks of a sentence before it quotes it. Does not: pieces of
questions (``phrases.py``), what is asked (the families), what is refused (``gates.py``, whose rules
on single texts are used here to choose before proposing).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, cast

from booktune_assets.concepts.sentences import Sentence, split_sentences
from booktune_assets.pairs.candidate import PROSE, View
from booktune_assets.pairs.gates import dangles, unclear
from booktune_assets.pairs.history import tells_of_changes

__all__ = ["FINITE", "Said", "follow", "leans", "said", "sentences", "stands", "verb"]

ENOUGH = 420  # characters after which no further sentence is taken
SENTENCES = 3  # at most, the first one included

_PRONOUN = re.compile(r"\b(?:it|its|itself|they|their|them|he|his|she|her)\b", re.I)
# Words that make a sentence the second half of something, wherever they stand in it.
_ORDERED = (
    r"(?! (?:argument|element|parameter|value|character|item|line|byte|letter|clause|match|class|"
    r"time|step|two|three|part|call|process|class|entry|field)s?\b| of\b|-)"
)
_LEANS = re.compile(
    r"\b(?:the same(?! (?:\w+ )?(?:as|that|for|time|way)\b)|again|instead(?! of)|too(?=[.,])|"
    r"otherwise|else|respectively|likewise|former|latter|such(?! as| an? )|here|now|"
    r"this|these|those|our|ours|us|finally|others|the other|"
    r"both(?! [\w`./:-]+ and\b)|either(?! [^,.]{1,40} or\b)|neither|above|below|following|"
    r"we(?:'re|'ve|'d)|you(?:'ve|'d)|one of the|in addition|additional(?:ly)?|indeed|mentioned|"
    r"what (?:remains|follows|is left|comes next)|"
    r"seen|saw|earlier|similar(?= but\b|[.,;])|previous(?:ly)?|next|notice|remember|recall|please|"
    r"no longer|any ?more|"
    r"(?:has|have) (?:\w+ )?been (?:added|fixed|removed|improved|made|increased|tweaked|"
    r"corrected|reworked|deprecated|renamed|updated|changed|transformed|introduced)|"
    r"(?:has|have) (?:(?:automatically|already|just) been|been (?:automatically|already|just)) "
    r"(?:generated|created|compiled|started|installed|set up)|even more\b|"
    r"(?:has|have) (?:an? |two |three |several |some )?new\b|"
    r"we (?:have |had |also )*(?:defined|used|created|wrote|added|saw|built|started|implemented|"
    r"learned|looked|discussed|made|called|passed|wrote|ran|got|found)|as usual|"
    r"as (?:you|we) (?:can|may|will) (?:also |now )?(?:see|notice|guess|tell|imagine)|"
    r"most people (?:don't|do not)|"
    r"of course|meanwhile|on the other hand|"
    r"the (?:only|other) one(?! (?:of|that|which|who|to|in|with|for)\b)|"
    r"imagine|suppose|yet|lastly|but not least|shown|demonstrates?)\b"
    rf"|\b(?:first|second|third|last){_ORDERED}\b"
    r"|\b(?:for|of|with|like|to|in|by|from|than|do|does|after|before|at|on) that(?=[ .,;])"
    r"|\b(?:whether|if|because|since|when|although|while) that (?:is|was|has|turns|happens|means|"
    r"makes|can|will|would|does)\b"
    r"|\b(?:start|make|create|write|define|build|need|have|use|get|call|add|spawn|find)s? one"
    r"(?= (?:with|by|using|like|in|for|from|as|when|if)\b|[.,;])"
    r"|^(?:But|And|Or|So|Because|Note|However|Therefore|Thus|Hence|Another|Then|Even|Still|Also|"
    r"Similarly|Actually|Say|[A-Z]\w+ used to)\b|^The new\b"
    r"|^(?:The|This|In the|An?) (?:\w+ )?examples?\b"
    r"|\bthere(?! (?:is|are|can|may|will|must)\b)|[?:]$|…|\.\.\.|(?<!, )\bthen(?! be\b)",
    re.I,
)  # fmt: skip
# What is so for all readers: "allows us to", "if … then", "when we're". The words lean elsewhere.
_OF_ALL = (
    (re.compile(r"\b((?:allow|let|enable|help|force|require|save)s?) us\b", re.I), r"\1 you"),
    (re.compile(r"\b((?:if|when|whenever|once|unless)\b[^.;:]{8,140}?),? then\b", re.I), r"\1,"),
    (re.compile(r"\b(if|when|whenever|while) we're\b(?! (?:going|now|done))", re.I), r"\1 you are"),
)  # fmt: skip
# "The function returns …": which one? "The function that …", "The function `f/1` …" are clear.
_GENERIC = (
    r"(?:function|callback|module|code|example|result|output|value|argument|option|program|"
    r"variable|line|expression|name|key|element|item|default|call|clause|pattern|error|return|"
    r"body|operator|macro|test|snippet|listing|session|struct|field|type|file|command|"
    r"documentation|difference|reason|idea|solution|problem|point|answer|question|way|rest|"
    r"parameter|definition|keyword|string|list|map|tuple|number|message|atom)s?"
)
_DEFINITE = re.compile(
    rf"(?:The|the) (?:[a-z-]+ ){{0,2}}?{_GENERIC}"
    r"(?! (?:that|which|of|for|with|in|to|named|called|whose|where|used|from|on|"
    r"[\w.:]+[/(]\w|[a-z_]+_\w+)|\w* [`\"\u201c:])\b"
)
# an item that is a name and no sentence
_TERM = re.compile(r"[`*_]*[\w.:/?!{},()]+(?: [\w.:/?!{},()]+){0,2}(?<![.:?!,])[`*_]*")
_ENDS = re.compile(r"[.!][\"'\u201d\u2019)\]`*_]*$")
FINITE = re.compile(
    r"\b(?:is|are|was|were|will|would|can|could|must|may|might|should|cannot|won't|does|do|has|"
    r"have|\w{3,}(?<![sui])s|\w+shes|\w+ches)\b"
)


_VERBS = """
returns takes applies creates starts stops sends receives calls converts turns computes checks
gives reads writes opens closes evaluates executes runs registers splits joins maps filters
removes deletes adds inserts updates fetches gets puts finds raises prints builds expects accepts
makes transforms generates loads compiles merges counts iterates provides allows lets defines
stores keeps handles matches compares replaces parses encodes decodes traps exits asks tells
holds wraps passes restarts supervises works behaves supports contains consists includes uses
requires offers implements depends represents describes enables helps comes needs guarantees
ensures determines specifies controls identifies refers points belongs forms simplifies improves
prevents protects manages listens processes performs terminates crashes dies fails succeeds
shares communicates organizes ships serves responds replies selects ignores respects follows
"""
_THIRD = frozenset(_VERBS.split())
_BASE = frozenset(
    word[:-2] if word.endswith(("ches", "shes", "sses")) else word[:-1] for word in _THIRD
)
_AUX_WORDS = """
is are can cannot will must may should has have does do was were never always only
"""
_AUX = frozenset(_AUX_WORDS.split())


_ELSEWHERE = re.compile(
    r"(?:Now|Next|So|Let|Suppose|Imagine|For instance|"
    r"For example,? (?:if|let|the following|this|imagine|suppose|consider|assume|say|take)|"
    r"Finally|Another|Also|Here|Below|More on|Notice|"
    r"In (?:this|our|the|these|my) (?:\w+ )?(?:examples?|cases?|program|app|application|test)|"
    r"(?:This|The|Our) (?:\w+ )?example)\b"
)


# The page's own program, of which a reader elsewhere knows nothing.
_OWN = re.compile(
    r"\b(?:our|ours) (?!own\b)\w|\bwe(?:'ve| have| had)? (?:just )?(?:defined|saw|wrote|added|"
    r"created|built|made|implemented)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, its place among those of its block, and the block."""

    block: dict[str, Any]
    every: tuple[Sentence, ...]
    place: int

    @property
    def sentence(self) -> Sentence:
        """The sentence itself."""
        return self.every[self.place]

    @property
    def text(self) -> str:
        """Its text."""
        return self.every[self.place].text


@lru_cache(maxsize=1 << 13)
def sentences(text: str) -> tuple[Sentence, ...]:
    """Sentences of a block, cut once for all families."""
    return tuple(split_sentences(text))


def said(view: View) -> tuple[Said, ...]:
    """All sentences of a section that stand alone: whole, clear, leaning on nothing before."""
    known = view.memo.get("said")
    if known is None:
        known = view.memo["said"] = tuple(_said(view))
    return cast("tuple[Said, ...]", known)


def _said(view: View) -> Iterator[Said]:
    if tells_of_changes(view.titles):
        return
    for block in view.blocks:
        if block["kind"] not in PROSE:
            continue
        if block["kind"] == "answer" or described(view, block):
            continue  # of an exercise; of the name in the item before
        every = sentences(block["text"])
        for place, sentence in enumerate(every):
            if stands(sentence.text):
                yield Said(block, every, place)


def described(view: View, block: dict[str, Any]) -> bool:
    """Is this item what a list says of the name that is the item before it?"""
    if "described" not in view.memo:
        view.memo["described"] = {
            after["block_id"]
            for name, after in pairwise(view.blocks)
            if name["kind"] == after["kind"] == "list" and _TERM.fullmatch(name["text"].strip())
        }
    return block["block_id"] in cast("set[str]", view.memo["described"])


@lru_cache(maxsize=1 << 13)
def stands(text: str) -> bool:
    """Can this sentence be understood by who has read nothing before it?"""
    if not 40 <= len(text) <= 400 or not _ENDS.search(text) or not re.match(r"[A-Z]", text):
        return False
    if dangles(text) or unclear(text) or leans(text):
        return False
    return text.count("(") == text.count(")") and text.count("`") % 2 == 0


@lru_cache(maxsize=1 << 13)
def leans(text: str) -> bool:
    """Does it rest on what was said before: other words, a pronoun, "the function"?"""
    plain = text.replace("\u2019", "'")
    for shape, other in _OF_ALL:
        plain = shape.sub(other, plain)
    if _LEANS.search(plain) or _DEFINITE.match(plain):
        return True
    found = _PRONOUN.search(plain)
    return found is not None and len(plain[: found.start()].split()) < 4


def follow(one: Said, limit: int = ENOUGH, most: int = SENTENCES) -> int:
    """Place of the last sentence that belongs to this one: it goes on about the same thing."""
    last, start = one.place, one.sentence.start
    while last + 1 < len(one.every) and last + 1 - one.place < most:
        text = one.every[last + 1].text
        if one.every[last + 1].end - start > limit or not _goes_on(text):
            break
        last += 1
    return last


@lru_cache(maxsize=1 << 13)
def _goes_on(text: str) -> bool:
    if not _ENDS.search(text) or unclear(text) or len(text) < 20:
        return False
    return not _ELSEWHERE.match(text) and not _OWN.search(text.replace("\u2019", "'"))


def verb(word: str, *, plural: bool) -> bool:
    """May this word be the verb after a subject?"""
    return word in _AUX or word in (_BASE if plural else _THIRD)
