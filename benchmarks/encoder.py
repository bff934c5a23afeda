"""What the two-level encoder wins beside plain means, use by use, on books it never saw.

    .venv/bin/python benchmarks/encoder.py [--full | --steps N] TRAIN … -- HELD …

So many steps are trained that the whole takes minutes (80); ``--full`` trains as long as the
package does by itself. The last lines say of each use whether a trained vector beats the plain mean
in every held-out book.

TRAIN and HELD are books; where HELD has one as PDF and as EPUB (the same name), their sections are
each other's twins. Tasks, all in the held-out books: ``listing`` and ``question`` as in
``retrieval.py`` (mean reciprocal rank, vectors alone), ``twins``: a section of the PDF finds that
of the same titles in the EPUB (MRR), ``chapter``: the nearest other section is of the same chapter
(share), ``order``: of two concepts of a section each, which one the book's own prerequisite edges
put first (share; a plain mean has no direction: 0.5). ``context`` knows chapters and places, so its
``chapter`` says little.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from _words import words
from retrieval import CODE, Frames, frames_of, key_of, leads, questions

from booktune_assets.concepts.embeddings import Embedder
from booktune_assets.concepts.encoder import STEPS, encode, inputs_of
from booktune_assets.concepts.graph import into_concepts

Matrix = npt.NDArray[np.float32]
Pairs = list[tuple[int, int]]
QUICK = 80  # steps: a third of the loss is gone, and what each use thinks of it shows
TRAINED = ("local", "context")


def ranks(vectors: Matrix, asked: Pairs, among: Sequence[int]) -> float:
    """Mean reciprocal rank of what is asked for among some rows."""
    own = np.asarray(among)
    place = {int(row): at for at, row in enumerate(own)}
    found = 0.0
    for question, wanted in asked:
        near = vectors[own] @ vectors[question]
        rank = int((near > near[place[wanted]]).sum()) + 1
        found += 1 / rank if rank <= 10 else 0
    return found / max(1, len(asked))


def chapters(vectors: Matrix, rows: Sequence[int], chapter: Sequence[int]) -> float:
    """Share of sections whose nearest other one is of their chapter."""
    own = vectors[np.asarray(rows)]
    near = own @ own.T
    np.fill_diagonal(near, -np.inf)
    names = np.asarray(chapter)
    return float((names[near.argmax(axis=1)] == names).mean())


def edges(key: str, frames: Frames, at: dict[str, int]) -> Pairs:
    """(section of the prerequisite, section of what needs it) of the direct edges of a book."""
    made = into_concepts(key, frames["sections"], frames["sections__blocks"], frames)
    home = dict(made["concept_graph"].select("concept_id", "introduced_in").iter_rows())
    found: Pairs = []
    for row in made["concept_graph__edges"].iter_rows(named=True):
        before, after = at.get(home[row["source_id"]]), at.get(home[row["target_id"]])
        if row["direct"] and before is not None and after is not None and before != after:
            found.append((before, after))
    return found


class Held:
    """The tasks of one held-out book, in rows of the arrays."""

    def __init__(self, file: Path, frames: Frames, texts: list[tuple[str, bool]]) -> None:
        self.name, self.frames = file.name, frames
        self.code: dict[str, int] = {}
        for row in frames["sections__blocks"].sort("section_id", "ordinal").iter_rows(named=True):
            if row["kind"] in CODE and row["text"].strip():
                self.code[row["block_id"]] = len(texts)
                texts.append((row["text"], True))
        self.leads: Pairs = []
        for text, block in leads(frames):
            self.leads.append((len(texts), self.code[block]))
            texts.append((text, False))
        self.questions: list[tuple[int, str]] = []
        for text, section in questions(key_of(file), frames):
            self.questions.append((len(texts), section))
            texts.append((text, False))

    def tasks(self, vectors: Matrix, at: dict[str, int], chapter: Any) -> dict[str, float]:
        """Figures of this book."""
        size = len(at)
        rows = [at[name] for name in self.frames["sections"]["section_id"] if name in at]
        shown = [(a + size, b + size) for a, b in self.leads]
        asked = [(a + size, at[name]) for a, name in self.questions if name in at]
        return {
            "listing": ranks(vectors, shown, [row + size for row in self.code.values()]),
            "question": ranks(vectors, asked, rows),
            "chapter": chapters(vectors, rows, [chapter[row] for row in rows]),
        }


def twins(held: Sequence[Held], at: dict[str, int]) -> list[tuple[Pairs, list[int]]]:
    """Of each book that is there twice: pairs of sections with the same titles."""
    found: list[tuple[Pairs, list[int]]] = []
    for one in held:
        for other in held:
            if Path(one.name).stem == Path(other.name).stem and one.name > other.name:
                homes: dict[tuple[str, ...], list[str]] = {}
                for name, path in (
                    other.frames["sections"].select("section_id", "title_path").rows()
                ):
                    if name in at:
                        homes.setdefault(tuple(path), []).append(name)
                own = one.frames["sections"].select("section_id", "title_path").rows()
                pairs = [
                    (at[name], at[homes[tuple(path)][0]])
                    for name, path in own
                    if name in at and len(homes.get(tuple(path), [])) == 1
                ]
                found.append((pairs, [at[name] for names in homes.values() for name in names]))
    return found


def main(train: list[Path], test: list[Path], steps: int) -> None:
    """Print the table."""
    texts: list[tuple[str, bool]] = []
    known = [frames_of(file) for file in train]
    held = [Held(file, frames_of(file), texts) for file in test]
    books = [(f["sections"], f["sections__blocks"]) for f in [*known, *(h.frames for h in held)]]
    inputs, names, flat = inputs_of(books, texts, Embedder(), range(len(train), len(books)))
    at = {name: row for row, name in enumerate(names)}
    with tempfile.TemporaryDirectory() as work:
        made = encode(inputs, Path(work), steps=steps)
    print(", ".join(f"{name} {value}" for name, value in sorted(made.facts.items())))
    doubled = twins(held, at)
    table: list[tuple[str, str, dict[str, float]]] = []
    for book in held:
        for way, vectors in (("flat", flat), ("local", made.local), ("context", made.context)):
            found = book.tasks(vectors, at, inputs.chapter)
            table.append((book.name, way, found))
            says = "  ".join(f"{name} {value:.3f}" for name, value in found.items())
            print(f"{book.name:26} {way:8} {says}")
        ordered = edges(key_of(Path(book.name)), book.frames, at)
        forth = [float(made.following[a] @ made.local[b]) for a, b in ordered]
        back = [float(made.following[b] @ made.local[a]) for a, b in ordered]
        right = sum(one > other for one, other in zip(forth, back, strict=True))
        print(
            f"{book.name:26} following order {right / max(1, len(ordered)):.3f} of {len(ordered)}"
        )
    for pairs, among in doubled:
        for way, vectors in (("flat", flat), ("local", made.local), ("context", made.context)):
            print(f"twins ({len(pairs)}) {way:8} MRR {ranks(vectors, pairs, among):.3f}")
    verdicts(table)


def verdicts(table: list[tuple[str, str, dict[str, float]]]) -> None:
    """Print which trained vectors beat the plain mean in every book, use by use."""
    by = {(book, way): found for book, way, found in table}
    books = sorted({book for book, _, _ in table})
    for use in table[0][2] if table else ():
        won = [
            way for way in TRAINED
            if all(by[book, way][use] > by[book, "flat"][use] for book in books)
        ]  # fmt: skip
        print(f"{use:9} beats the plain mean in all {len(books)}: {', '.join(won) or 'none'}")


if __name__ == "__main__":
    given = words(2)
    wanted = QUICK
    if given[:1] == ["--full"]:
        wanted, given = STEPS, given[1:]
    if given[:1] == ["--steps"]:
        wanted, given = int(given[1]), given[2:]
    if "--" in given:
        cut = given.index("--")
        main(
            [Path(name) for name in given[:cut]], [Path(name) for name in given[cut + 1 :]], wanted
        )
