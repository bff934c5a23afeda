"""Renders the sample book from its one Markdown source to PDF, EPUB and Livebook.

python render.py           writes the three files next to the source
python render.py --check   fails if the files next to the source are out of date
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import pymupdf
from book_source import HERE, NAME, read_book
from render_epub import render_epub
from render_livebook import render_livebook
from render_pdf import render_pdf

RENDERERS = {".pdf": render_pdf, ".epub": render_epub, ".livemd": render_livebook}


def render_all(folder: Path) -> list[Path]:
    """Writes the three files into a folder."""
    book = read_book()
    targets = [folder / f"{NAME}{suffix}" for suffix in RENDERERS]
    for target in targets:
        RENDERERS[target.suffix](book, target)
    return targets


def same_pdf(one: Path, other: Path) -> bool:
    """Whether two PDFs say and show the same.

    Another release of the compression library may pack the same content into other bytes, so the
    unpacked pages are compared where the files differ.
    """
    if one.read_bytes() == other.read_bytes():
        return True
    with pymupdf.open(one) as first, pymupdf.open(other) as second:
        if len(first) != len(second) or first.get_toc() != second.get_toc():
            return False
        if first.metadata != second.metadata:
            return False
        return all(
            a.read_contents() == b.read_contents() for a, b in zip(first, second, strict=True)
        )


def outdated(fresh_files: list[Path], folder: Path = HERE) -> list[str]:
    """The names of the files in the folder that differ from the fresh ones."""
    stale: list[str] = []
    for fresh in fresh_files:
        kept = folder / fresh.name
        same = kept.exists() and (
            same_pdf(fresh, kept)
            if fresh.suffix == ".pdf"
            else fresh.read_bytes() == kept.read_bytes()
        )
        if not same:
            stale.append(fresh.name)
    return stale


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare with the files kept here")
    parser.add_argument("--out", type=Path, help="write into this folder instead")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        # A check must not touch the files it judges.
        folder = options.out or (Path(scratch) if options.check else HERE)
        written = render_all(folder)
        for target in written if folder != Path(scratch) else []:
            print(f"{target.name}: {target.stat().st_size} bytes")
        stale = outdated(written) if options.check else []
    for name in stale:
        print(f"{name} is out of date; run render.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
