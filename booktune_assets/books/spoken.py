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
    rf"\b(?P<word>chapters?|lessons?|sections?|appendix(?:es)?|appendices|parts?|listings?|examples?"
    rf"|figures?|tables?|exercises?|(?-i:Chap|Ch|Sect|Sec)\b\.?|(?-i:App)\.|figs?\b\.?)\s+"
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
_SIGN = re.compile(
    rf"(?<!\u00a7)\u00a7{{1,3}}\s?(?P<number>{_NUMBER})(?P<more>(?:\s*{_BY}\s*\u00a7?{_NUMBER})*)"
)
_BARE = re.compile(r"\bsee\s+(?:also\s+)?(?P<number>\d+(?:\.\d+)+)(?![\w%])", re.I)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_ORDINAL = re.compile(rf"\bthe\s+(?P<ordinal>{'|'.join(_ORDINALS)})\s+chapter\b", re.I)
_MATTER = re.compile(r"\bthe\s+(?P<title>preface|foreword|afterword|glossary|bibliography)\b", re.I)
_PAGE = re.compile(
    r"(?:\b(?:on|see|from|(?:turn(?:ing|ed)?|refer|back|ahead|skip|jump)\s+to)\s+|\(|(?<=[,\u201d\"]\s))"
    r"(?:pages?|pp?\.)\s+(?P<number>\d+|[ivxl]+)\b", re.I,
)  # fmt: skip
_RELATIVE = re.compile(
    rf"(?<!\bthis\s)\b(?:the\s+)?(?P<where>next|following|previous|preceding|last)"
    rf"\s+(?:(?P<count>{SPELLED})\s+(?P<what>chapter|section|lesson|guide)s"
    rf"|(?P<one>chapter|section|lesson|guide))\b",
    re.I,
)
_NEXT_PART = re.compile(
    r"\bthe\s+(?P<where>next|following|previous|preceding)\s+part\b"
    r"(?!\s+of\s+(?!(?:the|this)\s+book\b))(?!-)", re.I,
)  # fmt: skip
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
_NAMED = re.compile(r"\b(?P<what>section|chapter)s?\b", re.I)
_SEE = re.compile(r"\bsee\s+(?:also\s+)?(?:the\s+section\s+)?(?=[A-Z])", re.I)
_ELSEWHERE = re.compile(
    r"\s+(?:of|in|from)\s+(?:the\s+)?(?:book\s+)?(?:[\"\u201c*]|(?!Part|Chapter|Appendix|This)[A-Z])"
)
_LEAD = re.compile(r"(?:\s*[:,(]\s*|\s+(?=[\"\u201c*]))[\"\u201c*]?(?=\w)")
_WORK = re.compile(
    r"(?:(?P<name>(?:[A-Z][\w.]*\s+(?:(?:of|and|the|in|for|with|to)\s+)*)+[A-Z][\w.]*)"
    r"|\b(?:docs|documentation|manual|book|article|RFC\s+\d+)),\s+$"
)
LABEL = re.compile(
    rf"^(?P<word>listing|example|figure|fig\.|table|exercise)\s+(?P<number>{_NUMBER})"
    r"(?P<mark>\s*[.:)\u2014\u2013])?", re.I,
)  # fmt: skip
KINDS = {
    "appendices": "appendix", "appendixes": "appendix", "ch": "chapter", "chap": "chapter",
    "sec": "section", "sect": "section", "fig.": "figure", "figs.": "figure", "example": "listing",
    "ch.": "chapter", "chap.": "chapter", "sec.": "section", "sect.": "section",
    "app.": "appendix", "lesson": "chapter", "fig": "figure", "figs": "figure",
}  # fmt: skip
_SPAN_MAX = 20  # chapters that "chapters 3 to 9" may name
_NEAR_BY = 120  # characters before a number that may name another work
_TITLE_WORDS = 2  # of a title that is known by its words alone


