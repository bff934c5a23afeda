"""Family ``refusal``: a passage that does not answer the question, and the answer that says so.

Belongs here: passages, and names that are near but absent. Does not: the check that they are absent
(``gates.py`` makes it again). The answer says nothing of what the passage is about: the names in it
are often not its topic.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from booktune_assets.concepts.names import name_key, singular, words
from booktune_assets.ids import stable_int
from booktune_assets.pairs.candidate import Candidate, View, shown
from booktune_assets.pairs.code_forms import shows_what_it_names
from booktune_assets.pairs.gates import dangles, unclear
from booktune_assets.pairs.phrases import called
from booktune_assets.pairs.prose import leans, sentences
from booktune_assets.pairs.wording import ask

__all__ = ["refusal"]

CHARS = (180, 900)  # of a passage


_ORDINARY_WORDS = """
case reduce current upcoming related range compile service reference link task child current
behavior behaviour dependency dependencies release match matching filter stream cast registry
application push informative key
exception? configuration current timeout? modern order value type features
"""
_ORDINARY = frozenset(word for word in _ORDINARY_WORDS.split() if not word.endswith("?"))


_DOES = re.compile(r"\b(?:it|that|which|who|he|she)(?: also| only| then)? [`*_]*$")


def refusal(view: View) -> Iterator[Candidate]:
    """One candidate per section at most: the passage is chosen by hash."""
    passages = [block for block in view.blocks if _fit(block)]
    for block in sorted(passages, key=lambda one: stable_int(f"passage\x1f{one['block_id']}")):
        if found := _candidate(view, block):
            yield found
            return


def _fit(block: dict[str, Any]) -> bool:
    text = block["text"]
    if block["kind"] != "prose" or not CHARS[0] <= len(text) <= CHARS[1]:
        return False
    if leans(sentences(text)[0].text) or not text.rstrip().endswith("."):
        return False
    if not re.match(r"[A-Z`:\"\u201c]", text):  # the second half of a sentence
        return False
    return not dangles(text) and not unclear(text)


def _candidate(view: View, block: dict[str, Any]) -> Candidate | None:
    text, key = block["text"], block["block_id"]
    first = int(block["char_start"])
    present = {word.key.lower() for word in words(text)}
    present |= {word.lower() for word in re.findall(r"[A-Za-z]+", text)}  # of "HTTP/1.1"
    covered: set[str] = set()
    elsewhere: dict[str, str] = {}
    for start, end, label, kind in view.mentions:
        surface = " ".join(view.text[start:end].split())
        if not _tells(view, label, kind, surface):
            continue
        if first <= start < end <= first + len(text):
            if not _names_it(view.text, start, surface):
                continue
            covered.add(label)
        elif shows_what_it_names(label, text):
            continue  # "{:ok, value}" is no silence on tuples
        elif not set(name_key(label).lower().split()) & present:
            elsewhere.setdefault(label, called(view, label))
    absent = sorted(set(elsewhere) - covered)
    if not covered or not absent:
        return None
    name = elsewhere[absent[stable_int(f"absent\x1f{key}") % len(absent)]]
    answer = ask("refused", key, absent=name)
    question = ask(
        "refusal", key, passage=shown(text), absent=name, language=view.subject or view.language
    )
    return Candidate(
        "refusal", key, "", "theory", question, answer,
        [view.quote(block, 0, len(text), role) for role in ("question", "answer")],
        glue=(answer,), absent=(name,),
    )  # fmt: skip


def _tells(view: View, label: str, kind: str, surface: str) -> bool:
    """Is this surely the name of the thing, and not an ordinary word that is written like it?"""
    if label in (view.subject, view.language, "Elixir", "Erlang") or kind == "construct":
        return False
    return label not in _ORDINARY and (surface.lower() != surface or not surface.endswith("ing"))


def _names_it(text: str, start: int, surface: str) -> bool:
    """A plural, several words, a name or a noun with its article: surely not a verb."""
    if singular(surface) != surface and _DOES.search(text[max(0, start - 8) : start]):
        return False  # "it maps to"
    if " " in surface or surface != surface.lower() or singular(surface) != surface:
        return True
    return bool(
        re.search(r"\b(?:an?|the|each|every) [`*_]*$", text[max(0, start - 8) : start], re.I)
    )
