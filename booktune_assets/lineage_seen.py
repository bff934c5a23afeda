"""From a concept to the training examples that it was taught by, and to their pages.

Belongs here: which concepts an evaluation's items are about, which examples of a data set are about
a concept, pictures of their pages. Does not: the walk to a page (``lineage.py``), what is shown
(``evaluation/report_concepts.py``).

Names of concepts in problem files are people's words ("GenServer", "guards"); they are matched with
labels and aliases of the concept graph whatever their case, plural and joints are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from booktune_assets.errors import BooktuneError
from booktune_assets.evaluation.seen import Example, Lineage, Seen
from booktune_assets.ids import digest
from booktune_assets.lake import Lake
from booktune_assets.lineage import pictures, trace_pair
from booktune_assets.settings import Settings

__all__ = ["fold", "lineage_of"]

EXAMPLES = 4  # of a concept, shown
CROPS = 12  # of a report: each is a page drawn by a process of its own
LABELS = 4  # of an item
SEEN = "lora_adapter__seen"
_COLUMNS = (
    "example_id", "pair_id", "book_id", "split", "family", "section_title", "page", "href",
    "concept_ids", "curriculum", "conversations", "review",
)  # fmt: skip


def lineage_of(settings: Settings, books: Sequence[str], adapter_id: str) -> Lineage:
    """How the evaluation of an adapter of the lake asks what it was taught."""
    desk = _Desk(settings, books, adapter_id)
    return Lineage(desk.about, desk.seen)


def fold(name: str) -> str:
    """``Pattern_matching`` and ``pattern matchings`` are one name; arities do not count."""
    words = name.partition("/")[0].replace("_", " ").replace("-", " ").casefold().split()
    if words and len(words[-1]) > 3:
        words[-1] = _singular(words[-1])
    return " ".join(words)


def _singular(word: str) -> str:
    """``processes`` → ``process``, ``libraries`` → ``library``; both sides are folded alike."""
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


class _Desk:
    """Reads what it needs when it is first asked."""

    def __init__(self, settings: Settings, books: Sequence[str], adapter_id: str) -> None:
        self.settings, self.books, self.adapter_id = settings, list(books), adapter_id
        self.lake = Lake(settings.lake)
        self.dataset_id = str(self.lake.read("lora_adapter", adapter_id)["dataset_id"][0])

    def about(self, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Labels of concepts: those that a section introduces, a pair is about, a listing shows."""
        wanted = list(ids)
        graph = self._graph()
        labels = dict(graph.select("concept_id", "label").iter_rows())
        found: dict[str, list[str]] = {}
        here = graph.filter(pl.col("introduced_in").is_in(wanted)).sort("book_id", "order")
        for section, label in here.select("introduced_in", "label").iter_rows():
            found.setdefault(section, []).append(label)
        pairs = self._examples().filter(pl.col("pair_id").is_in(wanted))
        for pair, concepts in pairs.select("pair_id", "concept_ids").iter_rows():
            found.setdefault(pair, []).extend(labels[one] for one in concepts if one in labels)
        code = self.lake.read_all("concept_graph__code", self.books)
        shown = code.filter(pl.col("block_id").is_in(wanted) & (pl.col("relation") == "shows"))
        for block, concept in shown.select("block_id", "concept_id").sort("concept_id").iter_rows():
            found.setdefault(block, []).append(labels.get(concept, ""))
        return {
            name: tuple(dict.fromkeys(filter(None, some)))[:LABELS] for name, some in found.items()
        }

    def seen(self, concepts: Sequence[str], work: Path) -> tuple[list[Seen], dict[str, Path]]:
        """What training saw of each concept; crops by their name beside the report."""
        rows = self._examples().sort("curriculum", "example_id").to_dicts()
        by_concept: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            for concept in row["concept_ids"]:
                by_concept.setdefault(concept, []).append(row)
        names = self._names()
        titles = self._titles()
        reached = self._reached()
        found = [
            _seen(name, names.get(fold(name), {}), by_concept, reached, titles) for name in concepts
        ]
        return self._with_crops(found, {row["example_id"]: row for row in rows}, work)

    def _with_crops(
        self, found: Sequence[Seen], rows: Mapping[str, Mapping[str, Any]], work: Path
    ) -> tuple[list[Seen], dict[str, Path]]:
        """The first example of each concept first, then the second of each, up to ``CROPS``."""
        turns = dict.fromkeys(
            one.examples[place].example_id
            for place in range(EXAMPLES)
            for one in found
            if place < len(one.examples) and not rows[one.examples[place].example_id]["href"]
        )
        crops: dict[str, Path] = {}
        drawn: dict[str, tuple[str, str]] = {}
        for example in list(turns)[:CROPS]:
            drawn[example] = self._crop(rows[example], work, crops)
        return [
            replace(one, examples=tuple(_drawn(each, drawn) for each in one.examples))
            for one in found
        ], crops

    def _crop(self, row: Mapping[str, Any], work: Path, crops: dict[str, Path]) -> tuple[str, str]:
        """(name of the picture, why there is none)."""
        try:
            source = {**row, "set_id": self.dataset_id, "format": "sharegpt"}
            found = trace_pair(self.settings, str(row["book_id"]), str(row["pair_id"]), source)
            pages = [int(row["page"])] if row["page"] in found.pages else found.pages[:1]
            made = pictures(self.settings, found, pages)
        except BooktuneError as problem:
            return "", problem.code.value
        for picture in made.values():
            name = f"crops/{digest(picture.hex())[:16]}.png"
            path = work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture)
            crops[name] = path
            return name, ""
        return "", "the page could not be drawn"

    def _graph(self) -> pl.DataFrame:
        return self.lake.read_all("concept_graph", self.books)

    def _examples(self) -> pl.DataFrame:
        return self.lake.read("sharegpt_set", self.dataset_id).select(_COLUMNS)

    def _reached(self) -> set[str] | None:
        """Examples that training got to; None of an adapter from before that was written down."""
        receipt = self.lake.receipt("lora_adapter", self.adapter_id)
        if receipt is None or SEEN not in receipt.tables:
            return None
        return set(self.lake.read(SEEN, self.adapter_id)["example_id"].to_list())

    def _titles(self) -> dict[str, str]:
        raw = self.lake.read_all("raw_books", self.books)
        return dict(raw.select("book_id", "title").iter_rows())

    def _names(self) -> dict[str, dict[str, str]]:
        """Folded label or alias → concept ids and their labels; labels go before aliases."""
        labels: dict[str, dict[str, str]] = {}
        aliases: dict[str, dict[str, str]] = {}
        graph = self._graph().sort("concept_id")
        for concept, label, others in graph.select("concept_id", "label", "aliases").iter_rows():
            labels.setdefault(fold(label), {})[concept] = label
            for other in others:
                aliases.setdefault(fold(other), {})[concept] = label
        return {**aliases, **labels}


