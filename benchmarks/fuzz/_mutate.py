"""Changes to a book file: blind ones to its bytes, knowing ones to its structure.

Belongs here: from bytes to other bytes, by a ``random.Random`` alone. Does not: reading them.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from random import Random

from _layouts import redrawn
from _seeds import Seed, zipped

SIZE = 400_000  # bytes; splices may not grow without end
PDF_WORDS = (
    b"/Type/Page",
    b"/Kids[1 0 R]",
    b"/Parent 1 0 R",
    b"/Contents 4 0 R",
    b"/Length 0",
    b"/Count 99999",
    b"/Filter/FlateDecode",
    b"/Filter[/FlateDecode/FlateDecode]",
    b"/ToUnicode 5 0 R",
    b"/Rotate 45",
    b"/MediaBox[0 0 1e9 1e9]",
    b"/MediaBox[0 0 0 0]",
    b"/MediaBox[1 1 -1 -1]",
    b"null",
    b"[[[[[[",
    b"<<<<",
    b"endobj",
    b"stream\r\n",
    b"endstream",
    b"xref",
    b"trailer",
    b"startxref 0",
    b"%%EOF",
    b"/Prev 0",
    b"/XRefStm 9",
    b"-1 0 R",
    b"9999999999 0 R",
    b"/Font<</F1 1 0 R>>",
    b"/Widths[]",
    b"/FirstChar -1",
    b"/LastChar 99999",
    b"/Encoding/Identity-H",
    b"/Subtype/Type3",
    b"/CIDToGIDMap 3 0 R",
)
OPERATORS = (
    b"BT ",
    b" ET ",
    b" q ",
    b" Q ",
    b" 0 0 0 0 0 0 cm ",
    b" 1e30 0 0 1e30 0 0 cm ",
    b" 0 Tf ",
    b" /F1 0 Tf ",
    b" /F1 -9 Tf ",
    b" /F1 1e9 Tf ",
    b" 3 Tr ",
    b" 7 Tr ",
    b" 9e9 Tc ",
    b" -500 Tz ",
    b" 0 Tz ",
    b" nan 0 0 1 0 0 Tm ",
    b" 0 1 -1 0 200 200 Tm ",
    b" -1 0 0 1 0 0 Tm ",
    b" T* ",
    b" (x) ' ",
    b" [(a) -99999 (b)] TJ ",
    b" (\\000\\377) Tj ",
    b" /Fm0 Do ",
    b" /Im0 Do ",
    b" BI /W 9 /H 9 ID x EI ",
    b" /P <</MCID 0>> BDC ",
    b" EMC ",
    b" 0 0 1e6 1e6 re f ",
    b" W n ",
    b" sh ",
    b" <FEFF> Tj ",
    b" ) ",
    b" ( ",
)
MARKUP = (
    b"<p>",
    b"</p>",
    b"</body>",
    b"<pre>",
    b"</pre>",
    b"<table>",
    b"<tr>",
    b"<td>",
    b"</table>",
    b"<h1>",
    b"<h9>",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"<?x",
    b"&amp;",
    b"&#0;",
    b"&#xD800;",
    b"&#x110000;",
    b"&nope;",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    b"<script>",
    b"<style>",
    b"<svg>",
    b"<math>",
    b"<ol><li>",
    b"<br/>",
    b" id='a'",
    b" class='lineno'",
    b" style='display:none'",
    b" epub:type='footnote'",
    b" hidden=''",
    b"<div>" * 400,
    b"<span>" * 3000,
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"<x:y>",
    b" xmlns='urn:x'",
    b"\x0b",
    b"<?xml version='1.0' encoding='utf-7'?>",
    b"<meta charset='utf-16'>",
    b"<img src='file:///etc/passwd'/>",
)
NAMES = (
    "../../x.xhtml",
    "/etc/x",
    "C:\\x",
    "\\\\host\\x",
    "O/b.opf",
    "o/B.OPF",
    "META-INF/encryption.xml",
    "META-INF/rights.xml",
    "a" * 3000,
    "\u202ename",
    "O/./c0.xhtml",
    "O//c0.xhtml",
    "con",
    "",
    "O/c0.xhtml/",
    "x\ny",
)
MARKDOWN = (
    b"\n```\n",
    b"\n~~~elixir\n",
    b'<!-- livebook:{"output":true} -->\n',
    b"<!-- livebook:{",
    b"`" * 400,
    b"[" * 500,
    b"![](" * 300,
    b"> " * 300,
    b"- " * 300,
    b"*a **b " * 200,
    b"\n# ",
    b"\n---\n",
    b"|a|b|\n|-|-|\n",
    b"\t",
    b"\r",
    b"<div>",
    b"</div>",
    b"&#0;",
    b"\\",
    b"[a]: b\n",
    b"[a][a]",
    b"<a@b>",
    b"<![CDATA[",
    b"\xff",
)


def mutated(seed: Seed, others: list[Seed], random: Random) -> bytes:
    """Another file made from a seed; ``others`` are seeds of the same kind to take pieces from."""
    data = seed.data
    knowing: dict[str, tuple[Callable[[bytes, Random], bytes], ...]] = {
        "pdf": (_pdf_words, _pdf_numbers, _pdf_stream, _pdf_stream, _pdf_objects, _pdf_references),
        "layout": (*[redrawn] * 6, _pdf_stream, _pdf_numbers),
        "epub": (_zip_text, _zip_text, _zip_text, _zip_entries, _zip_headers),
        "md": (_words(MARKDOWN),),
        "livemd": (_words(MARKDOWN),),
    }
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 5))):
        if random.random() < (0.75 if seed.kind in ("pdf", "epub", "layout") else 0.6):
            data = random.choice(knowing[seed.kind])(data, random)
        else:
            data = _blind(data, random.choice(others).data, random)
    return data[:SIZE]


def _blind(data: bytes, other: bytes, random: Random) -> bytes:
    """Flips, cuts, doubled and moved pieces, a piece of another file."""
    out = bytearray(data or b"x")
    kind = random.randrange(7)
    at = random.randrange(len(out))
    size = min(random.choice((1, 4, 16, 64, 512, 4096)), len(out))
    if kind <= 1:
        for _ in range(random.choice((1, 2, 8, 40))):
            out[random.randrange(len(out))] ^= 1 << random.randrange(8)
    elif kind == 2:
        out[at : at + size] = bytes(
            random.choice((0, 9, 10, 32, 60, 127, 255)) for _ in range(size)
        )
    elif kind == 3:
        del out[at : len(out) if random.random() < 0.3 else at + size]
    elif kind == 4:
        piece = out[at : at + size] * random.choice((1, 2, 50))
        spot = random.randrange(len(out))
        out[spot:spot] = piece
    elif kind == 5:
        start = random.randrange(max(1, len(other)))
        out[at : at + size] = other[start : start + random.choice((16, 256, 4096))]
    else:
        out[at:at] = random.randbytes(size)
    return bytes(out)


def _words(words: tuple[bytes, ...]) -> Callable[[bytes, Random], bytes]:
    def change(data: bytes, random: Random) -> bytes:
        out = bytearray(data)
        for _ in range(random.choice((1, 1, 3, 10))):
            at = random.randrange(len(out) + 1)
            cut = random.choice((0, 0, 3, 30))
            out[at : at + cut] = random.choice(words)
        return bytes(out)

    return change


def _pdf_words(data: bytes, random: Random) -> bytes:
    """Put a word of the format over another one of the same kind of place."""
    spots = [match.span() for match in re.finditer(rb"/[A-Z][A-Za-z]+|\bobj\b|>>|\]", data)]
    if not spots:
        return _words(PDF_WORDS)(data, random)
    begin, end = random.choice(spots)
    if random.random() < 0.4:
        begin = end
    return data[:begin] + random.choice(PDF_WORDS) + data[end:]


def _pdf_numbers(data: bytes, random: Random) -> bytes:
    spots = [match.span() for match in re.finditer(rb"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])", data)]
    for _ in range(random.choice((1, 3, 20)) if spots else 0):
        begin, end = random.choice(spots)
        old = data[begin:end]
        new = random.choice(
            (b"0", b"-1", b"1", b"65536", b"2147483648", b"1e38", b"9" * 30, b"7", old + b"0")
        )
        # the same length keeps the table of offsets true, so that the change itself is what is read
        keep = new[: len(old)].rjust(len(old), b"0") if random.random() < 0.7 else new
        data = data[:begin] + keep + data[end:]
        if len(keep) != len(old):
            break
    return data


def _pdf_references(data: bytes, random: Random) -> bytes:
    """Let one object point at another: loops, wrong types."""
    spots = [match.span() for match in re.finditer(rb"\b\d+ 0 R\b", data)]
    if not spots:
        return data
    (one, two), other = random.choice(spots), random.choice(spots)
    return data[:one] + data[slice(*other)] + data[two:]


def _pdf_stream(data: bytes, random: Random) -> bytes:
    """Change what a stream draws or maps, packed or not; its length is corrected."""
    spots = list(re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", data, re.S))
    if not spots:
        return data
    match = random.choice(spots)
    raw = match.group(1)
    try:
        text, packed = zlib.decompress(raw), True
    except zlib.error:
        text, packed = raw, False
    for _ in range(random.choice((1, 2, 6))):
        parts = re.split(rb"(\s)", text, maxsplit=4000)
        at = random.randrange(len(parts))
        parts[at] = random.choice(
            (random.choice(OPERATORS), random.choice(OPERATORS), b"", parts[at][:SIZE] * 40)
        )
        text = b"".join(parts)
    new = zlib.compress(text) if packed else text
    head = data[: match.start(1)]
    sizes = list(re.finditer(rb"/Length \d+(?! \d+ R)", head[-600:]))
    if sizes and random.random() < 0.9:
        begin, end = (len(head) - len(head[-600:]) + spot for spot in sizes[-1].span())
        head = head[:begin] + b"/Length %d" % len(new) + head[end:]
    return head + new + data[match.end(1) :]


def _pdf_objects(data: bytes, random: Random) -> bytes:
    """Drop, double or swap whole objects."""
    spots = [match.span() for match in re.finditer(rb"\d+ 0 obj\b.*?endobj", data, re.S)]
    if len(spots) < 2:
        return data
    one, two = random.sample(spots, 2)
    kind = random.randrange(3)
    if kind == 0:
        return data[: one[0]] + data[one[1] :]
    if kind == 1:
        return data[: one[0]] + data[slice(*two)] + b"\n" + data[one[0] :]
    return data[: one[0]] + data[slice(*two)] + data[one[1] :]


def _entries(data: bytes) -> list[tuple[str, bytes]] | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if info.file_size < SIZE]
            return [(info.filename, archive.read(info)) for info in infos]
    except Exception:  # it was changed before: then its bytes are changed
        return None


def _zip_text(data: bytes, random: Random) -> bytes:
    """Change the markup of one entry."""
    entries = _entries(data)
    if not entries:
        return _blind(data, data, random)
    at = random.randrange(len(entries))
    name, text = entries[at]
    kind = random.randrange(4)
    if kind == 0:
        text = _blind(text, text, random)
    elif kind == 1:
        text = _words(MARKUP)(text, random)
    else:
        tags = [match.span() for match in re.finditer(rb"<[^>]*>", text)]
        for _ in range(random.choice((1, 2, 5)) if tags else 0):
            one, two = random.choice(tags), random.choice(tags)
            part = random.choice(
                (b"", text[slice(*two)], random.choice(MARKUP), text[slice(*one)] * 99)
            )
            text = text[: one[0]] + part + text[one[1] :]
            tags = [match.span() for match in re.finditer(rb"<[^>]*>", text)] or [(0, 0)]
    entries[at] = name, text
    return zipped(entries)


def _zip_entries(data: bytes, random: Random) -> bytes:
    """Drop, double, rename or swap entries."""
    entries = _entries(data)
    if not entries:
        return _blind(data, data, random)
    at, other = random.randrange(len(entries)), random.randrange(len(entries))
    kind = random.randrange(4)
    if kind == 0:
        del entries[at]
    elif kind == 1:
        entries.insert(other, entries[at])
    elif kind == 2:
        entries[at] = random.choice(NAMES), entries[at][1]
    else:
        entries[at] = entries[at][0], entries[other][1]
    return zipped(entries)


def _zip_headers(data: bytes, random: Random) -> bytes:
    """Lie in a header: sizes, offsets, flags, methods, dates."""
    marks = (b"PK\1\2", b"PK\3\4", b"PK\5\6")
    spots = [m.start() for mark in marks for m in re.finditer(re.escape(mark), data)]
    out = bytearray(data)
    for _ in range(random.choice((1, 2, 4)) if spots else 0):
        at = random.choice(spots) + 4 + random.randrange(42)
        wide = random.choice((1, 2, 4))
        value = random.choice((0, 1, 255, 65535, 0xFFFFFFFF, random.getrandbits(32)))
        out[at : at + wide] = (value & (1 << 8 * wide) - 1).to_bytes(wide, "little")
    return bytes(out)
