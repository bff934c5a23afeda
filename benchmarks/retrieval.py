"""How well passages are found: BM25 over terms, vectors alone, and both fused.

    .venv/bin/python benchmarks/retrieval.py BOOK …

Two tasks, each within one book. ``question``: the question of a held-out extractive pair finds the
section that it was made of; questions that show code are left out, for they hold the section's
text. ``listing``: the sentence before a listing finds that listing among all of the book. Printed:
recall at 5, mean reciprocal rank of the first 10, CPU time. Without the package of vectors only the
first way is measured.

Then of which questions ``booktune ask`` says that nothing fits, over all books as one shelf and
over the sample book alone, which answers ``SMALL``: such of held-out pairs, such as people type
them (``_asked.py``), and those on other matters. The words, weights and marks of
``concepts/fit.py`` were chosen with these in view; ``later`` and ``latest`` are questions that
changed nothing of it. Beside it the mark that would divide the first ones best.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
from _asked import (
    INSIDE,
    LATER_INSIDE,
    LATER_OUTSIDE,
    LATEST_INSIDE,
    LATEST_OUTSIDE,
    LATEST_SMALL,
    OUTSIDE,
    SMALL,
)  # fmt: skip
from _words import words

from booktune_assets.books.reader import read_book
from booktune_assets.books.sections import into_sections
from booktune_assets.chain.retrieval import passages_of
from booktune_assets.concepts.embeddings import Embedder, packaged
from booktune_assets.concepts.fit import Fit, fit_of
from booktune_assets.concepts.graph import into_concepts
from booktune_assets.concepts.retrieval import Index, Passage
from booktune_assets.concepts.sentences import split_sentences
from booktune_assets.ids import slug
from booktune_assets.pairs.extract import into_pairs
from booktune_assets.settings import Pairs, Reading
from booktune_assets.training.post.questions import GENERAL
from booktune_assets.training.post.routing import threshold_of

Asked = list[tuple[str, str]]  # (question, id of the passage to be found)
Frames = Mapping[str, pl.DataFrame]
CODE = ("code", "iex", "erl_shell")
SAMPLE = Path(__file__).parents[1] / "data/books/sample/first-steps-on-the-beam.epub"
LEAST = 40  # characters of a sentence that can mean one listing


def key_of(file: Path) -> str:
    """A key that the PDF and the EPUB of a book do not share."""
    return slug(file.name.replace(".", "-"))


def frames_of(file: Path) -> Frames:
    """Frames of ``raw_books`` and ``sections``."""
    key = key_of(file)
    raw = read_book(file, key, Reading()).frames
    sha = str(raw["raw_books"]["file_sha256"][0])
    names = ("blocks", "spans", "pages", "links")
    return {**raw, **into_sections(key, sha, *(raw[f"raw_books__{name}"] for name in names))}


def questions(key: str, frames: Frames) -> Asked:
    """Questions without code of held-out pairs, with their sections."""
    own = into_concepts(key, frames["sections"], frames["sections__blocks"], frames)
    made = into_pairs(
        key, frames["sections"], frames["sections__blocks"], own["concept_graph"],
        own["concept_graph__mentions"], Pairs(), exercises=frames["sections__exercises"],
        edges=own["concept_graph__edges"],
    )  # fmt: skip
    found: Asked = []
    for row in made.frames["instruction_pairs"].iter_rows(named=True):
        asked = row["turns"][0]["content"]
        alone = len(row["turns"]) == 2 and row["family"] not in ("retrieved", "refusal")
        if row["split"] == "heldout" and alone and "```" not in asked:
            found.append((asked, row["section_id"]))
    return found


def leads(frames: Frames) -> Asked:
    """The last sentence before each listing, with the listing's block."""
    body = set(frames["sections"].filter(pl.col("role") == "body")["section_id"].to_list())
    rows = frames["sections__blocks"].sort("section_id", "ordinal").to_dicts()
    found: Asked = []
    for before, row in itertools.pairwise(rows):
        near = before["section_id"] == row["section_id"] and row["section_id"] in body
        if near and before["kind"] == "prose" and row["kind"] in CODE and row["text"].strip():
            spoken = split_sentences(before["text"])
            if spoken and len(spoken[-1].text) >= LEAST:
                found.append((spoken[-1].text, row["block_id"]))
    return found


