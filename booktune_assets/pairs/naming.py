"""From a description to the name: the definition of a concept, asked the other way round.

Belongs here: taking the describing part of a defining sentence as the question. Does not: finding
defining sentences (``concepts/definitions.py``), questions that name the concept (``define.py``).
"""

from __future__ import annotations

import re
from typing import Any

from booktune_assets.concepts.definitions import Defined
from booktune_assets.concepts.names import api_name
from booktune_assets.concepts.sentences import Sentence
from booktune_assets.pairs.candidate import Candidate, View, shown
from booktune_assets.pairs.phrases import keys
from booktune_assets.pairs.prose import leans, stands
from booktune_assets.pairs.wording import ask

__all__ = ["reversed_question"]

_THING = re.compile(
    r"[`*_]* (?:is|are) (?:simply |just |basically |essentially )?(?P<thing>(?:an?|"
    r"the) (?:[^.;:({<]|\.(?=\w)){24,150})"
)
_OPEN = (" a", " an", " the", " in", " of", " and", " or", " to")
_APPENDED = re.compile(r", [`\w./?!]+$")
_DOES = re.compile(
    r"[`*_]*(?: function| macro)? (?P<does>[a-z]{3,}s (?!that\b)(?:[^.;:({<]|\.(?=\w)){14,150})"
)


def reversed_question(
    view: View, block: dict[str, Any], sentence: Sentence, one: Defined
) -> Candidate | None:
    """The candidate that asks for the name, or None when the description does not do alone."""
    text = sentence.text
    if not stands(text) or one.plural:
        return None
    function = bool(api_name(one.name))
    match = (_DOES if function else _THING).match(text, one.end)
    if match is None or (one.shape not in ("is", "does")):
        return None
    told = shown(match["does"] if function else match["thing"]).rstrip(" ,")
    if not re.match(r"[.;: ]|$", text[match.end() :]) or told.endswith(
        (" a", " an", " the", " in")
    ):
        return None
    if _APPENDED.search(told):  # "in one form, for": the name again, or a piece of the rest
        return None
    if leans(f"{told}.") or _gives_away(told, one.name) or " too" in told:
        return None
    key = f"{block['block_id']}:{sentence.start}:name"
    language = view.language if function else view.subject or view.language
    if (language and re.search(rf"\b{re.escape(language)}\b", told)) or one.name == view.subject:
        return None
    kind = "which_function" if function else "reversed"
    question = ask(kind, key, does=told, thing=told, language=language)
    quote = view.quote(block, sentence.start, sentence.end, "answer")
    coded = re.search(r"[_/.:]\w|[?!]$", one.name)
    named = one.name if coded else f"{one.name[:1].upper()}{one.name[1:]}"
    answer = f"{named}. {shown(quote.text)}"
    if function:
        answer = f"`{one.name}`. {shown(quote.text)}"
    return Candidate(
        "define", block["block_id"], "", "theory", question, answer, [quote], glue=(answer,),
        borrowed=told,
    )  # fmt: skip


def _gives_away(told: str, name: str) -> bool:
    """Does the description hold the name, or a word of it?"""
    return bool({key for key in keys(name) if len(key) > 2} & keys(told))
