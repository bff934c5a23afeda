"""A scripted teacher for tests: answers every task from the evidence of its prompt, as asked."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl

from booktune_assets.beam.symbols import book_symbols
from booktune_assets.concepts.graph import into_concepts
from booktune_assets.concepts.sentences import split_sentences
from booktune_assets.llm.addressed import mended
from booktune_assets.llm.calls import Scripted
from booktune_assets.llm.request import Reply, Request
from booktune_assets.pairs.execute import Runner
from booktune_assets.pairs.extract import into_pairs
from booktune_assets.pairs.judges_canaries import Examined, examine, load_canaries
from booktune_assets.pairs.recipes.base import Passage, Teaching
from booktune_assets.pairs.teacher import Taught, teach
from booktune_assets.pairs.teacher_join import asked_before
from booktune_assets.pairs.teacher_passages import into_passages
from booktune_assets.pairs.teacher_rows import Teacher
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.chain import exercises_of

Frames = dict[str, pl.DataFrame]
_BLOCK = re.compile(r"\[(B\d+)\] ([^\n]*?) <<([0-9a-f]{8})\n(.*?)\n\3>>", re.S)
CANARIES = {one.sentence: one.supported for one in load_canaries()}

PAGE = """
# Harbours

A harbour is a supervisor of many small quays. Each quay keeps the ships that wait for it in a
queue. A ship leaves the queue when the tide is high enough, and the harbour master writes its name
down.

The harbour master is a process that answers questions about ships. It keeps no ship for itself, and
it restarts a quay that has fallen into the water.

```elixir
defmodule Quay do
  def moor(ships, ship), do: ships ++ [ship]
end
```

The function `Quay.moor/2` puts a ship at the end of the queue, so the first ship leaves first.

## Tides

A tide is a number between 0 and 9 that tells how high the water stands. The tide table is a map
from hours to tides. When an hour is missing from the table, the harbour master takes the tide
before it.

Ships with a deep keel wait for a tide of at least 6. All other ships leave at a tide of 3 or more.

## Lighthouses

