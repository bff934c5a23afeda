"""Files made to break an importer, of kinds that the shared set has not: small, odd, legal to hold.

Belongs here: one function per file; it writes into a folder and returns the path. Does not: what
has to come of each (``test_hostile_made.py``).
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from booktune_assets_tests.books.makers import CONTAINER, epub, page

WORDS = b"BT /F1 12 Tf 60 700 Td (The keeper counts the boats in the harbour each morning.) Tj ET "
CODE = b"BT /F2 10 Tf 60 650 Td (def tide\\(level\\), do: level > 3) Tj ET "
FONTS = b"<</Font<</F1 3 0 R/F2 4 0 R>>>>"


def pdf(path: Path, objects: Sequence[bytes], *, trailer: bytes = b"") -> Path:
    """A PDF of these objects, numbered from 1; the first is the catalog."""
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    starts: list[int] = []
    for number, body in enumerate(objects, start=1):
        starts.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    at = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % start for start in starts))
    out.write(b"trailer<</Root 1 0 R/Size %d%s>>\n" % (len(objects) + 1, trailer))
    out.write(b"startxref\n%d\n%%%%EOF\n" % at)
    path.write_bytes(out.getvalue())
    return path


def stream(data: bytes, head: bytes = b"", *, packed: bool = False) -> bytes:
    """A stream object."""
    if packed:
        data, head = zlib.compress(data, 9), head + b"/Filter/FlateDecode"
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (head, len(data), data)


def book(
    path: Path, content: bytes = WORDS + CODE, *, page_extra: bytes = b"", extra: Sequence[bytes] = (),
    box: bytes = b"0 0 612 792", resources: bytes = FONTS, contents: bytes = b"6 0 R",
    font: bytes = b"", catalog: bytes = b"", packed: bool = False, kids: bytes = b"5 0 R", count: int = 1,
) -> Path:  # fmt: skip
    """One page with a drawing of its own; ``extra`` objects are numbered from 7."""
    return pdf(path, [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count),
        b"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman%s>>" % font,
        b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Resources %s/Contents %s%s>>"
        % (box, resources, contents, page_extra),
        stream(content, packed=packed),
        *extra,
    ])  # fmt: skip


def form(content: bytes, names: bytes) -> bytes:
    """A form XObject that may draw others."""
    head = b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</XObject<<%s>>/Font<</F1 3 0 R>>>>"
    return stream(content, head % names)


_DRAWS = b"<</Font<</F1 3 0 R/F2 4 0 R>>/XObject<</A 7 0 R>>>>"


def object_stream_loop(path: Path) -> Path:
    """An object stream that extends itself and holds itself."""
    loop = stream(b"7 0 8 4 null null", b"/Type/ObjStm/N 2/First 8/Extends 7 0 R")
    return book(path, extra=[loop], catalog=b"/Names 7 0 R/Metadata 8 0 R")


def huge_page(path: Path) -> Path:
    """A page of a billion points."""
    return book(path, box=b"0 0 1000000000 1000000000")


def upside_down_page(path: Path) -> Path:
    """A page whose box has its corners the wrong way round, turned by an odd angle."""
    return book(path, box=b"612 792 0 0", page_extra=b"/Rotate 45/UserUnit 1e9/CropBox[9 9 9 9]")


def many_contents(path: Path) -> Path:
    """A page of 100,000 content streams."""
    return book(path, contents=b"[" + b"6 0 R " + b"7 0 R " * 100_000 + b"]", extra=[stream(b" ")])


def huge_image(path: Path) -> Path:
    """An image of 30,000 × 30,000 pixels out of some kilobytes."""
    image = stream(
        bytes(1_000_000), b"/Type/XObject/Subtype/Image/Width 30000/Height 30000/BitsPerComponent 8"
        b"/ColorSpace/DeviceRGB", packed=True,
    )  # fmt: skip
    return book(path, WORDS + CODE + b"q 600 0 0 600 0 0 cm /A Do Q ", resources=_DRAWS, extra=[image])


def broken_to_unicode(path: Path) -> Path:
    """A font whose map gives surrogates, NUL, long strings and then breaks off."""
    cmap = (
        b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <FF> endcodespacerange "
        b"4 beginbfchar <61> <D800> <62> <0000> <63> <" + b"0041" * 400 + b"> <64> <FFFF> endbfchar "
        b"1 beginbfrange <00> <FFFFFFFF> <0041> endbfrange 99999 beginbfrange <20> "
    )
    plain = WORDS.replace(b"/F1", b"/F2") + CODE
    return book(path, WORDS + plain, font=b"/ToUnicode 7 0 R", extra=[stream(cmap)])


def many_links(path: Path) -> Path:
    """A million links."""
    link = b"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(http://example.org)>>>>"
    return book(path, page_extra=b"/Annots[" + b"7 0 R " * 1_000_000 + b"]", extra=[link])


def form_that_draws_itself(path: Path) -> Path:
    """A form XObject that draws itself."""
    return book(path, WORDS + CODE + b"/A Do ", resources=_DRAWS, extra=[form(b"/A Do ", b"/A 7 0 R")])


def forms_that_double(path: Path) -> Path:
    """Thirty forms, each of which draws the next one ten times."""
    forms = [form(b"/A Do " * 10, b"/A %d 0 R" % (8 + n)) for n in range(30)]
    forms.append(form(WORDS, b""))
    return book(path, WORDS + CODE + b"/A Do ", resources=_DRAWS, extra=forms)


def nested_states(path: Path) -> Path:
    """A million saved graphics states, none given back."""
    return book(path, WORDS + CODE + b"q " * 1_000_000 + WORDS, packed=True)


def nested_arrays(path: Path) -> Path:
    """Arrays and dictionaries a hundred thousand deep, in a page and in its drawing."""
    deep = b"[" * 100_000
    return book(path, WORDS + CODE + deep, page_extra=b"/Odd " + deep + b"]" * 100_000)


def page_with_3d(path: Path) -> Path:
    """A 3-D annotation with an embedded model and a script."""
    model = stream(b"U3D\0" + bytes(500), b"/Type/3D/Subtype/U3D/OnInstantiate 9 0 R")
    note = b"<</Type/Annot/Subtype/3D/Rect[0 0 9 9]/3DD 7 0 R/Contents(model)>>"
    return book(path, page_extra=b"/Annots[8 0 R]", extra=[model, note, stream(b"app.alert(1)")])


def one_page_many_times(path: Path) -> Path:
    """A page tree that names one page a hundred thousand times."""
    return book(path, kids=b"5 0 R " * 100_000, count=100_000)


def deep_page_tree(path: Path) -> Path:
    """Pages twenty thousand levels down."""
    levels = 20_000
    nodes = [
        b"<</Type/Pages/Parent %d 0 R/Kids[%d 0 R]/Count 1>>"
        % (6 + n if n else 2, 8 + n if n < levels - 1 else 5)
        for n in range(levels)
    ]
    return book(path, kids=b"7 0 R", extra=nodes)


def absurd_numbers(path: Path) -> Path:
    """Type of no size and of any size, at places that are none."""
    odd = b"".join(
        b"BT /F1 %s Tf %s Tm (nowhere at all) Tj ET " % (size, where)
        for size in (b"0", b"-12", b"1e30", b"0.0001")
        for where in (b"0 0 0 0 0 0", b"1e38 0 0 1e38 9 9", b"1 0 0 1 1e30 -1e30", b"nan 0 0 inf 0 0")
    )
    return book(path, WORDS + CODE + odd + b"BT /F2 0 Tf 0 Tc 60 600 Td (x = 1) Tj ( y) Tj ET ")


def many_rectangles(path: Path) -> Path:
    """Two hundred thousand boxes."""
    boxes = b"".join(b"%d %d 50 20 re f " % (n % 500, n // 500) for n in range(200_000))
    return book(path, boxes + WORDS + CODE, packed=True)


def many_glyphs(path: Path) -> Path:
    """Half a million glyphs on one page."""
    row = b"BT /F1 1 Tf 1 %d Td (" + b"ab " * 170 + b") Tj ET "
    return book(path, WORDS + CODE + b"".join(row % (n % 780) for n in range(1_000)), packed=True)


def chained_tables(path: Path) -> Path:
    """A cross-reference table that names itself as the one before it."""
    book(path)
    data = path.read_bytes()
    at = data.rindex(b"xref\n0 ")
    path.write_bytes(data.replace(b"/Root 1 0 R", b"/Prev %d/XRefStm %d/Root 1 0 R" % (at, at)))
    return path


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
    return entries(path, found, ["c.xhtml", "C.XHTML", *bad, "file:///etc/passwd", "http://example.org/x"])


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
    return epub(path, {"c.xhtml": GOOD, "d.xhtml": f"<p class=\"{'x' * 20_000_000}\">words</p>"})


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
    return epub(path, {
        "c.xhtml": GOOD,
        "d.xhtml": (head.format("utf-7") + page(f"<p>seven {hidden}</p>").split("?>", 1)[1]).encode(),
        "e.xhtml": page("<p>sixteen bits and no mark</p>").encode("utf-16-le"),
        "f.xhtml": (head.format("utf-16") + page("<p>not sixteen</p>").split("?>", 1)[1]).encode(),
        "g.xhtml": (head.format("x-no-such") + page("<p>none</p>").split("?>", 1)[1]).encode(),
        "h.xhtml": (head.format("zlib_codec") + page("<p>codec</p>").split("?>", 1)[1]).encode(),
    })  # fmt: skip


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
        handle.write(struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 33, crc, len(packed),
                                 len(text), len(name), 0) + name + packed)  # fmt: skip
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
    body = f"<style>{css}</style>{svg}<text>drawn</text></svg>{GOOD}<p style=\"{'a:b;' * 50_000}\">x</p>"
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
    return _text(path, ">" * 20_000 + " deep\n\n" + "- " * 20_000 + "deep\n\n" + "1. " * 5_000 + "x")


def backticks(path: Path) -> Path:
    """A million backticks in runs of different lengths."""
    return _text(path, " ".join("`" * n for n in range(1, 1_400)))


def brackets(path: Path) -> Path:
    """Link brackets that never close, and emphasis that never ends."""
    return _text(path, "[" * 50_000 + "\n\n" + "![](<" * 20_000 + "\n\n" + "*a _b " * 20_000)


def references(path: Path) -> Path:
    """Reference definitions that name each other, tables as wide as a river."""
    odd = "\n".join(f"[a{n}]: <b{n}" for n in range(20_000)) + "\n\n" + "[a]" * 20_000
    return _text(path, odd + "\n\n" + "|a" * 5_000 + "|\n" + "|-" * 5_000 + "|\n" + "|x" * 5_000 + "|")


def broken_notebook(path: Path) -> Path:
    """Livebook comments that are no JSON, are deep JSON, or never end."""
    deep = '{"a":' * 50_000
    marks = [f"<!-- livebook:{deep} -->", '<!-- livebook:{"output":tru -->', "<!-- livebook:[] -->",
             '<!-- livebook:{"output":true} -->', "<!-- livebook:{"]  # fmt: skip
    return _text(path, "\n\n```elixir\nx = 1\n```\n\n".join(marks))
