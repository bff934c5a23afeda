"""PDFs made to break an importer, of kinds that the shared set has not: small, odd, legal to hold.

Belongs here: one function per file; it writes into a folder and returns the path. Does not: EPUB
and text (``hostile_texts.py``), what has to come of each (``test_hostile_made.py``).
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from pathlib import Path

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
    path: Path,
    content: bytes = WORDS + CODE,
    *,
    page_extra: bytes = b"",
    extra: Sequence[bytes] = (),
    box: bytes = b"0 0 612 792",
    resources: bytes = FONTS,
    contents: bytes = b"6 0 R",
    font: bytes = b"",
    catalog: bytes = b"",
    packed: bool = False,
    kids: bytes = b"5 0 R",
    count: int = 1,
) -> Path:
    """One page with a drawing of its own; ``extra`` objects are numbered from 7."""
    return pdf(
        path,
        [
            b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
            b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count),
            b"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman%s>>" % font,
            b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Resources %s/Contents %s%s>>"
            % (box, resources, contents, page_extra),
            stream(content, packed=packed),
            *extra,
        ],
    )


def form(content: bytes, names: bytes) -> bytes:
    """A form XObject that may draw others."""
    resources = b"/Resources<</XObject<<%s>>/Font<</F1 3 0 R>>>>" % names
    return stream(content, b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]" + resources)


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
        bytes(1_000_000),
        b"/Type/XObject/Subtype/Image/Width 30000/Height 30000/BitsPerComponent 8"
        b"/ColorSpace/DeviceRGB",
        packed=True,
    )
    return book(
        path, WORDS + CODE + b"q 600 0 0 600 0 0 cm /A Do Q ", resources=_DRAWS, extra=[image]
    )


def broken_to_unicode(path: Path) -> Path:
    """A font whose map gives surrogates, NUL, long strings and then breaks off."""
    cmap = (
        b"/CIDInit /ProcSet findresource begin begincmap "
        b"1 begincodespacerange <00> <FF> endcodespacerange "
        b"4 beginbfchar <61> <D800> <62> <0000> <63> <"
        + b"0041"
        * 400
        + b"> <64> <FFFF> endbfchar "
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
    return book(
        path, WORDS + CODE + b"/A Do ", resources=_DRAWS, extra=[form(b"/A Do ", b"/A 7 0 R")]
    )


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
        for where in (
            b"0 0 0 0 0 0",
            b"1e38 0 0 1e38 9 9",
            b"1 0 0 1 1e30 -1e30",
            b"nan 0 0 inf 0 0",
        )
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


def _zeros(megabytes: int, fill: bytes = b" ") -> bytes:
    """A deflated run of one byte."""
    packer = zlib.compressobj(9)
    parts = [packer.compress(fill * 1_000_000) for _ in range(megabytes)]
    return b"".join([*parts, packer.flush()])


def twice_packed(path: Path) -> Path:
    """A drawing that unpacks to a gigabyte in two steps."""
    inner = zlib.compress(_zeros(1_000), 9)
    body = stream(inner, b"/Filter[/FlateDecode/FlateDecode]")
    return book(path, contents=b"[6 0 R 7 0 R]", extra=[body])


def packed_objects(path: Path) -> Path:
    """An object stream that unpacks to six hundred megabytes."""
    body = stream(_zeros(600, b"0"), b"/Type/ObjStm/N 9999999/First 90000000/Filter/FlateDecode")
    return book(path, extra=[body], catalog=b"/Names 7 0 R/Dests 7 0 R/Outlines 7 0 R")


def packed_font(path: Path) -> Path:
    """An embedded font that unpacks to six hundred megabytes."""
    file = stream(_zeros(600, b"\0"), b"/Filter/FlateDecode/Length1 600000000")
    about = b"<</Type/FontDescriptor/FontName/Times-Roman/Flags 4/FontFile2 7 0 R>>"
    return book(path, font=b"/FontDescriptor 8 0 R", extra=[file, about])


def packed_map(path: Path) -> Path:
    """A map of characters that unpacks to six hundred megabytes of ranges."""
    row = b"<0000> <FFFF> <0000> "
    body = zlib.compress(
        b"begincmap 100 beginbfrange " + row * 10_000_000 + b"endbfrange endcmap", 9
    )
    return book(path, font=b"/ToUnicode 7 0 R", extra=[stream(body, b"/Filter/FlateDecode")])


def many_fonts(path: Path) -> Path:
    """Twenty thousand fonts, each of another name, and a size for each glyph."""
    fonts = b"".join(b"/G%d 3 0 R" % n for n in range(20_000))
    text = b"".join(
        b"BT /G%d %d.%03d Tf 40 %d Td (abc) Tj ET " % (n, 5 + n % 9, n % 997, n % 780)
        for n in range(20_000)
    )
    return book(path, WORDS + CODE + text, resources=b"<</Font<</F1 3 0 R/F2 4 0 R%s>>>>" % fonts)
