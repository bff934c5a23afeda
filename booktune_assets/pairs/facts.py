"""Family ``reason``, of plain facts: what a named thing is made of, gives, needs or can do.

Belongs here: sentences of the form "X does Y" and the question that each of them answers. Does not:
reasons, conditions, purposes and advice (``reason.py``), definitions (``define.py``).

It comes after the other families and takes sentences that answer nothing yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from booktune_assets.pairs.candidate import Candidate, View, shown
from booktune_assets.pairs.phrases import named, plural, small
from booktune_assets.pairs.prose import Said, said
from booktune_assets.pairs.reason import made_of, rests_on_more
from booktune_assets.pairs.subjects import known_here, names_a_thing

__all__ = ["facts"]

REST_MIN = 4  # words behind the verb
_PASSIVE = """
made of|made up of|composed of|based on|built on|built on top of|limited to|known as|defined by|
defined with|defined as|represented by|represented as|represented with|stored in|stored as|
identified by|compiled to|compiled into|separated by|surrounded by|enclosed in|enclosed by|
written with|written as|written in|written between|followed by|introduced by|introduced with|
created with|created by|created using|divided into|split into|treated as|associated with|
inspired by|used as|delimited by|wrapped in|passed to|passed as|sent to|converted to|
converted into|equivalent to|responsible for|implemented as|implemented in|implemented by|
invoked when|evaluated in|executed in|bound to|linked to|prefixed with|terminated by|started by|
started with|declared with|accessed with|accessed by|accessed via|denoted by|expressed with
"""
_ACTIVE = """
returns takes provides raises requires contains offers includes supports represents accepts expects
receives creates holds stores gives prints converts transforms checks needs keeps ensures guarantees
defines specifies prevents handles implements describes removes replaces splits joins matches
ignores sends shares restarts executes evaluates generates adds inserts deletes applies combines
compares sorts filters wraps updates uses allows enables lets helps
"""
_WITH = """
consists of|depends on|starts with|begins with|ends with|stands for|refers to|maps to|relies on|
comes with|belongs to|points to|responds to|results in|leads to|works with|looks for|listens on|
deals with
"""
_NAME = r"(?:(?:The|An?) )?[\w./:'`\u2019&@%-]+(?: [\w./:'`\u2019&@%-]+){0,4}?"


def _base(verb: str) -> str:
    """The verb of a plural: ``relies`` is ``rely``."""
    if verb.endswith("ies"):
        return f"{verb[:-3]}y"
    return verb[:-2] if verb.endswith(("ches", "shes", "sses")) else verb[:-1]


_VERBS = dict.fromkeys(_ACTIVE.split(), "") | {
    words.split()[0]: words.split()[1] for words in _WITH.replace("\n", "").split("|")
}
_THIRD = {_base(verb): verb for verb in _VERBS}
_DONE = "|".join(sorted(_PASSIVE.replace("\n", "").split("|"), key=len, reverse=True))
_IS = re.compile(
    rf"(?P<subject>{_NAME}) (?P<be>is|are)(?: \w+ly)? "
    rf"(?P<done>{_DONE}) (?P<rest>.+)"
)
_HAS = re.compile(
    rf"(?P<subject>{_NAME})(?: also| always| only| simply)? "
    rf"(?P<verb>{'|'.join(sorted({*_VERBS, *_THIRD}))}) (?P<rest>.+)"
)
_CAN = re.compile(rf"(?P<subject>{_NAME}) (?:can|may)(?: also)? (?P<rest>[a-z]+ .+)")
_THERE = re.compile(
    r"(?:There are|In \w+,? (?:there are|we have|you have)) (?:two|three|four|five|six|seven)"
    r"(?: main| basic| common| different| important)? (?P<things>[a-z][\w' -]{3,40}?)"
    r"(?: in \w+)?: (?P<rest>.+)"
)
_MAKES_POSSIBLE = frozenset(("allow", "enable", "let", "help"))
_NO_SUBJECT = re.compile(
    r"(?:You|We|It|They|There|This|That|These|Those|Then|One|I|He|She|Here|What|Which|Who|How|Your|"
    r"Why|When|If|In|On|At|For|To|By|With|As|Note|But|And|Or|Not|Only|Also|However|First|Second|"
    r"Each|All|Any|Some|Many|Most|Both|Because|Since|While|From|After|Before|Sometimes|Often|"
    r"Usually|Other|Generally|Instead|Its|Their|Our|No|Now|Every|Another|Someone|People|Everything|"
    r"Nothing|Izzy|Let|Please|Just|Like|Under|Over|Between|Within|Without|Out|Of|So)\b"
)
_JOINED = re.compile(r"\b(?:and|or|but|that|which|who|of|to|when|if|with|for|from|in|on|by|as)$")
_INSIDE = re.compile(
    r"\b(?:is|are|was|were|will|would|can|could|must|may|might|should|does|do|has|have|that|which|"
    r"who|when|if|not|to|we|you)\b"
)


def facts(view: View) -> Iterator[Candidate]:
    """At most one candidate per sentence that stands alone and answers nothing yet."""
    taken = [
        (quote.section_id, quote.start, quote.end)
        for one in view.kept if one.family not in ("true_false", "refusal")
        for quote in one.quotes if quote.role == "answer"
    ]  # fmt: skip
    for one in said(view):
        first = int(one.block["char_start"])
        start, end = first + one.sentence.start, first + one.sentence.end
        if any(home == view.section_id and a < end and start < z for home, a, z in taken):
            continue
        made = _there(view, one) or _passive(view, one) or _active(view, one) or _able(view, one)
        if made is not None:
            taken += [(q.section_id, q.start, q.end) for q in made.quotes]
            yield made


def _passive(view: View, one: Said) -> Candidate | None:
    match = _IS.fullmatch(one.text)
    if match is None or not _fit(view, one, match):
        return None
    be, subject = match["be"], match["subject"]
    if (be == "are") != plural(subject):
        return None
    done = match["done"]
    return _asked(view, one, subject, be, done, f"{be} {done}")


def _active(view: View, one: Said) -> Candidate | None:
    match = _HAS.fullmatch(one.text)
    if match is None or not _fit(view, one, match):
        return None
    many, rest = match["verb"] not in _VERBS, match["rest"]
    base = _THIRD[match["verb"]] if many else match["verb"]
    more = _VERBS[base]
    if many != plural(match["subject"]) or (more and not rest.startswith(f"{more} ")):
        return None
    if not more and re.match(r"(?:to|in|on|at|with|from|for|by|of|and|or|as|into|up)\b", rest):
        return None
    verb = _base(base)
    if verb in _MAKES_POSSIBLE:
        verb, base, more = "make", "makes", "possible"
    verbs = verb if many else base
    tail = f" {more}" if more else ""
    return _asked(
        view, one, match["subject"], "do" if many else "does", f"{verb}{tail}", f"{verbs}{tail}"
    )


def _able(view: View, one: Said) -> Candidate | None:
    match = _CAN.fullmatch(one.text)
    if match is None or not _fit(view, one, match):
        return None
    if re.match(r"(?:be|end|also|only|even)\b", match["rest"]):
        return None
    return _asked(view, one, match["subject"], "can", "do", "can do")


def _there(view: View, one: Said) -> Candidate | None:
    match = _THERE.fullmatch(one.text)
    if match is None or len(match["rest"].split()) < REST_MIN:
        return None
    things = match["things"].strip()
    if not names_a_thing(things) or rests_on_more(f"{things}."):
        return None
    return made_of(view, one, "fact_which", things, things=things)


def _fit(view: View, one: Said, match: re.Match[str]) -> bool:
    """Is what the sentence speaks of a thing that a reader elsewhere knows by its name?"""
    subject = match["subject"]
    if _NO_SUBJECT.match(subject) or _JOINED.search(subject) or _INSIDE.search(subject):
        return False
    if len(match["rest"].split()) < REST_MIN or rests_on_more(f"{subject}."):
        return False
    if not names_a_thing(subject) or not known_here(view, subject):
        return False
    if subject in (view.subject, view.language, "Elixir", "Erlang"):
        return False  # it does a thousand things
    start = one.sentence.start
    return bool(named(view, one.block, start, start + match.end("subject"))) or bool(
        re.search(r"\w[_/.]\w|`", subject) or subject.split()[0] in view.names
    )


def _asked(view: View, one: Said, subject: str, do: str, verb: str, verbs: str) -> Candidate | None:
    plain = small(view, shown(subject))
    return made_of(view, one, "fact_does", plain, subject=plain, do=do, verb=verb, verbs=verbs)
