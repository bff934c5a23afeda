"""What a licence allows: which books may be trained on, shared, and copied from at length.

Belongs here: licences told from what a sidecar, a file or a colophon says, and the gate. Does not:
where the words come from (``books/``), holding a book (``chain/licences.py``). This is a table of
widely read terms and no legal advice; a licence that is not in it counts as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from booktune_assets.settings_sets import Licences

__all__ = ["PERMITTED", "Licence", "held", "licence_of", "printed_licence"]


@dataclass(frozen=True, slots=True)
class Licence:
    """``name`` as SPDX writes it, else as it is stated; ``kind`` as :class:`Licences` has it.

    ``permissive``, ``sharealike``, ``noncommercial``, ``noderivatives``, ``reserved``, ``unknown``,
    ``forbidden`` (it says that no model may be trained on it, whatever else it allows) or
    ``permitted`` (leave to train was given: ``LicenseRef-training-permitted``).
    """

    name: str
    kind: str
    share: bool  # may a set made from the book be given to others?
    commercial: bool
    credit: bool  # must the authors be named?

    @property
    def bounded(self) -> bool:
        """Is copying from the book bounded by the settings?"""
        return self.kind not in ("permissive", "sharealike")


PERMITTED = "LicenseRef-training-permitted"
_STATED = 160  # characters of what a book says that a reason repeats: an address fits in
# pattern → SPDX name; the longer names come first, for GPL stands in LGPL
_PERMISSIVE = (
    (r"cc0(?:[ -]1\.0)?|creative commons zero(?:[ v]*1\.0)?|public domain", "CC0-1.0"),
    (r"unlicense", "Unlicense"),
    (r"apache(?: software)?(?: licen[cs]e)?,?(?: version)?[ -]?v?2(?:\.0)?", "Apache-2.0"),
    (r"0bsd", "0BSD"),
    (r"(?:bsd[ -]?2|2-clause bsd|simplified bsd)(?:-clause)?", "BSD-2-Clause"),
    (r"(?:bsd[ -]?3|3-clause bsd|new bsd|revised bsd)(?:-clause)?", "BSD-3-Clause"),
    (r"mit(?! press)(?: licen[cs]e)?", "MIT"),
    (r"isc(?: licen[cs]e)?", "ISC"),
    (r"zlib(?: licen[cs]e)?", "Zlib"),
    (r"postgresql licen[cs]e", "PostgreSQL"),
    (r"bsd(?: licen[cs]e)?", "BSD-3-Clause"),
)
_SHAREALIKE = (
    (r"agpl|gnu affero general public licen[cs]e", "AGPL"),
    (r"lgpl|gnu (?:lesser|library) general public licen[cs]e", "LGPL"),
    (r"gpl|gnu general public licen[cs]e", "GPL"),
    (r"gfdl|gnu free documentation licen[cs]e", "GFDL"),
    (r"mpl|mozilla public licen[cs]e", "MPL"),
    (r"epl|eclipse public licen[cs]e", "EPL"),
)
_VERSION = r"(?:[ ,-]*(?:version )?v?(?P<version>\d(?:\.\d)?)(?:-only|-or-later|\+)?)?"
_SPDX = re.compile(r"[A-Za-z0-9]+(?:[.+-][A-Za-z0-9]+)+\+?|MIT|ISC|Zlib")
_CC = re.compile(
    r"(?:\bcc[ -]?|creative ?commons[a-z. /:-]*?|/licenses/)"
    r"(?:by|attribution)(?P<rest>(?:[ ,/_-]*(?:nc|nd|sa|non-?commercial|no-?deriv(?:ative)?s?"
    r"(?: works)?|share[ -]?alike)\b)*)(?:[^.;\n]{0,60}?\b(?P<version>[1-4]\.[05]))?"
)
_RESERVED = re.compile(r"all rights (?:are )?reserved|no part of this (?:book|publication|work)")
_COPYRIGHT = re.compile(r"copyright|\(c\)|©")
_OF_THE_BOOK = re.compile(
    r"(?:this|the|all) (?:\w+ ){0,2}(?:book|e-?book|work|text|guide|document|publication|material|"
    r"content|manual|tutorial)s?\b|(?:licen[cs]ed|released|published|distributed|available) under|"
    r"copyright\b|©|\(c\)|all rights reserved|no part of|licen[cs]e(?::| *\|)|"
    r"(?:the )?(?:mit|isc|apache|bsd|cc|creative commons|gnu|cc0|public domain)\b",
    re.I,
)
_SENTENCES = re.compile(r"(?<=[.!?;])\s+|\n+")
_AI = (
    r"\b(?:artificial(?:ly)? intelligen\w+|a\.?i|machine[- ]learning|ml|llms?|generative|"
    r"(?:language|foundation|neural) (?:models?|networks?))\b"
)
_TRAINS = re.compile(  # a model is trained, or fed with a text; or texts are mined
    rf"\b(?:text[- ]and[- ]data|text|data)[- ]mining\b|\btdm\b|"
    rf"\b(?:(?:re|pre)?train(?:s|ed|ing)?\b|fine-?tun\w+)(?=[^.;]*(?:{_AI}|\bmodels?\b))|"
    rf"(?:{_AI}|\bmodels?\b)[^.;]*\b(?:(?:re|pre)?train(?:s|ed|ing)?|fine-?tun\w+)\b|"
    rf"\b(?:us(?:e[sd]?|ing)|ingest\w*|scrap\w+|crawl\w*)\b[^.;]{{0,60}}"
    rf"\b(?:for|in|by|into|to (?:develop|create|improve|build))\b[^.;]{{0,60}}{_AI}"
)
_DENIES = re.compile(
    r"\b(?:may|must|shall|can|does|do|is|are)(?: \w+)? not\b|\bcannot\b|\bmustn't\b|\bnor\b|"
    r"\bno part of\b|\bno (?:permission|right|licen[cs]e|leave)\b|\bprohibit\w*|\bforbid\w*|"
    r"\bnot (?:\w+ )?(?:be used|permitted|allowed|authori[sz]ed|granted|licensed)\b|"
    r"\bexcept(?:ing)?\b|\bexclud\w+|\bexcluding\b|\bother than\b|\breserv(?:e[sd]?|ing)\b|"
    r"\bopt(?:s|ed|ing)?[- ]out\b|\bno\b[^,.;]{0,60}\b(?:permitted|allowed)\b"
)
_ALLOWANCE = re.compile(  # it speaks of what may be done, not of what a chapter is about
    r"\b(?:may|must|shall|can|cannot|mustn't|permi\w+|allow\w*|authori[sz]\w+|grant\w*|licen[cs]\w+|"
    r"prohibit\w*|forbid\w*|rights?|reserv\w+|opt\w*[- ]out|apache|mit|isc|bsd|cc)\b"
)
_BARE = re.compile(  # "No AI training", "Do not train models on this text"
    r"\bno[- ](?:generative )?(?:ai|machine[- ]learning|ml|llms?|models?)[- ](?:train|us|min)\w*|"
    r"\bno (?:text and )?data mining\b|\bnoai\b|\bno training of\b[^.;]*\b(?:ai|models?|llms?)\b|"
    r"\b(?:do not|don't|never) (?:\w+ ){0,2}(?:train|fine-?tune)\b[^.;]*\b(?:ai|models?|llms?)\b|"
    r"\bnot for (?:ai|machine[- ]learning|ml|llm|model)[- ]training\b|\btdm-reservation: *1\b"
)
_MARKS = re.compile(r"\btdm-reservation: *1\b|\bnoai\b")  # what machines are told, in print
_OWN_MARK = re.compile(
    r"\b(?:this|the) (?:\w+ )?(?:e-?book|book|work|text|publication|document|edition)\b[^.;]{0,20}"
    r"\b(?:carries|bears|declares|sets|states|is (?:marked|published|reserved|provided|subject))\b"
)
_MARK_WORDS = 4  # beside a mark that a book bears; more words tell of one
_WANTS_LEAVE = re.compile(r"\bwithout (?:\w+[ ,]+){0,4}(?:permission|consent|licen[cs]e|leave)\b")
_CREATIVE = ("noncommercial", "noderivatives")
_ORDER = (
    "permitted", "permissive", "sharealike", "noncommercial", "noderivatives", "reserved",
    "unknown",
)  # fmt: skip


def licence_of(said: str | None) -> Licence:
    """The licence that some words name. Of several the strictest counts, of ``A OR B`` the mildest.

    Words that forbid to train models on the text are stricter than any licence beside them, for
    what is taken out of a licence is not in it. Words that name none are ``reserved`` when they
    claim the copyright or all rights, and ``unknown`` otherwise.
    """
    text = " ".join((said or "").split())
    folded = text.casefold()
    if PERMITTED.casefold() in folded:
        return Licence(PERMITTED, "permitted", share=False, commercial=True, credit=True)
    if _forbids(folded):
        return Licence(text, "forbidden", share=False, commercial=False, credit=True)
    found = sorted(_named(folded), key=lambda one: _ORDER.index(one.kind))
    if len(found) == 1 and _SPDX.fullmatch(text):
        return replace(found[0], name=text)
    if found:
        return found[0] if re.search(r"\bOR\b", text) else found[-1]
    if _RESERVED.search(folded) or _COPYRIGHT.search(folded):
        return Licence(text, "reserved", share=False, commercial=False, credit=True)
    return Licence(text, "unknown", share=False, commercial=False, credit=True)


def held(licence: Licence, settings: Licences) -> str:
    """Why a book may not be trained on, as a clause; empty when it may."""
    stated = f"it says {licence.name[:_STATED]!r}" if licence.name else "none is stated"
    reasons = (
        ("hold", licence.kind == "forbidden",
            f"it forbids to train models on it: {stated}; leave to train is named {PERMITTED}"),
        (settings.unknown, licence.kind == "unknown",
            f"no licence that allows training is known: {stated}"),
        (settings.reserved, licence.kind == "reserved", f"all rights are reserved: {stated}"),
        (settings.noderivatives, licence.kind == "noderivatives",
            f"it allows no derivatives ({licence.name})"),
        (settings.noncommercial, licence.kind in _CREATIVE and not licence.commercial,
            f"it is for non-commercial use only ({licence.name})"),
    )  # fmt: skip
    return next((why for rule, applies, why in reasons if applies and rule == "hold"), "")


def printed_licence(paragraphs: Iterable[str]) -> str:
    """What a book's own front matter says of its licence, in its words; empty when it says nothing.

    Only sentences that speak of the book count, not those that name the licence of a program.
    Where they name several, the strictest counts, and rights reserved outside of them count too. A
    sentence that forbids to train models on the book is all that is told, whole; one that tells of
    the marks by which other texts do so is none.
    """
    said: list[str] = []
    for paragraph in paragraphs:
        for sentence in re.split(r"(?<=[.!])\s+|\n+", " ".join(paragraph.split(" "))):
            folded = " ".join(sentence.split()).casefold()
            if _forbids(folded) and not _tells_of_marks(folded):
                return " ".join(sentence.split())
            kind = licence_of(sentence).kind if _OF_THE_BOOK.match(sentence.strip()) else "unknown"
            if kind not in ("unknown", "forbidden"):
                said.append(sentence.strip())
    named = [words for words in said if licence_of(words).kind != "reserved"]
    if any(_RESERVED.search(words.casefold()) for words in said):
        named = [words for words in said if _RESERVED.search(words.casefold())]
    return " ".join(named or said)[:300]


def _forbids(folded: str) -> bool:
    """Does a sentence of the words forbid to train models on the text, or to mine it?"""
    return any(
        _BARE.search(sentence) or (
            _TRAINS.search(sentence) and _ALLOWANCE.search(sentence)
            and (_DENIES.search(sentence) or _WANTS_LEAVE.search(sentence))
        )
        for sentence in _SENTENCES.split(folded)
    )  # fmt: skip


def _tells_of_marks(folded: str) -> bool:
    """Whether nothing but a mark forbids it in a sentence that is about the mark, not the book."""
    rest = _MARKS.sub(" ", folded)
    few = len(re.findall(r"\w[\w.-]*", rest)) <= _MARK_WORDS
    return rest != folded and not few and not _forbids(rest) and not _OWN_MARK.search(folded)


def _named(folded: str) -> list[Licence]:
    """Every licence that the words name."""
    found = [_creative(match) for match in _CC.finditer(folded)]
    rest = _CC.sub(" ", folded)
    for pattern, name in _PERMISSIVE:
        rest, count = re.subn(rf"(?<![\w.-])(?:{pattern})(?![\w-])", " ", rest)
        if count:
            free = name in ("CC0-1.0", "Unlicense", "0BSD")
            found.append(Licence(name, "permissive", share=True, commercial=True, credit=not free))
    for pattern, family in _SHAREALIKE:
        named = re.compile(rf"(?<![\w.-])(?:{pattern}){_VERSION}(?![\w-])")
        for match in named.finditer(rest):
            name = f"{family}-{match['version']}" if match["version"] else family
            found.append(Licence(name, "sharealike", share=True, commercial=True, credit=True))
        rest = named.sub(" ", rest)
    return found


def _creative(match: re.Match[str]) -> Licence:
    """A licence of Creative Commons by its elements."""
    rest = match["rest"]
    noncommercial = re.search(r"\bnc\b|commercial", rest) is not None
    noderivatives = re.search(r"\bnd\b|deriv", rest) is not None
    alike = re.search(r"\bsa\b|alike", rest) is not None
    parts = ["CC-BY", *(["NC"] * noncommercial), *(["ND"] * noderivatives), *(["SA"] * alike)]
    kind = "permissive"
    if noderivatives:
        kind = "noderivatives"
    elif noncommercial:
        kind = "noncommercial"
    elif alike:
        kind = "sharealike"
    name = "-".join([*parts, match["version"]] if match["version"] else parts)
    return Licence(name, kind, share=not noderivatives, commercial=not noncommercial, credit=True)
