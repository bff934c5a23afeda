"""Two-level encoder of a shelf: blocks into sections, sections into their book.

Belongs here: what the networks are given and give, starting their training. Does not: the networks
(``encoder_child.py``), vectors of single texts (``embeddings.py``).

After HAT (Chalkidis et al. 2022), and small: frozen vectors of paragraphs and listings go through a
transformer over the blocks of a section, its vectors through one over the sections of a book. What
it wins beside the plain mean, and what not, is in ``docs/why/encoder.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from booktune_assets.concepts.embeddings import Embedder
from booktune_assets.errors import Code, MissingPrerequisite

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    Matrix = npt.NDArray[np.float32]
    Numbers = npt.NDArray[np.int64]

__all__ = ["STEPS", "Encoded", "Inputs", "encode", "inputs_of"]

STEPS = 400
BLOCKS_MAX = 64  # of a section; further ones are left out
_CODE = ("code", "iex", "erl_shell")
_CHILD = "booktune_assets.concepts.encoder_child"


@dataclass(frozen=True, slots=True)
class Inputs:
    """Blocks of sections, as arrays; a text by itself is a section of one block and of no book."""

    vectors: Matrix  # (blocks, dim), of length 1
    chars: Matrix  # (blocks,) length of their text: how much they weigh in the plain mean
    section: Numbers  # (blocks,) row of the section, ascending
    code: Numbers  # (blocks,) 1 for code
    book: Numbers  # (sections,) -1: not a part of any book
    chapter: Numbers  # (sections,) from 0 in each book
    trains: Numbers  # (sections,) 1: may be learned from


@dataclass(frozen=True, slots=True)
class Encoded:
    """Vectors of length 1, a row per section: of its blocks, in its book, of what follows it."""

    local: Matrix
    context: Matrix
    following: Matrix
    facts: dict[str, Any]  # parameters, loss_first, loss_last, child_seconds …


def inputs_of(
    books: Sequence[tuple[pl.DataFrame, pl.DataFrame]], texts: Sequence[tuple[str, bool]],
    embedder: Embedder, held: Sequence[int] = (),
) -> tuple[Inputs, list[str], Matrix]:  # fmt: skip
    """(inputs, section ids, plain means) of (sections, blocks) of books, then of single texts.

    ``texts`` are (text, is it code?); ``held`` are the books that nothing is learned from. The
    plain means have a row per section, texts last: what the encoder has to beat.
    """
    import numpy as np

    names: list[str] = []
    whole: list[str] = []
    told: list[str] = []
    section: list[int] = []
    code: list[int] = []
    facts: list[tuple[int, int, int]] = []
    for number, (sections, blocks) in enumerate(books):
        rows: dict[str, list[dict[str, Any]]] = {}
        for row in blocks.sort("section_id", "ordinal").iter_rows(named=True):
            if row["text"].strip():
                rows.setdefault(row["section_id"], []).append(row)
        chapters: dict[str, int] = {}
        for row in sections.sort("ordinal").iter_rows(named=True):
            own = rows.get(row["section_id"], [])[:BLOCKS_MAX]
            if row["role"] != "body" or not own:
                continue
            chapter = chapters.setdefault((row["title_path"] or [""])[0], len(chapters))
            section += [len(names)] * len(own)
            told += [one["text"] for one in own]
            code += [int(one["kind"] in _CODE) for one in own]
            names.append(row["section_id"])
            whole.append(row["text"])
            facts.append((number, chapter, int(number not in held)))
    learned = [text for text, row in zip(told, section, strict=True) if facts[row][2]]
    embedder.fit(learned)
    section += range(len(names), len(names) + len(texts))
    told += [text for text, _ in texts]
    code += [int(is_code) for _, is_code in texts]
    facts += [(-1, 0, 0)] * len(texts)
    table = np.array(facts, dtype=np.int64).reshape(-1, 3)
    made = Inputs(
        embedder.vectors(told), np.array([len(text) for text in told], dtype=np.float32),
        np.array(section, dtype=np.int64), np.array(code, dtype=np.int64), *table.T,
    )  # fmt: skip
    return made, names, embedder.vectors([*whole, *(text for text, _ in texts)])


def encode(inputs: Inputs, work: Path, *, steps: int = STEPS, seed: int = 0) -> Encoded:
    """Train on the sections that may be learned from, in a child process; vectors of all.

    Raises ``MissingPrerequisite(MISSING_EXTRA)`` without torch.
    """
    import numpy as np

    from booktune_assets.children import run_child

    if find_spec("torch") is None:
        raise MissingPrerequisite(
            Code.MISSING_EXTRA, "pip install 'booktune[train]'", package="torch"
        )
    work.mkdir(parents=True, exist_ok=True)
    given, made = work / "inputs.npz", work / "vectors.npz"
    arrays: Mapping[str, Any] = {name: getattr(inputs, name) for name in Inputs.__slots__}
    np.savez(given, **arrays)
    facts = run_child(
        _CHILD, {"inputs": str(given), "made": str(made), "steps": steps, "seed": seed}, work
    )
    with np.load(made) as found:
        return Encoded(found["local"], found["context"], found["following"], facts)
