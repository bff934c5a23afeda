"""Wrapped lines of code in formats that hold text, where a sign says that a line goes on.

Belongs here: arrows that a publisher set at the end of a line or the beginning of the next, in
EPUB, AsciiDoc and Markdown. Does not: PDF, where the rows of a page tell (``marks.py wraps.py``).

An arrow may be part of the code. It is a mark where the grammar refuses the listing with it and
takes the joined line; where no grammar speaks (output, shells), where the book has shown that it
marks wraps, or where the line before it is full time after time.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from booktune_assets.books.blocks import CODE_KINDS, Block
from booktune_assets.books.judge import faults
from booktune_assets.books.lang import classify
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.sessions import split_session
from booktune_assets.books.wraps import Wraps, in_string

__all__ = ["take_text_wraps"]

_SIGNS = (
    "\u21a9\u21b5\u21b2\u23ce\u2936\u2b90\u2ba0\u21a8"
    "\u21aa\u2937\u21b3\u27a5\u2ba1\u2ba9\u27a6\u2b91"
)
_TRAILING = re.compile(rf"\s*(?P<mark>[{_SIGNS}])[\ufe0e\ufe0f]?[ \t\u00a0]*$")
_LEADING = re.compile(rf"^[ \t\u00a0]*(?P<mark>[{_SIGNS}])[\ufe0e\ufe0f]?[ \t\u00a0]*(?=\S)")
_ANY = re.compile(rf"[{_SIGNS}]")
_SLACK = 3  # columns; a typesetter keeps room for its mark
_NARROW = 40  # columns; no book wraps earlier
_ENOUGH, _SHARE = 2, 0.75
_EXACT = 3  # lines that end at one column: they were cut anywhere
_PLACES_MAX = 60  # of one listing that are weighed one by one
_COMMENT = re.compile(r"(?:^|\s)(?:#(?!\{)|%)")


@dataclass(frozen=True, slots=True)
class _Place:
    """A line of a listing that goes on, by its number, and both lines without the mark."""

    number: int
    mark: str
    leading: bool
    before: str
    after: str

    @property
    def key(self) -> tuple[str, bool]:
        return self.mark, self.leading


@dataclass(slots=True)
class _Listing:
    """A listing with signs that may be marks, and what the grammar says of each."""

    block: Block
    lang: str
    lines: list[str]
    places: list[_Place]
    verdicts: dict[int, bool | None]


def take_text_wraps(blocks: Sequence[Block], ledger: Ledger) -> None:
    """Join the lines that a sign says go on, and write down each."""
    if not ledger.wants("wrap_marks"):
        return
    code = [block for block in blocks if block.kind in CODE_KINDS and len(block.places) == 1]
    found = [made for block in code if (made := _listing(block)) is not None]
    if not found:
        return
    widest = max(len(line) for block in code for line in block.text.split("\n"))
    known = _known(found, max(widest, _NARROW))
    wraps = Wraps(words=set(re.findall(r"\w+", "\n".join(block.text for block in code))))
    cut = _cut(found, known)
    for one in found:
        places = [place for place in one.places if _taken(one, place, known, widest)]
        _join(one, places, wraps, cut, ledger)


def _listing(block: Block) -> _Listing | None:
    if block.text.isascii() or not _ANY.search(block.text):
        return None
    lines = block.text.split("\n")
    places: list[_Place] = []
    for number in range(1, len(lines)):
        before, after = lines[number - 1], lines[number]
        if not before.strip() or not after.strip():
            continue
        if (at := _TRAILING.search(before)) and before[: at.start()].strip():
            lead = _LEADING.match(after)  # some set both
            rest = after[lead.end() :] if lead and lead["mark"] == at["mark"] else after
            bare = before[: at.start("mark")]
            places.append(_Place(number, at["mark"], False, bare, rest))
        elif at := _LEADING.match(after):
            places.append(_Place(number, at["mark"], True, before, after[at.end() :]))
    if not places:
        return None
    made = _Listing(block, classify(block.text, block.lang)[1], lines, places, {})
    _weigh(made)
    return made


def _weigh(one: _Listing) -> None:
    """For each sign whether the listing is better joined there, with all others joined."""
    if len(one.places) > _PLACES_MAX:
        return
    numbers = {place.number for place in one.places}
    best = _faults(_text(one, numbers), one.lang)
    for place in one.places:
        apart = _faults(_text(one, numbers - {place.number}), one.lang)
        same = best is None or apart is None or best == apart
        one.verdicts[place.number] = None if same else (best or 0) < (apart or 0)


def _text(one: _Listing, numbers: Collection[int]) -> str:
    """The listing joined at some of its signs, in the plainest way."""
    lines = one.lines[:1]
    by_number = {place.number: place for place in one.places}
    for number in range(1, len(one.lines)):
        place = by_number.get(number)
        if place is None or number not in numbers:
            lines.append(one.lines[number])
            continue
        before = lines[-1].rstrip()
        before = before if place.leading else before.rstrip(_SIGNS + "\ufe0e\ufe0f").rstrip()
        lines[-1] = f"{before} {_bare(one.lines[number], place).lstrip()}"
    return "\n".join(lines)


def _bare(line: str, place: _Place) -> str:
    """A line that goes on without its leading mark; a mark at its own end is another's."""
    lead = _LEADING.match(line)
    return line[lead.end() :] if lead and (place.leading or lead["mark"] == place.mark) else line


