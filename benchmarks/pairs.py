"""How many pairs a book gives, how fast, and what an edit costs.

    .venv/bin/python benchmarks/pairs.py FILE …

Times are CPU seconds of this process; reading the files is not counted.
"""

from __future__ import annotations

import time
from pathlib import Path

import polars as pl
from _words import words

from booktune_assets.books.reader import read_book
from booktune_assets.books.sections import into_sections
from booktune_assets.concepts.graph import into_concepts
from booktune_assets.ids import slug
from booktune_assets.pairs.extract import PairsMade, into_pairs
from booktune_assets.settings import Pairs, Reading


def _pairs(
    key: str, made: dict[str, pl.DataFrame], before: PairsMade | None
) -> tuple[PairsMade, float, float]:
    start = time.process_time()
    concepts = into_concepts(key, made["sections"], made["sections__blocks"])
    middle = time.process_time()
    pairs = into_pairs(
        key, made["sections"], made["sections__blocks"], concepts["concept_graph"],
        concepts["concept_graph__mentions"], Pairs(), before.frames if before else None,
        made["sections__exercises"],
    )  # fmt: skip
    return pairs, middle - start, time.process_time() - middle


def frames_and_pairs(path: Path) -> dict[str, pl.DataFrame]:
    """All tables of a book, its pairs among them."""
    key = slug(path.stem)
    raw = read_book(path, key, Reading()).frames
    sha = str(raw["raw_books"]["file_sha256"][0])
    sections = into_sections(key, sha, raw["raw_books__blocks"], raw["raw_books__spans"])
    return {**sections, **_pairs(key, sections, None)[0].frames}


def _edited(raw: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The blocks with one word more in the paragraph in the middle."""
    blocks = raw["raw_books__blocks"]
    prose = blocks.filter(pl.col("kind") == "prose")
    chosen = prose["block_id"][prose.height // 2]
    text = pl.when(pl.col("block_id") == chosen).then(pl.col("text") + " Indeed.")
    return blocks.with_columns(text.otherwise(pl.col("text")).alias("text"))


def main() -> None:
    for name in words(1):
        path = Path(name)
        key = slug(path.stem)
        raw = read_book(path, key, Reading()).frames
        spans, sha = raw["raw_books__spans"], raw["raw_books"]["file_sha256"][0]
        sections = into_sections(key, sha, raw["raw_books__blocks"], spans)
        pairs, graph, cost = _pairs(key, sections, None)
        kept, chars = pairs.counts["kept"], int(sections["sections"]["chars"].sum())
        again, _, less = _pairs(key, into_sections(key, sha, _edited(raw), spans), pairs)
        print(
            f"{key}: {kept} pairs, {1e5 * kept / max(chars, 1):.0f} per 100,000 characters, "
            f"{kept / max(cost, 1e-9):.0f} per CPU second (graph {graph:.2f} s, pairs "
            f"{cost:.2f} s); "
            f"after an edit {again.counts['sections_made']} of {again.counts['sections']} sections "
            f"made again in {less:.2f} s"
        )


if __name__ == "__main__":
    main()