_PATTERNS = (
    _NUMBERED, _WORDED, _SIGN, _BARE, _PAGE, _RELATIVE, _NEXT_PART, _ORDINAL, _NEAR,
    _TITLED, _MATTER,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """``text[start:end]`` names a part of the book; ``elsewhere``: of another book.

    ``title`` stands behind the number: "Chapter 3: Maps".
    """

    start: int
    end: int
    kind: str
    number: str
    elsewhere: bool = False
    title: str = ""


def named_in(text: str, begin: int, titles: Collection[str]) -> Iterator[Named]:
    """What a text names from ``begin`` on; ``titles`` are those of the book, folded."""
    taken = bytearray(len(text))

    def is_free(start: int, end: int) -> bool:
        return not any(taken[start:end])

    for pattern in _PATTERNS:
        for match in pattern.finditer(text, begin):
            named = list(_said(match)) if is_free(*match.span()) else []
            if named:
                taken[match.start() : match.end()] = bytes([1]) * len(match.group())
            elsewhere = _is_elsewhere(text, match, titles)
            chapter = _OF_CHAPTER.match(text, match.end())
            title = _said_behind(text, match.end(), titles) if len(named) == 1 else ""
            for number, kind in named:
                if kind == "exercise" and chapter and "." not in number:
                    number = f"{bare_number(chapter['number'])}.{number}"
                yield Named(*match.span(), kind, number, elsewhere, title)
    for start, end in _titles(text, begin, titles):
        if is_free(start, end):
            taken[start:end] = bytes([1]) * (end - start)
            yield Named(start, end, "title", text[start:end].strip('"\u201c\u201d,. '))


def _is_elsewhere(text: str, match: re.Match[str], titles: Collection[str]) -> bool:
    """Whether the words around say another work: "Chapter 3 of Programming Erlang"."""
    if _ELSEWHERE.match(text, match.end()):
        return True
    work = (
        _WORK.search(text, max(0, match.start() - _NEAR_BY), match.start())
        if match.re in (_NUMBERED, _WORDED)
        else None
    )
    return work is not None and (not work["name"] or not _own(work["name"], titles))


def _own(name: str, titles: Collection[str]) -> bool:
    """Whether a name is a title of this book, as far as it goes: "In Maps" is."""
    words = name.split()
    return any(folded(" ".join(words[at:])) in titles for at in range(len(words)))


def _said_behind(text: str, end: int, titles: Collection[str]) -> str:
    """The title that stands behind a number; one word only behind a colon or in quotes."""
    lead = _LEAD.match(text, end)
    if lead is None:
        return ""
    sure = any(sign in lead.group() for sign in ':"\u201c(')
    start = lead.end()
    words = [one.end() for one in re.finditer(r"\S+\b\S?", text[start : start + 100])]
    for last in reversed(words[0 if sure else _TITLE_WORDS - 1 :]):
        if folded(text[start : start + last]) in titles:
            return text[start : start + last]
    return ""


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
        yield from _numbered("sections", groups["number"], groups["more"].replace("\u00a7", ""))
    elif match.re is _BARE:
        yield groups["number"], "section"
    elif match.re is _ORDINAL:
        yield f"{_ORDINALS.index(groups['ordinal'].lower()) + 1}. chapter", "relative"
    elif match.re is _PAGE:
        yield groups["number"].lower(), "page"
    elif match.re is _RELATIVE:
        what = "section" if (groups["what"] or groups["one"]).lower() == "section" else "chapter"
        many = int(bare_number(groups["count"] or "one") or 1)
        for step in range(1, min(many, _SPAN_MAX) + 1):
            yield f"{groups['where'].lower()}{f' {step}' if step > 1 else ''} {what}", "relative"
    elif match.re is _NEXT_PART:
        yield f"{groups['where'].lower()} part", "relative"
    elif match.re is _NEAR:
        where = "next" if (groups["side"] or groups["where"]).lower() in _AFTER else "previous"
        yield f"{where} {'table' if groups['table1'] or groups['table2'] else 'figure'}", "relative"
    else:
        yield groups["title"] or groups.get("quoted") or "", "title"


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
    named = named or (kind == "appendix" and number != "I")  # "in the appendix I show"
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
    """Titles of the book in quotes, behind "see" and "section", or before "section".

    One word may mean anything; it counts before "section" and "chapter" alone.
    """
    for match in _QUOTED.finditer(text, begin):
        words = match["title"].strip(" ,.")
        several = len(words.split()) >= _TITLE_WORDS and words[0].isupper()
        if several and folded(words) in titles:
            yield match.span()
    for match in _SEE.finditer(text, begin):
        yield from _after(text, match.end(), titles)
    for match in _NAMED.finditer(text, begin):
        yield from _before(text, begin, match.start(), titles)
        if text[match.end() :][:2].strip()[:1].isupper():
            yield from _after(text, match.end() + 1, titles)


def _after(text: str, start: int, titles: Collection[str]) -> Iterator[tuple[int, int]]:
    """The longest title that begins here."""
    ends = [one.end() for one in re.finditer(r"\S+\b", text[start : start + 100])]
    for end in reversed(ends[_TITLE_WORDS - 1 :]):
        if folded(text[start : start + end]) in titles:
            yield start, start + end
            return


def _before(text: str, begin: int, end: int, titles: Collection[str]) -> Iterator[tuple[int, int]]:
    """The longest title that ends here, behind "the"."""
    first = max(begin, end - 100)
    words = list(re.finditer(r"\S+", text[first:end]))
    for place in range(max(1, len(words) - 10), len(words)):
        start = first + words[place].start()
        said = text[start:end].strip(' *_"\u201c\u201d')
        if words[place - 1].group().lower() == "the" and said[:1].isupper():
            if folded(said) in titles:
                yield start, first + words[-1].end()
            return
