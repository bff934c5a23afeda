"""EPUB, Markdown and Livebook files made to break an importer.

Belongs here: one function per file; it writes into a folder and returns the path. Does not: PDF
(``hostile_makers.py``), what has to come of each (``test_hostile_made.py``).
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from booktune_assets_tests.books.makers import CONTAINER, epub, page


def entries(path: Path, found: dict[str, bytes], spine: Sequence[str]) -> Path:
    """An EPUB of just these entries; ``spine`` names those that are read."""
    items = "".join(
        f'<item id="i{n}" href="{name}" media-type="application/xhtml+xml"/>'
        for n, name in enumerate(spine)
    )
    refs = "".join(f'<itemref idref="i{n}"/>' for n in range(len(spine)))
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata/>'
        f"<manifest>{items}</manifest><spine>{refs}</spine></package>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("OEBPS/book.opf", opf)
        for name, data in found.items():
            archive.writestr(name, data)
    return path


GOOD = "<h1>Tides</h1><p>The keeper counts the boats.</p><pre>def tide(level), do: level</pre>"


def many_entries(path: Path) -> Path:
    """A hundred thousand empty entries before the book's own."""
    empty = {f"x/{n}": b"" for n in range(100_000)}
    return entries(path, {**empty, "OEBPS/c.xhtml": page(GOOD).encode()}, ["c.xhtml"])


def outside_names(path: Path) -> Path:
    """Entries on other drives, on servers, in folders above; one that differs only in case."""
    bad = ["/etc/x.xhtml", "\\\\host\\share\\x.xhtml", "C:\\x.xhtml", "C:/x.xhtml", "../../x.xhtml"]
    found = {name: page("<p>escaped</p>").encode() for name in bad}
    found["OEBPS/C.XHTML"] = page("<p>The other case is another file.</p>").encode()
    found["OEBPS/c.xhtml"] = page(GOOD).encode()
    return entries(
        path, found, ["c.xhtml", "C.XHTML", *bad, "file:///etc/passwd", "http://example.org/x"]
    )


def long_spine(path: Path) -> Path:
    """A spine of a hundred thousand items, most of them missing."""
    names = ["c.xhtml", *(f"m{n}.xhtml" for n in range(100_000))]
    return entries(path, {"OEBPS/c.xhtml": page(GOOD).encode()}, names)


def deep_page(path: Path) -> Path:
    """A hundred thousand nested ``div``, well-formed."""
    deep = "<div>" * 100_000 + "<p>deep words</p>" + "</div>" * 100_000
    return epub(path, {"c.xhtml": GOOD, "d.xhtml": deep})


def deep_table(path: Path) -> Path:
    """Tables in tables, notes in notes, headings in headings."""
    cell, close = "<table><tr><td>", "</td></tr></table>"
    nested = "<h1>a" * 150 + "</h1>" * 150 + cell * 60 + "<p>inner</p>" + close * 60 + "<pre>" * 200
    return epub(path, {"c.xhtml": GOOD, "d.xhtml": nested})


def huge_attribute(path: Path) -> Path:
    """An attribute and a name of twenty million characters."""
    return epub(path, {"c.xhtml": GOOD, "d.xhtml": f'<p class="{"x" * 20_000_000}">words</p>'})


def entity_tricks(path: Path) -> Path:
    """Parameter entities, an external subset, a quadratic expansion, a stylesheet instruction."""
    doc = (
        '<?xml version="1.0"?><?xml-stylesheet href="file:///etc/passwd"?>'
        '<!DOCTYPE html PUBLIC "x" "http://example.org/x.dtd" [<!ENTITY % p SYSTEM "file:///etc/hostname">'
        f'%p;<!ENTITY a "{"A" * 50_000}">]><html xmlns="http://www.w3.org/1999/xhtml"><body>'
        f"<p>quadratic {'&a;' * 5_000}</p></body></html>"
    )
    return epub(path, {"c.xhtml": GOOD, "d.xhtml": doc.encode()})


def encoding_tricks(path: Path) -> Path:
    """UTF-7, UTF-16 without a mark, a declaration that lies, one that names nothing."""
    hidden = "+ADw-script+AD4-alert(1)+ADw-/script+AD4-"
    head = '<?xml version="1.0" encoding="{}"?>'
    return epub(
        path,
        {
            "c.xhtml": GOOD,
            "d.xhtml": (
                head.format("utf-7") + page(f"<p>seven {hidden}</p>").split("?>", 1)[1]
            ).encode(),
            "e.xhtml": page("<p>sixteen bits and no mark</p>").encode("utf-16-le"),
            "f.xhtml": (
                head.format("utf-16") + page("<p>not sixteen</p>").split("?>", 1)[1]
            ).encode(),
            "g.xhtml": (head.format("x-no-such") + page("<p>none</p>").split("?>", 1)[1]).encode(),
            "h.xhtml": (
                head.format("zlib_codec") + page("<p>codec</p>").split("?>", 1)[1]
            ).encode(),
        },
    )


