"""What a press sets beside code in other type: labels of its boxes, signs before it, notes behind.

Belongs here: telling these from code and taking them off, before code is told from prose. Does not:
arrows of wrapped rows (``marks.py``), line numbers (``linenos.py``), circled numbers behind code
(``listing.py``).

A label is told by its words: a language, a file, "Copy", or words that many boxes begin with; where
many boxes of a book have a row of words over their code, that is their title. Signs and notes are
told by how often they stand so: left of all code, or well apart behind it, while most rows around
them are code alone. A table of code with remarks has them on every row.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from booktune_assets.books.badges import badges, bars_over, touches
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Run
from booktune_assets.books.hanging import digits_of, hanging
from booktune_assets.books.lang import is_language
from booktune_assets.books.layout import Piece
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.rowbook import RowBook
from booktune_assets.books.rows import Row

__all__ = ["place_notes", "take_beside"]

_COPY = re.compile(r"\bcop(?:y|ied)(?:\s+(?:code|to clipboard))?!?$|^copy(?:\s+code)?\b", re.I)
_FILE = re.compile(r"(?:[\w.@~+-]*[\\/])*[\w.@+-]*\w\.[A-Za-z]\w{0,5}")
_SMALL = 0.85  # of the size of code: smaller type in a font of code is a label's
_BOXES = 4  # that begin or end with the same words
_LABEL = 30  # characters of such words
_APART = 2.0  # columns behind the last letter of the code
_OFTEN = 3  # notes, or signs, that show the habit of a book
_SOME = 0.6  # of the rows of listings may have one
_NEAR = 2.6  # sizes between neighbours in a listing, over a blank line
_REMARKS = frozenset("#%/-;*")  # begin a remark, which may be in a font of words
_BULLETS = frozenset("\u2022\u25e6\u25aa\u00b7")
Style = tuple[str, float]


@dataclass(slots=True)
class _Found:
    """What may stand beside code, and what boxes begin and end with.

    A sign or note: page in the book of rows, number of the row, where the sign stands (pt) or the
    run that the note begins with, and whether no row around it is code alone.
    """

    signs: dict[tuple[str, str], list[tuple[int, int, int, bool]]] = field(
        default_factory=lambda: defaultdict(list[tuple[int, int, int, bool]])
    )
    notes: dict[Style, list[tuple[int, int, int, bool]]] = field(
        default_factory=lambda: defaultdict(list[tuple[int, int, int, bool]])
    )
    digits: dict[Style, list[tuple[int, int, int]]] = field(
        default_factory=lambda: defaultdict(list[tuple[int, int, int]])
    )
    counted: Counter[Style] = field(default_factory=Counter[Style])  # rows in listings with them
    code: Counter[Style] = field(default_factory=Counter[Style])  # rows in listings with such notes
    ends: Counter[str] = field(default_factory=Counter[str])  # words that boxes begin or end with
    titled: int = 0  # boxes of code under a row of words
    named: Counter[str] = field(default_factory=Counter[str])  # languages that boxes name, or ""

    def says(self, lang: str) -> str:
        """The language of a label; where all labels of a book are the same they tell none apart."""
        return lang if len(+self.named) - ("" in self.named) > 1 else ""


def take_beside(rows: RowBook, fonts: Fonts, ledger: Ledger) -> dict[int, list[Row]]:
    """Take labels and signs off; gives the notes, which are text of their own, by page."""
    found = _Found()
    for page, members in enumerate(rows.pages()):
        _look(page, members, fonts, found)
    taken = _agreed(found)
    notes: dict[int, list[Row]] = defaultdict(list)
    gone: list[int] = []
    start = 0
    for page, members in enumerate(rows.pages()):
        for number, kind, at in sorted(taken.get(page, ())):
            row = members[number]
            if kind == "sign":
                _take_sign(row, ledger)
            elif kind == "digit" and at == _inked(row)[0]:
                ledger.took(row.page, "callout_marks", row.text)
                gone.append(start + number)
            elif kind == "digit":
                ledger.took(row.page, "callout_marks", _cut(row, at, fonts).text)
            elif at:
                notes[row.page].append(_cut(row, at, fonts))
            else:
                notes[row.page].append(replace(row, frame=None, role="callout", goes_on=True))
                gone.append(start + number)
        changed = _take_labels(members, fonts, found, ledger)
        gone += [start + number for number in changed or ()]
        start += len(members)
        if page in taken or changed is not None:
            rows.put(page, members)
    for number in gone:
        rows.cut(number, number + 1)
    return notes


def place_notes(pieces: Sequence[Piece], notes: Sequence[Row]) -> list[Piece]:
    """The pieces of a page with the notes behind the code that they stand beside."""
    if not notes:
        return list(pieces)
    left = list(notes)
    out: list[Piece] = []
    for number, piece in enumerate(pieces):
        out.append(piece)
        last = number + 1 == len(pieces)
        ours = [note for note in left if last or (piece.kind == "code" and _stands(note, piece))]
        if ours and not last:  # what goes on below the last row of the code
            ours += takewhile(lambda note: note.goes_on, left[left.index(ours[-1]) + 1 :])
        left = [note for note in left if note not in ours]
        made: list[list[Row]] = []
        for note in ours:
            before = made[-1][-1] if made else None
            broken = note.goes_on or note.text[:1].islower()
            if before is not None and broken and _close(before, note):
                made[-1].append(note)  # it was broken
            else:
                made.append([note])
        out += [Piece("callout", group, beside=True) for group in made]
    return out


def _stands(note: Row, piece: Piece) -> bool:
    """Whether a note stands on a row of a piece, or between two of them."""
    rows = piece.rows
    if not note.goes_on:
        return any(row.baseline == note.baseline for row in rows)
    level = abs(note.column[0] - rows[0].column[0]) < 1
    return level and rows[0].baseline < note.baseline < rows[-1].baseline


def _close(before: Row, row: Row) -> bool:
    near = 0 < row.baseline - before.baseline < _NEAR * row.size
    return near and abs(row.box[0] - before.box[0]) < 3


def _look(page: int, members: Sequence[Row], fonts: Fonts, found: _Found) -> None:
    """Enter what a page has beside its code."""
    for group in _boxes(members):
        ends = {members[group[0]].text, members[group[-1]].text} if len(group) > 1 else set[str]()
        found.ends.update(text for text in ends if len(text) <= _LABEL)
        if any(members[n].mono for n in group):
            found.named[_named(members[group[0]], fonts)] += 1
            found.titled += _is_title(members, group, fonts)
    cuts = [
        None if row.frame is not None and _level_label(row, fonts) is not None
        else _note_at(row, fonts)
        for row in members
    ]  # fmt: skip
    for number in set(hanging(members, cuts)).difference(badges(members, fonts)):
        cuts[number] = 0  # all of it is a note
    signs = [_sign_of(row, fonts) for row in members]
    digits = digits_of(members, fonts, _beside)
    for number, row in enumerate(members):
        around = [
            members[n] for n in (number - 1, number + 1)
            if 0 <= n < len(members) and _beside(row, members[n])
        ]  # fmt: skip
        code = [one for one in around if one.mono]
        if (at := cuts[number]) is not None:
            style = _style(row.runs[at])
            found.notes[style].append((page, number, at, bool(at) and not code))
    coded = [
        row.mono or any(one is not None for one in beside)
        for row, *beside in zip(members, cuts, signs, digits, strict=True)
    ]
    for group in _listings(members, coded):
        _count_digits(
            page, members, {n: at for n in group if (at := digits[n]) is not None}, group, found
        )
        left = min((members[n].box[0] for n in group if signs[n] is None), default=None)
        for n in group:
            if (sign := signs[n]) is not None and (left is None or sign.right <= left):
                place = page, n, round(members[n].box[0]), left is None
                found.signs[_kind_of(sign), sign.font].append(place)
        styles = {_style(members[n].runs[at]) for n in group if (at := cuts[n]) is not None}
        for style in styles:
            found.code[style] += len(group)


def _kind_of(sign: Run) -> str:
    """The sign, or one for all numbers in circles, of which each listing has its own."""
    text = sign.text.strip()
    return "\u2460" if unicodedata.category(text) == "No" else text


def _count_digits(
    page: int, members: Sequence[Row], at: dict[int, int], group: Sequence[int], found: _Found
) -> None:
    """Enter the numbers behind the code of a listing, where they count its remarks."""
    said = [int("".join(filter(str.isdigit, members[n].runs[run].text))) for n, run in at.items()]
    if not said or said != sorted(set(said)):
        return
    for number, run in at.items():
        found.digits[_style(members[number].runs[run])].append((page, number, run))
    for style in {_style(members[number].runs[run]) for number, run in at.items()}:
        found.counted[style] += len(group)


def _agreed(found: _Found) -> dict[int, list[tuple[int, str, int]]]:
    """Signs and notes that stand so often enough: number of the row, what, and run to cut at."""
    taken: dict[int, list[tuple[int, str, int]]] = defaultdict(list)
    for places in found.signs.values():
        usual = Counter(x for _, _, x, alone in places if not alone)
        for page, number, x, _ in places if usual.total() >= _OFTEN else ():
            if any(usual[x + off] for off in (-1, 0, 1)):
                taken[page].append((number, "sign", 0))
    for style, places in found.notes.items():
        sure = sum(not alone for *_, alone in places)
        if sure < _OFTEN or len(places) > _SOME * found.code[style] or sure < len(places) / 2:
            continue
        for page, number, at, _ in places:
            taken[page].append((number, "note", at))
    for style, marks in found.digits.items():
        usual = _OFTEN <= len(marks) <= _SOME * found.counted[style]
        for page, number, at in marks if usual else ():
            taken[page].append((number, "digit", at))
    return taken


def _beside(row: Row, other: Row) -> bool:
    """Whether two rows may be neighbours in a listing."""
    near = 0 < abs(other.baseline - row.baseline) < _NEAR * max(row.size, other.size)
    return near and row.frame is other.frame and abs(row.column[0] - other.column[0]) < 1


def _listings(members: Sequence[Row], coded: Sequence[bool]) -> Iterator[list[int]]:
    """Numbers of rows that follow each other as code, with a note or a sign or without."""
    group: list[int] = []
    for number, row in enumerate(members):
        if group and coded[number] and _beside(members[group[-1]], row):
            group.append(number)
            continue
        if group:
            yield group
        group = [number] if coded[number] else []
    if group:
        yield group


def _style(run: Run) -> Style:
    return run.font, round(run.size, 1)


def _inked(row: Row) -> list[int]:
    return [n for n, run in enumerate(row.runs) if run.text.strip()]


def _sign_of(row: Row, fonts: Fonts) -> Run | None:
    """The sign in another font, or another colour, that a row of code begins with."""
    if len(row.runs) < 2 or len(inked := _inked(row)) < 2:
        return None
    first, *rest = (row.runs[n] for n in inked)
    sign = first.text.strip()
    own = not fonts.mono(first) or first.color != rest[0].color
    if len(sign) != 1 or sign.isascii() or sign in _BULLETS or not own:
        return None
    marks = unicodedata.category(sign) in ("So", "Sm", "No")
    coded = all(map(fonts.mono, rest)) and rest[0].left > first.right
    return first if marks and coded else None


def _note_at(row: Row, fonts: Fonts) -> int | None:
    """The run at which words begin that stand apart behind code."""
    inked = _inked(row) if len(row.runs) > 1 else []
    coded = [n for n in inked if fonts.mono(row.runs[n])]
    if not coded or coded[0] != inked[0]:
        return None
    behind = [n for n in inked if n > coded[-1]]
    before = [row.runs[n] for n in inked if n <= coded[-1]]
    if not behind or any(map(fonts.words, before)) or fonts.holds(row.runs):
        return None
    words = "".join(row.runs[n].text for n in behind)
    if not any(map(str.isalpha, words)):
        return None
    last, first = row.runs[coded[-1]], row.runs[behind[0]]
    end = last.rights[len(last.text.rstrip()) - 1]
    start = first.lefts[len(first.text) - len(first.text.lstrip())]
    cell = fonts.advance[last.font] * last.size
    return behind[0] if start - end >= _APART * cell else None


def _take_sign(row: Row, ledger: Ledger) -> None:
    first = _inked(row)[1]
    ledger.took(row.page, "mark", "".join(run.text for run in row.runs[:first]).strip())
    _keep(row, row.runs[first:])


def _cut(row: Row, at: int, fonts: Fonts) -> Row:
    """Take the note off a row; gives it as a row of its own."""
    runs = row.runs[at:]
    note = replace(row, runs=runs, parts=[], frame=None, line_no=None, counter=None)
    _keep(note, runs)
    shown = next(run for run in runs if run.text.strip())
    note.size, note.font, note.bold, note.color = shown.size, shown.font, shown.bold, shown.color
    note.mono, note.role = False, "callout"
    _keep(row, row.runs[:at])
    first = next(run for run in row.runs if run.text.strip())
    row.size, row.font, row.bold, row.color = first.size, first.font, first.bold, first.color
    row.mono = any(map(fonts.mono, row.runs))
    return note


def _keep(row: Row, runs: list[Run]) -> None:
    """Leave some of its runs to a row, which are code or a note throughout."""
    row.runs = runs
    row.text = "".join(run.text for run in runs).strip()
    edges = [
        (left, right) for run in runs
        for char, left, right in zip(run.text, run.lefts, run.rights, strict=True)
        if not char.isspace()
    ]  # fmt: skip
    row.box = (edges[0][0], row.box[1], max(right for _, right in edges), row.box[3])
    row.parts = [row.box[0]]
    row.mono = True


def _boxes(members: Sequence[Row]) -> list[list[int]]:
    """Numbers of rows by box; a bar that touches the box below belongs to it."""
    groups: dict[int, list[int]] = {}
    for number, row in enumerate(members):
        if row.frame is not None:
            groups.setdefault(id(row.frame), []).append(number)
    out: list[list[int]] = []
    for group in groups.values():
        above = members[out[-1][-1]].frame if out else None
        frame = members[group[0]].frame
        assert frame is not None
        near = above is not None and (touches(above, frame) or bars_over(above, frame))
        bar = near and len(out[-1]) == 1
        if bar and members[out[-1][0]].page == members[group[0]].page:
            out[-1] += group
        else:
            out.append(group)
    return out


def _take_labels(
    members: Sequence[Row], fonts: Fonts, found: _Found, ledger: Ledger
) -> list[int] | None:
    """Take the labels of a page's boxes off; gives the rows that were nothing else, or None."""
    gone = _take_badges(members, fonts, found, ledger)
    changed = bool(gone)
    for group in _boxes(members):
        left = [number for number in group if number not in gone]
        if not left:
            continue
        if len(left) == 1 and (at := _one_row(members[left[0]], fonts)) is not None:
            row = members[left[0]]
            said = _level_label(row, fonts) or ""
            ledger.took(row.page, "mark", _cut(row, at, fonts).text)
            row.lang, changed = row.lang or found.says(said), True
            continue
        size = max((members[n].size for n in group if members[n].mono), default=0.0)
        for at in (0, 0, -1):  # a file and a language may stand over one listing
            if not size or len(left) < 2:
                break
            row = members[left[at]]
            said = _level_label(row, fonts) if at == 0 else None
            if said is not None and (run := _note_at(row, fonts)) is not None:
                ledger.took(row.page, "mark", _cut(row, run, fonts).text)
                row.lang, changed = row.lang or found.says(said), True
                continue
            kind, lang = "", ""
            if _lettered(row, size, fonts):
                kind, lang = _label_of(row.text, Counter() if row.mono else found.ends)
            if not kind and at == 0 and found.titled >= _BOXES and _is_title(members, left, fonts):
                kind = "caption"
            if not kind:
                continue
            changed, number = True, left.pop(at)
            if kind == "caption":
                row.role = "caption"
                continue
            ledger.took(row.page, "mark", row.text)
            gone.append(number)
            members[left[0]].lang = members[left[0]].lang or found.says(lang)
    return gone if changed else None


