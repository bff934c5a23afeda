"""A whole set of a million examples: from the tables of a shelf to rows, files and page.

    .venv/bin/python benchmarks/set_build.py [ROWS] [--keep FOLDER]

A shelf of made-up books of 10,000 examples each is published to a lake with all its contracts (the
examples of ``dataset_build.py``; each rests on a block of its section). Then ``sharegpt_set`` is
built as ``booktune run`` builds it: sides of the split, each pair once, duplicates, contamination,
leaks, composition, curriculum, rows, rules of the files, Parquet and JSONL, card, page. Printed are
time, CPU time and the most memory of that process alone, and what became of the examples.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import polars as pl
from dataset_build import _memory, _rows, hash_of

from booktune_assets.chain.build import build, code_version
from booktune_assets.chain.house import House
from booktune_assets.contracts import Table
from booktune_assets.ids import digest
from booktune_assets.schemas import TABLES, tables_of
from booktune_assets.settings import Settings

BOOK_ROWS, SECTION_ROWS, CHAPTER = 10_000, 20, 25
FAMILIES = ("define", "explain_code", "write_code", "steps", "reason", "compare")


def _id(kind: str, *parts: object) -> str:
    return f"{kind}_{digest([str(part) for part in parts])[:20]}"


def _blank(table: Table, **values: object) -> dict[str, object]:
    """A row that the contract takes: given values, else the least that a column allows."""
    row: dict[str, object] = {}
    for column in table.columns:
        if column.name in values:
            row[column.name] = values[column.name]
        elif column.nullable:
            row[column.name] = None
        elif column.values:
            row[column.name] = column.values[0]
        elif column.dtype == pl.String:
            row[column.name] = ""
        elif isinstance(column.dtype, pl.List):
            row[column.name] = []
        else:
            row[column.name] = int(column.ge or 0)
    return row


def _tables(key: str, rows: list[tuple[str, str]]) -> dict[str, list[dict[str, object]]]:
    """The rows of one book's tables: a section of twenty blocks, an example for each of them."""
    made: dict[str, list[dict[str, object]]] = {}

    def add(name: str, **values: object) -> None:
        made.setdefault(name, []).append(_blank(TABLES[name], book_id=key, **values))

    add("raw_books", title=key, format="md", licence="CC0-1.0", file_name=f"{key}.md",
        file_sha256=key, file_bytes=1, content_sha256=digest(key))  # fmt: skip
    for number, start in enumerate(range(0, len(rows), SECTION_ROWS)):
        chapter = f"Chapter {number // CHAPTER + 1}"
        section = _id("sec", key, number)
        _section(add, key, number, chapter, section, rows[start : start + SECTION_ROWS])
    return made


