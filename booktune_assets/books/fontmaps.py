"""Letters that only the embedded font knows: where a PDF does not say what its glyphs stand for.

Belongs here: the map from glyphs to letters (``ToUnicode``) of composite fonts, completed from the
font program that the file embeds. Does not: fonts that map wrongly (``slots.py``, ``repair.py``).

Producers subset a font and keep its table of characters, but leave the map out, or leave holes in
it. The map is put into the open document, never into the file, so that MuPDF reads it as its own.
A glyph that the font's table does not name stays unknown: the box for what a font lacks, say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from booktune_assets.books.glyphs import PageDrawn
from booktune_assets.books.mupdf import library

__all__ = ["complete_maps", "note_mapped"]

_UNKNOWN = "\ufffd"
_EMPTY = frozenset({_UNKNOWN, "\uffff", "\0", ""})
_SIZE_MAX = 32_000_000  # bytes of a font program
_PACKED_MAX = 200_000  # bytes of a map
_GLYPHS_MAX = 65_536
_PART = 100  # entries of one section of a map, by the format
_BLOCK = re.compile(r"begin(bfchar|bfrange)(.*?)end\1", re.S)
_HEX = re.compile(r"<\s*([0-9A-Fa-f\s]*)>|(\[)|(\])")
_HEAD = (
    "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapType 2 def\n"
    "/CMapName /Completed def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
)
_FOOT = "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"


def complete_maps(document: Any, page: Any, tried: set[int]) -> bool:
    """Complete the maps of the composite fonts of a page; whether any gained a letter.

    ``tried`` holds the fonts that were looked at, by cross-reference number, and grows.
    """
    gained = False
    for font in page.get_fonts(full=True):
        xref, kind, encoding = int(font[0]), font[2], font[5]
        if xref in tried or not xref:
            continue
        tried.add(xref)
        if kind == "Type0" and encoding.startswith("Identity"):
            with suppress(Exception):  # a font that cannot be read tells nothing
                gained = _complete(document, xref) or gained
    if gained:
        library().TOOLS.store_shrink(100)  # or the fonts of before are used again
    return gained


def _complete(document: Any, xref: int) -> bool:
    program = document.extract_font(xref)[3]
    if not program or len(program) > _SIZE_MAX:
        return False
    inside = _letters(program)
    if not inside:
        return False
    known = _said(document, xref)
    gids = _gids(document, xref)
    new = {
        cid: letter for cid, letter in (
            (cid, inside.get(gids.get(cid, cid) if gids else cid))
            for cid in (gids or inside)
        )
        if letter and known.get(cid, _UNKNOWN) in _EMPTY
    }  # fmt: skip
    if not new:
        return False
    stream = document.get_new_xref()
    document.update_object(stream, "<<>>")
    document.update_stream(stream, _written(known | new).encode("ascii"))
    document.xref_set_key(xref, "ToUnicode", f"{stream} 0 R")
    return True


def _letters(program: bytes) -> dict[int, str]:
    """The letter of each glyph by the font's own table; of several the first, which is plain."""
    font = library().Font(fontbuffer=program)
    found: dict[int, str] = {}
    for point in sorted(font.valid_codepoints())[:_GLYPHS_MAX]:
        if point >= 32 and not 0xD800 <= point < 0xE000 and not 0xE000 <= point < 0xF900:
            glyph = int(font.has_glyph(point))
            if glyph:
                found.setdefault(glyph, chr(point))
    return found


def _gids(document: Any, xref: int) -> dict[int, int]:
    """Glyphs by character code, where they differ."""
    inner = _reference(document.xref_get_key(xref, "DescendantFonts")[1])
    table = document.xref_get_key(inner, "CIDToGIDMap") if inner else ("null", "")
    if table[0] != "xref":
        return {}
    data = _stream(document, table[1])
    pairs = zip(data[::2], data[1::2], strict=False)
    return {cid: gid for cid, (high, low) in enumerate(pairs) if (gid := high << 8 | low)}


def _reference(text: str) -> int:
    found = re.search(r"(\d+) 0 R", text)
    return int(found.group(1)) if found else 0


def _said(document: Any, xref: int) -> dict[int, str]:
    """What the file's own map says."""
    kind, value = document.xref_get_key(xref, "ToUnicode")
    if kind != "xref":
        return {}
    found: dict[int, str] = {}
    left = 2 * _GLYPHS_MAX
    for block in _BLOCK.finditer(_stream(document, value).decode("latin-1")):
        pairs = _chars if block.group(1) == "bfchar" else _ranges
        for code, text in islice(pairs(_HEX.findall(block.group(2))), left):
            found[code] = text
            left -= 1
    return found


def _stream(document: Any, reference: str) -> bytes:
    """A stream that is small before it is unpacked: no map is large."""
    xref = _reference(reference)
    raw = document.xref_stream_raw(xref) or b""
    return (document.xref_stream(xref) or b"") if len(raw) <= _PACKED_MAX else b""


def _chars(tokens: list[tuple[str, str, str]]) -> Iterator[tuple[int, str]]:
    codes = [value for value, _, _ in tokens]
    for source, target in zip(codes[::2], codes[1::2], strict=False):
        yield int(source, 16), _text(target)


def _ranges(tokens: list[tuple[str, str, str]]) -> Iterator[tuple[int, str]]:
    waiting: list[str] = []
    listed: list[str] | None = None
    for value, opens, closes in tokens:
        if opens:
            listed = []
        elif closes and listed is not None:
            first = int(waiting[0], 16)
            yield from ((first + step, _text(one)) for step, one in enumerate(listed))
            waiting, listed = [], None
        elif listed is not None:
            listed.append(value)
        else:
            waiting.append(value)
            if len(waiting) == 3:
                first, last = int(waiting[0], 16), int(waiting[1], 16)
                text = _text(waiting[2])
                for step in range(min(last - first, 0xFFFF) + 1):
                    yield first + step, text[:-1] + chr(min(ord(text[-1]) + step, 0x10FFFF))
                waiting = []


def _text(digits: str) -> str:
    return bytes.fromhex("".join(digits.split())).decode("utf-16-be", "replace") or _UNKNOWN


def _written(letters: Mapping[int, str]) -> str:
    entries = [
        f"<{cid:04X}> <{letter.encode('utf-16-be', 'replace').hex().upper()}>"
        for cid, letter in sorted(letters.items()) if 0 <= cid <= 0xFFFF
    ]  # fmt: skip
    parts = [entries[at : at + _PART] for at in range(0, len(entries), _PART)]
    sections = [f"{len(p)} beginbfchar\n" + "\n".join(p) + "\nendbfchar\n" for p in parts]
    return _HEAD + "".join(sections) + _FOOT


def note_mapped(before: PageDrawn, after: PageDrawn) -> None:
    """Note in ``after.mapped`` which letters took the place of unknown characters."""
    one, two = (Counter("".join(line.text for line in page.lines)) for page in (before, after))
    after.mapped = "".join((two - one).elements()), one[_UNKNOWN] - two[_UNKNOWN]
