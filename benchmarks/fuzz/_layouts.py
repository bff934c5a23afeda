"""Small PDFs that the fuzzer starts from, on which rules of layout fire, and their changes.

Belongs here: pages with grounds behind rows, callouts as ``#A``, prompts of notebooks, remarks in a
font of words, spread letters, titles with numerals; changes to the words and the places of such
pages. Does not: blind changes, changes to the format (``_mutate.py``).

With a folder of books, some layouts of ``benchmarks/_shelves.py`` are set as well, where Chromium
and TeX are there.
"""

from __future__ import annotations

import io
import json
import re
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from reportlab.pdfgen.canvas import Canvas

SIZE = (420, 600)
LEAD = 10.0
CODE = ("def tide(level) do", "  high = level + 1", "  {:ok, high}", "end")
WORDS = (
    "The keeper counts the boats in the harbour each morning and writes",
    "them down before the ferry leaves, which is never on time here.",
)
SHELF = ("marked-rows", "roman-remarks", "journal", "handout")
BEGUN, RECORDS, KEPT = 20, 90, 3  # listing at which is begun, records set, pages kept of them

# what the rules look for, in forms that they should and should not take, and words that break them
SAID = (
    b"In [1]:", b"In [2]: x = 1", b"Out[3]:", b"In [*]:", b"In [9999]: y", b"in[ 0 ] : z", b"[4]:",
    b"In [7]:In [8]:", b"x  #A", b"x  #B #C", b"#D", b"y  #12", b"#Z", b"  #A #A #A", b"# remark",
    b"%% remark", b"// x", b"#", b"%", b"(* x", b"-- x", b"#{", b"C H A P T E R  1", b"A B C D E F",
    b"a b c d e f g h", b"1 2 3 4 5 6 7 8", b"I. Nets", b"II. Nets", b"III : Nets", b"IIII. Nets",
    b"IC. Nets", b"A. Nets", b"B) Nets", b"C: x", b"I.", b"II. II. II. x", b"XLIX. Nets", b"C" * 300
    + b". Nets", b" ", b"", b"\\t", b"\\240", b"\\255", b"A " * 300, b"#A " * 200, b"In [1]: " * 90,
    b"\\222\\223\\224", b"....... 41", b"IV", b"Chapter", b"x" * 900,
)  # fmt: skip
PLACES = (b"0", b"-1", b"1", b"40", b"44.5", b"419", b"600", b"-9999", b"99999", b"0.01", b"1e5")
_SHOWN = re.compile(rb"\((?:[^()\\]|\\.)*\)(?=\s*Tj)|<[0-9A-Fa-f\s]+>(?=\s*Tj)|\[[^\]]*\](?=\s*TJ)")
_NUMBER = re.compile(rb"(?<![\w.#/\\(])-?\d+(?:\.\d+)?(?=\s)")
_TEXT = re.compile(rb"\bBT\b.*?\bET\b", re.S)
_PIECE = re.compile(rb"\bBT\b.*?\bET\b|[^\n]*\bre\b[^\n]*\n", re.S)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.S)
_MOST = 60_000  # bytes of a stream that is made longer


def drawn_pdfs() -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each small PDF, the same every time."""
    for name, draw in _DRAWS.items():
        yield f"{name}.plain", _pdf([draw] * 3, packed=False)
    yield "all.plain", _pdf(list(_DRAWS.values()), packed=False)
    yield "all.packed", _pdf(list(_DRAWS.values()), packed=True)
    yield "crowded.plain", _pdf([_crowded] * 2, packed=False)


def shelf_pdfs(books: Path) -> Iterator[tuple[str, bytes]]:
    """Some pages of layouts that other programs set; what is missing is said."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from _shelves import shelf, shelved

    from booktune_assets.books.mupdf import library

    for truth in sorted(books.glob("*.truth.jsonl"))[:2]:
        records = [json.loads(line) for line in truth.open(encoding="utf-8")]
        kept = [one for one in records if one["kind"] != "image" and one.get("text")]
        code = [number for number, one in enumerate(kept) if one["kind"] == "code"]
        kept = kept[code[min(len(code) - 1, BEGUN)] :][:RECORDS]
        for name in SHELF:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "set.pdf")
                if why := shelf(shelved(kept, name), name, path):
                    print(f"{name}: {why}", flush=True)
                    continue
                with library().open(path) as book, library().open() as part:
                    part.insert_pdf(book, from_page=0, to_page=KEPT - 1)
                    part.set_metadata({})
                    yield f"{truth.stem}.{name}", part.tobytes(garbage=4, expand=1, no_new_id=True)