def _section(add, key, number, chapter, section, rows) -> None:  # pyright: ignore
    concepts = sorted({_id("con", hash_of(q) % 4000) for q, _ in rows})
    text, spots = "", []
    for question, answer in rows:
        shown = f"{question}\n\n{answer}"
        spots.append((len(text) + len(shown) - len(answer), len(text) + len(shown)))
        text += shown + "\n\n"
    add("sections", section_id=section, ordinal=number, level=2, title=f"Section {number}",
        title_path=[chapter, f"Section {number}"], role="body", kind="section", text=text,
        chars=len(text), code_chars=text.count("def "), page_first=number + 1,
        page_last=number + 1)  # fmt: skip
    add("sections__prints", print=number, section_id=section, print_id=_id("print", text),
        kind="prose", chars=len(text))  # fmt: skip
    add("instruction_pairs__sections", section_id=section, input_digest=digest(text),
        cluster=_id("cluster", text), split="train", kept=len(rows))  # fmt: skip
    for place, concept in enumerate(concepts):
        add("concept_graph", concept_id=_id("con", key, section, concept), label=concept,
            kind="term", introduced_in=section, order=place, path=number * 50 + place,
            level=1 + place % 5, mentions=1)  # fmt: skip
    for place, ((question, answer), (first, last)) in enumerate(zip(rows, spots, strict=True)):
        pair, block = _id("pair", section, place), _id("block", section, place)
        code = "```" in question or "```" in answer
        tokens = max(1, len(answer) // 4)
        add("sections__spans", block_id=block, section_id=section, file_sha256=key,
            page=number + 1, x0=50.0, y0=30.0 * place, x1=400.0, y1=30.0 * place + 20,
            char_start=first, char_end=last)  # fmt: skip
        add("instruction_pairs", pair_id=pair, section_id=section, level=1 + place % 5,
            family=FAMILIES[2] if "```" in answer else FAMILIES[(hash_of(question) + place) % 6],
            kind="code" if "```" in answer else "mixed" if code else "theory", lang="elixir",
            concept_ids=[_id("con", key, section, _id("con", hash_of(question) % 4000))],
            turns=[{"role": "user", "content": question}, {"role": "assistant", "content": answer}],
            verification="parsed" if code else "none", generator="extractive", gates=["G1"],
            answer_chars=len(answer), answer_tokens=tokens, split="train",
            code_tokens=tokens if "```" in answer else 0)  # fmt: skip
        add("instruction_pairs__evidence", pair_id=pair, ordinal=0, section_id=section,
            block_id=block, role="answer", quote=answer, char_start=first,
            char_end=last)  # fmt: skip


def _publish(house: House, key: str, made: dict[str, list[dict[str, object]]]) -> None:
    facts: dict[str, str] = {}
    for asset in ("raw_books", "sections", "concept_graph", "instruction_pairs"):
        frames = {t.name: t.frame(made.get(t.name, [])) for t in tables_of(asset)}
        notes = (
            {"content_sha256": digest(key), "licence": "CC0-1.0"} if asset == "raw_books" else {}
        )
        receipt = house.lake.publish(
            asset, key, frames, code_version=code_version(asset), inputs=dict(facts), notes=notes
        )
        facts |= {t.name: receipt.fact(t.name) for t in tables_of(asset)}


def _books(number: int) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    made = _rows(number)
    for book, start in enumerate(range(0, number, BOOK_ROWS)):
        rows = [row for _, row in zip(range(min(BOOK_ROWS, number - start)), made, strict=False)]
        yield f"book-{book:03}", rows


def make(number: int, home: Path) -> None:
    """Publish the shelf."""
    house = House.open(_settings(home))
    house.settings.books.mkdir(parents=True, exist_ok=True)
    for key, rows in _books(number):
        (house.settings.books / f"{key}.md").write_text(f"# {key}\n")
        house.shelf.books()
        _publish(house, key, _tables(key, rows))


def _settings(home: Path) -> Settings:
    return Settings.load(home)


def measure(number: int, home: Path) -> None:
    """Build the set and say what it took."""
    house = House.open(_settings(home))
    start, cpu = time.monotonic(), time.process_time()
    done = build("sharegpt_set", None, house)
    took, used = time.monotonic() - start, time.process_time() - cpu
    if done.error:
        raise SystemExit(f"{done.error}")
    print(f"{number:,} examples: {took:.0f} s, {used:.0f} CPU s, {_memory():.1f} GB at most")
    counts = done.receipt.counts if done.receipt else {}
    print(json.dumps({name: counts[name] for name in sorted(counts)}))
    for path in sorted((house.settings.exports / "sharegpt").glob("*")):
        print(f"  {path.name}: {path.stat().st_size / 1e6:,.1f} MB")


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("rows", nargs="?", type=int, default=1_000_000)
    asked.add_argument("--keep", type=Path)
    asked.add_argument("--make", action="store_true", help="only publish the shelf to --keep")
    got = asked.parse_args()
    if got.make:
        make(got.rows, got.keep)
        return
    with tempfile.TemporaryDirectory() as folder:
        home = got.keep or Path(folder)
        # in a process of its own: what made the examples is no part of the build
        command = [sys.executable, __file__, str(got.rows), "--make", "--keep", str(home)]
        subprocess.run(command, check=True)
        measure(got.rows, home)


if __name__ == "__main__":
    main()