def _take_badges(
    members: Sequence[Row], fonts: Fonts, found: _Found, ledger: Ledger
) -> list[int]:  # fmt: skip
    gone = badges(members, fonts)
    for number in gone:
        said, above = _label_of(members[number].text, Counter())[1], members[number - 1]
        ledger.took(members[number].page, "mark", members[number].text)
        above.lang = above.lang or found.says(said)
    return gone


def _one_row(row: Row, fonts: Fonts) -> int | None:
    """The run at which a label stands on the only row of a box."""
    return None if _level_label(row, fonts) is None else _note_at(row, fonts)


def _lettered(row: Row, size: float, fonts: Fonts) -> bool:
    """Whether a row is in no font of code, or in clearly smaller type."""
    plain = not any(fonts.mono(run) for run in row.runs if run.text.strip())
    return plain or (row.mono and row.size < _SMALL * size)


def _is_title(members: Sequence[Row], group: Sequence[int], fonts: Fonts) -> bool:
    """Whether a box has a row of words, which is no remark of the code, over rows of code alone."""
    first, *rest = (members[n] for n in group)
    plain = not any(fonts.mono(run) for run in first.runs if run.text.strip())
    if rest and first.frame is not None and rest[0].frame is not None:
        strong = first.bold and not any(row.bold for row in rest)
        plain = plain or (strong and bars_over(first.frame, rest[0].frame))
    worded = any(map(str.isalpha, first.text)) and first.text[0] not in _REMARKS
    return bool(rest) and plain and worded and all(row.mono for row in rest)


def _level_label(row: Row, fonts: Fonts) -> str | None:
    """The language, or nothing, that a label on the level of the first row of code says."""
    at = _note_at(row, fonts)
    if at is None:
        return None
    kind, lang = _label_of("".join(run.text for run in row.runs[at:]).strip(), Counter())
    return lang if kind == "mark" else None


def _named(row: Row, fonts: Fonts) -> str:
    """The language that the first row of a box names, if it does."""
    return _level_label(row, fonts) or ("" if row.mono else _label_of(row.text, Counter())[1])


def _label_of(text: str, ends: Counter[str]) -> tuple[str, str]:
    """What a label is ("mark", "caption", or no label), and the language that it names."""
    rest = _COPY.sub("", text).strip(" \u00b7|:-\u2014\u2013\ufffd")
    if not rest:
        return "mark", ""
    if is_language(rest):
        return "mark", rest.lower()
    if _FILE.fullmatch(rest):
        return ("caption" if rest == text else "mark"), ""
    return ("mark" if ends[text] >= _BOXES and len(text) <= _LABEL else ""), ""
