"""What Dagster costs on top of the work: CPU per book and asset in a batch of small books.

    python benchmarks/orchestration.py [--books 50] [--peer-books 10]

Four ways over the same Markdown books, each on a fresh home:

- ``chain``: the four stages called directly, the work itself;
- ``one run``: the whole batch as ``booktune run`` does it, in this process;
- ``command``: ``booktune run`` as a process, imports and start-up included, for the whole batch and
  one command per book.

The peer is what a loop of ``dagster.materialize()`` costs for four assets with empty bodies, one
call per book on a persistent instance, both with a silent console. Promise: at most 60 ms per book
and asset on top of the work, at most 1.2 s through the command line.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import dagster as dg
from _clock import lap
from _command import booktune

from booktune_assets.assets.execute import QUIET, open_instance, run_assets
from booktune_assets.chain.build import build
from booktune_assets.chain.house import BOOK_STAGES, House
from booktune_assets.settings import Settings

LIMIT = 0.060  # CPU s per book and asset, on top of the work
COMMAND_LIMIT = 1.2  # the same for one command per book, all in


def fill(home: Path, books: int) -> Settings:
    """A home with that many small books, no two alike."""
    settings = Settings(home=home)
    settings.books.mkdir(parents=True)
    for number in range(books):
        head = f"---\nlicence: CC0-1.0\n---\n\n# Book {number}\n\n"
        text = f"{head}A *process {number}* is a unit of work with its own memory.\n"
        (settings.books / f"book-{number:03}.md").write_text(text)
    return settings


def by_hand(root: Path, books: int) -> float:
    """CPU of the work alone."""
    house = House.open(fill(root / "hand", books))
    with lap() as spent:
        for book in house.shelf.books():
            for asset in BOOK_STAGES:
                outcome = build(asset, book.key, house)
                if outcome.error:
                    raise outcome.error
    return spent.cpu


def in_one_run(root: Path, books: int) -> tuple[float, float]:
    """CPU of the batch and of its unchanged repetition."""
    settings = fill(root / "run", books)
    run_assets(settings, BOOK_STAGES, [])  # imports and the instance's files are not orchestration
    with lap() as first:
        summary = run_assets(settings, BOOK_STAGES)
    if not summary.ok:
        raise SystemExit(summary.words())
    with lap() as again:
        run_assets(settings, BOOK_STAGES)
    return first.cpu, again.cpu


def as_command(root: Path, books: int) -> float:
    """CPU of ``booktune run`` for the batch, a process of its own."""
    settings = fill(root / "command", books)
    booktune(settings.home, "init")
    return booktune(settings.home, "run", *BOOK_STAGES)


def book_by_book(root: Path, books: int) -> float:
    """CPU of one ``booktune run --book`` per book."""
    settings = fill(root / "each", books)
    booktune(settings.home, "init")
    keys = [book.key for book in House.open(settings).shelf.books()]
    return sum(booktune(settings.home, "run", "--book", key) for key in keys)


def peer(root: Path, books: int) -> float:
    """CPU of a ``materialize()`` call per book over four empty assets."""
    parts = dg.DynamicPartitionsDefinition(name="peer")

    def empty(name: str, after: list[str]) -> dg.AssetsDefinition:
        @dg.asset(name=name, deps=after, partitions_def=parts)
        def body() -> None:
            """Does nothing."""

        return body

    assets = [empty(f"a{number}", [f"a{number - 1}"] if number else []) for number in range(4)]
    with open_instance(Settings(home=root / "peer")) as instance:
        keys = [f"b{number}" for number in range(books)]
        instance.add_dynamic_partitions("peer", keys)
        with lap() as spent:
            for key in keys:
                dg.materialize(assets, partition_key=key, instance=instance, run_config=QUIET)
    return spent.cpu


def main() -> None:
    """Print every way's CPU per book and asset, and how it stands to the peer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--books", type=int, default=50)
    parser.add_argument("--peer-books", type=int, default=10)
    given = parser.parse_args()
    units = given.books * len(BOOK_STAGES)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        work = by_hand(root, given.books) / units
        first, again = (spent / units for spent in in_one_run(root, given.books))
        command = as_command(root, given.books) / units
        each = book_by_book(root, given.peer_books) / (given.peer_books * len(BOOK_STAGES))
        loop = peer(root, given.peer_books) / (given.peer_books * 4)
    added = first - work
    print(f"CPU per book and asset, {given.books} books × {len(BOOK_STAGES)} assets")
    print(f"  the work itself            {work * 1000:7.1f} ms")
    print(f"  one run, all in            {first * 1000:7.1f} ms")
    print(f"  added by orchestration     {added * 1000:7.1f} ms  (limit {LIMIT * 1000:.0f})")
    print(f"  one run, nothing changed   {again * 1000:7.1f} ms")
    print(f"  `booktune run`, all in     {command * 1000:7.1f} ms  the batch in one command")
    print(
        f"  `run --book`, all in       {each * 1000:7.1f} ms  one command per book "
        f"(limit {COMMAND_LIMIT * 1000:.0f})"
    )
    print(f"  peer: materialize() loop   {loop * 1000:7.1f} ms  empty bodies")
    print(f"  ratio to the peer          {added / loop:7.2f}")
    if added > LIMIT or each > COMMAND_LIMIT:
        raise SystemExit("over the limit")


if __name__ == "__main__":
    main()