def redrawn(data: bytes, random: Random) -> bytes:
    """Change what one page says, where, and how often."""
    spots = [m for m in _STREAM.finditer(data) if b"BT" in _unpacked(m.group(1))]
    if not spots:
        return data
    match = random.choice(spots)
    text = _unpacked(match.group(1))
    for _ in range(random.choice((1, 2, 4, 12))):
        text = random.choice(_CHANGES)(text, random)[:_MOST]
    new = zlib.compress(text) if text is not match.group(1) and _is_packed(match) else text
    head = data[: match.start(1)]
    sizes = list(re.finditer(rb"/Length \d+(?! \d+ R)", head[-600:]))
    if sizes:
        begin, end = (max(0, len(head) - 600) + spot for spot in sizes[-1].span())
        head = head[:begin] + b"/Length %d" % len(new) + head[end:]
    return head + new + data[match.end(1) :]


def _is_packed(match: re.Match[bytes]) -> bool:
    return _unpacked(match.group(1)) is not match.group(1)


def _unpacked(raw: bytes) -> bytes:
    try:
        return zlib.decompress(raw)
    except zlib.error:
        return raw


def _say(text: bytes, random: Random) -> bytes:
    """Other words in the place of what is shown."""
    spots = [match.span() for match in _SHOWN.finditer(text)]
    if not spots:
        return text
    begin, end = random.choice(spots)
    new = random.choice(SAID)
    array = text[begin : begin + 1] == b"["
    made = b"(" + new.replace(b"(", b"\\(").replace(b")", b"\\)") + b")"
    return text[:begin] + (b"[" + made + b"]" if array else made) + text[end:]


def _move(text: bytes, random: Random) -> bytes:
    """Another number: a place, a size, a side of a box."""
    spots = [match.span() for match in _NUMBER.finditer(text)]
    if not spots:
        return text
    begin, end = random.choice(spots)
    old, other = text[begin:end], text[slice(*random.choice(spots))]
    near = b"%.2f" % (float(old) + random.choice((-11, -1, -0.1, 0.1, 1, 9.9, 200)))
    return text[:begin] + random.choice((near, near, other, random.choice(PLACES))) + text[end:]


def _again(text: bytes, random: Random) -> bytes:
    """A piece of the page once more, or very often, or somewhere else."""
    spots = [match.span() for match in _PIECE.finditer(text)]
    if not spots:
        return text
    begin, end = random.choice(spots)
    piece, kind = text[begin:end] + b"\n", random.randrange(4)
    if kind == 0:
        return text[:begin] + text[end:]
    if kind == 1:
        at = random.choice(spots)[0]
        return text[:at] + piece + text[at:]
    times = random.choice((2, 9, 150))
    if kind == 2:
        return text[:begin] + piece * times + text[end:]
    steps = (b"q 1 0 0 1 0 %.2f cm %s Q\n" % (-9.5 * n, piece) for n in range(times))
    return text[:begin] + b"".join(steps) + text[end:]


def _font(text: bytes, random: Random) -> bytes:
    """A piece in the font of another one."""
    spots = list(re.finditer(rb"/[\w+]+ [\d.]+ Tf", text))
    if not spots:
        return text
    one, other = random.choice(spots), random.choice(spots)
    return text[: one.start()] + other.group() + text[one.end() :]


_CHANGES: tuple[Callable[[bytes, Random], bytes], ...] = (_say, _say, _move, _move, _again, _font)


def _pdf(pages: list[Callable[[Canvas, int], None]], *, packed: bool) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=SIZE, invariant=True, pageCompression=int(packed))
    for number, draw in enumerate(pages):
        y = _said(canvas, f"{number + 1} A Small Harbour", "Helvetica-Bold", 16, 550)
        for line in WORDS:
            y = _said(canvas, line, "Times-Roman", 10, y)
        draw(canvas, number)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _said(canvas: Canvas, text: str, font: str, size: float, y: float, x: float = 40.0) -> float:
    canvas.setFont(font, size)
    canvas.drawString(x, y, text)
    return y - 1.3 * size


def _coded(canvas: Canvas, y: float, rows: tuple[str, ...] = CODE, x: float = 50.0) -> float:
    canvas.setFont("Courier", 8)
    for row in rows:
        canvas.drawString(x, y, row)
        y -= LEAD
    return y


def _box(canvas: Canvas, rect: tuple[float, float, float, float], grey: float) -> None:
    canvas.setFillGray(grey)
    canvas.rect(*rect, stroke=0, fill=1)
    canvas.setFillGray(0)


