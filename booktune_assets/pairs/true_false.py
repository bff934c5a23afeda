"""Family ``true_false``: a statement to be judged, and the sentence as the book has it.

Belongs here: the twin that says the opposite or another number. Does not: which sentences stand
alone (``prose.py``). Which are left as they are is decided by hash, in shares that make true as
many as false, and true ones of statements that hold a negation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from booktune_assets.ids import stable_int
from booktune_assets.pairs.candidate import CODE, Candidate, View, shown
from booktune_assets.pairs.overview import TASKS, heading
from booktune_assets.pairs.phrases import named, setting
from booktune_assets.pairs.prose import FINITE, Said, follow, said
from booktune_assets.pairs.subjects import definite_known, made_here
from booktune_assets.pairs.wording import ask

__all__ = ["true_false", "twin"]

_OPPOSITES = """
always never; before after; mutable immutable; synchronous asynchronous; synchronously
asynchronously; eager lazy; eagerly lazily; greater smaller; larger smaller; required optional;
public private; beginning end; faster slower; fast slow; increases decreases; minimum maximum;
inside outside; explicitly implicitly; explicit implicit; static dynamic; statically dynamically;
safe unsafe; cheap expensive; sorted unsorted; ordered unordered; ascending descending;
local remote; succeeds fails; lowercase uppercase; positive negative; leading trailing;
enabled disabled; automatically manually; sequentially concurrently; encoded decoded;
prepends appends; shorter longer; older newer
"""
_PAIRS = [line.split() for line in _OPPOSITES.replace("\n", " ").split(";")]
OPPOSITE: dict[str, str] = {}
for _one, _other in reversed(_PAIRS):
    OPPOSITE.update({_one: _other, _other: _one})
del OPPOSITE["end"]
_OPPOSED = re.compile(rf"(?<![\w`:./-])(?:{'|'.join(sorted(OPPOSITE))})(?![\w`:/(-])", re.I)
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER = re.compile(r"\b(?:two|three|four|five|six|seven|eight|nine|ten)\b(?!-)")
_NEGATED = (
    (re.compile(r"\b(cannot|can not|can't)\b"), "can"),
    (re.compile(r"\b(is|are|was|were|will|must|should|may|does|do|has) not (?=\w)"), r"\1 "),
    (re.compile(r"\b(is|are|was|were|does|do|has|should|must)n't (?=\w)"), r"\1 "),
    (re.compile(r"\b(can)(?= \w)"), r"cannot"),
    (re.compile(r"\b(is|are|will|must|should)(?= (?!not\b|\w+ing\b)\w)"), r"\1 not"),
)
_CLAUSE = re.compile(
    r"\b(?:that|which|who|whose|where|when|if|while|because|since|as|unless|whether|how|what)\b|"
    r"[,;:(\u2014\u2013]|\b(?:until|till|before|after|so|than|nothing|everything|except|besides)\b"
)
_NO_FACT = re.compile(
    r"(?:You|We|To|Do|Use|Let|Make|Try|Prefer|Avoid|Consider|Keep|In order|One (?:solution|"
    r"option|way)|"
    r"Included|Designed|Based|Added|Introduced|Inspired|"
    r"Think|See|Be|Just|Simply|Perhaps|Maybe|Ensure|Start|Run|Add|Your)\b|"
    r".*\b(?:may|might|perhaps|probably|often|usually|sometimes|typically|generally|likely|I|"
    r"hopefully|we|you will|you're|want|would|could|useful|recommended|not only|easy|easier|"
    r"easiest|best|worst|by far|without|simple|"
    r"similar|particular|alternatives?|better|"
    r"a breeze|a new|not like|n['\u2019]t like|loves?|hates?|when all is well|"
    r"great|nice|only|just|was|were|had|did|got|knew|came|went|took|made|said|asked|some|my|"
    r"mostly|mainly|largely|almost|nearly|about|around|basically|one might|exceptions?)\b|"
    r".*[?\u201d]",
    re.I,
)
_COMMANDS = re.compile(
    r"(?:While|Whereas|Frequently)\b|"
    r"(?:If|When|Before|After|Unless)\b[^,]*, (?:do|don't|use|make|avoid|prefer|consider|be|you|"
    r"we|add|keep|call|try|run|think|never|always)\b"
)
_NAMED_AFTER = re.compile(r"\bnam(?:e|es|ed|ing)\b.*\b(?:after|before)\b")
# Of these a statement without its page says too little, or it is no statement.
_OF_A_TEXT = re.compile(
    r"\b(?:guides?|examples?|sections?|chapters?|tutorials?|readings?|documentation|docs|"
    r"references?|recommend\w*|learn|exercises?|book|here|shown|seen|found in)\b",
    re.I,
)
_ABOUT = re.compile(
    r"\b(?:at least|at most|up to|about|around|roughly|approximately|more than|less than|over|"
    r"under|between|only|or|to|first|last|next|every|another|other)$",
    re.I,
)
_COUNTED = re.compile(r"[:(\u2014]|,.*\b(?:and|or)\b|\b(?:or more|or less|to \w+|or \w+ )\b|\.\w")
_NEGATIVE = re.compile(
    r"\b(?:cannot|can't|(?:is|are|does|do|has|have|will|must|should|can)(?: not|n't)|never|no)\b"
)
_KEEPS = re.compile(r"\b(?:nor|neither|either|any\w*|yet|but|until|at all|even)\b|, not\b", re.I)
_LATER = re.compile(
    r"(?: not)? (?:also|actually|quite|still|really|therefore|then|thus|frequently|in fact|"
    r"always|even|already|all|both|each|now|simply|extremely|very|able)\b"
)
_COORDINATED = re.compile(
    r"\b(?:and|but|or)\b[^.]*\b(?:is|are|can|cannot|has|have|does|do|will|must|should)\b"
)
_AS_IS = {"": 3, "negation": 5, "negative": 9}  # of ten statements, left as they are

_MAY = re.compile(r"\b(?:can|may|need to)\b")
_OPENS_CLAUSE = re.compile(
    r"(?:If|When|Once|Whenever|While|As|Since|Unless|Although|Because|Before|After|For|With|By|"
    r"Given|Using)\b"
)
# "The protocol is binary": which one, a reader knows by the heading
_WHICH = re.compile(
    r"(?:The|All|Each|Every) [a-z]+(?: [a-z]+)? "
    r"(?:is|are|has|have|can|cannot|must|will|may|should|does)\b"
)
_QUANTIFIED = re.compile(
    r"\b(?:any\w*|every\w*|all|each|most|many|few|no|none|nothing|nobody|never|always)\b", re.I
)


_VALUE_OF = re.compile(
    r"(?<!\b[Aa] )(?<!\b[Aa]n )(?<!\b[Tt]he )\b([a-z_]\w*) "
    r"(?:is|has|holds|contains|equals|stays|remains)(?: still| now| the value)? [\"\u201c\d:\[{%]"
)


def true_false(view: View) -> Iterator[Candidate]:
    """One candidate per block at most: a fact, turned round or left as it is."""
    done = ""
    for one in said(view):
        if one.block["block_id"] == done or _NO_FACT.match(one.text):
            continue
        if one.text in view.contrary:
            continue  # another sentence bears its twin out
        if _OF_A_TEXT.search(one.text) or one.text.split()[0].lower() in TASKS:
            continue
        if _COMMANDS.match(one.text) or _NAMED_AFTER.search(one.text):
            continue
        verb = FINITE.search(one.text, one.text.find(" "))
        if _NUMBER.search(one.text) and not _on_a_concept(view, one):
            continue  # numbers of the page's own story
        if made_here(view, one.text) or not definite_known(
            view, one.text[: verb.start() if verb else 0]
        ):
            continue  # of the example at hand
        if one.block["kind"] == "list" and not _on_a_concept(view, one):
            continue  # an item tells of what its list is about
        if _of_a_binding(view, one.text):
            continue
        if found := _candidate(view, one):
            done = one.block["block_id"]
            yield found


def _on_a_concept(view: View, one: Said) -> bool:
    """Does the clause that a statement begins with name a concept, and is no list hung on it?"""
    start = one.sentence.start
    end = start + len(re.split(r"[,;:] ", one.text, maxsplit=1)[0])
    return ": " not in one.text and bool(named(view, one.block, start, end))


def _of_a_binding(view: View, text: str) -> bool:
    """Does it tell the value of a variable of the listings (``greeting is still "Hello"``)?"""
    told = [match[1] for match in _VALUE_OF.finditer(text)]
    return any(
        re.search(rf"(?m)^\s*(?:iex[^>\n]*>\s*)?{name} = ", block["text"])
        for name in told for block in view.blocks if block["kind"] in CODE
    )  # fmt: skip


def twin(text: str) -> str:
    """The sentence with one word changed so that it is wrong; empty where no change is safe."""
    found = _NUMBER.search(text)
    if found is not None and _counts(text, found):
        return ""
    if found is not None:
        there = _NUMBERS.index(found.group())
        other = _NUMBERS[there + 1 if there < 10 else 5]
        return text[: found.start()] + other + text[found.end() :]
    opposed = list(_OPPOSED.finditer(text))
    if opposed and _MAY.search(_head(text)):
        return ""  # what may be so may be otherwise as well
    if len(opposed) == 1 and not re.search(r"\bnot\b|n't|\bno\b|cannot", text):
        return _opposed(text, opposed[0])
    if _OPENS_CLAUSE.match(text) or _QUANTIFIED.search(_head(text)):
        return ""
    head = _head(text)
    for shape, change in _NEGATED:
        found = shape.search(head)
        if found is not None and len(head[: found.start()].split()) >= 1:
            if _word(head, found) and _alone(text, found):
                return text[: found.start()] + found.expand(change) + text[found.end() :]
            return ""
    return ""


def _counts(text: str, found: re.Match[str]) -> bool:
    """Is the number told about: by the things themselves beside it, or as no exact number?"""
    if _ABOUT.search(text[: found.start()].rstrip()):
        return True
    return bool(_COUNTED.search(text, found.end()) or _COUNTED.match(text[found.end() :].lstrip()))


def _alone(text: str, found: re.Match[str]) -> bool:
    """May this verb be turned round without the rest of the sentence breaking?"""
    rest = text[found.end() :]
    return not (_KEEPS.search(rest) or _LATER.match(rest) or _COORDINATED.search(rest))


def _head(text: str) -> str:
    """The main clause up to the first word that begins another."""
    return text[: found.start()] if (found := _CLAUSE.search(text, 12)) else text


def _word(head: str, found: re.Match[str]) -> bool:
    """Is this a verb of the main clause and not a name or the object of something?"""
    return not re.search(r"[`\"'/]$", head[: found.start()].rstrip())


def _opposed(text: str, found: re.Match[str]) -> str:
    word = found.group()
    other = OPPOSITE[word.lower()]
    other = other.capitalize() if word[0].isupper() else other
    rest = text[found.end() :]
    if word.lower() == "all" or (word.lower() == "every" and rest[:1] != " "):
        return ""
    before = text[: found.start()]
    if article := re.search(r"\b([Aa])n? $", before):
        new = article[1] + ("n " if other[0] in "aeiou" else " ")
        before = before[: article.start()] + new
    return before + other + rest


def _candidate(view: View, one: Said) -> Candidate | None:
    start = one.sentence.start
    key = f"{one.block['block_id']}:{start}"
    text = shown(one.text)
    changed = twin(text)
    negative = bool(_NEGATIVE.search(_head(text)))
    if not (changed or negative) or not FINITE.search(_head(text)[1:]):
        return None
    last = follow(one, most=2)
    sort = "negative" if negative else "negation" if _NEGATIVE.search(changed) else ""
    as_is = not changed or stable_int(f"as it is\x1f{key}") % 10 < _AS_IS[sort]
    end = one.every[last].end if as_is else one.sentence.end
    quote = view.quote(one.block, start, end, "answer")
    verdict = ask("true" if as_is else "false", key)
    language = setting(view, "") or view.language
    question = ask("true_false", key, statement=text if as_is else changed, language=language)
    if _WHICH.match(text) and (topic := heading(view)):
        question = f'The topic is "{topic}". {question}'
    return Candidate(
        "true_false", one.block["block_id"], "", "theory", question,
        f"{verdict} {shown(quote.text)}", [quote], glue=(f"{verdict} {shown(quote.text)}",),
    )  # fmt: skip
