"""A miniature lake: small, consistent frames of every table, published like the real ones.

For tests of what reads the lake (marts, lineage, CLI, reports). Does not run any reader or model.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from booktune_assets.ids import digest, make_id
from booktune_assets.lake import Lake, Receipt
from booktune_assets.schemas import TABLES, tables_of
from booktune_assets.settings import Settings

Rows = list[dict[str, Any]]
CODE = "defmodule Ping do\n  def reply(:ping), do: :pong\nend"

PLAIN_PAIR: dict[str, Any] = {  # what most tests do not care about
    "family_version": 1, "kind": "theory", "lang": "", "concept_ids": [], "prereq_ids": [],
    "level": 1, "verification": "none", "verified_by": None, "generator": "extractive",
    "recipe": "", "model": None, "call_keys": [], "gates": [], "answer_chars": 1,
    "answer_tokens": 1, "code_tokens": 0, "split": "train",
}  # fmt: skip


@dataclass
class MiniBook:
    """One invented book: ``sections`` passages of a heading, a paragraph and a listing each."""

    key: str = "alpha"
    sections: int = 3
    format: str = "pdf"
    sha: str = ""
    mark: str = ""  # changes every text, and so every id
    rows: dict[str, Rows] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sha = self.sha or digest([self.key, self.mark, "file"]) * 2
        names = [
            table.name
            for table in TABLES.values()
            if table.asset in ("raw_books", "sections", "concept_graph", "instruction_pairs")
        ]
        self.rows = {name: [] for name in names}
        for number in range(self.sections):
            self._section(number)
        blocks = self.rows["raw_books__blocks"]
        self.rows["raw_books"].append({
            "book_id": self.key, "title": f"The {self.key} book", "authors": ["A. Writer"],
            "format": self.format, "language": "en", "licence": "CC-BY-4.0",
            "file_name": f"{self.key}.{self.format}", "file_sha256": self.sha, "file_bytes": 1000,
            "content_sha256": digest([self.key, self.mark]), "pages": self.sections,
            "blocks": len(blocks), "chars": sum(len(row["text"]) for row in blocks),
            "reader": "test 1", "warnings": [],
        })  # fmt: skip

    def frames(self, asset: str) -> dict[str, pl.DataFrame]:
        """Frames of all tables of an asset."""
        return {table.name: table.frame(self.rows[table.name]) for table in tables_of(asset)}

    def _place(self, number: int) -> dict[str, Any]:
        if self.format == "pdf":
            box = {"x0": 72.0, "y0": 72.0, "x1": 300.0, "y1": 120.0}
            return {"page": number + 1, "href": None, **box}
        return {"page": None, "href": f"text/part{number}.xhtml#s{number}"}

    def _section(self, number: int) -> None:
        key, mark = self.key, f"{self.key}{self.mark}{number}"
        title = f"Processes {mark}"
        prose = f"A process {mark} is an isolated unit of work. It keeps its own state."
        code = f"# {mark}\n{CODE}"
        text = f"{prose}\n\n{code}"
        section = make_id("sec", mark)
        pieces = [("heading", title, None), ("prose", prose, 0), ("code", code, len(prose) + 2)]
        for place, (kind, words, start) in enumerate(pieces):
            self._block(number, place, kind, words, start, section)
        self.rows["raw_books__pages"].append({
            "book_id": key, "page": number + 1, "width": 595.0, "height": 842.0,
            "chars": len(text) + 40, "kept": len(text), "furniture": 40, "status": "ok",
            **dict.fromkeys(("moved", "repaired", "lost", "doubled"), 0),
        })  # fmt: skip
        self.rows["sections"].append({
            "section_id": section, "book_id": key, "ordinal": number, "level": 1, "title": title,
            "title_path": ["Concurrency", title], "role": "body", "kind": "section",
            "text": text, "chars": len(text),
            "code_chars": len(code), "page_first": self._place(number)["page"],
            "page_last": self._place(number)["page"], "href": self._place(number)["href"],
        })  # fmt: skip
        concept = make_id("con", f"process {mark}", "term")
        self.rows["concept_graph"].append({
            "concept_id": concept, "book_id": key, "label": f"process {mark}", "kind": "term",
            "aliases": [], "evidence": ["heading"], "introduced_in": section, "order": number,
            "path": number, "depth": 0, "level": 1, "mentions": 1,
        })  # fmt: skip
        self._pair(number, section, concept, prose, code)

    def _block(
        self, number: int, place: int, kind: str, words: str, start: int | None, section: str
    ) -> None:
        key, block = self.key, make_id("blk", self.key, words, kind)
        lang = "elixir" if kind == "code" else ""
        common = {"block_id": block, "book_id": key, "kind": kind, "lang": lang, "text": words}
        self.rows["raw_books__blocks"].append(
            {**common, "ordinal": 3 * number + place, "level": 1 if kind == "heading" else None}
        )
        at = self._place(number)
        self.rows["raw_books__spans"].append(
            {"block_id": block, "part": 0, "book_id": key, **at, "char_start": 0,
             "char_end": len(words)}
        )  # fmt: skip
        if start is None:
            return
        span = {"section_id": section, "char_start": start, "char_end": start + len(words)}
        self.rows["sections__blocks"].append({**common, **span, "ordinal": place})
        self.rows["sections__spans"].append(
            {"block_id": block, "part": 0, "book_id": key, "file_sha256": self.sha, **at, **span}
        )

    def _pair(self, number: int, section: str, concept: str, prose: str, code: str) -> None:
        family, kind = (("define", "theory"), ("explain_code", "mixed"))[number % 2]
        pair = make_id("pair", section, family)
        turns = [
            {"role": "user", "content": f"What is a process? ({number})"},
            {"role": "assistant", "content": prose},
        ]
        self.rows["instruction_pairs"].append({
            **PLAIN_PAIR, "pair_id": pair,
            "book_id": self.key, "section_id": section, "family": family,
            "family_version": 1, "kind": kind, "lang": "elixir", "concept_ids": [concept],
            "turns": turns, "verification": "none", "answer_chars": len(prose),
            "split": "heldout" if number == 0 else "train",
        })  # fmt: skip
        start = len(prose) + 2
        quotes = [("answer", prose, 0), ("question", code, start)]
        for ordinal, (role, words, begin) in enumerate(quotes):
            self.rows["instruction_pairs__evidence"].append({
                "pair_id": pair, "ordinal": ordinal, "book_id": self.key, "section_id": section,
                "block_id": make_id("blk", self.key, words, "prose" if begin == 0 else "code"),
                "role": role, "quote": words, "char_start": begin, "char_end": begin + len(words),
            })  # fmt: skip
        self.rows["instruction_pairs__rejected"].append({
            "candidate_id": make_id("pair", section, "refused"), "book_id": self.key,
            "section_id": section, "family": family, "gate": "length", "reason": "too_short",
            "turns": turns,
        })  # fmt: skip


def publish_book(lake: Lake, book: MiniBook) -> None:
    """All four book assets, each with the input digests that the chain would record."""
    raw = lake.publish(
        "raw_books", book.key, book.frames("raw_books"), code_version="raw_books.1",
        inputs={"file": book.sha},
    )  # fmt: skip
    names = ("raw_books", "raw_books__blocks", "raw_books__spans")
    sections = lake.publish(
        "sections", book.key, book.frames("sections"), code_version="sections.1",
        inputs={name: raw.fact(name, positions=True) for name in names},
    )  # fmt: skip
    content = {name: sections.fact(name) for name in ("sections", "sections__blocks")}
    concepts = lake.publish(
        "concept_graph", book.key, book.frames("concept_graph"), code_version="concept_graph.1",
        inputs=content,
    )  # fmt: skip
    concept = {n: concepts.fact(n) for n in ("concept_graph", "concept_graph__mentions")}
    lake.publish(
        "instruction_pairs", book.key, book.frames("instruction_pairs"),
        code_version="instruction_pairs.1", inputs=content | concept,
    )  # fmt: skip


def publish_sets(lake: Lake) -> str:
    """Both sets from all pairs in the lake; the id of the ShareGPT set."""
    pairs = lake.read_all("instruction_pairs").sort("pair_id").to_dicts()
    inputs: dict[str, str] = {}
    for key in lake.keys("instruction_pairs"):
        receipt, sections = lake.receipt("instruction_pairs", key), lake.receipt("sections", key)
        assert receipt and sections
        inputs[f"{key}/instruction_pairs"] = receipt.digest
        inputs[f"{key}/sections__spans"] = sections.fact("sections__spans", positions=True)
    ids = {}
    for asset in ("sharegpt_set", "alpaca_set"):
        rows = [_example(asset, pair) for pair in pairs]
        ids[asset] = make_id("data", asset, *(row["example_id"] for row in rows))
        lake.publish(
            asset, ids[asset],
            {one.name: one.frame(rows if one.name == asset else []) for one in tables_of(asset)},
            code_version="sets.1",
            inputs=inputs, notes={"export": [f"exports/{asset}/train.jsonl"]},
            counts={"rows": len(rows)},
        )  # fmt: skip
        lake.set_current(asset, ids[asset])
    return ids["sharegpt_set"]


def publish_models(lake: Lake, dataset: str, round_no: int = 1) -> str:
    """An adapter and its evaluation; the id of the evaluation."""
    adapter, evaluation = make_id("ada", dataset, round_no), make_id("eval", dataset, round_no)
    trained = {
        "adapter_id": adapter, "base": "gemma3-270m", "base_revision": "r1", "dataset_id": dataset,
        "rehearsal_id": "", "rank": 16, "trainable": 1000, "examples": 10, "rehearsal_rows": 0,
        "steps": 2, "tokens": 100, "loss_first": 3.0, "loss_last": 2.0, "seconds": 1.0,
        "adapter_sha256": "ab" * 32, "scale": 2.0, "learning_rate": 1e-4, "seed": 0,
        "forgetting": '[{"kind": "replay"}]', "metrics": "{}", "environment": "{}",
    }  # fmt: skip
    stage = {name: trained[name] for name in (
        "adapter_id", "steps", "tokens", "loss_first", "loss_last", "seconds", "adapter_sha256"
    )}  # fmt: skip
    stage |= {"stage": "books", "place": 0, "began_from": "gemma3-270m"}
    steps = [
        {"adapter_id": adapter, "step": n, "loss": 3.0 / n, "lr": 1e-4, "tokens": 50 * n,
         "seconds": 0.5, "metrics": '{"term.ewc.penalty": 0.1}'}
        for n in (1, 2)
    ]  # fmt: skip
    examples = lake.read("sharegpt_set", dataset)
    reached = examples.filter(examples["split"] == "train")["example_id"].to_list()
    seen = [
        {"adapter_id": adapter, "example_id": name, "times": 1, "first_step": 1} for name in reached
    ]
    tables = {
        "lora_adapter__seen": seen, "lora_adapter": [trained],
        "lora_adapter__steps": steps, "lora_adapter__stages": [stage],
        "lora_adapter__curve": []
    }  # fmt: skip
    publish_rows(lake, "lora_adapter", adapter, tables)
    score = {
        "eval_id": evaluation, "adapter_id": adapter, "suite": "heldout", "metric": "bits_per_byte",
        "unit": "bits/byte", "better": "lower", "n": 2, "base": 1.2, "tuned": 1.1, "diff": -0.1,
        "low": -0.2, "high": 0.01, "verdict": "no clear difference",
    }  # fmt: skip
    items = [
        {"eval_id": evaluation, "suite": "heldout", "metric": "bits_per_byte", "item_id": f"i{n}",
         "arm": arm, "score": 1.0, "weight": 10.0, "status": "ok",
         "cluster": "", "concepts": [], "samples": 1}
        for n in range(2) for arm in ("base", "tuned")
    ]  # fmt: skip
    # wrong, or a pass that rests on less: answered all the same; one that nothing came of
    for row, status in zip(items, ("wrong", "ok_in_beam", "MODEL_SERVICE"), strict=False):
        row |= {"status": status, "score": None if status == "MODEL_SERVICE" else 1.0}
    publish_rows(
        lake, "eval_report", evaluation, {"eval_report": [score], "eval_report__items": items}
    )
    return evaluation


def publish_rows(lake: Lake, asset: str, key: str, rows: dict[str, Rows]) -> Receipt:
    """Publish rows of one asset and make it the current one."""
    frames = {table.name: table.frame(rows.get(table.name, [])) for table in tables_of(asset)}
    receipt = lake.publish(asset, key, frames, code_version=f"{asset}.1")
    lake.set_current(asset, key)
    return receipt


def build_home(home: Path, *keys: str, models: bool = True) -> Settings:
    """Settings of a home whose lake holds these books, their sets and (if asked) an evaluation."""
    settings = Settings(home=home)
    lake = Lake(settings.lake)
    for key in keys or ("alpha",):
        publish_book(lake, MiniBook(key, format="epub" if key.endswith("epub") else "pdf"))
    dataset = publish_sets(lake)
    if models:
        publish_models(lake, dataset)
    return settings


def plain_example(pair: dict[str, Any]) -> dict[str, Any]:
    """What rows of sets have beside their text and place."""
    carried = ("level", "generator", "verification", "concept_ids", "answer_tokens", "code_tokens")
    return {name: pair[name] for name in carried} | {
        "licence": "CC-BY-4.0", "copied_chars": 0, "curriculum": 0, "evidence": [], "review": "",
    }  # fmt: skip


def _example(asset: str, pair: dict[str, Any]) -> dict[str, Any]:
    question, answer = (turn["content"] for turn in pair["turns"])
    fields = {
        name: pair[name] for name in ("pair_id", "book_id", "split", "family", "kind", "section_id")
    }
    fields |= {"example_id": make_id("ex", asset, pair["pair_id"]), "section_title": "Concurrency",
               "also_in": [], **plain_example(pair)}  # fmt: skip
    if asset == "alpaca_set":
        return {**fields, "instruction": question, "input": "", "output": answer}
    said = [{"from": "human", "value": question}, {"from": "gpt", "value": answer}]
    return {**fields, "conversations": said}
