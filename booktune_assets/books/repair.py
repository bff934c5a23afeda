"""Repairs of code that typesetting spoilt: counted, never silent.

Belongs here: document-level evidence that a typographer touched the code, look-alike characters.
Does not: layout (indentation and wraps are measured in ``listing.py``), grammar-based repair.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from booktune_assets.books.blocks import CODE_KINDS, Block
from booktune_assets.books.judge import faults
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.sessions import split_session

__all__ = ["mend_code", "put_text"]

_DOUBLE = {"\u201c": '"', "\u201d": '"', "\u2026": "..."}
_SINGLE = {"\u2018": "'", "\u2019": "'"}
# Old TeX fonts print ' as a closing quote, wherever it stands, and ` as an opening one.
_TEX = {"\u2018": "`", "\u2019": "'"}
_OPENING = re.compile(r"(?:^|[\s(\[{,=])([\u2018\u2019])(?=[^\s\u2018\u2019])", re.M)
_CURLY = str.maketrans(_DOUBLE | _SINGLE)
_CURLY_MIN, _CURLY_SHARE = 4, 3  # so many, and so many times the straight ones: a typographer
_GRAMMARS = frozenset({"elixir", "erlang", "iex", "erl_shell"})
# No token outside of strings and comments can hold these; they come from font maps and ligatures.
_LOOK_ALIKE = str.maketrans(
    {
        "\u037e": ";", "\u2010": "-", "\u2011": "-", "\u00ad": None, "\u200b": None,
        "\u2060": None, "\ufeff": None,
    }
)  # fmt: skip
# Signs of mathematics and accents that TeX's old fonts print for what was typed.
_MATHS = {"\u2212": "-", "\u2217": "*", "\u02c6": "^", "\u02dc": "~", "\u223c": "~"}
# Outside of strings no language has them; an accent there may be a letter of a name.
_SIGNS = str.maketrans({"\u2212": "-", "\u2217": "*", "\u223c": "~"})
_IN_WORD = re.compile(r"(?<=[A-Za-z])\u2212(?=[A-Za-z])")
_QUOTE = re.compile(r"([\"\u201c\u201d])")
_BLANK = "\u00a0\u2007\u202f\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a"
_WIDEST = "\u2003"
_BLANKS = str.maketrans(dict.fromkeys(_BLANK, " "))
_UNSEEN = str.maketrans(dict.fromkeys("\u200b\u2060\ufeff"))
_WIDE = 3  # listings; fewer may mean what they say
_LIGATURES = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl"}
)


# What a word processor or a font with ligatures shows for signs of two characters.
_DRAWN = {
    "elixir": {"\u2192": "->", "\u2190": "<-", "\u21d2": "=>", "\u2260": "!=", "\u2264": "<=",
               "\u2265": ">=", "\u2013": "-", "\u2014": "--"},
    "erlang": {"\u2192": "->", "\u2190": "<-", "\u21d2": "=>", "\u2260": "/=", "\u2264": "=<",
               "\u2265": ">=", "\u2013": "-", "\u2014": "--"},
}  # fmt: skip
_REMARK = {"elixir": re.compile(r"(?:^|\s)#(?!\{)"), "erlang": re.compile("%")}
_OPTION = re.compile(r"(?<=\s)(?P<dash>[\u2013\u2014]{1,2})(?P<name>[A-Za-z][\w-]*)")
_SINGLE_DASH = re.compile(r"^\W*(?:erl|erlc|escript|java)\b")  # their long options have one dash
_SAID_DRAWN = "a sign that the grammar refuses, and takes as the characters that were typed"
_SAID_OPTION = "a dash before an option: a typographer set it for hyphens"


def mend_code(blocks: Sequence[Block], ledger: Ledger, *, judged: bool = False) -> None:
    """Mend the code of a book in place and write down each line that changed.

    ``judged`` leaves alone what the grammar takes as it stands, and what has no grammar: a source
    that was typed is right until shown to be wrong. Quotes are only straightened when curly ones
    outnumber straight ones of their kind clearly over the whole book, or where the grammar refuses
    a listing with them and takes it without: a curly quote in a string may be meant.
    """
    code = [block for block in blocks if block.kind in CODE_KINDS]
    quotes = str.maketrans(_typographer(code))
    maths = str.maketrans(_mathematics(code))
    blanks, unseen = (_spread(code, marks) for marks in (_BLANK, "\u200b\u2060\ufeff"))
    for block in code:
        if block.text.isascii() or (judged and not _refused(block, block.text)):
            continue
        if ledger.wants("glyphs"):
            mended = _spaced(block.text, everywhere=blanks, known=block.lang in _GRAMMARS)
            if block.lang in _GRAMMARS:
                mended = mended.translate(_LOOK_ALIKE).translate(_LIGATURES).translate(maths)
            if block.kind != "output":
                mended = _signed(mended)
            _mend(block, mended.translate(_UNSEEN) if unseen else mended, "glyphs", ledger)
            _typed(block, ledger)
        if ledger.wants("quotes"):
            _mend(block, block.text.translate(quotes), "quotes", ledger)
            plain = block.text.translate(_CURLY)
            if plain != block.text and _needs(block, plain):
                _mend(block, plain, "quotes", ledger)


def _typed(block: Block, ledger: Ledger) -> None:
    """Put the characters that were typed for arrows and dashes that no such code can hold."""
    if block.lang == "shell":
        _mend(
            block, "\n".join(map(_options, block.text.split("\n"))), "glyphs", ledger, _SAID_OPTION
        )
        return
    lang = {"iex": "elixir", "erl_shell": "erlang"}.get(block.lang, block.lang)
    signs = _DRAWN.get(lang, {})
    if not any(sign in block.text for sign in signs):
        return
    table, remark = str.maketrans(signs), _REMARK[lang]
    plain = "\n".join(_outside(line, table, remark) for line in block.text.split("\n"))
    before, after = _refused(block, block.text), _refused(block, plain)
    if before is not None and after is not None and after < before:
        _mend(block, plain, "glyphs", ledger, _SAID_DRAWN)


def _outside(line: str, table: dict[int, str], remark: re.Pattern[str]) -> str:
    """A line with other signs, but for its strings and its remark."""
    parts = _QUOTE.split(line)  # text, quote, text, quote, …
    for number in range(0, len(parts), 4):
        found = remark.search(parts[number])
        end = found.start() if found else len(parts[number])
        parts[number] = parts[number][:end].translate(table) + parts[number][end:]
        if found:
            break
    return "".join(parts)


def _options(line: str) -> str:
    """A line of a shell with hyphens before its options."""

    def hyphens(found: re.Match[str]) -> str:
        one = len(found["name"]) == 1 or _SINGLE_DASH.match(line) is not None
        return ("-" if one and len(found["dash"]) == 1 else "--") + found["name"]

    return _OPTION.sub(hyphens, line)


def _needs(block: Block, plain: str) -> bool:
    """Whether the grammar refuses a listing as it is set, and takes it with plain quotes."""
    return bool(_refused(block, block.text)) and _refused(block, plain) == 0


def _refused(block: Block, text: str) -> int | None:
    """Faults of a text of a listing; of a session those of what was typed."""
    kind, lang = block.kind, {"iex": "elixir", "erl_shell": "erlang"}.get(block.lang, block.lang)
    if kind not in ("iex", "erl_shell"):
        return faults(text, lang)
    turns = split_session(text, kind)
    return None if turns is None else sum(faults(turn.code, lang) or 0 for turn in turns)


def _spread(code: Sequence[Block], marks: str) -> bool:
    """Whether a character stands in so many listings that a converter must have put it there."""
    holders = sum(any(mark in block.text for mark in marks) for block in code)
    return holders >= _WIDE and holders > 0.05 * len(code)


def _spaced(text: str, *, everywhere: bool, known: bool) -> str:
    """Fixed spaces as plain ones: those that indent a line always, those in strings only if all."""
    text = _widened(text) if _WIDEST in text else text
    if everywhere:
        return text.translate(_BLANKS)
    lines: list[str] = []
    for line in text.split("\n"):
        rest = line.lstrip(" \t" + _BLANK)
        lead = line[: len(line) - len(rest)].translate(_BLANKS)
        parts = _QUOTE.split(rest)  # text, quote, text, quote, …
        if known:  # what stands between quotes may be meant
            parts[::4] = [part.translate(_BLANKS) for part in parts[::4]]
        lines.append(lead + "".join(parts))
    return "\n".join(lines)


def _widened(text: str) -> str:
    """Each wide space that sets a line in as two, where one of them is a level."""
    lines = text.split("\n")
    leads = [len(line) - len(line.lstrip(_WIDEST)) for line in lines]
    if 1 not in leads:
        return text
    return "\n".join(
        "  " * lead + line[lead:] for lead, line in zip(leads, lines, strict=True)
    )  # fmt: skip


def _signed(text: str) -> str:
    """Signs of mathematics as those of a keyboard, where they are no part of a string.

    Between the letters of a word a minus is a hyphen there, too.
    """
    lines: list[str] = []
    for line in text.split("\n"):
        parts = _QUOTE.split(line)  # text, quote, text, quote, …
        parts[::4] = [part.translate(_SIGNS) for part in parts[::4]]
        lines.append(_IN_WORD.sub("-", "".join(parts)))
    return "\n".join(lines)


def _mathematics(code: Sequence[Block]) -> dict[str, str]:
    """Signs that stand all over the code where hardly any of what they look like does."""
    counts = Counter[str]()
    for block in code:
        for sign, plain in _MATHS.items():
            counts[sign] += block.text.count(sign)
            counts[plain] += block.text.count(plain)
    return {
        sign: plain for sign, plain in _MATHS.items()
        if counts[sign] >= _CURLY_MIN and counts[sign] > _CURLY_SHARE * counts[plain]
    }  # fmt: skip


def _typographer(code: Sequence[Block]) -> dict[str, str]:
    """What to put for the quotes that a typesetter put all over the code."""
    counts = Counter[str]()
    opening = Counter[str]()
    for block in code:
        for mark in "\"'\u2018\u2019\u201c\u201d":
            counts[mark] += block.text.count(mark)
        opening.update(_OPENING.findall(block.text))
    found: dict[str, str] = {}
    double = counts["\u201c"] + counts["\u201d"]
    single = counts["\u2018"] + counts["\u2019"]
    every, straight = double + single, counts['"'] + counts["'"]
    if double >= _CURLY_MIN and double > _CURLY_SHARE * counts['"']:
        found |= _DOUBLE
    if single >= _CURLY_MIN and single > _CURLY_SHARE * counts["'"]:
        tex = opening["\u2019"] > opening["\u2018"] or not double
        found |= _TEX if tex else _SINGLE
    elif every >= _CURLY_MIN and every > _CURLY_SHARE * straight:
        found |= _SINGLE
    return found


def _mend(block: Block, text: str, kind: str, ledger: Ledger, why: str = "") -> None:
    """Lines never change their number, so that old and new ones pair up."""
    if text == block.text:
        return
    at = 0
    for before, after in zip(block.text.split("\n"), text.split("\n"), strict=True):
        if before != after:
            place = next((p for p in block.places if p.start <= at <= p.end), block.places[0])
            ledger.took(ledger.page_of(place), kind, before, after, block, why)
        at += len(before) + 1
    put_text(block, text)


def put_text(block: Block, text: str) -> None:
    """Put the new text in and carry the places along, line by line (lines never change number)."""
    if text == block.text:
        return
    old, new = _starts(block.text), _starts(text)
    for place in block.places:
        place.start = _moved(place.start, old, new, len(text))
        place.end = _moved(place.end, old, new, len(text))
    block.text = text


def _starts(text: str) -> list[int]:
    starts, at = [0], text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return [*starts, len(text) + 1]


def _moved(offset: int, old: list[int], new: list[int], end: int) -> int:
    """Places begin at a line's start and end at a line's end, so lines are enough to map them."""
    for number in range(len(old) - 1):
        if offset == old[number]:
            return new[number]
        if offset < old[number + 1]:
            return min(new[number + 1] - 1, end)
    return end
