"""Exercises of a book and their answers, which often stand in an appendix.

Belongs here: the candidates of family ``write_code`` that follow from a task and its answer. Does
not: which blocks those are (``books/exercises.py``), tasks in running text (``write.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from booktune_assets.beam.alone import Piece, Program
from booktune_assets.concepts.lexicon import STANDARD_MODULES
from booktune_assets.pairs.candidate import (
    CODE,
    Candidate,
    Quote,
    View,
    fenced,
    language_name,
    shown,
)  # fmt: skip
from booktune_assets.pairs.given import in_module
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.sessions import modules_used
from booktune_assets.pairs.topics import LANGUAGES
from booktune_assets.pairs.trials import typed_pieces
from booktune_assets.pairs.wording import ask

__all__ = ["exercise_answers", "solved"]

_MARK = r"[*_]*(?:{names})\s+(?P<number>\d+(?:[.-]\d+)*)\s*[.:)]?[*_]*\s*"
_EXERCISE = re.compile(_MARK.format(names="Exercise|Challenge|Problem|Task|Puzzle|Quiz"), re.I)
_ANSWER = re.compile(_MARK.format(names="(?:Answer|Solution)(?: to)?(?: exercise)?"), re.I)
_LABEL = re.compile(
    r"[*_]*(?:(?:an?|our|one|example|sample|possible|suggested)\s+){0,2}(?:answer|solution)s?"
    r"[*_]*(?:\s*[:.][*_]*\s*|\s*$)",
    re.I,
)
_TASKLIKE = re.compile(
    r"(?:Write|Define|Create|Implement|Build|Use|Make|Translate|Convert|Rewrite|Given|Turn|"
    r"Compute|Show|Sort|"
    r"Find|Count|Print|Extend|Change|Add)\b"
)
_OWN_CALL = re.compile(r"\b([A-Z]\w*(?:\.[A-Z]\w*)*)\.[a-z_]\w*[!?]?(?:/\d|\()")

# it goes on with a program that the reader of the task does not have
_GOES_ON = re.compile(
    r"(?:Extend|Change|Modify|Rewrite|Improve|Refactor|Add|Turn)\b(?P<rest>[^.]*)", re.S
)
_GIVEN = re.compile(
    r"\b(?P<name>[A-Z]\w+)\b|\b[a-z_]\w*[?!]?/\d|"
    r"\b(?:the|your) (?:code|module|function|program|server|example)\b"
)

Row = dict[str, Any]


def exercise_answers(exercises: Sequence[Row], blocks: Mapping[str, Row]) -> dict[str, list[Row]]:
    """Exercise's block id to the blocks of its answer.

    ``exercises`` are rows of ``sections__exercises``, ``blocks`` those that may be shown, by id: an
    exercise that is not whole there is left out.
    """
    found: dict[str, list[Row]] = {}
    for row in exercises:
        wanted = [row["block_id"], *row["answer_block_ids"]]
        if row["answer_block_ids"] and all(name in blocks for name in wanted):
            found[row["block_id"]] = [blocks[name] for name in row["answer_block_ids"]]
    return found


def solved(view: View) -> Iterator[Candidate]:
    """One candidate per exercise whose answer holds code."""
    for block in view.blocks:
        answer = view.solutions.get(block["block_id"])
        mark = _EXERCISE.match(block["text"])
        if not answer or not any(one["kind"] in CODE for one in answer):
            continue
        lang = next(one["lang"] for one in answer if one["kind"] in CODE)
        start = mark.end() if mark else 0
        asked = view.quote(block, start, len(block["text"]), "question")
        task = shown(asked.text)
        further = _goes_on(asked.text)
        if not language_name(lang) or not _TASKLIKE.match(task):
            continue
        text, quotes, code = _parts(view, answer)
        words = ask("write_code", block["block_id"], task=task, language=language_name(lang))
        yield Candidate(
            "write_code", block["block_id"], lang, "mixed", words, text, [asked, *quotes], code,
            borrowed=task, problem=_lacking(task, code) or further, trials=_trials(answer),
        )  # fmt: skip


def _trials(answer: Sequence[Row]) -> tuple[Trial, ...]:
    """All code of the answer in order: listings, then sessions with what they show."""
    pieces: list[Piece] = []
    for block in answer:
        if block["kind"] in ("iex", "erl_shell"):
            pieces += typed_pieces(block["text"], block["kind"])
        elif block["kind"] in CODE and block["lang"] in ("elixir", "erlang"):
            pieces.append(Piece("listing", block["lang"], in_module(block["text"], block["lang"])))
    return (Trial(Program(tuple(pieces)), "runs"),) if pieces else ()


def _parts(view: View, answer: Sequence[Row]) -> tuple[str, list[Quote], list[tuple[str, str]]]:
    """Text, quotes and code of an answer: its words, its listing, a session that tries it."""
    pieces: list[str] = []
    quotes: list[Quote] = []
    code: list[tuple[str, str]] = []
    for number, block in enumerate(answer):
        text = block["text"]
        mark = (_ANSWER.match(text) or _LABEL.match(text)) if number == 0 else None
        start = mark.end() if mark else 0
        if start == len(text):
            continue  # a line that only says "Solution"
        quotes.append(view.quote(block, start, len(text), "answer"))
        if block["kind"] in CODE:
            pieces.append(fenced(text, block["lang"]))
            code.append((block["lang"], text))
        else:
            pieces.append(shown(text[start:]))
    return "\n\n".join(pieces), quotes, code


def _goes_on(task: str) -> str:
    """Does the task change a program that it does not show: "Extend `Mailbox` with `size/1`"?"""
    found = _GOES_ON.match(task.strip())
    for one in _GIVEN.finditer(found["rest"]) if found else ():
        if (one["name"] or "") not in (*LANGUAGES, *STANDARD_MODULES):
            return "module_not_shown"
    return ""


def _lacking(task: str, code: Sequence[tuple[str, str]]) -> str:
    """Does the task speak of modules that only the book's listings show?"""
    text = "\n".join(piece for _, piece in code)
    made = set(re.findall(r"\bdefmodule\s+([A-Z][\w.]*)|-module\((\w+)\)", text))
    names = {name for pair in made for name in pair if name}
    wanted = {name for name in _OWN_CALL.findall(task) if name not in names}
    strange = modules_used(" ".join(f"{name}.x" for name in wanted)) if wanted else set[str]()
    used = modules_used(text) - names - {name.split(".")[-1] for name in names}
    return "module_not_shown" if strange or used else ""
