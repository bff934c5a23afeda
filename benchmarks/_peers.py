"""One peer reads one book: ``python _peers.py NAME FILE OUT``. Runs in the peers' own environment.

Each is called the way its own documentation shows first. ``NAME`` alone of ``--list`` prints those
that can be imported here.
"""

import importlib.util
import shutil
import sys
from pathlib import Path

PDF = ("pymupdf", "pymupdf4llm", "liteparse", "kreuzberg")
EPUB = ("pandoc", "kreuzberg")


def available() -> list[str]:
    """Names of the peers that this environment has."""
    found = [name for name in PDF if importlib.util.find_spec(name)]
    if importlib.util.find_spec("pypandoc") or shutil.which("pandoc"):
        found.append("pandoc")
    return found


def read(name: str, file: Path) -> str:
    """What a peer makes of a book: Markdown, or plain text where it has no other."""
    if name == "pymupdf":
        import pymupdf

        with pymupdf.open(file) as document:
            return "\n\n".join(page.get_text() for page in document)
    if name == "pymupdf4llm":
        import pymupdf4llm

        pymupdf4llm.use_layout(False)  # the layout model is better and ten times as slow
        return pymupdf4llm.to_markdown(str(file))
    if name == "liteparse":
        import liteparse

        return liteparse.LiteParse(output_format="markdown", ocr_enabled=False).parse(file).text
    if name == "kreuzberg":
        import kreuzberg

        config = kreuzberg.ExtractionConfig(output_format="markdown")
        return kreuzberg.extract_file_sync(str(file), config=config).content
    if importlib.util.find_spec("pypandoc"):
        import pypandoc

        return pypandoc.convert_file(str(file), "gfm-raw_html")
    raise SystemExit(f"no peer is called {name}")


if __name__ == "__main__":
    if sys.argv[1] == "--list":
        print("\n".join(available()))
    else:
        Path(sys.argv[3]).write_text(read(sys.argv[1], Path(sys.argv[2])), encoding="utf-8")