def _seen(
    name: str,
    known: Mapping[str, str],
    by_concept: Mapping[str, Sequence[dict[str, Any]]],
    reached: set[str] | None,
    titles: Mapping[str, str],
) -> Seen:
    rows = {row["example_id"]: row for one in known for row in by_concept.get(one, ())}
    train = [row for row in rows.values() if row["split"] == "train"]
    taught = [row for row in train if reached is None or row["example_id"] in reached]
    taught.sort(key=lambda row: (row["curriculum"], row["example_id"]))
    return Seen(
        name, next(iter(known.values()), ""), len(taught), len(rows) - len(train),
        len(train) - len(taught), tuple(_example(row, titles) for row in taught[:EXAMPLES]),
    )  # fmt: skip


def _example(row: Mapping[str, Any], titles: Mapping[str, str]) -> Example:
    place = f"page {row['page']}" if row["page"] is not None else str(row["href"] or "")
    return Example(
        str(row["example_id"]), str(row["pair_id"]), str(row["family"]),
        " ".join(str(row["conversations"][0]["value"]).split()),
        titles.get(row["book_id"], str(row["book_id"])), str(row["section_title"]), place,
    )  # fmt: skip


def _drawn(one: Example, drawn: Mapping[str, tuple[str, str]]) -> Example:
    crop, why = drawn.get(one.example_id, ("", ""))
    return replace(one, crop=crop, no_crop=why)
