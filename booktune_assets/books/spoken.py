"""Words that name a part of the book: "Chapters 3, 5, and 7", "“Maps” on page 45", "Fig. 2-1".

Belongs here: the patterns, and what kind and number each match says. Does not: which section is
meant (``crossrefs.py``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from booktune_assets.books.headings import folded
from booktune_assets.books.labels import SPELLED, bare_number

__all__ = ["KINDS", "LABEL", "Named", "named_in", "plain"]

_NUMBER = r"(?:\d+(?:[.\-\u2011]\d+)*|(?-i:[A-Z])(?:[.\-]\d+)*(?![\w'\u2019])|(?-i:[IVXL]+)(?!\w))"
_BY = r"(?:,\s*(?:and|or)\b|,|\band\b|\bor\b|&|\bto\b|\bthrough\b|\u2013|-)"
_NUMBERED = re.compile(
    rf"\b(?P<word>chapters?|lessons?|sections?|appendix|appendices|parts?|listings?|examples?"
    rf"|figures?|tables?|exercises?|(?-i:Ch|Chap|Sec|Sect|App)\.|figs?\b\.?)\s+"
    rf"(?P<number>{_NUMBER})(?P<more>(?:\s*{_BY}\s*{_NUMBER})*)", re.I,
)  # fmt: skip
_MORE = re.compile(rf"(?P<by>{_BY})\s*(?P<number>{_NUMBER})", re.I)
_WORDED = re.compile(
    rf"\b(?P<word>chapters?|parts?)\s+(?P<number>{SPELLED})"
    rf"(?P<more>(?:\s*{_BY}\s*(?:{SPELLED}))*)(?![\w-])", re.I,
)  # fmt: skip
_OF_CHAPTER = re.compile(
    rf"\s+(?:of|in|from)\s+(?:chapter|ch\.)\s+(?P<number>\d+|{SPELLED})\b", re.I
)
_SIGN = re.compile(rf"\u00a7+\s?(?P<number>{_NUMBER})")
_PAGE = re.compile(
    r"(?:\b(?:on|see|from|(?:turn(?:ing|ed)?|refer|back|ahead|skip|jump)\s+to)\s+|\(|(?<=[,\u201d\"]\s))"
    r"(?:pages?|pp?\.)\s+(?P<number>\d+|[ivxl]+)\b", re.I,
)  # fmt: skip
_RELATIVE = re.compile(
    rf"\b(?:the\s+)?(?P<where>next|following|previous|preceding|last)"
    rf"(?:\s+(?P<count>{SPELLED})(?=\s+\w+s\b))?\s+(?P<what>chapter|section|lesson|guide)s?\b",
    re.I,
)
_SHOWN = (
    r"(?:figure|diagram|picture|image|illustration|drawing|screenshot|(?P<table{0}>table))"
    r"(?![-\w])"
)
_NEAR = re.compile(
    rf"\b(?:the|this)\s+{_SHOWN.format(1)}\s+(?:right\s+|just\s+)?(?P<side>below|above)\b"
    rf"|\b(?:the\s+)(?P<where>following|next|above|previous|preceding|below)"
    rf"\s+{_SHOWN.format(2)}(?!\s+of\s+contents)",
    re.I,
)
_AFTER = ("below", "following", "next")
_TITLED = re.compile(
    r"\b(?:chapter|section|guide|appendix)s?\s+(?:on|about|called|titled|entitled|named)?\s*"
    r"[\"\u201c\u2018*](?P<title>[^\"\u201d\u2019*\n]{3,80})[\"\u201d\u2019*]"
    r"|\b[Ss]ee\s+[\"\u201c](?P<quoted>[^\"\u201d\n]{3,80})[\"\u201d]"
)
_QUOTED = re.compile(r"[\"\u201c](?P<title>[^\"\u201c\u201d\n]{3,80})[\"\u201d]")
_SEE = re.compile(r"\bsee\s+(?:also\s+)?(?:the\s+section\s+)?(?=[A-Z])", re.I)
_ELSEWHERE = re.compile(
    r"\s+(?:of|in|from)\s+(?:the\s+)?(?:book\s+)?(?:[\"\u201c*]|(?!Part|Chapter|Appendix|This)[A-Z])"
)
LABEL = re.compile(
    rf"^(?P<word>listing|example|figure|fig\.|table|exercise)\s+(?P<number>{_NUMBER})"
    r"(?P<mark>\s*[.:)\u2014\u2013])?", re.I,
)  # fmt: skip
KINDS = {
    "appendices": "appendix", "fig.": "figure", "figs.": "figure", "example": "listing",
    "ch.": "chapter", "chap.": "chapter", "sec.": "section", "sect.": "section",
    "app.": "appendix", "lesson": "chapter", "fig": "figure", "figs": "figure",
}  # fmt: skip
_SPAN_MAX = 20  # chapters that "chapters 3 to 9" may name
_TITLE_WORDS = 2  # of a title that is known by its words alone


@dataclass(frozen=True, slots=True)
class Named:
    """``text[start:end]`` names a part of the book; ``elsewhere``: of another book."""

    start: int
    end: int
    kind: str
    number: str
    elsewhere: bool = False


def named_in(text: str, begin: int, titles: Collection[str]) -> Iterator[Named]:
    """What a text names from ``begin`` on; ``titles`` are those of the book, folded."""
    taken: list[tuple[int, int]] = []

    def is_free(start: int, end: int) -> bool:
        return not any(one < end and start < two for one, two in taken)

    for pattern in (_NUMBERED, _WORDED, _SIGN, _PAGE, _RELATIVE, _NEAR, _TITLED):
        for match in pattern.finditer(text, begin):
            named = list(_said(match)) if is_free(*match.span()) else []
            if named:
                taken.append(match.span())
            elsewhere = bool(_ELSEWHERE.match(text, match.end()))
            chapter = _OF_CHAPTER.match(text, match.end())
            for number, kind in named:
                if kind == "exercise" and chapter and "." not in number:
                    number = f"{bare_number(chapter['number'])}.{number}"
                yield Named(*match.span(), kind, number, elsewhere)
    for start, end in _titles(text, begin, titles):
        if is_free(start, end):
            taken.append((start, end))
            yield Named(start, end, "title", text[start:end].strip('"\u201c\u201d,. '))


def plain(number: str) -> str:
    """A number with dots, whatever parts it in print."""
    return number.replace("\u2011", "-").replace("-", ".").upper()


def _said(match: re.Match[str]) -> Iterator[tuple[str, str]]:
    """Numbers or titles of a match, with the kind of what they name."""
    groups = match.groupdict()
    if match.re is _NUMBERED:
        yield from _numbered(groups["word"], groups["number"], groups["more"] or "")
    elif match.re is _WORDED:
        yield from _worded(groups["word"], groups["number"], groups["more"] or "")
    elif match.re is _SIGN:
        yield plain(groups["number"]), "section"
    elif match.re is _PAGE:
        yield groups["number"].lower(), "page"
    elif match.re is _RELATIVE:
        what = "section" if groups["what"].lower() == "section" else "chapter"
        many = int(bare_number(groups["count"] or "one") or 1)
        for step in range(1, min(many, _SPAN_MAX) + 1):
            yield f"{groups['where'].lower()}{f' {step}' if step > 1 else ''} {what}", "relative"
    elif match.re is _NEAR:
        where = "next" if (groups["side"] or groups["where"]).lower() in _AFTER else "previous"
        yield f"{where} {'table' if groups['table1'] or groups['table2'] else 'figure'}", "relative"
    else:
        yield groups["title"] or groups["quoted"], "title"


def _worded(word: str, number: str, more: str) -> Iterator[tuple[str, str]]:
    """ "Chapters one and three", "Part Two"; "the chapters one reads" and "part one" are none."""
    kind = word.lower().rstrip("s")
    if kind == "part" and not (word[0].isupper() and number[0].isupper()):
        return
    if kind == "part" or word.lower() == "chapter" or more:
        for found in re.findall(SPELLED, number + more, re.I):
            yield bare_number(found) or found, kind


def _numbered(word: str, number: str, more: str) -> Iterator[tuple[str, str]]:
    """Every number of "chapters 3, 5 and 7 to 9"; "section I" and "part 1 of it" are none."""
    kind = word.lower()
    plural = kind.endswith("s") or kind == "appendices"
    kind = KINDS.get(kind, kind if kind == "appendix" else kind.rstrip("s"))
    kind = KINDS.get(kind, kind)
    named = word[0].isupper() and kind in ("chapter", "appendix", "part")
    if (number.isalpha() or kind == "part") and not named:
        return
    if plural and kind == "chapter" and (span := re.fullmatch(r"(\d+)-(\d+)", number)):
        number, more = span[1], f"-{span[2]}{more}"
    last = plain(number)
    yield last, kind
    for found in _MORE.finditer(more):
        after = plain(found["number"])
        if found["by"].lower() in ("to", "through", "\u2013", "-"):
            yield from ((between, kind) for between in _between(last, after))
        yield after, kind
        last = after


def _between(first: str, last: str) -> Iterator[str]:
    """The numbers from 3.1 to 3.4, without those two."""
    above, dot, one = first.rpartition(".")
    other, _, two = last.rpartition(".")
    if above == other and one.isdigit() and two.isdigit():
        for number in range(int(one) + 1, min(int(two), int(one) + _SPAN_MAX)):
            yield f"{above}{dot}{number}"


def _titles(text: str, begin: int, titles: Collection[str]) -> Iterator[tuple[int, int]]:
    """Titles of the book in quotes, or behind "see"; one word may mean anything."""
    for match in _QUOTED.finditer(text, begin):
        words = match["title"].strip(" ,.")
        if len(words.split()) >= _TITLE_WORDS and folded(words) in titles:
            yield match.span()
    for match in _SEE.finditer(text, begin):
        ends = [one.end() for one in re.finditer(r"\w+", text[match.end() : match.end() + 100])]
        for end in reversed(ends[_TITLE_WORDS - 1 :]):
            if folded(text[match.end() : match.end() + end]) in titles:
                yield match.end(), match.end() + end
                break
