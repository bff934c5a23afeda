"""Family ``steps``: a list of the book, asked for by the sentence that leads to it.

Belongs here: lists with their lead-in, and questions that name what is listed. Does not: lists of
links or exercises. A list may be one block of many lines or one block per item.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from booktune_assets.concepts.sentences import split_sentences
from booktune_assets.pairs.candidate import Candidate, View, shown
from booktune_assets.pairs.entries import all_entries
from booktune_assets.pairs.gates import dangles, unclear
from booktune_assets.pairs.overview import how_to
from booktune_assets.pairs.phrases import listed_items, setting
from booktune_assets.pairs.prose import leans
from booktune_assets.pairs.wording import ask

__all__ = ["steps"]

ITEMS = (2, 14)
_WHICH = re.compile(
    r"(?:The following|These|There are (?:the following )?|The|Here are the)(?: following)?"
    r"(?: \w+ (?=\w+ of))? ?(?P<things>[\w ./'-]{4,50}?) "
    r"(?P<are>(?:are|is|can be|may be) (?:available|supported|possible|defined|provided|allowed|"
    r"used|required|implemented|accepted|recognized|set|returned)[\w ]{0,40})"
)
_TO = re.compile(
    r"(?:In order to|To) (?P<task>[a-z]+ [^,:;(]{6,90}), (?:we|you|one|follow|do|perform|run|there|"
    r"the|simply|just).*"
)
_NO_LEAD = re.compile(
    r"(?:looks?|goes|is|are|becomes?|works?|includes?) like$|^[^,]+, (?:which|that|who)\b[^,]*$|"
    r"\b(?:is|are) documented\b|"
    r"^(?:In summary|Consider|Imagine|Suppose|We (?:really |also )?(?:want|need))\b|"
    r"\bwill still\b|\bany number\b|\b(?:for example|for instance|e\.g\.|to name (?:a few|some))$"
)
_READ = re.compile(r"\b(?:read|reading|resources?|information|links?|documentation|docs)\b", re.I)
_LINKS = re.compile(r"https?://|\bwww\.|^(?:Chapter|Section|Part|See|Read|Watch|Video)\b")


def steps(view: View) -> Iterator[Candidate]:
    """One candidate per list whose lead-in says what it lists, or that holds entries."""
    place = 0
    while place < len(view.blocks):
        end = place
        while end < len(view.blocks) and view.blocks[end]["kind"] == "list":
            end += 1
        if end > place and place:
            blocks = view.blocks[place:end]
            found = _candidate(view, view.blocks[place - 1], blocks) or all_entries(view, blocks)
            if found:
                yield found
        place = max(end, place + 1)
    yield from how_to(view)


def _candidate(
    view: View, before: dict[str, Any], blocks: list[dict[str, Any]]
) -> Candidate | None:
    lead = _lead(before)
    items = [quote for block in blocks for quote in listed_items(view, block)]
    if lead is None or not ITEMS[0] <= len(items) <= ITEMS[1]:
        return None
    start, end = lead
    text = shown(before["text"][start:end])
    told = " ".join(text.split()).rstrip(": ")
    if _NO_LEAD.search(told) or leans(re.sub(r"\bfollowing ?|\bThese (?=\w+ are)", "", told) + "."):
        return None
    if any(_LINKS.search(one.text) or unclear(one.text) for one in items) or _READ.search(told):
        return None
    if any(one.text.endswith(":") for one in items):  # a list in the list: its levels are lost
        return None
    if sum(len(one.text) for one in items) < 40 or any("\n" in one.text for one in items):
        return None
    key = f"{before['block_id']}:{start}"
    question = _question(view, told, key)
    answer = "\n".join(f"- {shown(one.text)}" for one in items)
    asked = view.quote(before, start, end, "question")
    return Candidate(
        "steps", before["block_id"], "", "theory", question, answer, [asked, *items], borrowed=told,
    )  # fmt: skip


def _lead(block: dict[str, Any]) -> tuple[int, int] | None:
    """The last sentence before the list, when it leads to it and stands alone."""
    if block["kind"] not in ("prose", "callout") or not block["text"].rstrip().endswith(":"):
        return None
    found = split_sentences(block["text"])
    last = found[-1]
    plain = re.sub(r"\b(?:the )?following\b|\bThese (?=\w+ are)", "the", last.text)
    if len(last.text) < 15 or last.text.startswith("Your ") or dangles(plain) or unclear(plain):
        return None
    return last.start, last.end


def _question(view: View, told: str, key: str) -> str:
    language = setting(view, told) or view.subject or view.language
    if (match := _TO.fullmatch(told)) and not re.search(
        r"\b(?:it|this|them|these)\b", match["task"]
    ):
        kind = "purpose_to" if setting(view, told) else "purpose_to_plain"
        return ask(kind, key, task=match["task"], language=language)
    which = ""
    if match := _WHICH.fullmatch(told):
        which = f"which {match['things'].strip()} {match['are']}"
    if which:
        return ask(
            "which", key, which=which, Which=which[:1].upper() + which[1:], language=language
        )
    return ask("steps", key, lead=f"{told}:", language=language)
