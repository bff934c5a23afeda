"""Font evidence of a whole document: which fonts are monospaced, what body text looks like.

Belongs here: statistics over all pages. Does not: decisions about single lines.

A font is monospaced when nearly all of its glyphs advance by the same share of the size. The flag
in the file and the name only break ties where a font has too few glyphs to tell.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from booktune_assets.books.blocks import inked
from booktune_assets.books.glyphs import PageDrawn, Run
from booktune_assets.books.scripts import Scripts, is_of_code

__all__ = ["CODED", "WORDS", "Fonts", "measure"]

CODED = " (code)"  # behind the name of a font of words that sets code, too
WORDS = " (words)"  # behind the name of the font of lines that are words in a book of one face
_SIGNS = b"$\\{}<>|~^*_'`"
_ENOUGH = 12  # different glyphs that make advance evidence trustworthy
_NAMES = ("mono", "code", "courier", "consol", "typewriter", "cmtt", "hack", "menlo", "inconsolata")


@dataclass(slots=True)
class Fonts:
    """Evidence of one document. ``advance`` is per font, as a share of the size."""

    advance: dict[str, float] = field(default_factory=dict[str, float])
    body: str = ""
    body_size: float = 10.0
    code_size: float = 0.0
    fixed: float = 0.0  # share of the letters that are in fonts of fixed pitch
    read: set[int] = field(default_factory=set[int])  # recognised pages: type tells little there
    scripts: frozenset[str] = frozenset()  # that set words in other letters than Latin ones

    def mono(self, run: Run) -> bool:
        """Whether a run is in a monospaced font."""
        return run.font in self.advance

    def words(self, run: Run) -> int:
        """Characters of a run that code could not hold, being in another font.

        Signs that old fonts lack, and all that is not ASCII, come from another font in code too.
        """
        if run.font in self.advance:
            return 0
        if run.font in self.scripts:
            return sum(map(str.isalpha, run.text))
        return inked(run.text.encode("ascii", "ignore").translate(None, _SIGNS).decode())

    def holds(self, runs: Sequence[Run]) -> bool:
        """Whether words in other letters are strings and remarks of the code around them."""
        worded = [run for run in runs if self.words(run)]
        other = all(run.font in self.scripts for run in worded)
        return bool(worded) and other and is_of_code(runs, self.advance)

    def plain(self) -> list[object]:
        """The evidence as values that can be digested."""
        return [sorted(self.advance.items()), self.body, self.body_size, self.code_size,
                sorted(self.scripts)]  # fmt: skip


def measure(pages: Iterable[PageDrawn]) -> Fonts:
    """Font evidence of the pages."""
    widths: dict[str, Counter[float]] = defaultdict(Counter)
    glyphs: dict[str, set[str]] = defaultdict(set)
    flagged: set[str] = set()
    styles: Counter[tuple[str, float]] = Counter()
    scripts = Scripts()
    enough: set[str] = set()
    read: set[int] = set()
    for page in pages:
        if page.recognised:
            read.add(page.number)
        for line in page.lines:
            scripts.see(line)
            for run in line.runs:
                styles[run.font, round(run.size, 1)] += len(run.text)
                if run.mono_flag:
                    flagged.add(run.font)
                if run.font not in enough and _advances(run, widths[run.font], glyphs[run.font]):
                    enough.add(run.font)
    fonts = Fonts(read=read)
    for font, counted in widths.items():
        if font.endswith(WORDS):
            continue
        advance = _fixed(counted, len(glyphs[font]), font in flagged or _named_mono(font))
        if advance is not None:
            fonts.advance[font] = advance
    fonts.scripts = scripts.fonts() - fonts.advance.keys()
    prose = Counter({key: n for key, n in styles.items() if key[0] not in fonts.advance})
    for (font, size), _ in (prose or styles).most_common(1):
        fonts.body, fonts.body_size = font, size
    code = Counter({key: n for key, n in styles.items() if key[0] in fonts.advance})
    fonts.fixed = code.total() / max(1, styles.total())
    for (_, size), _ in code.most_common(1):
        fonts.code_size = size
    return fonts


def _advances(run: Run, counted: Counter[float], glyphs: set[str]) -> bool:
    """Count the advances of a run; whether enough of its font were seen, as glyphs repeat."""
    size = run.size or 1.0
    for char, left, right in zip(run.text, run.lefts, run.rights, strict=True):
        if "!" <= char <= "~":
            counted[round((right - left) / size, 2)] += 1
            glyphs.add(char)
    return len(glyphs) > 60 and counted.total() > 4000


def _fixed(counted: Counter[float], kinds: int, hinted: bool) -> float | None:
    total = counted.total()
    if not total:
        return None
    # ligature glyphs give their first letter two or three cells and the rest none
    value = next((v for v, _ in counted.most_common() if v > 0), 0.0)
    if value <= 0:
        return None
    share = sum(
        n for v, n in counted.items()
        if any(abs(v - cells * value) <= 0.011 * max(cells, 1) for cells in (0, 1, 2, 3))
    ) / total  # fmt: skip
    if hinted:
        return value if share > 0.8 else None
    return value if share > 0.97 and kinds >= _ENOUGH and 0.4 <= value <= 0.75 else None


def _named_mono(font: str) -> bool:
    low = font.lower()
    return any(name in low for name in _NAMES)
