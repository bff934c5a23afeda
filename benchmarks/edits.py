"""One word more in a paragraph of a book: which of its rows are other ones then.

    .venv/bin/python benchmarks/edits.py [--edits 24] FILE.md …

For each edit of each Markdown file: rows of the book, those with a new id, and of these the rows of
which no evidence touches the edited paragraph (those that change for what stands beside it). Then
mean and largest share, and the families of the rows that changed. Paragraphs and places are drawn
with a fixed seed; files that are given together with ``--together`` count as one book.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from collections import Counter
from pathlib import Path

import polars as pl

from booktune_assets.books.reader import read_book
from booktune_assets.books.sections import into_sections
from booktune_assets.concepts.graph import into_concepts
from booktune_assets.pairs.extract import into_pairs
from booktune_assets.settings import Pairs, Reading

Frames = dict[str, pl.DataFrame]
PARAGRAPH = re.compile(r"(?m)^(?![#>`|\-\d*]|    )[A-Z][^\n]{120,}$")
WORD = "really"


def made(text: str, folder: Path, previous: Frames | None = None) -> tuple[Frames, pl.DataFrame]:
    """Frames of ``instruction_pairs`` and the blocks of a book of that text."""
    path = folder / "book.md"
    path.write_text(text)
    raw = read_book(path, "book", Reading()).frames
    own = into_sections(
        "book", raw["raw_books"]["file_sha256"][0], raw["raw_books__blocks"],
        raw["raw_books__spans"], raw["raw_books__pages"], raw["raw_books__links"],
    )  # fmt: skip
    graph = into_concepts("book", own["sections"], own["sections__blocks"])
    pairs = into_pairs(
        "book", own["sections"], own["sections__blocks"], graph["concept_graph"],
        graph["concept_graph__mentions"], Pairs(), previous, own["sections__exercises"],
        graph["concept_graph__edges"],
    )  # fmt: skip
    return pairs.frames, own["sections__blocks"]


def touching(frames: Frames, blocks: pl.DataFrame, before: pl.DataFrame) -> set[str]:
    """Pairs with evidence in blocks that were not there before."""
    new = blocks.join(before.select("block_id"), on="block_id", how="anti")
    spots = new.select("section_id", first="char_start", last="char_end")
    both = frames["instruction_pairs__evidence"].join(spots, on="section_id")
    both = both.filter(pl.col("char_start") < pl.col("last"), pl.col("first") < pl.col("char_end"))
    return set(both["pair_id"].to_list())


def say(name: str, text: str, edits: int) -> None:
    """All figures of one book."""
    draw = random.Random(1)
    shares: list[float] = []
    beside = 0
    families: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as home:
        first, before = made(text, Path(home))
        ids = set(first["instruction_pairs"]["pair_id"])
        places = list(PARAGRAPH.finditer(text))
        for place in draw.sample(places, min(edits, len(places))):
            words = place[0].split(" ")
            words.insert(draw.randrange(3, len(words) - 3), WORD)
            edited = text[: place.start()] + " ".join(words) + text[place.end() :]
            frames, blocks = made(edited, Path(home), first)
            rows = frames["instruction_pairs"]
            new = rows.filter(~pl.col("pair_id").is_in(list(ids)))
            free = set(new["pair_id"]) - touching(frames, blocks, before)
            shares.append(new.height / rows.height)
            beside += len(free)
            families.update(new["family"].to_list())
            print(f"  {new.height} of {rows.height}, {len(free)} beside the edit", flush=True)
    print(
        f"{name}: {len(ids)} rows; of {len(shares)} edits the mean changes "
        f"{sum(shares) / len(shares):.2%}, the largest {max(shares):.2%}; {beside} rows in all "
        "changed that do not rest on the edited paragraph"
    )
    print("  " + ", ".join(f"{family} {count}" for family, count in families.most_common()))


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--edits", type=int, default=24)
    parser.add_argument("--together", action="store_true", help="the files are one book")
    chosen = parser.parse_args()
    texts = {path.name: path.read_text() for path in sorted(chosen.files)}
    if chosen.together:
        texts = {"together": "\n".join(texts.values())}
    for name, text in texts.items():
        say(name, text, chosen.edits)


if __name__ == "__main__":
    main()
