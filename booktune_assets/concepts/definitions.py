"""Sentences that define something, and what they define.

Belongs here: the shapes of defining sentences in technical prose. Does not: whether the thing is a
concept of the book (``graph.py``), questions about it (``pairs/``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from booktune_assets.concepts.names import api_name, singular

__all__ = ["Defined", "defined_by", "described_by"]


@dataclass(frozen=True, slots=True)
class Defined:
    """What a sentence defines: ``sentence[start:end]`` is the name without article and marks.

    ``article`` is the article as written in lower case, or empty; ``shape`` one of
    ``is refers called does``; ``strength`` ranks definitions of one concept (3 is best; 0 is a
    description).
    """

    name: str
    start: int
    end: int
    article: str
    plural: bool
    shape: str
    strength: int


_NAME = r"[`*_\"“]*(?P<name>(?:[A-Za-z@][\w.:!?/@-]*)(?:[ -][A-Za-z][\w.:/-]*){0,3}?)[`*_\"”]*"
_ASIDE = (
    r"(?: \([^()]{1,60}\)|,? (?:`[^`]{1,12}`|“[^”]{1,12}”),?|, (?:or|also|sometimes) [^,]{1,40},)?"
)
_WHERE = (
    r"(?:(?:In|On) (?:Elixir|Erlang|OTP|IEx|ExUnit|the BEAM|functional programming)[^,]{0,20}, )?"
)
_START = _WHERE + r"(?:(?P<article>An?|The|an?|the) )?" + _NAME + _ASIDE
_PLACE = r"(?: in (?:Elixir|Erlang|OTP|functional programming))?"
_IS = re.compile(
    _START
    + _PLACE
    + r" (?P<verb>is|are) (?:simply |just |basically |essentially |actually |really |"
    r"therefore |nothing (?:more|but|else) than )?(?P<rest>\S.*)",
    re.S,
)
_REFERS = re.compile(
    _START
    + r" (?P<verb>refers? to|means?|stands? for|denotes?|describes?|represents?) (?P<rest>\S.*)",
    re.S,
)
_DOES = re.compile(
    _WHERE + r"(?:(?P<article>The|the) )?(?:function |macro |callback |module )?[`*]*"
    r"(?P<name>[A-Za-z:][\w.:]*[!?]?(?:/\d+)?)[`*]*"
    r"(?: (?:function|macro|callback|module|behaviour|operator|protocol))?"
    r" (?P<rest>(?:(?:always|also|only|simply|then) )?[a-z]+(?:s|es)\b.*)",
    re.S,
)
_NAMED_DOES = re.compile(
    _WHERE + r"(?:(?P<article>An?|The) )" + _NAME + rf"(?P<aside>{_ASIDE}) (?P<rest>[a-z]+s\b.*)",
    re.S,
)
_ALLOWS = re.compile(
    _START + r" (?P<verb>allows?|lets?|enables?|provides?|gives?) "
    r"(?P<rest>(?:us |you |a |an |the |for ).*)",
    re.S,
)
_CALLED = re.compile(
    r"\b(?:is|are) (?:(?:often|also|usually|commonly|sometimes) )?(?:called|known as|referred "
    r"to as|termed) "
    r"(?:(?P<article>an?|the) )?" + _NAME + r"(?=[.,;:]|$)"
)
_THIS = re.compile(
    r"(?:It|This|That|These|They|Such|There|Here|What|Which|Those|He|She|We|You|I)\b"
)
_EMPTY = re.compile(
    r"another\b|(?:an?|the|one of the|one of|some|very|also|quite|probably|perhaps) (?:very |"
    r"quite |really |most )?"
    r"(?:good|great|bit|lot|common|same|best|only|most|case|first|last|next|second|third|end|"
    r"result|reason|"
    r"simple|easy|example|important|useful|nice|little|big|better|worse|similar|different|new|"
    r"final|other|"
    r"right|wrong|perfect|basic|fundamental|key|core|main|natural|main|problem|question|answer|"
    r"order|"
    r"following|previous|number of|matter|pity|shame|mistake|must|no-brainer|default|returned|"
    r"current|"
    r"few|number|couple|variety|huge|wide|ideal|robust|powerful|recommended|excellent|typical|"
    r"go-to|fancy|more|less|"
    r"official|way to do|popular|well-known|handy|"
    r"hexadecimal|exact|value of|value passed|name of)\b",
    re.I,
)
# Praise, a remark in passing, one of several kinds: nothing that would tell the thing from others.
_SAYS_LITTLE = re.compile(
    r"one of [\w.]+['’]s? |(?:one|another) (?:kind|type|sort|form|piece) of |"
    r"(?:(?:an?|the) )?[\w-]+(?: [\w-]+)? (?:(?:when|if|once|because|since|though) "
    r"(?:you|we|it|one)|in the end|after all|at heart|deep down|under the hood|in disguise)\b",
    re.I,
)
# Not what it is, but what tells it from others: how it is made, what it does, what it is for.
_DESCRIBED = re.compile(
    _WHERE
    + r"(?:(?P<article>An?|an?) )?"
    + _NAME
    + _ASIDE
    + r" (?P<rest>(?:(?:is|are) (?:mainly |mostly |typically |usually |often |commonly )?"
    r"(?:used (?:to|for) (?!it\b)\w|made (?:up )?of|composed of|isolated from|stored |"
    r"built (?:on|up)|"
    r"(?:implemented|represented) (?:as|by) (?!such|this|that|follows))|"
    r"(?:is|are) (?:simple|small|plain|lightweight|light-weight|named|special|ordered|unordered) "
    r"[\w-]+s? |consists? of |represents? |stores? |holds? |groups? |combines? |keeps? |maps? |"
    r"(?:allows?|lets?|enables?) (?:us|you|one|developers|programmers|users|any|several) )\s*\S.*)",
    re.S,
)
_APPOSED = re.compile(
    r"\b(?:(?:of|with|by|to|in|from|using|called|and|or|is|are|uses?) |(?=(?:an?|the) ))"
    r"(?:(?P<article>an?|the) )?"
    + _NAME
    + r", (?:which (?:is|are) (?:simply |just |basically )?|i\.e\.,? |that is,? )"
    r"(?P<rest>(?:an?|the) \S.*)",
    re.S,
)
_DESCRIBED_MIN = 35
_DONE_TO_IT = re.compile(r"[a-z]+ (?:one|it|them|this|these|that)(?:[.;,]|$| and\b)")  # to what?
_VERBS_WORDS = """
returns takes applies creates starts stops sends receives calls converts turns computes checks
gives reads writes opens closes evaluates executes runs registers splits joins maps filters
reduces sorts groups reverses removes deletes adds inserts updates fetches gets puts finds
raises prints builds expects accepts makes transforms traverses emits invokes spawns monitors
links waits blocks generates loads compiles merges zips counts sums rounds iterates provides
allows lets defines stores keeps handles matches compares replaces formats parses encodes
decodes traps exits asks tells answers holds wraps passes concatenates drops flattens produces
yields restarts supervises looks works behaves collects repeats collapses
"""
_VERBS = frozenset(_VERBS_WORDS.split())
_GENERIC = frozenset(
    (
        "module",
        "function",
        "macro",
        "callback",
        "option",
        "line",
        "form",
        "type",
        "operator",
        "clause",
    )
)
_NO_NAME_WORDS = """
that which who whose when where how what and or with without for to you we they in on at by from
is are was were can will must may should not than then so as if because
"""
_NO_NAME = frozenset(_NO_NAME_WORDS.split())
_NOT_NOUNS_WORDS = """
always as is this thus less us does has was sometimes its perhaps besides various previous
previously his hers theirs yours ours across towards
"""
_NOT_NOUNS = frozenset(_NOT_NOUNS_WORDS.split())
_STARTS_BADLY_WORDS = """
not also often always never usually sometimes very too so available used called known defined
written made done created stored run executed evaluated returned passed given able in on at for
to by with from as when if where about like similar different good great important useful simple
easy common fine cheap expensive fast slow immutable isolated separated allowed required
expected needed supposed implemented represented identified enclosed surrounded limited based
responsible part more most less all both just only now then here there what how why that because
better worse possible likely particularly especially extremely
"""
_STARTS_BADLY = frozenset(_STARTS_BADLY_WORDS.split())


def defined_by(sentence: str) -> Defined | None:
    """What the sentence defines, or None when it defines nothing."""
    if sentence.endswith(("?", ":")) or len(sentence) < 25:
        return None
    plain = sentence
    for reader in (_by_being, _by_meaning, _by_allowing, _by_doing, _by_calling):
        if found := reader(plain):
            return found
    return None


def described_by(sentence: str) -> Defined | None:
    """What a sentence describes that :func:`defined_by` does not take: the next best thing.

    Only of all things of a name (``Tuples store …``, ``A link is used to …``), not of one of them.
    """
    if sentence.endswith(("?", ":")) or len(sentence) < _DESCRIBED_MIN or _THIS.match(sentence):
        return None
    match = _DESCRIBED.match(sentence)
    if match is not None:
        name = match["name"]
        bare = match["article"] is None
        many = singular(name.split()[-1].lower()) != name.split()[-1].lower()
        one = name.startswith("The ") or (bare and not many and not name[:1].isupper())
        if one or _EMPTY.match(match["rest"]):
            return None
        return _made(match, bare and many, "does", 0)
    match = _APPOSED.search(sentence)
    if match is None or _EMPTY.match(match["rest"]) or _SAYS_LITTLE.match(match["rest"]):
        return None
    return _made(match, False, "called", 0)


def _by_being(sentence: str) -> Defined | None:
    match = _IS.match(sentence)
    if match is None:
        return None
    rest, plural = match["rest"], match["verb"] == "are"
    if rest.startswith(("called ", "known as ", "referred to ")):
        return None
    if api_name(match["name"]) and re.match(r"used (?:to|for|when)|a |an |the ", rest):
        return _made(match, plural, "is", 3)
    determined = re.match(r"(?:an?|the|any|another|one|simply)\b", rest)
    if (
        _EMPTY.match(rest)
        or _SAYS_LITTLE.match(rest)
        or not (determined or (plural and _plural_noun(rest)))
    ):
        return None
    if _particular(match) or rest.rstrip(".").endswith((" too", " as well", " again")):
        return None
    return _made(match, plural, "is", 3 if len(rest) > 25 else 1)


def _particular(match: re.Match[str]) -> bool:
    """``The shell is …`` speaks of one shell, ``The pipe operator is …`` of all of them."""
    name = match["name"]
    plain = " " not in name and name.islower() and match.string[match.start("name") - 1] == " "
    return plain and match["article"] in ("The", "the")


def _by_meaning(sentence: str) -> Defined | None:
    match = _REFERS.match(sentence)
    if match is None or match["rest"].startswith(("that ", "we ", "you ", "it ", "there ")):
        return None
    return _made(match, not match["verb"].split()[0].endswith("s"), "refers", 2)


def _by_allowing(sentence: str) -> Defined | None:
    match = _ALLOWS.match(sentence)
    if match is None or _THIS.match(sentence) or _EMPTY.match(match["rest"]):
        return None
    if match["name"] in ("Elixir", "Erlang"):  # a remark on the language, not what it is
        return None
    return _made(match, not match["verb"].endswith("s"), "does", 1)


def _by_doing(sentence: str) -> Defined | None:
    match = _DOES.match(sentence)
    if match is None or api_name(match["name"]) is None:
        match = _NAMED_DOES.match(sentence)
        if match is None or not (match["aside"] or match["article"] in ("A", "An")):
            return None
        if match["name"] in _GENERIC:
            return None
        return _made(match, False, "does", 1) if match["rest"].split()[0] in _VERBS else None
    if _DONE_TO_IT.match(match["rest"]):
        return None
    verb = match["rest"].split()[0]
    verb = verb if verb in _VERBS else match["rest"].split()[1:2][0] if " " in match["rest"] else ""
    return _made(match, False, "does", 2) if verb in _VERBS else None


def _by_calling(sentence: str) -> Defined | None:
    if _THIS.match(sentence):
        return None
    found = list(_CALLED.finditer(sentence))
    match = found[-1] if found else None
    if match is None or match.start() < 15:
        return None
    return _made(match, False, "called", 2)


def _made(match: re.Match[str], plural: bool, shape: str, strength: int) -> Defined | None:
    name = match["name"].rstrip(".,:")
    if _THIS.match(name) or not _NO_NAME.isdisjoint(name.lower().split()):
        return None
    start = match.start("name")
    article = (match["article"] or "").lower()
    return Defined(name, start, start + len(name), article, plural, shape, strength)


def _plural_noun(rest: str) -> bool:
    """Does the complement of "are" begin with a plural noun (``constants whose …``)?"""
    first = re.findall(r"[A-Za-z-]+", rest)[:4]
    if not first or first[0].lower() in _STARTS_BADLY or first[0].endswith("ly"):
        return False
    for place, word in enumerate(first):
        lower = word.lower()
        if lower in _NOT_NOUNS or lower in ("of", "that", "which", "to", "by", "from", "in", "and"):
            return False
        if place == 0 and lower.endswith(("ed", "en")) and not first[1:2]:
            return False
        if singular(lower) != lower:
            return True
    return False
