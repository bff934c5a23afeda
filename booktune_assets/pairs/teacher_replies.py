"""Replies of a model read: what is in them, or the reason why they cannot be used.

Belongs here: shape, cut-off and empty replies, echoes of the prompt, left-overs of templates, other
languages, replies that leave the task or do what a book tells models. Does not: which text speaks
to a model (``llm/addressed.py``), whether an answer holds (``teacher_gates.py``, ``judges.py``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from booktune_assets.llm.addressed import mended
from booktune_assets.llm.request import Reply, Request, fault_of
from booktune_assets.pairs.recipes.base import Exchange, Passage
from booktune_assets.pairs.rules import without_fences

__all__ = ["answer_in", "failed", "follows_the_book", "off_task", "read_reply"]

_REASONS = {
    "EMPTY": "reply_empty", "BAD_JSON": "reply_not_json", "SCHEMA": "reply_wrong_shape",
    "CUT": "reply_truncated", "FILTERED": "reply_filtered", "REFUSED": "call_failed",
    "FAILED": "call_failed",
}  # fmt: skip
_FENCED = re.compile(r"^\s*```(?:json)?\s*\n(.*?)\n?```\s*$", re.S)
_LEAK = re.compile(
    r"<\|/?[a-z_]+\|>|\[/?INST\]|<(?:start|end)_of_turn>|<</?SYS>>|\{\{\s*\w+\s*\}\}|"
    r"<[0-9a-f]{8}$|<<[0-9a-f]{8}\b|\b[0-9a-f]{8}>>|</?(?:s|bos|eos|pad)>|\[B\d+\]|"
    r"^(?:system|user|assistant|human)\s*:",
    re.I | re.M,
)
_LEAVES = re.compile(
    r"\b(?:as an ai|as a language model|i(?:'m| am) (?:sorry|unable|an ai|a language model)|"
    r"i (?:cannot|can't|can not|won't) (?:help|assist|answer|comply|do that|provide|fulfil)|"
    r"here (?:is|are) the (?:json|questions?|answers?)|the (?:task|prompt|instructions?) (?:says?|"
    r"asks?|above|tells?)|my (?:instructions|system prompt)|used_outside_knowledge|block_id)\b",
    re.I,
)
_COMMON = """
the a an of to in is are and or that it for with as on by be this you can not when which from if how
what why do does has have at will its their they but so than then we use used there between into
only each one all no more because while would should must may
"""
_ENGLISH = frozenset(_COMMON.split())
ROW_CHARS = 4000  # of a refused reply that are kept
_OF_THE_BOOK = 0.7  # share of words of an answer that the passage has, too
_ECHO = 9  # words in a row that stand in the prompt's own wording


def read_reply(reply: Reply, passage: Passage, request: Request) -> tuple[dict[str, Any], str]:
    """The JSON object of a reply, and an empty reason; else an empty object and the reason.

    A whole reply in a ``json`` fence is taken without it. Nothing else is mended.
    """
    text = mended(reply.text)
    if reply.finish == "error" and not text:
        return {}, _REASONS.get(reply.code, "call_failed")
    if fenced := _FENCED.match(text):
        text = fenced[1]
    if fault := fault_of(text, reply.finish, request.schema):
        return {}, _REASONS.get(fault.partition(":")[0], "reply_not_usable")
    value = json.loads(text)
    for said in _spoken(value):
        if reason := off_task(said, passage, request):
            return {}, reason
    return value, ""


def failed(
    task: str, reply: Reply, reason: str, family: str = "open_question", gate: str = "G0_form"
) -> Exchange:
    """A row for a reply without a question: what was asked for, and what came instead."""
    one = Exchange(task, reply.text[:ROW_CHARS] or f"({reply.error or 'nothing'})")
    one.calls, one.family = [reply.call_key], family
    return one.refuse(gate, reason)


def answer_in(reply: Reply) -> str:
    """What a refused reply answers, for the row that says why: its answer, else the whole text."""
    text = mended(reply.text)
    fenced = _FENCED.match(text)
    try:
        value = json.loads(fenced[1] if fenced else text)
    except (ValueError, RecursionError):
        return text[:ROW_CHARS]
    said = value.get("answer") if isinstance(value, dict) else None
    told = said if isinstance(said, str) and said.strip() else text
    return told[:ROW_CHARS].encode("utf-8", "replace").decode()


def off_task(text: str, passage: Passage, request: Request) -> str:
    """Why this text cannot come from doing the task, or an empty string."""
    prose = without_fences(text)
    if _LEAK.search(prose):
        return "template_residue"
    if _LEAVES.search(prose):
        return "leaves_the_task"
    if _echoes(prose, request):
        return "prompt_echo"
    return "wrong_language" if _other_language(prose, passage) else ""


def follows_the_book(text: str, passage: Passage) -> bool:
    """Does an answer say what only text that speaks to a model has? ``BANANA``."""
    if not passage.withheld:
        return False
    plain = set(_plain_words(passage.text))
    told = set(_plain_words(" ".join(passage.withheld))) - plain - _ENGLISH
    said = [word for word in _plain_words(text) if word not in _ENGLISH]
    from_there = sum(word in told for word in said)
    return bool(from_there) and (from_there >= 2 or from_there * 2 >= len(said))


def _spoken(value: object) -> Iterator[str]:
    """What a model words itself: no quotes, names of blocks or reasons for a verdict."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _spoken(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name not in ("quote", "block_id", "blocks", "verdict", "reason"):
                yield from _spoken(one)


def _echoes(text: str, request: Request) -> bool:
    """A run of words of the prompt that is not the book's: rules and task."""
    words = _plain_words(text)
    if len(words) < _ECHO:
        return False
    ours = [said for role, said in request.messages if role == "system"]
    ours += [said.rpartition("\n\nTask:")[2] for role, said in request.messages if role == "user"]
    # the question that an answering call repeats is the model's to repeat as well
    wording = " ".join(_plain_words(" ".join(ours).partition("\n\nQuestion:")[0]))
    runs = (" ".join(words[at : at + _ECHO]) for at in range(len(words) - _ECHO + 1))
    return any(f" {run} " in f" {wording} " for run in runs)


def _other_language(text: str, passage: Passage) -> bool:
    letters = [char for char in text if char.isalpha()]
    if letters and sum(ord(char) > 0x24F for char in letters) * 5 > len(letters):
        return True
    words = _plain_words(re.sub(r"`[^`]*`", " ", text))
    if len(words) < 10:
        return False
    book = _plain_words(" ".join(one.text for one in passage.blocks if not one.code))
    if len(book) >= 20 and _english(book) < 0.15:
        return False  # the book itself is in another language
    # the book's own words and names one after the other are no other language
    there = set(_plain_words(passage.text))
    if sum(word in there for word in words) >= _OF_THE_BOOK * len(words):
        return False
    return _english(words) < 0.12


def _english(words: list[str]) -> float:
    return sum(word in _ENGLISH for word in words) / len(words)


def _plain_words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())