def score(asked: Asked, index: Index) -> tuple[float, float, float]:
    """(recall at 5, mean reciprocal rank, CPU seconds)."""
    began = time.process_time()
    five = rank = 0.0
    for question, wanted in asked:
        names = [hit.passage.passage_id for hit in index.search(question, 10)]
        if wanted in names:
            place = names.index(wanted) + 1
            five += place <= 5
            rank += 1 / place
    return five / len(asked), rank / len(asked), time.process_time() - began


def ways(passages: Sequence[Passage]) -> dict[str, Index]:
    """The indexes that are compared."""
    made = {"bm25": Index(passages)}
    if packaged():
        made["dense"] = Index(passages, Embedder(), lexical=False)
        made["fused"] = Index(passages, Embedder())
    return made


def fitting(
    passages: Sequence[Passage], held: Sequence[str], asked: Mapping[str, Sequence[str]], shelf: str
) -> None:
    """Print the share of each kind of question that finds something that fits."""
    kinds = {"held-out": held, **asked, "other": GENERAL, "other trades": OUTSIDE,
             "not of books, later": LATER_OUTSIDE, "latest": LATEST_OUTSIDE}  # fmt: skip
    for way, index in ways(passages).items():
        if way == "dense":
            continue
        told = {name: [fit_of(index, one) for one in some] for name, some in kinds.items()}
        mark = next(iter(told["other"])).mark
        parts = [
            f"{name} {share(fits):.3f} of {len(fits)}"
            for name, fits in told.items() if fits
        ]  # fmt: skip
        inside = [fit.score for name in ("held-out", "typed") for fit in told[name]]
        best = threshold_of(inside, [fit.score for name in kinds if "other" in name
                                     for fit in told[name]])  # fmt: skip
        print(f"{shelf}: fits from {mark:.2f} {way:6} {'; '.join(parts)}; best mark {best:.2f}")


def share(fits: Sequence[Fit]) -> float:
    """Of these questions those that something fits."""
    return sum(fit.fits for fit in fits) / max(1, len(fits))


def main(files: list[Path]) -> None:
    """Print a line for each book, task and way, then the means over all questions."""
    totals: dict[tuple[str, str], list[tuple[float, float, int]]] = {}
    shelf: list[Passage] = []
    held: list[str] = []
    for file in files:
        frames = frames_of(file)
        key = key_of(file)
        all_of = passages_of(key, frames)
        tasks = {
            "question": (questions(key, frames), [one for one in all_of if one.kind == "section"]),
            "listing": (leads(frames), [one for one in all_of if one.kind == "code"]),
        }
        shelf += all_of
        held += [question for question, _ in tasks["question"][0]]
        for task, (asked, passages) in tasks.items():
            for way, index in ways(passages).items() if asked else ():
                five, rank, seconds = score(asked, index)
                totals.setdefault((task, way), []).append((five, rank, len(asked)))
                print(
                    f"{file.name:26} {task:9} {way:6} n {len(asked):4}  recall@5 {five:.3f}  "
                    f"MRR {rank:.3f}  {seconds:.2f} s",
                    flush=True,
                )
    for (task, way), rows in totals.items():
        n = sum(count for *_, count in rows)
        five = sum(one * count for one, _, count in rows) / n
        rank = sum(one * count for _, one, count in rows) / n
        print(f"{'all':26} {task:9} {way:6} n {n:4}  recall@5 {five:.3f}  MRR {rank:.3f}")
    fitting(shelf, held, {"typed": INSIDE, "typed later": LATER_INSIDE,
                          "typed latest": LATEST_INSIDE}, "all books")  # fmt: skip
    frames = frames_of(SAMPLE)
    fitting(passages_of("sample", frames), [one for one, _ in questions("sample", frames)],
            {"typed": SMALL, "typed latest": LATEST_SMALL}, "the sample book")  # fmt: skip


if __name__ == "__main__":
    main([Path(name) for name in words(1)])
