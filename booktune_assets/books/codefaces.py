"""Books whose listings are set in a font of words: which of their rows are code.

Belongs here: telling such rows by the grammars, by signs of shells and sessions, and by how they
are set. Does not: books whose code has a fixed pitch (``fonts.py``), columns (``regrid.py``).

The pitch says nothing here. Rows that stand together are judged as one: what they say, whether a
grammar takes it, whether they fill their measure as paragraphs do, whether they are set off by a
box, a font, a size or an indent. What is clear teaches which faces of the book set code, and that
tells the rest: output, remarks, texts in strings.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn
from booktune_assets.books.judge import faults
from booktune_assets.books.packed import Pages
from booktune_assets.books.stands import Stand, cut, is_near, is_number, stands_of

__all__ = ["coded", "find_code"]

_FEW = 0.02  # of the letters of a book are in fixed pitch at most
_SIGNED = 6  # rows that show a book of code
_SAME = 2.0  # pt between edges that are one
_EDGE = 0.15  # of the rows of text begin at an edge
_MOST, _HALF, _LITTLE = 0.75, 0.5, 0.25
_OWN, _SURE = 4, 12  # times as many rows of code as of words make a face of code; the only face
_LEAST = 5  # such rows
_ROWS = 3  # of a listing, and listings, that show a face of code beside one of fixed pitch
_OFF_SIZE = 0.3  # pt
_NARROW = 5  # type sizes: a column of numbers, no paragraph
_FILLED = 0.7  # of the rows of a paragraph had no room for the next word
_LONG = 300  # characters of a row that are looked at; no page has room for more
_ENDS = 400  # rows of words of a page that show where such rows end
_CHARS = 20_000  # of rows that a grammar is asked about
_COUNT = re.compile(r"\s*\d{1,4}[.:|]?\s+(?=\S)")
_SESSION = re.compile(
    r"(?:iex(?:\([^)]*\))?|\.\.\.(?:\(\d+\))?|(?:\([\w.@-]+\))?\d{1,3})> *\S|\$ \w"
)
_SIGNS = re.compile(
    r"(?:defmodule|defimpl|defprotocol|defstruct|defdelegate|defguard|defexception)\b"
    r"|(?:defp?|defmacrop?) [a-z_]\w*[!?]?(?:[ (,]|$)|-(?:module|export|record|include|spec|type|"
    r"behaviou?r|define|compile|import|callback|opaque)\b\s*\(?|@[a-z]\w* (?:[\[\"':{%~]|\w+\()"
    r"|(?:alias|import|require|use) [A-Z]\w*(?:\.[A-Z{]|,|$)|end[,.;)\]}]*$|[)\]}]+[,;.)]*$"
    r"|(?:else|after|rescue|catch)$|\|> ?\w|[\w.]+ ?= ?[\[{%\"&:<~]|[a-z_]\w* = \w[\w.]*[(.!?]"
    r"|.*(?:\bdo|->|[^=<>!]=|[(\[{])$"
    r"|.*(?:\bdo: \S|\|> |[^\w\s]->|=> |<<\"|#\{|%\{|\{:\w|\bfn\b.*->)"
    r"|[a-z]\w*\([^)]*\)(?: when .*)? ->|[\w.:]+[!?]?\(.*\)[,.;]?(?: #.*)?$|\"[^\"]*\": "
    r"|<\/?\w+[ >/]"
    r"|Erlang/OTP |Interactive Elixir |==> \w"
    r"|[A-Z]\w* = .*[,.;]$|case .* of$|receive$|:\w+$|.*\bfun ?\([\w, ]*\) ->"
    r"|(?:test|describe) \"|[\w!?]+: .*,$|\{[^}]*\}[,.]?$|\[[^\]]*\]$|\* \w+ing \w+[/.]|\*\* \("
)
_COMMAND = re.compile(
    r"(?:mix|git|npm|cd|mkdir|iex|elixirc?|erlc?|rebar3|docker|curl|sudo|asdf|brew)"
    r"(?: [\w.:/@+~-]+)*$"
)
_REMARK = re.compile(r"[#%]+ ?\S|//|\"\"\"$")
_TOKEN = re.compile(
    r"[(\u201c\u2018\"']?[^\W\d_][\w\u2019'-]*[)\u201d\u2019\"']?[.,;:!?]*|[\u2013\u2014-]"
)
_STOP = re.compile(r"[.!?:][\"')\u201d\u2019]?$")


def find_code(pages: Pages, fonts: Fonts) -> list[Stand]:
    """The rows of code of a book that sets it in a font of words; none in other books."""
    mixed = fonts.fixed > _FEW or _lists_fixed(pages, fonts)
    if not _is_signed(pages, fonts if mixed else None) or (mixed and not _may_list(pages, fonts)):
        return []
    stands = [one for page in pages.whole() for one in stands_of(page, fonts if mixed else None)]
    body = _body(stands)
    stands = _within_text(stands, body)
    edges = _text_edges(stands, body)
    _part_text(stands, body, edges)
    wide = _measure(stands)
    for one in stands:
        bare = one.frame is None and one.face == body
        one.off = not bare or not any(abs(one.left - x) < _SAME for x in edges[one.page % 2])
        one.code = _judged(one, wide)
    faces = _faces_of_code(stands, body) if mixed else None
    _by_face(stands, body)
    sure = _by_edge(stands, body)
    _by_neighbours(stands)
    _below_edges(stands, sure)
    return [one for one in stands if one.code and (faces is None or one.face in faces)]


def _may_list(pages: Pages, fonts: Fonts) -> bool:
    """Whether another face than that of the text may set listings: rows together, with a sign.

    Most books end here, and a long one holds no rows of all of its pages for it.
    """
    words: Counter[tuple[str, float]] = Counter()
    listed: Counter[tuple[str, float]] = Counter()
    for page in pages.whole():
        for one in stands_of(page, fonts):
            words[one.face] += sum(map(_worded, one.texts))
            signed = len(one.rows) >= _ROWS and listed[one.face] < _ROWS
            listed[one.face] += signed and any(coded(t) or _SESSION.match(t) for t in one.texts)
    body = words.most_common(1)[0][0] if words.total() else None
    return any(n >= _ROWS for face, n in listed.items() if face != body)


def _lists_fixed(pages: Iterable[PageDrawn], fonts: Fonts) -> bool:
    """Whether the little code of a book is in a fixed pitch: at least half of its rows are."""
    if not fonts.advance:
        return False
    fixed = Counter(
        all(fonts.mono(run) for run in line.runs if run.text.strip())
        for page in pages for line in page.lines if coded(line.text) and not _worded(line.text)
    )  # fmt: skip
    return fixed[True] >= max(_ROWS, fixed[False])


def _faces_of_code(stands: Sequence[Stand], body: tuple[str, float]) -> set[tuple[str, float]]:
    """The faces that set listings in a book that sets others in a fixed pitch.

    Titles and cells hold calls, too: listings have several rows, and their face hardly any words.
    """
    code: Counter[tuple[str, float]] = Counter()
    words: Counter[tuple[str, float]] = Counter()
    for one in stands:
        if one.code and len(one.rows) >= _ROWS:
            code[one.face] += 1
        words[one.face] += sum(map(_worded, one.texts)) if one.code is False else 0
    return {face for face, n in code.items() if face != body and n >= max(_ROWS, words[face])}


def coded(text: str) -> bool:
    """Whether a row has signs of code, of a session or of a shell."""
    text = _COUNT.sub("", text[:_LONG].strip())
    return bool(_SESSION.match(text) or _SIGNS.match(text) or _COMMAND.fullmatch(text))


def _worded(text: str) -> bool:
    """Whether a row is words of a sentence."""
    tokens = text.split()
    if len(tokens) < 4 or _REMARK.match(text) or _SESSION.match(text):
        return False
    return sum(bool(_TOKEN.fullmatch(one)) for one in tokens) >= _MOST * len(tokens)


def _is_signed(pages: Iterable[PageDrawn], fonts: Fonts | None) -> bool:
    """Whether a book shows code at all; with ``fonts``, in other type than code and text have."""
    found = 0
    for page in pages:
        found += sum(
            coded(line.text) and not _worded(line.text) for line in page.lines
            if fonts is None or _is_other(line, fonts)
        )  # fmt: skip
        if found >= _SIGNED:
            return True
    return False


def _is_other(line: Line, fonts: Fonts) -> bool:
    """Whether a line is neither in a fixed pitch nor in the type of the text."""
    run = max(line.runs, key=lambda run: len(run.text))
    text = run.font == fonts.body and abs(run.size - fonts.body_size) < _OFF_SIZE
    return not text and not fonts.mono(run)


def _text_edges(stands: Sequence[Stand], body: tuple[str, float]) -> dict[int, list[int]]:
    """Where many rows of words begin, on odd and even pages."""
    lefts: dict[int, Counter[int]] = {0: Counter(), 1: Counter()}
    for one in stands:
        if one.face == body and one.frame is None:
            lefts[one.page % 2].update(
                round(x) for x, text in zip(one.lefts, one.texts, strict=True) if _worded(text)
            )
    return {
        side: [x for x, n in found.items() if n >= _EDGE * found.total()]
        for side, found in lefts.items()
    }


def _part_text(stands: list[Stand], body: tuple[str, float], edges: dict[int, list[int]]) -> None:
    """Part what is set in from the text above it, in the type of the text, without more room."""
    for at in range(len(stands) - 1, -1, -1):
        one = stands[at]
        if one.face != body or one.frame is not None or len(one.rows) < 2:
            continue
        level = [any(abs(x - e) < _SAME for e in edges[one.page % 2]) for x in one.lefts]
        words = list(map(_worded, one.texts))
        cuts = [
            n for n in range(1, len(level))
            if level[n] != level[n - 1] and (words[n - 1] if level[n - 1] else words[n])
        ]  # fmt: skip
        stands[at : at + 1] = cut(one, cuts)


def _body(stands: Sequence[Stand]) -> tuple[str, float]:
    """The face that sets most of the rows that are words."""
    found = Counter(one.face for one in stands for text in one.texts if _worded(text))
    return found.most_common(1)[0][0] if found else ("", 0.0)


def _within_text(stands: list[Stand], body: tuple[str, float]) -> list[Stand]:
    """Without rows that stand alone above or below all others: running heads in a face of code."""
    bases = [
        base for one in stands for base, text in zip(one.bases, one.texts, strict=True)
        if len(one.rows) > 1 or (one.face == body and _worded(text))
    ]  # fmt: skip
    if not bases:
        return stands
    top, foot = min(bases) - body[1], max(bases) + body[1]
    return [one for one in stands if len(one.rows) > 1 or top < one.bases[0] < foot]


def _measure(stands: Sequence[Stand]) -> dict[int, list[float]]:
    """Where rows of words end, by page."""
    found: dict[int, list[float]] = defaultdict(list)
    for one in stands:
        found[one.page] += [
            x for x, text in zip(one.rights, one.texts, strict=True) if _worded(text)
        ]
    return {page: ends[:_ENDS] for page, ends in found.items()}


def _fills(one: Stand, ends: Sequence[float]) -> bool:
    """Whether most rows leave no room for the first word of the next, as paragraphs do."""
    if len(one.rows) < 3 or max(one.rights) - one.left < _NARROW * one.face[1]:
        return False
    edge = max([*one.rights, *(x for x in ends if x - max(one.rights) < 3 * one.face[1])])
    full = 0
    for n, text in enumerate(one.texts[1:]):
        above = one.texts[n]
        cell = (one.rights[n] - one.lefts[n]) / max(1, len(above))
        full += one.rights[n] + cell * (1 + len(text.split(maxsplit=1)[0])) > edge - 1
    return full >= _FILLED * (len(one.rows) - 1)


def _judged(one: Stand, wide: dict[int, list[float]]) -> bool | None:
    """Whether rows are code, by themselves; None where they do not tell."""
    rows = len(one.rows)
    signs, words = sum(map(coded, one.texts)), sum(map(_worded, one.texts))
    ended = sum(bool(_STOP.search(t)) for t in one.texts if _worded(t))
    typed = any(map(_SESSION.match, one.texts))  # what a session printed may be words
    if one.off and _SESSION.match(one.texts[0]) and not one.split:
        return True
    if words > _HALF * rows and (signs <= _LITTLE * rows or ended):
        return False
    filled = not typed and signs <= _HALF * rows and _fills(one, wide.get(one.page, []))
    if one.split > _HALF * rows or filled:
        return False
    if not typed and (signs < _HALF * rows or words > _LITTLE * rows):
        return None
    sound = _is_sound(one, signs // 2 if one.off else 0)
    if not one.off:  # nothing sets these rows off but what they say
        return True if sound and not words and (rows > 1 or typed) else None
    return True if sound or (signs >= _LEAST and not words) else None


def _is_sound(one: Stand, most: int) -> bool:
    """Whether a grammar takes the rows but for what they print, or a session or a shell does.

    Pieces of a listing, as page breaks and blank lines leave them, have ``most`` faults.
    """
    texts = [text for text in one.texts if not _worded(text)]
    texts = [_COUNT.sub("", text) if is_number(text.split()[0]) else text for text in texts]
    if any(_SESSION.match(text) or _COMMAND.fullmatch(text[:_LONG]) for text in texts):
        return True
    text = "\n".join(texts)
    if len(text) > _CHARS:
        return False
    return any((faults(text, lang) or 0) <= most for lang in ("elixir", "erlang"))


def _by_face(stands: Sequence[Stand], body: tuple[str, float]) -> None:
    """Let what is clear tell the faces and grounds of code, and these the rest."""
    code: Counter[tuple[object, ...]] = Counter()
    words: Counter[tuple[object, ...]] = Counter()
    for one in stands:
        for key in _keys(one):
            if one.code is not None:
                (code if one.code else words)[key] += len(one.rows)
    for one in stands:
        for key in _keys(one):
            if key[0] == body and len(key) == 1:
                continue
            many = code[key] >= _LEAST and code[key] >= _OWN * words[key]
            if many and (one.code is None or code[key] >= _SURE * words[key]):
                one.code = True
    _keep_titles(stands, body)


def _keep_titles(stands: Sequence[Stand], body: tuple[str, float]) -> None:
    """Rows that stand alone, in a face that otherwise only sets such rows, are titles.

    "else" and "iex helper functions" name sections, too.
    """
    rows: dict[tuple[str, float], Counter[bool]] = defaultdict(Counter)
    listed = {one.face for one in stands if one.code and (len(one.rows) > 1 or one.frame)}
    for one in stands:
        rows[one.face][bool(one.code)] += 1
    for one in stands:
        seen = rows[one.face]
        if one.code and one.face not in (body, *listed) and seen[False] >= _OWN * seen[True]:
            one.code = False


def _by_edge(stands: Sequence[Stand], body: tuple[str, float]) -> set[tuple[int, int]]:
    """Let rows in the type of the text be code where next to all that begin there are; gives where.

    Output, remarks and texts in strings are words; that they are set in as code alone is tells.
    """
    code: Counter[tuple[int, int]] = Counter()
    words: Counter[tuple[int, int]] = Counter()
    bare = [one for one in stands if one.face == body and one.frame is None and one.off]
    printed = {
        id(two if one.code else one) for one, two in pairwise(bare)
        if bool(one.code) != bool(two.code) and is_near(one, two) and abs(one.left - two.left) < 1
    }  # fmt: skip
    for one in bare:
        if one.code is not None and id(one) not in printed:
            (code if one.code else words)[_edge_of(one)] += len(one.rows)
    sure = {
        key for key, n in code.items()
        if n >= _SIGNED * 2 and n >= _SURE * sum(words[key[0], key[1] + x] for x in (-1, 0, 1))
    }  # fmt: skip
    for one in bare:
        if _edge_of(one) in sure:
            one.code = True
    return sure


def _edge_of(one: Stand) -> tuple[int, int]:
    return one.page % 2, round(one.left)


def _below_edges(stands: Sequence[Stand], sure: set[tuple[int, int]]) -> None:
    """Rows right below code that begins where only code does are code where they begin deeper."""
    edges = {side: min((x for page, x in sure if page == side), default=0) for side, _ in sure}
    for before, one in pairwise(stands):
        edge = edges.get(one.page % 2)
        if edge is None or one.code or not before.code or not is_near(before, one):
            continue
        if one.frame is None and one.left > edge + _SAME:
            one.code = True


def _keys(one: Stand) -> list[tuple[object, ...]]:
    """What a book may keep for its code: a face, or a face on a ground."""
    if one.frame is None:
        return [(one.face,)]
    return [(one.face,), (one.face, one.frame.filled, one.frame.color)]


def _by_neighbours(stands: Sequence[Stand]) -> None:
    """Rows that tell nothing, right behind rows of code and set as these are, are code.

    So are words with code right above and below, where more than what they say sets code off.
    """
    for before, one in pairwise(stands):
        if one.code is None and before.code and _goes_on(before, one, before):
            one.code = True
    for one, after in zip(reversed(stands[:-1]), reversed(stands), strict=False):
        if one.code is None and after.code and _goes_on(one, after, after):
            one.code = True
    for before, one, after in zip(stands, stands[1:], stands[2:], strict=False):
        between = is_near(before, one) and is_near(one, after) and before.code and after.code
        level = one.left > min(before.left, after.left) - _SAME
        if not one.code and between and level and one.off:
            one.code = True


def _goes_on(before: Stand, one: Stand, code: Stand) -> bool:
    """Whether rows stand right below others and are set as those of the two that are code."""
    other = one if code is before else before
    ends = any(map(_STOP.search, other.texts)) and not any(map(coded, other.texts))
    worded = one.frame is None and (ends or any(map(_worded, other.texts)))
    return is_near(before, one) and other.left > code.left - _SAME and not worded