def _faults(text: str, lang: str) -> int | None:
    """Faults of a listing by its grammar; of a session those of what was typed."""
    if lang not in ("iex", "erl_shell"):
        return faults(text, lang)
    turns = split_session(text, lang)
    tongue = "elixir" if lang == "iex" else "erlang"
    return None if turns is None else sum(faults(turn.code, tongue) or 0 for turn in turns)


def _known(found: Sequence[_Listing], widest: int) -> set[tuple[str, bool]]:
    """The signs that this book marks wraps with."""
    pro: dict[tuple[str, bool], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in found:
        for place in one.places:
            counts = pro[place.key]
            verdict = one.verdicts.get(place.number)
            counts[0] += verdict is True
            counts[1] += verdict is False
            counts[2] += 1
            counts[3] += _full(place, widest)
    return {
        key for key, (better, worse, every, full) in pro.items()
        if better > worse
        or (not worse and full >= _ENOUGH and full >= _SHARE * every)
    }  # fmt: skip


def _full(place: _Place, widest: int) -> bool:
    word = re.match(r"\S+", place.after.lstrip())
    reach = len(place.before.rstrip()) + 1 + (word.end() if word else 0)
    return reach > widest - _SLACK


def _taken(one: _Listing, place: _Place, known: set[tuple[str, bool]], widest: int) -> bool:
    """Whether a sign is a mark: the grammar says so, or nothing speaks against what is known."""
    if place.key not in known:
        return False
    verdict = one.verdicts.get(place.number)
    if verdict is not None:
        return verdict
    remark = _COMMENT.search(place.before) is not None and not in_string(place.before)
    coded = one.lang in ("elixir", "erlang", "iex", "erl_shell")
    return place.leading or not (coded and remark) or _full(place, max(widest, _NARROW))


def _cut(found: Sequence[_Listing], known: set[tuple[str, bool]]) -> bool:
    """Whether lines were cut at one column, wherever that was."""
    places = [place for one in found for place in one.places if place.key in known]
    ends = [len(place.before) for place in places]
    common = max(map(ends.count, set(ends)), default=0)
    return common >= _EXACT and common >= _SHARE * len(ends)


def _join(one: _Listing, places: Sequence[_Place], wraps: Wraps, cut: bool, ledger: Ledger) -> None:
    """Put the lines of one listing together; its one place grows or shrinks with it."""
    by_number = {place.number: place for place in places}
    lines = one.lines[:1]
    page = ledger.page_of(one.block.places[0])
    for number in range(1, len(one.lines)):
        place = by_number.get(number)
        if place is None:
            lines.append(one.lines[number])
            continue
        whole, text = lines[-1], _bare(one.lines[number], place)
        before = whole
        if not place.leading and (at := _TRAILING.search(whole)):
            before = whole[: at.start("mark")]
        if cut:
            joined = before + text.lstrip()
        else:
            joined = wraps.joined(before.rstrip(), text.lstrip(), False, _tongue(one.lang))
        both = f"{whole}\n{one.lines[number]}"
        ledger.took(page, "wrap_marks", both, joined, one.block, "an arrow says that it goes on")
        lines[-1] = joined
    one.block.text = "\n".join(lines)
    one.block.places[0].end = len(one.block.text)


def _tongue(lang: str) -> str:
    return {"iex": "elixir", "erl_shell": "erlang"}.get(lang, lang)
