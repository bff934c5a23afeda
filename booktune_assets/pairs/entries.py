"""Families ``define`` and ``steps``, from lists of entries: ``:size - the number of workers``.

Belongs here: which lists give a term and its meaning, what is asked of one entry and of all. Does
not: tables (``tables.py``), lists that a sentence leads to (``steps.py``).

At least two neighbours have to have the form: one dash alone is punctuation.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from booktune_assets.concepts.sentences import split_sentences
from booktune_assets.pairs.candidate import Candidate, Quote, View, shown
from booktune_assets.pairs.gates import unclear
from booktune_assets.pairs.overview import heading, says_nothing
from booktune_assets.pairs.phrases import keys, listed_items
from booktune_assets.pairs.subjects import names_a_thing
from booktune_assets.pairs.which import which_entry
from booktune_assets.pairs.wording_code import ask_code

__all__ = ["all_entries", "list_entries"]

ENTRIES = (2, 24)
WHOLE = (3, 14)  # entries of a list that is asked for as a whole
WORDS_MIN = 4  # of a meaning
MEANING_MAX = 420
TOPIC_MAX = 80
_ENTRY = re.compile(
    r"(?P<term>[^\s].{0,47}?)(?:\s*(?: [-\u2013\u2014]{1,2}|\u2014|:[`*_]{0,3})\s)\s*"
    r"(?P<meaning>\S.+)",
    re.S,
)
_CODED = re.compile(r"^[:@&%`]|[_(){}\[\]=/]|\w\.\w|^[a-z]\w*[?!]?$|^-{1,2}\w|[a-z][A-Z]")
_SPEAKS = re.compile(
    r"\b(?:I|[Ww]e|[Oo]urs?|[Ll]et's|[Ss]ee|[Ll]esson|[Ss]ection|[Cc]hapter|[Nn]ext|[Hh]ere)\b|"
    r"https?:|:$"
)
_NO_TERM = re.compile(
    r"(?:note|tip|warning|example|hint|answer|question|step|exercise)s?\b|.*[.?!,;]$|\d|"
    r"[A-Z]{2,}[ -]?\d",  # the number of a standard: its title is no meaning
    re.I,
)


@dataclass(slots=True)
class _Entry:
    block: dict[str, Any]
    term: str
    whole: Quote  # term and meaning, as far as it is clear
    meaning: str


def list_entries(view: View) -> Iterator[Candidate]:
    """One candidate per entry of a list of entries, and then which entry has that meaning."""
    topic = _topic(view)
    for entries in _lists(view):
        for one in entries if topic else ():
            language = view.subject or view.language
            if not language or keys(one.term) & keys(topic) == keys(one.term):
                continue
            question = ask_code(
                "entry", f"{one.block['block_id']}:{one.term}", entry=_named(one.term),
                topic=topic, language=language,
            )  # fmt: skip
            answer = f"{_named(one.term)}: {one.meaning}"
            yield Candidate(
                "define", one.block["block_id"], "", "theory", question, answer, [one.whole],
                glue=(answer,), borrowed=f"{one.term}, {topic}", entry=one.term,
            )  # fmt: skip
        for one in entries if topic else ():
            others = [other.meaning for other in entries if other is not one]
            if found := which_entry(
                view, [one.whole], "entry", _named(one.term), one.meaning, topic, others
            ):
                yield found


def all_entries(view: View, blocks: Sequence[dict[str, Any]]) -> Candidate | None:
    """The whole list, asked for by the heading that it stands under."""
    topic, language = _topic(view), view.subject or view.language
    found = _entries(view, blocks)
    nested = any(_opens(block) for block in blocks)
    if not topic or not language or not WHOLE[0] <= len(found) <= WHOLE[1] or nested:
        return None
    lines = [f"- {_named(one.term)}: {one.meaning}" for one in found]
    question = ask_code("entries", blocks[0]["block_id"], topic=topic, language=language)
    return Candidate(
        "steps", blocks[0]["block_id"], "", "theory", question, "\n".join(lines),
        [one.whole for one in found], glue=tuple(line[2:] for line in lines), borrowed=topic,
    )  # fmt: skip


def _lists(view: View) -> Iterator[list[_Entry]]:
    place = 0
    while place < len(view.blocks):
        end = place
        while end < len(view.blocks) and view.blocks[end]["kind"] == "list":
            end += 1
        if end > place and (found := _entries(view, view.blocks[place:end])):
            yield found
        place = max(end, place + 1)


def _entries(view: View, blocks: Sequence[dict[str, Any]]) -> list[_Entry]:
    """The entries of a run of list blocks; none where most items are something else."""
    flat = itertools.takewhile(lambda block: not _opens(block), blocks)
    items = [(block, item) for block in flat for item in listed_items(view, block)]
    found = [made for block, item in items if (made := _entry(view, block, item))]
    enough = ENTRIES[0] <= len(found) <= ENTRIES[1] and 2 * len(found) > len(items)
    if not enough or len({one.term for one in found}) < len(found):
        return []
    return found


def _opens(block: dict[str, Any]) -> bool:
    """Does another list hang on this item? Where that one ends is not known."""
    return str(block["text"]).rstrip().endswith(":")


def _entry(view: View, block: dict[str, Any], item: Quote) -> _Entry | None:
    match = _ENTRY.fullmatch(item.text)
    if match is None:
        return None
    term, coded = match["term"].strip(" *_"), bool(_CODED.search(match["term"].strip(" *_")))
    if not term.strip("`") or _NO_TERM.match(term) or not (coded or _noun(term)):
        return None
    end = match.start("meaning")
    for sentence in split_sentences(match["meaning"]):
        stop = match.start("meaning") + sentence.end
        if unclear(sentence.text) or _SPEAKS.search(sentence.text) or stop > MEANING_MAX:
            break
        end = stop
    meaning = shown(item.text[match.start("meaning") : end]).strip()
    if "\n" in meaning or len(meaning.split()) < WORDS_MIN:
        return None
    first = item.start - int(block["char_start"])
    whole = view.quote(block, first, first + end, "answer")
    return _Entry(block, term.strip("`"), whole, meaning)


def _noun(term: str) -> bool:
    return len(term.split()) <= 4 and names_a_thing(term) and term[:1].isupper()


def _named(term: str) -> str:
    words = " " in term and term[:1].isupper()  # "Static access (map.key)"
    coded = _CODED.search(term) and "`" not in term and not words
    return f"`{term}`" if coded else shown(term)


def _topic(view: View) -> str:
    """The heading with its chapter: options of what?"""
    title = heading(view) or _bare(view.title)
    above = _bare(view.titles[0]) if view.titles[1:] else ""
    if says_nothing(view.title) and (not above or says_nothing(above)):
        return ""
    if not above or unclear(above) or keys(above) <= keys(title):
        return title
    return f"{above}: {title}" if len(above) + len(title) < TOPIC_MAX else title


def _bare(title: str) -> str:
    return re.sub(r"^(?:\d+[.)]?)+\s*", "", title.replace("`", "").replace("*", "")).strip(" :")
