"""What a book gives: kept examples, how much of it they cover, what is wrong with them, how fast.

    .venv/bin/python benchmarks/yield.py [--run HOME] FILE …

For each book three figures per 100,000 characters of its sections: all kept pairs (before and after
duplicates are taken out as the sets do it); those that recombine no others, which is without
``lesson``, ``path_lesson`` and ``retrieved``; and the rows of the ShareGPT set of this book alone,
composed with the default settings, each exchange once. Then pages (of a book without pages:
sections) of which a block is evidence of a kept pair, of all that have text, of those with 300
characters of body text or more, and of those that say something of their own that is no task (set
up cells, next steps and their like stand in three sections and more; exercises and questions to the
reader answer nothing); quotes that are not exact; functions that an answer names and that neither
its evidence nor the book nor the installed library has; kept pairs per CPU second of making them;
the share of pairs with code in the answer that a run vouches for; and every family's share.

``--run`` also runs the code of pairs, with HOME as the folder that keeps verdicts and exports;
the speed is then that with execution. Reading the file and the concept graph are not counted.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl

from booktune_assets.books.reader import read_book
from booktune_assets.books.sections import into_sections
from booktune_assets.concepts.graph import into_concepts
from booktune_assets.ids import slug
from booktune_assets.pairs.apart import divide, without_leaks, without_quoting
from booktune_assets.pairs.benchmarks import load_benchmarks
from booktune_assets.pairs.clean import clean
from booktune_assets.pairs.duplicates import without_duplicates
from booktune_assets.pairs.exchanges import in_one_place
from booktune_assets.pairs.execute import Runner, find_runner
from booktune_assets.pairs.extract import into_pairs
from booktune_assets.pairs.identifiers import exports_in, unsupported
from booktune_assets.pairs.mix import chapter_names, compose, mix_rows
from booktune_assets.pairs.retrieved import astray
from booktune_assets.settings import Pairs, Reading
from booktune_assets.settings_sets import Mix

RECOMBINED = ("lesson", "path_lesson", "retrieved")  # families that hold exchanges of other pairs
ENOUGH = 300  # characters of text that a page has to have for the second figure
REPEATED, TASKS = 3, 10  # sections with one text, and with one title, from which it is a form
Frames = dict[str, pl.DataFrame]


def book(path: Path) -> tuple[str, Frames]:
    """Key and frames of a book up to its concepts."""
    key = slug(path.stem)
    raw = read_book(path, key, Reading()).frames
    made = into_sections(
        key, raw["raw_books"]["file_sha256"][0], raw["raw_books__blocks"], raw["raw_books__spans"],
        raw["raw_books__pages"], raw["raw_books__links"],
    )  # fmt: skip
    return key, made | into_concepts(key, made["sections"], made["sections__blocks"])


def covered(
    made: Frames, evidence: pl.DataFrame, least: int, *, own: bool = False
) -> tuple[int, int]:
    """Pages with evidence, of all pages with so many characters in body sections.

    ``own``: characters count that stand in fewer than three sections and set no task.
    """
    body = made["sections"].filter(pl.col("role") == "body")["section_id"].to_list()
    told = made["sections__blocks"].filter(pl.col("kind") != "heading")
    if own:
        told = told.filter(
            pl.col("section_id").n_unique().over("text") < REPEATED,
            ~pl.col("section_id").is_in(_tasks(made["sections"])),
            pl.col("kind") != "exercise",
        )
    blocks = told["block_id"].to_list()
    spans = made["sections__spans"].filter(
        pl.col("section_id").is_in(body) & pl.col("block_id").is_in(blocks)
    )
    place = "page" if spans["page"].null_count() < spans.height else "section_id"
    size = (pl.col("char_end") - pl.col("char_start")).sum()
    pages = spans.group_by(place).agg(size=size).filter(pl.col("size") >= least)[place].to_list()
    used = spans.filter(pl.col("block_id").is_in(evidence["block_id"].to_list()))[place].to_list()
    return len(set(pages) & set(used)), len(pages)


def _tasks(sections: pl.DataFrame) -> list[str]:
    """Sections whose titles stand over ten and more: every chapter has its "Your Turn"."""
    again = pl.len().over(pl.col("title").str.to_lowercase()) >= TASKS
    return sections.filter(again)["section_id"].to_list()


def faults(made: Frames, frames: Frames) -> tuple[int, int]:
    """Quotes that are not exact, and pairs whose answers name what nobody knows."""
    texts = dict(made["sections"].select("section_id", "text").iter_rows())
    quotes: dict[str, list[dict[str, Any]]] = {}
    inexact = 0
    for row in frames["instruction_pairs__evidence"].iter_rows(named=True):
        quotes.setdefault(row["pair_id"], []).append(row)
        said = texts[row["section_id"]][row["char_start"] : row["char_end"]]
        inexact += said != row["quote"]
    strange = 0
    for row in frames["instruction_pairs"].iter_rows(named=True):
        own = quotes[row["pair_id"]]
        homes = [texts[name] for name in sorted({quote["section_id"] for quote in own})]
        said = "\n\n".join(t["content"] for t in row["turns"] if t["role"] == "assistant")
        strange += bool(unsupported(said, [quote["quote"] for quote in own], homes))
    return inexact, strange


def in_the_set(key: str, made: Frames, frames: Frames) -> tuple[int, dict[str, int]]:
    """Rows of the set of this book alone, and why the other pairs are not in it, most first."""
    evidence, mix = frames["instruction_pairs__evidence"], Mix()
    chapters = chapter_names(made["sections"])
    sides = divide(
        made["sections__prints"], frames["instruction_pairs__sections"], [key],
        Pairs().heldout_percent, dict(chapters.select("section_id", "chapter").iter_rows()),
    ).sides  # fmt: skip
    pairs = frames["instruction_pairs"].with_columns(
        split=pl.col("section_id").replace_strict(sides, return_dtype=pl.String)
    )
    left = clean(pairs, evidence, load_benchmarks(Pairs().benchmarks)).pairs
    left = left.filter(~pl.col("pair_id").is_in(astray(left, evidence, sides)))
    left = without_quoting(left, evidence, sides)
    texts = dict(made["sections"].select("section_id", "text").iter_rows())
    left, _ = without_leaks(left, evidence, texts)
    rows = mix_rows(left, evidence, made["sections"], mix.salt, pairs)
    body = chapters.filter(made["sections"]["role"] == "body")
    weights = dict(body.group_by("chapter").agg(pl.col("chars").sum()).iter_rows())
    composed = compose(rows, weights, mix, in_one_place(left, rows, mix, evidence))
    why = Counter(reason for reason, _ in composed.dropped.values())
    why["duplicate_or_held_out"] = pairs.height - left.height
    return composed.rows.height, dict(why.most_common())


def say(path: Path, runner: Runner | None) -> None:
    """Print all figures of one book."""
    key, made = book(path)
    began = time.process_time()
    pairs = into_pairs(
        key, made["sections"], made["sections__blocks"], made["concept_graph"],
        made["concept_graph__mentions"], Pairs(), None, made["sections__exercises"],
        made["concept_graph__edges"], runner,
    )  # fmt: skip
    cost = max(time.process_time() - began, 1e-9)
    kept, evidence = (pairs.frames[f"instruction_pairs{end}"] for end in ("", "__evidence"))
    left, dropped = without_duplicates(kept, evidence)
    chars = int(made["sections"]["chars"].sum())
    turns = kept.filter(pl.col("turns").list.len() > 2).height
    code, every = int(left["code_tokens"].sum()), max(int(left["answer_tokens"].sum()), 1)
    inexact, strange = faults(made, pairs.frames)
    print(
        f"{path.name}: {chars:,} characters, {kept.height} kept = "
        f"{1e5 * kept.height / chars:.0f} per 100,000; {left.height} without duplicates = "
        f"{1e5 * left.height / chars:.0f} per 100,000 ({100 * len(dropped) / kept.height:.1f} % "
        "dropped)"
    )
    alone = kept.filter(~pl.col("family").is_in(RECOMBINED)).height
    rows, why = in_the_set(key, made, pairs.frames)
    gone = ", ".join(f"{count} {reason}" for reason, count in why.items())
    print(
        f"  without {' and '.join(RECOMBINED)} {alone} = {1e5 * alone / chars:.0f} per 100,000; "
        f"rows of the set {rows} = {1e5 * rows / chars:.0f} per 100,000 (left out: {gone})"
    )
    for least, own, words in (
        (1, False, "with text"), (ENOUGH, False, f"with {ENOUGH} characters or more"),
        (1, True, "with text of their own that is no task"),
    ):  # fmt: skip
        used, pages = covered(made, evidence, least, own=own)
        print(f"  {used} of {pages} pages {words} are evidence: {100 * used / max(pages, 1):.0f} %")
    print(
        f"  {inexact} of {evidence.height} quotes not exact, {strange} pairs with an unsupported "
        f"identifier, {kept.height / cost:.0f} pairs per CPU second, "
        f"{100 * turns / kept.height:.0f} % with several turns, {100 * code / every:.0f} % of "
        "answer tokens in code"
    )
    answers = left.filter(pl.col("kind") != "theory")["verification"].to_list()
    ran = sum(one in ("executed", "intended_failure", "tested") for one in answers)
    built, of = answers.count("compiled"), max(len(answers), 1)
    print(
        f"  of {len(answers)} pairs with code in the answer {100 * ran / of:.0f} % are verified by "
        f"an execution, {100 * built / of:.0f} % by a compiler"
    )
    walks = kept.filter(pl.col("family") == "path_lesson").height
    print(
        f"  {walks} lessons walk a prerequisite edge: {100 * walks / max(turns, 1):.0f} % of those "
        f"with several turns, {100 * walks / max(kept.height, 1):.1f} % of all"
    )
    sizes = sorted(kept.group_by("family").len().iter_rows())
    print("  " + ", ".join(f"{family} {size}" for family, size in sizes))


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--run", type=Path, help="folder that keeps verdicts; runs the code")
    chosen = parser.parse_args()
    if chosen.run:
        exports_in(chosen.run)
    runner = find_runner(chosen.run) if chosen.run else None
    for path in chosen.files:
        say(path, runner)


if __name__ == "__main__":
    main()
