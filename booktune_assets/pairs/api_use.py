"""Family ``api_use``: what a named function is for, and a call of it from the book's own code.

Belongs here: tying a sentence on a function to a listing or session line that calls it. Does not:
definitions of functions (``define.py``), whether the function is installed (``symbols`` of a later
gate): the call stands in the book.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from booktune_assets.concepts.names import api_name, words
from booktune_assets.pairs.candidate import (
    CODE,
    Candidate,
    Quote,
    View,
    fenced,
    language_name,
    shown,
)  # fmt: skip
from booktune_assets.pairs.prose import Said, follow, said
from booktune_assets.pairs.sessions import entries
from booktune_assets.pairs.wording import ask

__all__ = ["api_use"]

_Call = tuple[dict[str, Any], str, list[Quote]]
LINES_MAX = 14
NEAR = 4  # blocks between the sentence and the code, at most


_SUBJECT = re.compile(
    r"(?:In \w+, )?(?:(?:The|A call (?:of|to)|Calling|Each call to)(?: \w+)? )?[`:]*"
)
_DOES = re.compile(
    r"`?,? ?(?:function|macro|callback|call|operator)?(?:\([^)]*\))?`? ?(?:also |always |simply )?"
    r"(?:\w{3,}s|is|can|will|has|lets|allows)\b"
)
_USING = re.compile(
    r"\b(?:us(?:e|es|ed|ing)|call(?:s|ed|ing)?|with|via|through|by)(?: the)?(?: \w+)? [`:]*$"
)
_TELLS_OTHER = re.compile(
    r"\b(?:test|tests|problem|anti-pattern|good, but|implement(?:ing)?|situation)\b"
)


def api_use(view: View) -> Iterator[Candidate]:
    """One candidate per function and section: the first sentence on it that has a call nearby."""
    done: set[str] = set()
    where = {block["block_id"]: place for place, block in enumerate(view.blocks)}
    for one in said(view):
        for word in words(one.text):
            name = api_name(word.text)
            if name is None or name in done:
                continue
            call = _call(view, where[one.block["block_id"]], name)
            if call is not None and _about(one, word.text, word.start):
                done.add(name)
                colon = ":" if one.text[word.start - 1 : word.start] == ":" else ""
                yield _candidate(view, one, colon + word.text, call)


def _about(one: Said, name: str, start: int) -> bool:
    """Is the sentence about the function, not one that only happens to use it?"""
    others = {api_name(word.text) for word in words(one.text)} - {None, api_name(name)}
    before, after = one.text[:start], one.text[start + len(name) :]
    if others or _TELLS_OTHER.search(one.text):
        return False
    return bool(_SUBJECT.fullmatch(before) and _DOES.match(after)) or bool(_USING.search(before))


def _call(view: View, place: int, name: str) -> _Call | None:
    """(block, code, quotes) of the nearest short code that calls the function."""
    plain = re.escape(name.partition("/")[0].replace(":", "."))
    either = plain.replace(re.escape("."), "[.:]")
    called = re.compile(rf"(?<![\w.:])(?<!def )(?<!defp )(?<!defmacro ):?{either}[( ]")
    function = plain.rpartition(".")[2]  # what the listing itself defines is no API
    own = re.compile(rf"\bdef\w* {function}\b|^{function}\(", re.M)
    near = range(max(0, place - 2), min(len(view.blocks), place + NEAR + 1))
    for at in sorted(near, key=lambda other: (abs(other - place), other < place)):
        block = view.blocks[at]
        if block["kind"] not in CODE or not language_name(block["lang"]):
            continue
        if found := _shown(view, block, called, own):
            return (block, *found)
    return None


def _shown(
    view: View, block: dict[str, Any], called: re.Pattern[str], own: re.Pattern[str]
) -> tuple[str, list[Quote]] | None:
    text = block["text"]
    if not called.search(text) or re.search(r"\.\.\.(?!>)|\u2026", text):
        return None
    if own.search(text):
        return None
    if block["kind"] == "code":
        if text.count("\n") >= LINES_MAX:
            return None
        return fenced(text, block["lang"]), [view.quote(block, 0, len(text), "answer")]
    for entry in entries(text, block["kind"]):
        if called.search(entry.expression) and entry.expression.count("\n") < LINES_MAX:
            lang = "elixir" if block["kind"] == "iex" else "erlang"
            quote = view.quote(block, entry.start, entry.typed_end, "answer")
            return fenced(entry.expression, lang), [quote]
    return None


def _candidate(view: View, one: Said, name: str, call: _Call) -> Candidate:
    block, code, quotes = call
    last = follow(one, most=2)
    told = view.quote(one.block, one.sentence.start, one.every[last].end, "answer")
    key = f"{one.block['block_id']}:{name}"
    language = language_name(block["lang"])
    lang = "elixir" if language == "Elixir" else "erlang"
    question = ask("api_use", key, name=name, language=view.subject or language)
    piece = code.split("\n", 1)[1].rsplit("\n", 1)[0]
    return Candidate(
        "api_use", one.block["block_id"], lang, "mixed", question,
        f"{shown(told.text)}\n\n{code}", [told, *quotes], [(lang, piece)],
    )  # fmt: skip
