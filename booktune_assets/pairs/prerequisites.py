"""Family ``prerequisites``: what to know before a concept, from the edges of the concept graph.

Belongs here: wording the edges of the concepts that a section introduces, each with the sentence
that defines what comes first. Does not: finding edges (``concepts/``), choosing among them
(``topics.py``).
"""

from __future__ import annotations

from collections.abc import Iterator

from booktune_assets.concepts.names import name_key
from booktune_assets.pairs.candidate import PROSE, Candidate, Quote, View, shown
from booktune_assets.pairs.phrases import called, named
from booktune_assets.pairs.prose import stands
from booktune_assets.pairs.topics import Needed
from booktune_assets.pairs.wording import ask

__all__ = ["prerequisites"]


# Kinds of value that come at the beginning of every book.
_VALUE_WORDS = "string atom list integer float number boolean tuple map variable value nil"
_VALUES = frozenset(_VALUE_WORDS.split())


def prerequisites(view: View) -> Iterator[Candidate]:
    """One candidate per concept introduced here that builds on something defined."""
    taught = {label for _, _, label, _ in view.definitions}
    targets: dict[str, list[Needed]] = {}
    for one in view.needed:
        shown_here = one.target in taught or name_key(one.target) in name_key(view.title)
        if shown_here and _together(view, one) and _tells(view, one):
            targets.setdefault(one.target, []).append(one)
    for target, needed in targets.items():
        if all(name_key(one.label).lower() in _VALUES for one in needed):
            continue  # what everything is made of
        yield _candidate(view, target, needed)


def _together(view: View, one: Needed) -> bool:
    """Is there a paragraph that speaks of both?"""
    for block in view.blocks:
        if block["kind"] in PROSE:
            labels = {label for label, _ in named(view, block, 0, len(block["text"]))}
            if {one.label, one.target} <= labels:
                return True
    return False


def _tells(view: View, one: Needed) -> bool:
    """Is there a sentence that says what comes first, and is it not what the book is about?"""
    if one.block is None or one.label in (view.subject, view.language, "Elixir", "Erlang"):
        return False
    return stands(one.block["text"][one.start : one.end])


def _candidate(view: View, target: str, needed: list[Needed]) -> Candidate:
    key = f"{view.title}:{target}"
    name = called(view, target)
    opening = ask("comes_first", key, name=name)
    lines, quotes = [opening, ""], list[Quote]()
    glue = [opening]
    for one in needed:
        assert one.block is not None  # chosen for that
        item = f"{one.label} (\u201c{one.title}\u201d)"
        quotes += _mentioned(view, one.label)
        quotes.append(view.quote(one.block, one.start, one.end, "answer"))
        lines += [f"- {item}", f"  {shown(quotes[-1].text)}"]
        glue.append(item)
    question = ask("needed", key, name=name, language=view.subject or view.language)
    return Candidate(
        "prerequisites", view.blocks[0]["block_id"], "", "theory", question, "\n".join(lines),
        quotes, glue=tuple(glue),
    )  # fmt: skip


def _mentioned(view: View, label: str) -> list[Quote]:
    """Where this section speaks of what comes first: it shows that it is needed here."""
    for start, end, name, _ in view.mentions:
        if name != label:
            continue
        for block in view.blocks:
            first = int(block["char_start"])
            if first <= start < end <= first + len(block["text"]):
                return [view.quote(block, start - first, end - first, "answer")]
    return []
