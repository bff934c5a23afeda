"""Examples that a model is shown before it writes its own: a pool for each earlier task.

Belongs here: making questions and answers of real texts, reading what earlier stages left behind,
which examples meet in a prompt. Does not: the prompt's wording and what comes back
(``writing.py``).

SSR keeps 1 % of each earlier task (20 examples) and shows two at a time in all ordered permutations
(arXiv 2403.01244). Plain text becomes an example by its own first sentence: the question is to go
on from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, zip_longest
from math import perm
from pathlib import Path
from typing import Any, cast

from booktune_assets.errors import BookError, Code
from booktune_assets.ids import make_id, stable_int
from booktune_assets.json_lines import line_value
from booktune_assets.rehearsal.filters import tidy
from booktune_assets.rehearsal.item import Item

__all__ = ["Demo", "earlier_demos", "file_of", "pools_of", "shown_together"]

FILES = ("demos.jsonl", "pool.jsonl")  # a person's choice, else what a stage left by itself
GOES_ON = "Go on from here: "
_TOPIC = "Explain {} in Python."


@dataclass(frozen=True, slots=True)
class Demo:
    """A question and its answer, as they are shown."""

    task: str
    source: str
    licence: str
    question: str
    answer: str

    @property
    def demo_id(self) -> str:
        """``demo_<20 hex>``."""
        return make_id("demo", self.source, self.question, self.answer)

    def row(self) -> dict[str, object]:
        """As a row of ``rehearsal_set__demos``."""
        return {
            "demo_id": self.demo_id, "task": self.task, "source": self.source,
            "licence": self.licence, "question": self.question, "answer": self.answer,
        }  # fmt: skip


def pools_of(items: Mapping[str, Sequence[Item]], wanted: int, chars: int) -> dict[str, list[Demo]]:
    """For each task at most ``wanted`` examples of its texts; tasks without any are left out."""
    pools: dict[str, list[Demo]] = {}
    for task, texts in items.items():
        made = (_demo(task, item, chars) for item in texts)
        unique = {demo.demo_id: demo for demo in made if demo is not None}
        if unique:
            pools[task] = list(unique.values())[:wanted]
    return pools


def file_of(folder: Path) -> Path | None:
    """The file with a stage's texts, if it left one."""
    places = (folder.expanduser() / name for name in FILES)
    return next((file for file in places if file.is_file()), None)


def earlier_demos(folder: Path) -> list[Item]:
    """The texts that an earlier stage left behind; none without a file.

    Lines are ``{"text"}``, ``{"question", "answer"}`` or rows of a stage's pool (``text``,
    ``turns``), with ``source`` and ``licence`` if known. Raises ``BookError(BAD_ROW)`` for a file
    that is something else.
    """
    file = file_of(folder)
    if file is None:
        return []
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as problem:
        raise BookError(Code.BAD_ROW, "Save it as UTF-8", file=file) from problem
    found: list[Item] = []
    # only \n ends a line of JSON: its texts may hold other line ends of Unicode
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(_earlier(cast("dict[str, Any]", line_value(line)), folder.name))
        except (ValueError, KeyError, AttributeError, TypeError) as problem:
            raise BookError(
                Code.BAD_ROW, "Train that stage again, or take the file away: lines are objects "
                "with a text", file=file, line=number,
            ) from problem  # fmt: skip
    return sorted(found, key=lambda one: stable_int(one.row_id))


def _earlier(row: dict[str, Any], stage: str) -> Item:
    source = str(row.get("source") or stage)
    licence = str(row.get("licence") or "as the earlier stage's")
    if row.get("turns"):
        turns = tuple((str(one["role"]), str(one["content"])) for one in row["turns"])
    elif row.get("question") and row.get("answer"):
        turns = (("user", str(row["question"])), ("assistant", str(row["answer"])))
    else:
        return Item("real_replay", source, licence, str(row["text"]))
    return Item("real_replay", source, licence, turns[-1][1], turns)


def shown_together(
    pools: Mapping[str, Sequence[Demo]], shots: int, samples: int, seed: int
) -> Iterator[tuple[tuple[Demo, ...], int]]:
    """(examples in order, number of the sample): all there are, tasks taking turns.

    Which come first is a matter of hashes, so asking for more keeps the earlier ones. The first
    samples of all permutations come before any second one.
    """
    by_task = [_permuted(list(pool), shots, seed) for _, pool in sorted(pools.items())]
    for sample in range(samples):
        for row in zip_longest(*by_task):
            yield from ((together, sample) for together in row if together is not None)


def _permuted(pool: list[Demo], shots: int, seed: int) -> list[tuple[Demo, ...]]:
    assert perm(len(pool), shots) <= 2_000_000, "pools are small"
    ranked = [
        (stable_int(f"{seed}:{':'.join(demo.demo_id for demo in together)}"), together)
        for together in permutations(pool, shots)
    ]
    return [together for _, together in sorted(ranked, key=lambda one: one[0])]


def _demo(task: str, item: Item, chars: int) -> Demo | None:
    """An example of a text; None where it does not fall into a question and an answer."""
    if item.turns:
        question, answer = item.question, item.text
    elif item.source.startswith("pydoc-"):
        topic = item.source.partition(":")[2]
        question, answer = _TOPIC.format(f"`{topic}`"), item.text
    else:
        first, _, rest = item.text.strip().partition(". ")
        if not rest or len(first) > chars:
            return None
        question, answer = f"{GOES_ON}{first}.", rest
    answer = answer.strip() if len(answer) <= chars else tidy(answer[:chars])
    question = " ".join(question.split()) if "```" not in question else question.strip()
    if not question or not answer or len(question) > chars or "\nInput:" in answer:
        return None
    return Demo(task, item.source, item.licence, question, answer)
