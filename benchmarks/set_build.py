"""A whole set of a million examples: from the tables of a shelf to rows, files and page.

    .venv/bin/python benchmarks/set_build.py [ROWS] [--keep FOLDER] [--whole]

A shelf of made-up books of 10,000 examples each is published to a lake with all its contracts (the
examples of ``dataset_build.py``; each rests on a block of its section). Of a hundred examples 72
stand alone, 13 are one of these asked again with four passages of the book before it, 11 are
lessons of two to four of them and 4 are sessions of two to four results: the shares that the five
books of ours and of others have, as the single families have theirs. Then ``sharegpt_set`` is
built as ``booktune run`` builds it: sides of the split, each pair once, duplicates, contamination,
leaks, composition, curriculum, rows, rules of the files, Parquet and JSONL, card, page. Printed are
time, CPU time and the most memory of that process alone, and what became of the examples. The
bands of the default composition leave out nearly half, as they do of books; ``--whole`` composes
nothing, so that all that the gates leave is written.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from dataset_build import _memory, _rows, hash_of

from booktune_assets.chain.build import build, code_version
from booktune_assets.chain.house import House
from booktune_assets.contracts import Table
from booktune_assets.ids import digest
from booktune_assets.schemas import TABLES, tables_of
from booktune_assets.settings import Settings

BOOK_ROWS, SECTION_ROWS, CHAPTER = 10_000, 25, 25
SINGLE, RETRIEVED, LESSONS = 18, 3, 3  # of a section's 25; the last one or two are a session
# families of single examples by their share in books: answers with code, others about code, prose
WITH_CODE = ("fill_in",) * 8 + ("fix_bug",) * 8 + ("write_code",) * 3 + ("write_test",) * 3
ABOUT_CODE = ("predict_output",) * 12 + ("explain_code",) * 11 + ("diagnose_error",) * 2
PROSE = ("define",) * 12 + ("true_false",) * 5 + ("refusal",) * 2 + ("reason",) + ("api_use",)
PASSAGES, CONCEPTS = 4, 6  # of a row; of a section at most


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
    """The rows of one book's tables: sections of blocks, each with an example, and what is made of
    several examples."""
    made: dict[str, list[dict[str, object]]] = {}

    def add(name: str, **values: object) -> None:
        made.setdefault(name, []).append(_blank(TABLES[name], book_id=key, **values))

    add("raw_books", title=key, format="md", licence="CC0-1.0", file_name=f"{key}.md",
        file_sha256=key, file_bytes=1, content_sha256=digest(key))  # fmt: skip
    before: list[Block] = []
    for number, start in enumerate(range(0, len(rows), SECTION_ROWS)):
        own = rows[start : start + SECTION_ROWS]
        before = _section(add, key, number, own, before)[-50:]
    return made


@dataclass(frozen=True)
class Block:
    """A block of a section with the example that rests on it."""

    section: str
    name: str
    first: int
    last: int
    text: str
    family: str
    question: str
    answer: str


def _section(add, key, number, rows, before) -> list[Block]:  # pyright: ignore
    """Blocks with an example each; then passages, lessons and a session of what they say."""
    section, chapter = _id("sec", key, number), f"Chapter {number // CHAPTER + 1}"
    text, blocks = "", []
    for place, (question, answer) in enumerate(rows[: max(1, len(rows) * SINGLE // SECTION_ROWS)]):
        family, question, answer = _single(question, answer, place)
        shown = f"{question}\n\n{answer}"
        first = len(text) + len(shown) - len(answer)
        name = _id("block", section, place)
        blocks.append(
            Block(section, name, first, len(text) + len(shown), answer, family, question, answer)
        )
        text += shown + "\n\n"
        add("sections__spans", block_id=name, section_id=section, file_sha256=key,
            page=number + 1, x0=50.0, y0=30.0 * place, x1=400.0, y1=30.0 * place + 20,
            char_start=first, char_end=blocks[-1].last)  # fmt: skip
    add("sections", section_id=section, ordinal=number, level=2, title=f"Section {number}",
        title_path=[chapter, f"Section {number}"], role="body", kind="section", text=text,
        chars=len(text), code_chars=text.count("def "), page_first=number + 1,
        page_last=number + 1)  # fmt: skip
    add("sections__prints", print=number, section_id=section, print_id=_id("print", text),
        kind="prose", chars=len(text))  # fmt: skip
    add("instruction_pairs__sections", section_id=section, input_digest=digest(text),
        cluster=_id("cluster", text), split="train", kept=len(rows))  # fmt: skip
    for place, concept in enumerate(sorted({_concept(key, block) for block in blocks})):
        add("concept_graph", concept_id=concept, label=concept, kind="term", introduced_in=section,
            order=place, path=number * 50 + place, level=1 + place % 5, mentions=1)  # fmt: skip
    say = random.Random(section)
    made = [("", [block]) for block in blocks]
    more = len(rows) - len(made)
    made += [("retrieved", [say.choice(blocks), *_others(say, before)]) for _ in range(
        min(more, RETRIEVED) if len(before) >= PASSAGES else 0)]  # fmt: skip
    free = say.sample(range(len(blocks)), len(blocks))  # no exchange is in two of them
    for place in range(len(rows) - len(made)):
        some = [free.pop() for _ in range(min(len(free), say.randrange(2, 5)))]
        own = [blocks[at] for at in sorted(some)] or blocks[:1]
        made.append(("lesson" if place < LESSONS else "session", own))
    for place, (kind, own) in enumerate(made):
        _pair(add, key, number, section, place, kind, own)
    return blocks


def _concept(key: str, block: Block) -> str:
    return _id("con", key, block.section, hash_of(block.question) % CONCEPTS)


def _single(question: str, answer: str, place: int) -> tuple[str, str, str]:
    """(family, question, answer): of some families the listing is answered, not asked about."""
    code = question.find("```")
    rank = hash_of(question) + place
    if code < 0:
        found = WITH_CODE if "```" in answer else PROSE
        return found[rank % len(found)], question, answer
    both = (*WITH_CODE, *ABOUT_CODE)
    family = both[rank % len(both)]
    if family in ABOUT_CODE:
        return family, question, answer
    return family, question[:code].strip(), f"{question[code:]}\n\n{answer}"


def _others(say: random.Random, before: list[Block]) -> list[Block]:
    return say.sample(before, PASSAGES - 1)


def _turns(kind: str, own: list[Block]) -> list[dict[str, str]]:
    if kind == "retrieved":
        shown = sorted(own, key=lambda one: one.name)
        told = "\n\n".join(
            f"[{at}] Out of {one.name}\n\n{one.text}" for at, one in enumerate(shown, 1)
        )
        asked = f"{own[0].question}\n\nUse these passages.\n\n{told}"
        answer = f"{own[0].answer}\n\nIt is in [{shown.index(own[0]) + 1}]."
        return [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]
    return [
        {"role": role, "content": said}
        for one in own
        for role, said in (("user", one.question), ("assistant", one.answer))
    ]


def _pair(add, key, number, section, place, kind, own) -> None:  # pyright: ignore
    """A pair, its evidence and the concepts that it is about."""
    turns = _turns(kind, own)
    answers = [turn["content"] for turn in turns if turn["role"] == "assistant"]
    code = sum(len(part) for text in answers for part in re.findall(r"(?s)```.*?```", text))
    chars = sum(map(len, answers))
    whole = chars - code < 20
    pair = _id("pair", section, place)
    shown = any("```" in turn["content"] for turn in turns)
    add("instruction_pairs", pair_id=pair, section_id=section, level=1 + place % 5,
        family=kind or own[0].family, kind=("code" if whole else "mixed") if code else "theory",
        lang="elixir", concept_ids=[_concept(key, own[0])], turns=turns,
        verification="parsed" if shown else "none", generator="extractive",
        gates=["G1"], answer_chars=chars, answer_tokens=max(1, chars // 4),
        split="train", code_tokens=min(max(1, chars // 4), code // 4))  # fmt: skip
    told = own[:1] if kind == "retrieved" else own
    quotes = [("answer", one) for one in told]
    quotes += [("question", one) for one in own if kind == "retrieved"]
    for ordinal, (role, one) in enumerate(quotes):
        add("instruction_pairs__evidence", pair_id=pair, ordinal=ordinal, section_id=one.section,
            block_id=one.name, role=role, quote=one.text, char_start=one.first,
            char_end=one.last)  # fmt: skip


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
    house = House.open(Settings.load(home))
    house.settings.books.mkdir(parents=True, exist_ok=True)
    for key, rows in _books(number):
        (house.settings.books / f"{key}.md").write_text(f"# {key}\n")
        house.shelf.books()
        _publish(house, key, _tables(key, rows))


def measure(number: int, home: Path) -> None:
    """Build the set and say what it took."""
    house = House.open(Settings.load(home))
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
    asked.add_argument("--whole", action="store_true", help="all that the gates leave, no bands")
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
        if got.whole:
            (home / "booktune.toml").write_text("[mix]\non = false\n")
        measure(got.rows, home)


if __name__ == "__main__":
    main()
