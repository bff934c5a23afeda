"""How much of the code of pairs was verified by running it, and what that costs.

    .venv/bin/python benchmarks/executed.py FILE …

Two shares for each book, both of kept pairs: of those whose answer holds code, and of all that show
code (explanations too). ``run`` counts executed, intended_failure and tested; ``compiled`` comes on
top. CPU seconds are those of this process and of all sandboxes; reading the file is not counted.
The edit adds a word to the paragraph in the middle of the book; nothing is kept between the runs.
"""

from __future__ import annotations

import resource
import time
from pathlib import Path

import polars as pl
from _words import words

from booktune_assets.books.reader import read_book
from booktune_assets.books.sections import into_sections
from booktune_assets.concepts.graph import into_concepts
from booktune_assets.ids import slug
from booktune_assets.pairs.execute import Runner, find_runner
from booktune_assets.pairs.extract import PairsMade, into_pairs
from booktune_assets.settings import Pairs, Reading

RUN = ("executed", "intended_failure", "tested")
Frames = dict[str, pl.DataFrame]


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _made(key: str, raw: Frames, before: PairsMade | None, runner: Runner | None) -> PairsMade:
    parts = (raw[f"raw_books__{name}"] for name in ("blocks", "spans", "pages", "links"))
    made = into_sections(key, str(raw["raw_books"]["file_sha256"][0]), *parts)
    graph = into_concepts(key, made["sections"], made["sections__blocks"])
    return into_pairs(
        key, made["sections"], made["sections__blocks"], graph["concept_graph"],
        graph["concept_graph__mentions"], Pairs(), before.frames if before else None,
        made["sections__exercises"], graph["concept_graph__edges"], runner,
    )  # fmt: skip


def _edited(raw: Frames) -> Frames:
    blocks = raw["raw_books__blocks"]
    prose = blocks.filter(pl.col("kind") == "prose")
    chosen = prose["block_id"][prose.height // 2]
    text = pl.when(pl.col("block_id") == chosen).then(pl.col("text") + " Indeed.")
    blocks = blocks.with_columns(text.otherwise(pl.col("text")).alias("text"))
    return {**raw, "raw_books__blocks": blocks}


def _shares(pairs: pl.DataFrame, which: pl.Expr) -> str:
    rows = pairs.filter(which)
    run = rows.filter(pl.col("verification").is_in(RUN)).height
    compiled = rows.filter(pl.col("verification") == "compiled").height
    total = max(rows.height, 1)
    return (
        f"{100 * run / total:.0f} % run + {100 * compiled / total:.0f} % compiled of {rows.height}"
    )


def main() -> None:
    for name in words(1):
        path = Path(name)
        key = slug(path.stem)
        raw = read_book(path, key, Reading()).frames
        plain_cpu = _cpu()
        _made(key, raw, None, None)
        cpu, clock = _cpu(), time.monotonic()
        made = _made(key, raw, None, find_runner(None))
        used, took = _cpu() - cpu, time.monotonic() - clock
        clock = time.monotonic()
        edit = _made(key, _edited(raw), made, find_runner(None))
        pairs = made.frames["instruction_pairs"]
        answers = pl.col("kind").is_in(["code", "mixed"])
        shows = answers | pl.col("turns").list.get(0).struct.field("content").str.contains("```")
        print(
            f"{key}: answers with code {_shares(pairs, answers)}; all that show code "
            f"{_shares(pairs, shows)}; {made.counts['programs_ran']} programs "
            f"({made.counts['programs_lost']} without an answer); {used:.1f} CPU s "
            f"({cpu - plain_cpu:.1f} without running), {took:.1f} s; "
            f"after an edit {edit.counts['sections_made']} of "
            f"{edit.counts['sections']} sections and {edit.counts['programs_ran']} programs, "
            f"{time.monotonic() - clock:.1f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
