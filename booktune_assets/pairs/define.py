"""Family ``define``: what a concept is, answered by the sentences that define it.

Belongs here: picking the sentences and naming the subject as the book names it. Does not: finding
defining sentences (``concepts/definitions.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from booktune_assets.concepts.definitions import Defined, defined_by
from booktune_assets.concepts.names import api_name, name_key, words
from booktune_assets.concepts.sentences import Sentence, split_sentences
from booktune_assets.pairs.candidate import PROSE, Candidate, View, shown
from booktune_assets.pairs.gates import unclear
from booktune_assets.pairs.naming import reversed_question
from booktune_assets.pairs.overview import about_concepts, about_topic
from booktune_assets.pairs.subjects import known_here, names_a_thing
from booktune_assets.pairs.wording import ask

__all__ = ["define"]

_IN_PROGRAMMING = re.compile(r" (?:as used )?in programming\b")
_MOVES_ON = re.compile(r"(?:Now|Next|So|But|Let|For example|For instance|Suppose|Imagine)\b")
_REFERS_BACK = re.compile(r"(?:It|Its|They|Their|These|Such|This|Because of this)\b")

_KIND_OF = re.compile(r"\b(?:is|are) (?:one|another) (?:kind|type|sort|form|piece) of \w+\b")
_THIS_HERE = re.compile(
    r"\bhere\b|\b(?:before|after|at|in front of|beside|like|such as) (?:this|these|those)\b"
)

# What only the page's own program has: at once, or in a sentence that goes on.
_DONE = r"\bwe(?:'ve| have| had)? (?:just )?(?:defined|saw|wrote|added|created|built|made)\b"
_PAGE_OWN = re.compile(rf"{_DONE}|\bwe've\b", re.I)
_PAGE_MORE = re.compile(rf"{_DONE}|\bwe've\b|\bours?\b(?! own\b)", re.I)
_BESIDE = re.compile(r"(?:is|are) also\b")
# A property, a condition, praise: it does not say what the thing is.
_NO_DEFINITION = re.compile(
    r"(?:is|are) (?:(?:very|quite|really|just|simply|all|both|considered|said to be) )*"
    r"(?:equal|equivalent|identical|the same|similar|different|useful|handy|helpful|available|"
    r"supported|common|popular|important|interesting|great|good|nice|easy|simple|fast|slow|cheap|"
    r"expensive|powerful|flexible|possible|necessary|required|optional|allowed|limited|true|false|"
    r"one of (?:the (?:\w+ )?(?:best|main|most)|\w+[\u2019']s (?:best|main|most)))\b"
    r"(?=[.,;]| (?:if|when|for|to|in|and|as|with|because|at|on|of|by|from|or|but|features?)\b)"
)
# what tells two things apart says of neither what it does
_CONTRASTS = re.compile(r", (?:while|whereas|unlike)\b|\bin contrast\b|\bon the other hand\b")
_IF_ONLY = re.compile(r"\b(?:is|are) \w+ (?:if|when|unless|because)\b|\bget to the bottom of\b")

# What it is made of or how it looks is no answer to what it is for.
_NO_PURPOSE = re.compile(
    r"(?:starts?|begins?|ends?|comes?) (?:with|from|in|after|before|at)\b|(?:consists?|depends?|"
    r"contains?|holds?|looks?|needs?|requires?|has|have)\b|(?:is|are) (?:\w+ly )?(?:made|composed|"
    r"isolated|built|stored|named|ordered|unordered|simple|small|plain|implemented|represented)\b"
)

SENTENCES = 4  # at most, the defining one included
ENOUGH = 420  # characters after which no further sentence is taken


def define(view: View) -> Iterator[Candidate]:
    """One candidate per defining sentence whose subject is a concept of the book."""
    starts = {start: (label, kind) for start, _, label, kind in view.definitions}
    for block in view.blocks:
        if block["kind"] not in PROSE:
            continue
        sentences = split_sentences(block["text"])
        for place, sentence in enumerate(sentences):
            defined = defined_by(sentence.text)
            if defined is None:
                continue
            at = block["char_start"] + sentence.start + defined.start
            if at in starts and not (defined.shape == "does" and defined.name == view.subject):
                if not _names(view, defined):
                    continue
                yield _candidate(view, block, sentences, place, defined, starts[at][0])
                if reverse := reversed_question(view, block, sentences[place], defined):
                    yield reverse
    yield from about_topic(view)
    yield from about_concepts(view)


def _names(view: View, one: Defined) -> bool:
    """Does the subject name a thing by itself?"""
    name = f"{one.article} {one.name}" if one.article else one.name
    if api_name(one.name):
        return True
    return names_a_thing(one.name) and known_here(view, name)


def _candidate(
    view: View,
    block: dict[str, Any],
    sentences: list[Sentence],
    place: int,
    one: Defined,
    label: str,
) -> Candidate:
    last = place
    while (
        last + 1 < len(sentences)
        and last + 1 - place < SENTENCES
        and sentences[last].end - sentences[place].start < ENOUGH
        and _goes_on(sentences[last + 1].text, one, label)
    ):
        last += 1
    start, end = sentences[place].start, sentences[last].end
    quote = view.quote(block, start, end, "answer")
    key = f"{block['block_id']}:{start}"
    answer = shown(quote.text)
    first = sentences[place].text
    told = first[one.end :].lstrip("` *_")
    question = _question(view, one, label, key, told)
    problem = "object_unclear" if _object_unclear(first, one) else ""
    if _KIND_OF.search(first) or _THIS_HERE.search(first):
        problem = "definition_says_nothing" if _KIND_OF.search(first) else "object_unclear"
    if not problem and _PAGE_OWN.search(first.replace("\u2019", "'")):
        problem = "speaks_of_its_page"
    if not problem and one.shape == "does" and _CONTRASTS.search(first):
        problem = "tells_only_a_difference"
    beside = _BESIDE.match(told) or _NO_DEFINITION.match(told) or _IF_ONLY.search(first)
    if not problem and one.shape != "does" and beside:
        problem = "definition_says_nothing"
    return Candidate(
        "define", block["block_id"], "", "theory", question, answer, [quote], problem=problem
    )


def _question(view: View, one: Defined, label: str, key: str, told: str) -> str:
    """``told`` is what the sentence goes on with behind the name."""
    if api_name(one.name):
        return ask("api", key, name=one.name, language=view.language)
    subject = _subject(view, one, label)
    blanks = {
        "subject": subject,
        "be": "are" if one.plural else "is",
        "do": "do" if one.plural else "does",
        "it": "they" if one.plural else "it",
        "language": _place(view, label),
    }
    if one.shape == "does" and _NO_PURPOSE.match(told):
        return ask("about", key, name=subject, language=blanks["language"])
    question = ask("purpose" if one.shape == "does" else "define", key, **blanks)
    return _IN_PROGRAMMING.sub("", question)


def _subject(view: View, one: Defined, label: str) -> str:
    """The subject with its article, small at its beginning unless it is a name."""
    name = one.name
    called = name.split()[0] in view.names
    if not called and (
        (name[:1].isupper() and name[1:].islower() and label[:1].islower())
        or (" " in name and name[:1].isupper() and label[:1].islower())
    ):
        name = name[:1].lower() + name[1:]
    article = one.article
    if name.startswith("let "):
        return f'"{name}"'
    if one.shape == "called" and not article and not one.plural:
        name = f'the term "{name}"'
    return f"{article} {name}" if article else name


def _place(view: View, label: str) -> str:
    """What the question is set in: nothing is explained by itself."""
    if label in ("Elixir", "Erlang"):
        return "programming"
    return view.language if label == view.subject else view.subject or view.language


def _goes_on(text: str, one: Defined, label: str) -> bool:
    """Does the sentence still speak of the same thing, and is it clear without its page?"""
    if text.endswith((":", "?")) or unclear(text) or _MOVES_ON.match(text):
        return False
    if _PAGE_MORE.search(text.replace("\u2019", "'")):
        return False
    other = defined_by(text)
    if other and name_key(other.name) not in (name_key(one.name), name_key(label)):
        return False
    if _REFERS_BACK.match(text):
        return True
    keys = {word.key.lower() for word in words(text)}
    return name_key(one.name).lower().split()[-1] in keys or name_key(label).lower() in keys


def _object_unclear(text: str, one: Defined) -> bool:
    """``The function `f/1` starts it``: it stands for something said before."""
    clause = re.split(r"[,;:.] ", text[one.end :], maxsplit=1)[0]
    return one.shape == "does" and bool(
        re.search(r"\b(?:it|them|one|that|this)$|^\S* \w+ (?:it|them)\b", clause)
    )
