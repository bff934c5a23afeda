"""What the fuzzer starts from: excerpts of real books, hostile files, small books made on the spot.

Belongs here: files as bytes, small enough that one is read in tens of milliseconds. Does not:
changing them (``_mutate.py``). The same folder of books gives the same seeds in the same order.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from _layouts import drawn_pdfs, shelf_pdfs

PROJECT = Path(__file__).resolve().parents[2]
SAMPLE = PROJECT / "data" / "books" / "sample"
PAGES = 2
SMALL = 150_000  # bytes of a hostile file that is taken as it is
DOCUMENT = 6_000  # characters of one document of an EPUB excerpt
OPF = (
    '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Fuzz</dc:title></metadata><manifest>'
    "{items}</manifest><spine>{spine}</spine></package>"
)
CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="O/b.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>"
)


@dataclass(frozen=True)
class Seed:
    """A file to change: ``kind`` is pdf, epub, md, livemd or layout (a PDF whose page is changed
    as a page, too); ``suffix`` is what it is called."""

    name: str
    kind: str
    suffix: str
    data: bytes


def seeds(books: Path) -> list[Seed]:
    """Excerpts of the books of a folder, of the sample book, and the hostile files."""
    found: list[Seed] = []
    for path in sorted([*books.glob("*.pdf"), *SAMPLE.glob("*.pdf")]):
        found += _pdf_excerpts(path)
    for path in sorted([*books.glob("*.epub"), *SAMPLE.glob("*.epub")]):
        found += _epub_excerpts(path)
    for path in sorted([*books.glob("*/*.livemd"), *books.glob("*/*.md"), *SAMPLE.glob("*.md")]):
        kind = path.suffix.removeprefix(".")
        found.append(Seed(path.name, kind, path.suffix, path.read_bytes()[:DOCUMENT]))
    for path in sorted((books / "hostile").glob("*")):
        if path.suffix in (".pdf", ".epub") and 0 < path.stat().st_size < SMALL:
            data = path.read_bytes()
            kind = "epub" if data.startswith(b"PK") else "pdf"
            found.append(Seed(path.name, kind, path.suffix, data))
    found.append(Seed("drawn.pdf", "pdf", ".pdf", _drawn()))
    return found


def layouts(books: Path) -> list[Seed]:
    """PDFs on which rules of layout fire."""
    made = [*drawn_pdfs(), *shelf_pdfs(books)]
    return [Seed(name, "layout", ".pdf", data) for name, data in made]


def _pdf_excerpts(path: Path) -> list[Seed]:
    """A few pages from three places of a book, packed and as plain text."""
    from booktune_assets.books.mupdf import library

    pymupdf = library()
    found: list[Seed] = []
    with pymupdf.open(path) as book:
        for part in (0.15, 0.5, 0.85):
            first = int(part * book.page_count)
            with pymupdf.open() as excerpt:
                excerpt.insert_pdf(book, from_page=first, to_page=first + PAGES - 1)
                excerpt.set_toc([[1, f"Part {first}", 1], [2, "More", min(2, excerpt.page_count)]])
                name = f"{path.stem}-{first}"
                packed = excerpt.tobytes(garbage=4, deflate=True, use_objstms=1, no_new_id=True)
                plain = excerpt.tobytes(garbage=4, expand=1, no_new_id=True)
                found.append(Seed(f"{name}.packed", "pdf", ".pdf", packed))
                found.append(Seed(f"{name}.plain", "pdf", ".pdf", plain))
    return found


def _epub_excerpts(path: Path) -> list[Seed]:
    """The beginnings of some documents of a book as small EPUBs with a table of contents."""
    with zipfile.ZipFile(path) as archive:
        names = sorted(n for n in archive.namelist() if n.endswith((".xhtml", ".html", ".htm")))
        texts = [archive.read(name)[:DOCUMENT] for name in names[:: max(1, len(names) // 6)]]
    return [
        Seed(f"{path.stem}-{n}", "epub", ".epub", small_epub(texts[n : n + 2]))
        for n in range(0, len(texts), 2)
    ]


def small_epub(texts: list[bytes]) -> bytes:
    """An EPUB of these documents."""
    items = '<item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
    items += "".join(
        f'<item id="i{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>'
        for n in range(len(texts))
    )
    spine = "".join(f'<itemref idref="i{n}"/>' for n in range(len(texts)))
    links = "".join(f'<li><a href="c{n}.xhtml">c</a></li>' for n in range(len(texts)))
    entries = {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": CONTAINER.encode(),
        "O/b.opf": OPF.format(items=items, spine=spine).encode(),
        "O/nav.xhtml": f"<html><body><nav><ol>{links}</ol></nav></body></html>".encode(),
        **{f"O/c{n}.xhtml": text for n, text in enumerate(texts)},
    }
    return zipped(list(entries.items()))


def zipped(entries: list[tuple[str, bytes]]) -> bytes:
    """A ZIP of these entries, the same bytes every time; names may repeat."""
    import warnings

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that stand there twice
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name, (1990, 1, 1, 0, 0, 0)), data)
    return out.getvalue()


def _drawn() -> bytes:
    """A page that uses what books seldom do: turned and invisible text, forms, links, a widget."""
    from booktune_assets.books.mupdf import library

    pymupdf = library()
    with pymupdf.open() as document:
        for number in range(2):
            page = document.new_page(width=420, height=600)
            page.insert_text((40, 60), f"Chapter {number + 1}", fontname="hebo", fontsize=20)
            page.insert_text((40, 100), "def tide(level), do: level > 3", fontname="cour")
            page.insert_text(
                (40, 130), "Words that nobody sees, drawn in mode three.", render_mode=3
            )
            page.insert_text((300, 300), "turned words", rotate=90)
            page.insert_text((40, 160), "iex> tide(4)\ntrue", fontname="cour", fontsize=9)
            page.draw_rect((30, 85, 390, 110), color=None, fill=(0.9, 0.9, 0.9))
            spot = pymupdf.Rect(40, 200, 90, 210)
            page.insert_link({"kind": 2, "from": spot, "uri": "https://example.org"})
            page.insert_text((40, 220), "\u2022 a point of a list with some more words in it")
            page.add_text_annot((50, 50), "a note")
        document.embfile_add("run.sh", b"echo no", filename="run.sh")
        document.set_toc([[1, "Chapter 1", 1], [1, "Chapter 2", 2]])
        return document.tobytes(garbage=3, expand=1, no_new_id=True)