def _marked(canvas: Canvas, number: int) -> None:
    """Listings in boxes with a ground behind some of their rows."""
    for at in range(4):
        top = 480 - 90 * at
        _box(canvas, (40, top - 58, 340, 70), 0.95)
        _box(canvas, (40, top - LEAD * (1 + (at + number) % 3) - 2.5, 340, LEAD), 0.8)
        _coded(canvas, top)
        _said(canvas, WORDS[at % 2], "Times-Roman", 10, top - 72)


def _letters(canvas: Canvas, number: int) -> None:
    """Callouts as letters behind code, which explain themselves below."""
    for at in range(4):
        top = 480 - 90 * at
        rows = (f"{CODE[0]}  #A", CODE[1], f"{CODE[2]}  #B", CODE[3] if at % 2 else "end  #C #D")
        y = _coded(canvas, top, rows)
        for sign in "AB":
            y = _said(canvas, f"#{sign} What is said of the row", "Helvetica", 7, y)


def _prompts(canvas: Canvas, number: int) -> None:
    """Cells of a notebook with prompts beside them and on their rows."""
    for at in range(4):
        top, count = 480 - 90 * at, 4 * number + at + 1
        _box(canvas, (80, top - 38, 300, 50), 0.96)
        _coded(canvas, top, CODE[:3], 90)
        if at == 2:
            _coded(canvas, top - 30, (f"In [{count}]: tide(3)", "Out[*]: 4"), 40)
        else:
            _said(canvas, f"In [{count}]:", "Courier", 8, top, 32)
        _said(canvas, WORDS[at % 2], "Times-Roman", 10, top - 62)


def _remarks(canvas: Canvas, number: int) -> None:
    """Code with remarks in slanted Roman type, behind it and alone, one of them broken."""
    for at in range(4):
        top = 480 - 90 * at
        _coded(canvas, top, (*CODE[:2], "", "", *CODE[2:]))
        _said(canvas, "# how high it is", "Times-Italic", 8, top - LEAD, 150)
        _said(canvas, "% the answer, which goes", "Times-Italic", 8, top - 2 * LEAD, 60)
        _said(canvas, "on here, for it is long", "Times-Italic", 8, top - 3 * LEAD, 64)


def _tracked(canvas: Canvas, number: int) -> None:
    """Words whose letters are spread, by blanks and by the room between them."""
    for at in range(4):
        top = 480 - 90 * at
        text = canvas.beginText(40, top)
        text.setFont("Helvetica", 9)
        text.setCharSpace(4)
        text.textOut(f"CHAPTER {number * 4 + at}")
        text.setCharSpace(0)
        canvas.drawText(text)
        _said(canvas, "T H E  K E E P E R  A N D  B O A T S", "Helvetica-Bold", 9, top - 16)
        _coded(canvas, top - 34)


def _numerals(canvas: Canvas, number: int) -> None:
    """Titles that count in Roman numerals and letters."""
    for at in range(3):
        top = 480 - 130 * at
        roman = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[number % 3 * 3 + at]
        _said(canvas, f"{roman}. The keeper at work", "Helvetica-Bold", 14, top)
        _said(canvas, WORDS[0], "Times-Roman", 10, top - 20)
        for sign, below in (("A", 40), ("B", 80)):
            _said(canvas, f"{sign}. Boats and ropes", "Helvetica-Bold", 11, top - below)
            _said(canvas, WORDS[1], "Times-Roman", 10, top - below - 16)


def _crowded(canvas: Canvas, number: int) -> None:
    """Two columns with all of it, rows close together."""
    for x in (40.0, 230.0):
        y = 500.0
        for at in range(9):
            count = number * 9 + at + 1
            _box(canvas, (x - 4, y - 34, 170, 46), 0.94)
            _box(canvas, (x - 4, y - LEAD - 2.5, 170, LEAD), 0.7)
            _said(canvas, f"In [{count}]:", "Courier", 6, y, x - 30)
            y = _coded(canvas, y, ("x = tide(1)  #A", "y = 2 ", "end  #B"), x)
            _said(canvas, "# a remark", "Times-Italic", 8, y + 2 * LEAD, x + 50)
            y = _said(canvas, "W I D E  L E T T E R S", "Helvetica", 7, y - 4, x)


_DRAWS: dict[str, Callable[[Canvas, int], None]] = {
    "marked": _marked, "letters": _letters, "prompts": _prompts, "remarks": _remarks,
    "tracked": _tracked, "numerals": _numerals,
}  # fmt: skip
