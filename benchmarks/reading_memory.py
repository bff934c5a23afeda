"""Memory and speed of reading by the number of pages, beside the peers that are installed.

    .venv/bin/python benchmarks/reading_memory.py [--sizes 250 500 1000 2000] [--peers DIR]

Books of any length are put together from the pages of ``../shared/books`` (or of
``$BOOKTUNE_BOOKS``, else of the sample book) in a temporary folder. Each reading is a command of
its own, its start included: ``booktune read``, which opens the book in a child. CPU seconds are
those of both of its processes, peak memory that of the larger one; ``child`` is the reader alone,
without the tables that its parent makes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from reading import BOOKS, HERE, timed

SAMPLE = HERE.parent / "data" / "books" / "sample"
SLOW = {"pymupdf4llm": 1_000}  # pages at most
COMMAND = """
import sys
from booktune_assets.cli import main
sys.argv = ["booktune", "read", sys.argv[1], "--records", sys.argv[2]]
main()
"""
CHILD = """
import sys
from dataclasses import asdict
from booktune_assets.books.blocks import Limits
from booktune_assets.books.bounded import ask
with open(sys.argv[2], "wb") as out:
    task = {"do": "read", "path": sys.argv[1], "limits": asdict(Limits())}
    out.write(ask(task, seconds=3_600, memory_mb=4_000, take=out.write))
"""


def long_book(pages: int, path: Path) -> None:
    """A PDF of so many pages, taken from the books in turn."""
    import pymupdf

    sources = sorted(BOOKS.glob("*.pdf")) or sorted(SAMPLE.glob("*.pdf"))
    with pymupdf.open() as made:
        while made.page_count < pages:
            for source in sources:
                left = pages - made.page_count
                if left <= 0:
                    break
                with pymupdf.open(source) as book:
                    made.insert_pdf(book, to_page=min(left, book.page_count) - 1)
        made.save(path, garbage=3, deflate=True)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=[250, 500, 1_000, 2_000])
    parser.add_argument("--peers", type=Path, help="environment that holds the peers")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.make:
        long_book(asked.sizes[0], asked.make)
        return
    python = str(asked.peers / "bin" / "python") if asked.peers else sys.executable
    readers = {
        "booktune": [sys.executable, "-c", COMMAND],
        "child": [sys.executable, "-c", CHILD],
    }
    for name in ("pymupdf", "pymupdf4llm"):
        readers[name] = [python, str(HERE / "_peers.py"), name]
    titles = f"{'pages':>6} {'peak MB':>8} {'MB per 1,000 more':>18} {'pages/CPU s':>12}"
    print(f"{'reader':12} {titles}")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out")
        books = {size: Path(folder, f"{size}.pdf") for size in asked.sizes}
        for size, file in books.items():  # elsewhere: a process counts its parent's memory as well
            make = [sys.executable, __file__, "--sizes", str(size), "--make", str(file)]
            subprocess.run(make, check=True)
        for name, command in readers.items():
            before: tuple[int, int] | None = None
            for size, file in books.items():
                if size > SLOW.get(name, size):
                    continue
                code, cpu, peak = timed([*command, str(file), str(out)])
                if code:
                    print(f"{name:12} {size:6} failed with exit code {code}")
                    break
                more = f"{(peak - before[1]) / (size - before[0]) * 1_000:.0f}" if before else ""
                print(f"{name:12} {size:6} {peak:8} {more:>18} {size / cpu:12.1f}", flush=True)
                before = size, peak


if __name__ == "__main__":
    main()