A lighthouse is a process that sends a message to every ship in the bay once in a minute. A ship
that hears no lighthouse for a long time drops its anchor, because it must not move without knowing
where it is. The lighthouse does not wait for an answer of any ship.
"""


def blocks_of(request: Request) -> dict[str, tuple[str, str]]:
    """Label to (kind, text) of the evidence of a prompt."""
    said = next(text for role, text in request.messages if role == "user")
    return {found[1]: (found[2], mended(found[4])) for found in _BLOCK.finditer(said)}


def after(request: Request, word: str) -> str:
    """What stands behind a word of the task."""
    task = next(text for role, text in request.messages if role == "user")
    return task.rpartition(f"\n\n{word}: ")[2].split("\n\nAnswer: ")[0]


def good(request: Request) -> str:
    """The reply of a teacher that does as it is told and copies its answers from the evidence."""
    return json.dumps(_value(request))


def _value(request: Request) -> Any:
    blocks = blocks_of(request)
    prose = {label: text for label, (kind, text) in blocks.items() if "code" not in kind}
    if request.task == "qa_questions":
        return {
            "questions": [
                {
                    "question": _asks(text),
                    "blocks": [label],
                }
                for label, text in list(prose.items())[:3]
            ]
        }
    if request.task == "qa_answer":
        topic = re.search(r"about (.*)\?", after(request, "Question"))
        label = next(
            (name for name, text in prose.items() if topic and _topic(text) == topic[1]),
            next(iter(prose)),
        )
        return {
            "answer": _first(prose[label]),
            "evidence": [{"block_id": label, "quote": _first(prose[label])}],
            "used_outside_knowledge": False,
        }
    if request.task == "chain_judge":
        return {"reason": "It teaches something.", "verdict": "suitable"}
    if request.task == "chain_pairs":
        return {
            "pairs": [
                {
                    "question": _asks(text),
                    "answer": _first(text),
                    "evidence": [{"block_id": label, "quote": _first(text)}],
                }
                for label, text in list(prose.items())[:3]
            ]
        }
    if request.task in ("chain_question", "chain_extra", "chain_accuracy"):
        return {"reason": "It stands there.", "verdict": "pass"}
    if request.task == "chain_repair":
        task = request.messages[-1][1]
        question = task.rpartition("\n\nQuestion: ")[2].split("\n\nAnswer: ")[0]
        return {
            "verdict": "pass", "question": question, "answer": task.rpartition("\n\nAnswer: ")[2],
        }  # fmt: skip
    if request.task == "judge":
        sentence = after(request, "Sentence")
        right = CANARIES.get(sentence)
        there = " ".join(" ".join(text.split()) for _, text in blocks.values())
        supported = right if right is not None else " ".join(sentence.split()) in there
        verdict = "supported" if supported else "not_supported"
        return {"reason": "Compared word by word.", "verdict": verdict}
    raise AssertionError(request.task)


def _asks(text: str) -> str:
    return f"How would you tell a sailor about {_topic(text)}?"


def _topic(text: str) -> str:
    return " ".join(text.split()[:5]).rstrip(".,").lower()


def _first(text: str) -> str:
    return split_sentences(" ".join(text.split()))[0].text


class Cached(Scripted):
    """A scripted teacher that keeps its replies, as the real caller does, and counts new calls."""

    def __init__(self, replies: Callable[[Request], str | Reply]) -> None:
        super().__init__(self._once)
        self._given = replies
        self.kept: dict[str, str | Reply] = {}
        self.new: list[Request] = []

    def _once(self, request: Request) -> str | Reply:
        if request.call_key not in self.kept:
            self.new.append(request)
            self.kept[request.call_key] = self._given(request)
        return self.kept[request.call_key]

    def _reply(self, request: Request) -> Reply:
        known = request.call_key in self.kept
        return replace(super()._reply(request), cached=known)

    @property
    def tasks(self) -> Counter[str]:
        """How many new calls there were of each task."""
        return Counter(request.task for request in self.new)


def all_frames(made: Frames, book_id: str = "lab") -> Frames:
    """Frames of sections and of the concepts in them."""
    concepts = into_concepts(book_id, made["sections"], made["blocks"])
    return {"sections": made["sections"], "sections__blocks": made["blocks"], **concepts}


def taken(made: Frames, pairs: Pairs, book_id: str = "lab") -> Frames:
    """What is taken from the text without a teacher."""
    frames = all_frames(made, book_id)
    return into_pairs(
        book_id, frames["sections"], frames["sections__blocks"], frames["concept_graph"],
        frames["concept_graph__mentions"], pairs, None, exercises_of(made, book_id),
    ).frames  # fmt: skip


def taught(
    made: Frames, caller: Scripted, pairs: Pairs, previous: Frames | None = None, *,
    judge: bool = True, book_id: str = "lab", runner: Runner | None = None,
) -> Taught:  # fmt: skip
    """The teacher on a book given as frames ``sections`` and ``blocks``."""
    frames, before = all_frames(made, book_id), taken(made, pairs, book_id)
    teaching = Teaching(pairs.questions, pairs.votes, pairs.judge_model)
    code = frames["sections__blocks"].filter(pl.col("kind") == "code")
    book = book_symbols(code.select("block_id", "text", "lang").iter_rows())
    teacher = Teacher(book_id, caller.model, caller.revision, teaching, book)

    def examined() -> Examined | None:
        return examine(caller.ask, teaching, caller.model) if judge else None

    asked = into_passages(book_id, frames, before, before=asked_before(previous))
    return teach(frames, before, asked, pairs, teacher, caller.ask, examined, previous, runner)


def passages(made: Frames, book_id: str = "lab") -> list[Passage]:
    """The passages of such frames."""
    return into_passages(book_id, all_frames(made, book_id), taken(made, Pairs(), book_id))


def broken(task: str, reply: str | Reply) -> Callable[[Request], str | Reply]:
    """A good teacher but for one task, whose reply is always this one."""

    def answer(request: Request) -> str | Reply:
        if request.task != task:
            return good(request)
        if isinstance(reply, Reply):
            return replace(reply, call_key=request.call_key)
        return reply

    return answer
