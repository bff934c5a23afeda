"""Units for generation: 1,500 to 1,900 characters of a book, code never parted from its words.

Belongs here: choosing the borders of units. Does not: what holds blocks together (``bonds.py``),
cutting long code (``forms.py``), windows of tokens (``containers.py``).

What is bound stays whole. Of all ways to put borders between the rest the cheapest is taken: a unit
that is too short costs more the shorter it is, a border costs what it tears apart, and a unit that
goes on past the start of a chapter costs more than one that is a little short. A paragraph outside
of code groups may be cut between sentences. Code that alone is too long is cut between its forms;
the parts carry one group. Units are views: every character of the blocks is in exactly one of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any

from booktune_assets.books.blocks import CODE_KINDS
from booktune_assets.books.bonds import HARD, bonds_of
from booktune_assets.books.forms import cut_code

__all__ = ["CHARS_MAX", "CHARS_MIN", "Piece", "Unit", "into_units"]

Row = dict[str, Any]
CHARS_MIN, CHARS_MAX = 1500, 1900
GLUE = "\n\n"
SENTENCE = 0.35  # price of a border inside of a paragraph
CHAPTER = 1.7  # price of a unit that holds the start of a chapter inside
STANDS = -10.0  # price of a unit that is to stay as it was: no other border is worth one
_CLAUSE = 200  # characters of a paragraph that are not cut any further
_SENTENCE = re.compile(r"(?<=[.!?])[\"\u201d\u2019)]*\s+(?=[\"\u201c\u2018(]?[A-Z0-9])")


@dataclass(slots=True)
class Piece:
    """``block.text[start:end]``."""

    block: Row
    start: int
    end: int

    @property
    def text(self) -> str:
        """The characters of the piece."""
        return str(self.block["text"][self.start : self.end])


Stands = Callable[[list[Piece]], bool]


@dataclass(slots=True)
class Unit:
    """Pieces in reading order; ``part`` of ``parts`` when a group was too long for one unit."""

    pieces: list[Piece] = field(default_factory=list[Piece])
    part: int = 0
    parts: int = 1

    @property
    def text(self) -> str:
        """The unit as a model reads it: pieces of one block as they stand, blocks apart."""
        out: list[str] = []
        before: Piece | None = None
        for piece in self.pieces:
            same = before is not None and before.block is piece.block
            out += ["" if same else GLUE if out else "", piece.text]
            before = piece
        return "".join(out)

    @property
    def chars(self) -> int:
        """Length of the text."""
        return len(self.text)


@dataclass(slots=True)
class _Atom:
    """Pieces between which there is no border. ``price`` is that of a border before them.

    ``group`` counts the groups that are too long, from 1; 0 for all else. ``opens`` a chapter.
    """

    pieces: list[Piece]
    price: float
    group: int = 0
    opens: bool = False


def into_units(
    blocks: Sequence[Row], openings: frozenset[int] = frozenset(), stands: Stands | None = None
) -> list[Unit]:
    """The units of blocks in reading order; ``openings`` are the blocks that begin a chapter.

    ``stands`` knows units of before: what is one again stays one, so an edit moves no border that
    it does not touch.
    """
    atoms = _atoms(blocks, openings) if blocks else []
    units: list[Unit] = []
    seen: dict[int, list[Unit]] = {}
    for start, end in pairwise(_borders(atoms, stands) if atoms else ()):
        own = atoms[start:end]
        units.append(Unit([piece for atom in own for piece in atom.pieces]))
        for group in {atom.group for atom in own if atom.group}:
            seen.setdefault(group, []).append(units[-1])
    for parts in seen.values():
        for number, unit in enumerate(parts):
            unit.part, unit.parts = number, len(parts)
    return units


def _atoms(blocks: Sequence[Row], openings: frozenset[int]) -> list[_Atom]:
    """What the borders are put between."""
    prices = bonds_of(blocks)
    atoms: list[_Atom] = []
    groups = 0
    start = 0
    for end in range(1, len(blocks) + 1):
        if end < len(blocks) and prices[end] == HARD:
            continue
        run = [Piece(one, 0, len(one["text"])) for one in blocks[start:end]]
        opens = any(number in openings for number in range(start, end))
        if any(one["kind"] in CODE_KINDS for one in blocks[start:end]):
            parts = _long_code(run)
            groups += len(parts) > 1
            made = [
                _Atom(own, prices[start] if not number else 0.0, groups if len(parts) > 1 else 0)
                for number, own in enumerate(parts)
            ]
        else:
            made = list(_loose(run, prices[start]))
        made[0].opens = opens
        atoms += made
        start = end
    return atoms


def _long_code(run: list[Piece]) -> list[list[Piece]]:
    """A code group in parts when its code alone is too long, or one of its paragraphs.

    Code is cut between blocks where that is enough, else between forms; the rest stays with what is
    beside it.
    """
    code = [piece for piece in run if _is_code(piece)]
    words = max((piece.end for piece in run if not _is_code(piece)), default=0)
    long = Unit(code).chars > CHARS_MAX
    if not long and words <= CHARS_MAX:
        return [run]
    parts: list[list[Piece]] = [[]]
    for place, whole in enumerate(run):
        # behind the code, words that no code stands beside any more
        past = any(map(_is_code, run[:place])) and not any(map(_is_code, parts[-1]))
        used = Unit(parts[-1]).chars + len(GLUE) if long and parts[-1] else 0
        for number, piece in enumerate(_forms_of(whole, used)):
            apart = number > 0 or (long and _apart(parts[-1])) or past
            if parts[-1] and apart and Unit([*parts[-1], piece]).chars > CHARS_MAX:
                parts.append([])
            parts[-1].append(piece)
    return parts


def _is_code(piece: Piece) -> bool:
    return piece.block["kind"] in CODE_KINDS


def _apart(part: Sequence[Piece]) -> bool:
    """Whether a border may follow: not after a heading, nor after words alone."""
    return bool(part) and (
        part[-1].block["kind"] in CODE_KINDS or Unit(list(part)).chars >= CHARS_MIN
    )


def _forms_of(whole: Piece, used: int) -> list[Piece]:
    """A block in pieces, the first of them as long as there is room; short words stay whole."""
    block, text = whole.block, whole.block["text"]
    if block["kind"] not in CODE_KINDS:
        return list(_clauses(whole)) if len(text) > CHARS_MAX else [whole]
    if used + len(text) <= CHARS_MAX:
        return [whole]
    cuts = cut_code(text, block["lang"], CHARS_MAX, used=used)
    return [Piece(block, one, two) for one, two in pairwise([0, *cuts, len(text)]) if one < two]


def _loose(run: list[Piece], price: float) -> Iterator[_Atom]:
    """Words without code: cut between sentences, rows or, in the end, words of one block."""
    chunks: list[list[Piece]] = [[]]
    for whole in run:
        for number, piece in enumerate(_clauses(whole)):
            last = chunks[-1]
            full = Unit([*last, piece]).chars > CHARS_MAX
            if number or (full and last and last[-1].block["kind"] != "heading"):
                chunks.append([])
            chunks[-1].append(piece)
    for number, chunk in enumerate(chunks):
        yield _Atom(chunk, SENTENCE if number else price)


def _clauses(whole: Piece) -> Iterator[Piece]:
    block, text = whole.block, str(whole.block["text"])
    if block["kind"] == "heading" or len(text) <= 2 * _CLAUSE:
        yield whole
        return
    ends = re.finditer(r"\n", text) if block["kind"] == "table" else _SENTENCE.finditer(text)
    least = CHARS_MAX // 2 if block["kind"] == "table" else _CLAUSE
    most = CHARS_MAX - _CLAUSE  # a heading stands above
    start = 0
    for spot in [*(match.end() for match in ends), len(text)]:
        while spot - start > most:  # no sentence ends here
            cut = text.rfind(" ", start + 1, start + most) + 1 or start + most
            yield Piece(block, start, cut)
            start = cut
        if spot == len(text) or (spot - start >= least and len(text) - spot >= _CLAUSE):
            if start < spot:
                yield Piece(block, start, spot)
            start = spot


def _borders(atoms: Sequence[_Atom], stands: Stands | None) -> list[int]:
    """The cheapest borders, the first and the last position among them."""
    sizes = [sum(piece.end - piece.start for piece in atom.pieces) for atom in atoms]
    inner = [len(GLUE) * _changes(atom.pieces) for atom in atoms]
    glue = [0] + [
        0 if one.pieces[-1].block is two.pieces[0].block else len(GLUE)
        for one, two in pairwise(atoms)
    ]
    ends = [0, *accumulate(s + i + g for s, i, g in zip(sizes, inner, glue, strict=True))]
    best = [0.0] + [HARD] * len(atoms)
    came = [0] * (len(atoms) + 1)
    for end in range(1, len(atoms) + 1):
        crossed = 0.0
        groups: set[int] = set()
        for start in range(end - 1, -1, -1):
            atom = atoms[start]
            length = ends[end] - ends[start] - glue[start]
            if start < end - 1 and (length > CHARS_MAX or not _together(groups, atom.group)):
                break
            groups.add(atom.group)
            # of prices that are the same the border that stands further back wins
            price = _cost(length) + crossed + (atom.price if start else 0.0)
            if stands and stands([one for part in atoms[start:end] for one in part.pieces]):
                price = STANDS
            cost = best[start] + price
            if cost < best[end]:
                best[end], came[end] = cost, start
            crossed += CHAPTER if atom.opens else 0.0
    borders = [len(atoms)]
    while borders[-1] > 0:
        borders.append(came[borders[-1]])
    return borders[::-1]


def _together(groups: set[int], group: int) -> bool:
    """Parts of one group stand in units of their own; two groups never share one."""
    return group == 0 or not groups - {0}


def _changes(pieces: Sequence[Piece]) -> int:
    return sum(one.block is not two.block for one, two in pairwise(pieces))


def _cost(length: int) -> float:
    if length > CHARS_MAX:
        return 1.0
    lacking = max(0, CHARS_MIN - length) / CHARS_MIN
    return 1.0 + 2.0 * lacking * lacking if lacking else 0.0
