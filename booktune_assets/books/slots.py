"""Characters of TeX's old fonts that come without a map: ligatures, quotes, accents, bullets.

Belongs here: codes that stand for their place in a font (``\\x1c`` for ``fi``), and which of TeX's
two encodings a book is set in. Does not: fonts that map wrongly to letters (``repair.py``), what
is drawn instead of written (``composed.py``).

Bitmap fonts (Type 3) say nothing about their letters. PDF readers then give the codes, which are
ASCII but for ligatures and punctuation. T1 and OT1 keep ligatures in different places: the words
that come out tell which it is, for the whole book.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from booktune_assets.books.glyphs import Line, PageDrawn, Run, edges_of
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.packed import Pages
from booktune_assets.books.pagefacts import Fact

__all__ = ["mend_slots", "rewrite"]

_CODE = re.compile(r"[\x01-\x08\x0b-\x1f\x7f-\x9f]|\n")
_WORD = re.compile(r"[^\W\d_]{2,}")
_CODED = re.compile(r"[A-Za-z\x0b-\x0f\x1b-\x1f]{3,}")
_ENOUGH = 2  # words, or bullets
_LIGATURES = ("ff", "fi", "fl", "ffi", "ffl")
# No book about programs does without most of these, whatever else it spells in full somewhere.
_USUAL = """
    affect configuration configure define defined defines definition different difficult effect
    efficient fields field fifth figure file filename files filter final find first five fix flag
    flat float floating flow follow if identifier infinite modified modify off offer office often
    prefix profile reflect specific specified specify sufficient suffix traffic buffer verify