def zip64_lies(path: Path) -> Path:
    """Sizes of all documents stated as four exabytes in their zip64 fields."""
    epub(path, {"c.xhtml": GOOD, "d.xhtml": "<p>more</p>"})
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\1\2")
    while at >= 0:
        data[at + 24 : at + 28] = b"\xff\xff\xff\xfe"  # unpacked size
        at = data.find(b"PK\1\2", at + 4)
    path.write_bytes(data)
    return path


def overlapping_entries(path: Path) -> Path:
    """Two hundred names for one entry that unpacks to fifty million characters."""
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = page("<p>" + "x" * 50_000_000 + "</p>").encode()
    packed = kernel.compress(text) + kernel.flush()
    names = [f"d{n}.xhtml" for n in range(200)]
    entries(path, {"OEBPS/c.xhtml": page(GOOD).encode()}, ["c.xhtml", *names])
    with zipfile.ZipFile(path, "a") as archive:
        handle, start = archive.fp, archive.start_dir
        assert handle is not None
        handle.seek(start)
        name = b"OEBPS/d0.xhtml"
        crc = zlib.crc32(text)
        handle.write(
            struct.pack(
                "<IHHHHHIIIHH",
                0x04034B50,
                20,
                0,
                8,
                0,
                33,
                crc,
                len(packed),
                len(text),
                len(name),
                0,
            )
            + name
            + packed
        )
        archive.start_dir = handle.tell()
        for one in names:
            info = zipfile.ZipInfo(f"OEBPS/{one}", (1980, 1, 1, 0, 0, 0))
            info.compress_type, info.CRC = zipfile.ZIP_DEFLATED, crc
            info.compress_size, info.file_size, info.header_offset = len(packed), len(text), start
            archive.filelist.append(info)
            archive.NameToInfo[info.filename] = info
        archive._didModify = True
    return path


def encrypted_entries(path: Path) -> Path:
    """ZIP encryption on every entry."""
    epub(path, {"c.xhtml": GOOD})
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 4)
    path.write_bytes(data)
    return path


def wrong_mimetype(path: Path) -> Path:
    """Says that it is an image, has its mimetype last and another archive in front."""
    epub(path, {"c.xhtml": GOOD}, extra={"mimetype2": "image/png"})
    path.write_bytes(b"PK\5\6" + bytes(18) + path.read_bytes())
    return path


def style_bomb(path: Path) -> Path:
    """Styles and drawings with scripts in them, on the page and beside it."""
    css = "@import url(http://example.org/x.css);" + ".a" * 200_000 + "{color:red}"
    svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(2)</script>"
    body = (
        f'<style>{css}</style>{svg}<text>drawn</text></svg>{GOOD}<p style="{"a:b;" * 50_000}">x</p>'
    )
    return epub(path, {"c.xhtml": body}, extra={"OEBPS/s.css": css})


def many_anchors(path: Path) -> Path:
    """A navigation of a hundred thousand nested points."""
    points = "<navPoint><navLabel><text>x</text></navLabel><content src='c.xhtml#a'/>" * 100_000
    ncx = f"<ncx><navMap>{points}</navMap></ncx>"
    epub(path, {"c.xhtml": GOOD})
    with zipfile.ZipFile(path) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    opf = found["OEBPS/book.opf"].decode()
    item = '<item id="n" href="t.ncx" media-type="application/x-dtbncx+xml"/></manifest>'
    found["OEBPS/book.opf"] = opf.replace("</manifest>", item).encode()
    found["OEBPS/t.ncx"] = ncx.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    return path


def _text(path: Path, odd: str) -> Path:
    path.write_text(f"# Tides\n\nThe keeper counts the boats.\n\n{odd}\n", encoding="utf-8")
    return path


def deep_quotes(path: Path) -> Path:
    """Quotations and lists thousands deep."""
    return _text(
        path, ">" * 20_000 + " deep\n\n" + "- " * 20_000 + "deep\n\n" + "1. " * 5_000 + "x"
    )


def backticks(path: Path) -> Path:
    """A million backticks in runs of different lengths."""
    return _text(path, " ".join("`" * n for n in range(1, 1_400)))


def brackets(path: Path) -> Path:
    """Link brackets that never close, and emphasis that never ends."""
    return _text(path, "[" * 50_000 + "\n\n" + "![](<" * 20_000 + "\n\n" + "*a _b " * 20_000)


def references(path: Path) -> Path:
    """Reference definitions that name each other, tables as wide as a river."""
    odd = "\n".join(f"[a{n}]: <b{n}" for n in range(20_000)) + "\n\n" + "[a]" * 20_000
    return _text(
        path, odd + "\n\n" + "|a" * 5_000 + "|\n" + "|-" * 5_000 + "|\n" + "|x" * 5_000 + "|"
    )


def broken_notebook(path: Path) -> Path:
    """Livebook comments that are no JSON, are deep JSON, or never end."""
    deep = '{"a":' * 50_000
    marks = [
        f"<!-- livebook:{deep} -->",
        '<!-- livebook:{"output":tru -->',
        "<!-- livebook:[] -->",
        '<!-- livebook:{"output":true} -->',
        "<!-- livebook:{",
    ]
    return _text(path, "\n\n```elixir\nx = 1\n```\n\n".join(marks))