"""
_T1: dict[int, str] = {
    **dict(enumerate(
        "`\u00b4\u02c6\u02dc\u00a8\u02dd\u02da\u02c7\u02d8\u00af\u02d9\u00b8\u02db\u201a\u2039\u203a"
        "\u201c\u201d\u201e\u00ab\u00bb\u2013\u2014\u200b0\u0131\u0237"
    )),
    **dict(enumerate(_LIGATURES, 0x1B)),
    **dict(enumerate("ĂĄĆČĎĚĘĞĹĽŁŃŇŊŐŔŘŚŠŞŤŢŰŮŸŹŽŻĲİđ§ăąćčďěęğĺľłńňŋőŕřśšşťţűůÿźžżĳ¡¿£", 0x80)),
    0x27: "\u2019", 0x60: "\u2018", 0x7F: "-", 0xD7: "Œ", 0xDF: "SS", 0xF7: "œ", 0xFF: "ß",
}  # fmt: skip
_OT1: dict[int, str] = {
    **dict(enumerate("ΓΔΘΛΞΠΣΥΦΨΩ")),
    **dict(enumerate(_LIGATURES, 0x0B)),
    **dict(enumerate("\u0131\u0237`\u00b4\u02c7\u02d8\u00af\u02da\u00b8ßæœøÆŒØ", 0x10)),
    0x22: "\u201d", 0x27: "\u2019", 0x3C: "¡", 0x3E: "¿", 0x5C: "\u201c", 0x5F: "\u02d9",
    0x60: "\u2018", 0x7B: "\u2013", 0x7C: "\u2014", 0x7D: "\u02dd", 0x7E: "\u02dc", 0x7F: "\u00a8",
}  # fmt: skip
# A typewriter font has no ligatures, and quotes that are not curled.
_CODE_T1 = {code: char for code, char in _T1.items() if code < 0x1B or code >= 0x7F}
_CODE_OT1 = {
    code: char for code, char in _OT1.items() if code >= 0x10 and (code < 0x20 or code == 0x7F)
} | {0x0B: "\u2191", 0x0C: "\u2193", 0x0D: "'", 0x0E: "¡", 0x0F: "¿"}  # fmt: skip
_TABLES = ((_T1, _CODE_T1), (_OT1, _CODE_OT1))


@dataclass(slots=True)
class _Font:
    """What is seen of one font."""

    texts: Counter[str] = field(default_factory=Counter[str])
    widths: dict[str, float] = field(default_factory=dict[str, float])
    leading: Counter[str] = field(default_factory=Counter[str])  # codes that begin a line, alone
    codes: Counter[str] = field(default_factory=Counter[str])

    @property
    def fixed(self) -> bool:
        """Whether wide and narrow letters are as wide: then no code is a ligature."""
        found = [self.widths[char] for char in "iltmwMW" if char in self.widths]
        return len(found) > 1 and max(found) - min(found) < 0.02 * max(found)

    @property
    def wordy(self) -> bool:
        """Whether it spells words: fonts of mathematics have single letters."""
        words = sum(n for text, n in self.texts.items() if _WORD.search(text))
        return 2 * words > self.texts.total()

    def spelt(self, ligatures: Mapping[int, str]) -> list[str]:
        """The words with codes in them, as an encoding would have them."""
        found: list[str] = []
        for text in self.texts:
            for word in _CODED.findall(text) if _CODE.search(text) else ():
                if _CODE.search(word):
                    found.append(word.translate(ligatures).casefold())
        return found


def mend_slots(pages: Pages, ledger: Ledger) -> None:
    """Put characters in the place of the codes of TeX's fonts, and write it down.

    Where neither of the encodings gives words, nothing is changed.
    """
    if not ledger.wants("glyphs"):
        return
    fonts = _look(pages)
    coded = {name: font for name, font in fonts.items() if font.codes}
    if not coded:
        return
    tables = _tables(fonts, coded, _known(pages))
    for page in pages.edited() if tables else ():
        for line in page.lines:
            if any(run.font in tables for run in line.runs):
                rewrite(page.number, line, _mended(line, tables), ledger)


def _look(pages: Pages) -> dict[str, _Font]:
    """The fonts of the book; only those with codes are looked at closely."""
    suspect: set[str] = set()
    for line in (line for _, page in pages.having(Fact.CODES) for line in page.lines):
        for run in line.runs:
            if not run.text.isprintable() and _CODE.search(run.text):
                suspect.add(run.font)
    fonts: dict[str, _Font] = defaultdict(_Font)
    if not suspect:
        return fonts
    for line in (line for page in pages.whole() for line in page.lines):
        for number, run in enumerate(line.runs):
            font = fonts[run.font]
            text = run.text.strip(" ")
            if not text:
                continue
            font.texts[text] += 1
            if len(font.widths) < 7:
                for char, left, right in zip(run.text, run.lefts, run.rights, strict=True):
                    if char in "iltmwMW" and run.size:
                        font.widths.setdefault(char, (right - left) / run.size)
            if run.font in suspect:
                found = _CODE.findall(text)
                font.codes.update(found)
                font.leading.update(found if number == 0 and len(text) == 1 else ())
    return fonts


def _known(pages: Iterable[PageDrawn]) -> set[str]:
    words: set[str] = set(_USUAL.split())
    for line in (line for page in pages for line in page.lines):
        text = line.text
        if text.isprintable():
            words.update(word.casefold() for word in _WORD.findall(text))
    return words


def _tables(
    fonts: Mapping[str, _Font], coded: Mapping[str, _Font], known: set[str]
) -> dict[str, dict[int, str]]:
    """What to put for the characters of each font."""
    spelt = [
        [word for font in coded.values() if font.wordy and not font.fixed
         for word in font.spelt(text)]
        for text, _ in _TABLES
    ]  # fmt: skip
    hits = [sum(word in known for word in words) for words in spelt]
    enough = max(hits) >= min(_ENOUGH, len(spelt[0]))  # one title may be all that has codes
    chosen = _TABLES[hits[1] > hits[0]] if enough and hits[0] != hits[1] else None
    tables: dict[str, dict[int, str]] = {}
    for name, font in coded.items():
        bullets = {
            ord(code): "\u2022" for code, number in font.leading.items()
            if number >= _ENOUGH and number == font.codes[code]
        }  # fmt: skip
        if chosen is not None and font.wordy:
            tables[name] = chosen[font.fixed] | bullets
        elif bullets:
            tables[name] = bullets
    if chosen is not None and chosen[0] is _OT1:  # its quotes have the places of other signs
        for name, font in fonts.items():
            if name not in coded and _alike(name, coded) and font.wordy and not font.fixed:
                tables[name] = chosen[0]
    return tables


def _alike(name: str, coded: Mapping[str, _Font]) -> bool:
    """Whether a font is named as those are that were found to have codes: ``F24``."""
    shape = re.sub(r"\d+", "0", name)
    return any(re.sub(r"\d+", "0", other) == shape for other in coded)


def _mended(line: Line, tables: Mapping[str, Mapping[int, str]]) -> Iterator[Run]:
    for run in line.runs:
        table = tables.get(run.font)
        text = run.text.translate(table) if table else run.text
        if table is None or text == run.text:
            yield run
            continue
        lefts: list[float] = []
        rights: list[float] = []
        for char, left, right in zip(run.text, run.lefts, run.rights, strict=True):
            put = len(table.get(ord(char), char))
            step = (right - left) / max(1, put)
            lefts += [left + step * number for number in range(put)]
            rights += [left + step * number for number in range(1, put + 1)]
        yield Run(text, run.font, run.size, run.flags, run.color, edges_of(lefts, rights))


def rewrite(page: int, line: Line, runs: Iterable[Run], ledger: Ledger) -> None:
    """Give a line other runs and write down what it held before."""
    before, line.runs = line.text, list(runs)
    if line.text != before:
        ledger.misread(page, before, line.text)
