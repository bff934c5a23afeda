"""What a question may be about: noun phrases that name a thing for who has not read the page.

Belongs here: rules on names of subjects and on "the X" in clauses. Does not: finding concepts
(``concepts/``), rules on sentences (``prose.py``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import cast

from booktune_assets.concepts.lexicon import STANDARD_MODULES
from booktune_assets.concepts.names import plausible_name
from booktune_assets.pairs.candidate import CODE, View
from booktune_assets.pairs.phrases import keys

__all__ = [
    "CALLBACKS", "definite_known", "known_here", "made_here", "names_a_thing", "only_one", "ours",
    "strange_identifier",
]  # fmt: skip

_DETERMINERS = """
my your our their his her its this that these those each every all any some both either neither
other others another such first second third next last previous following similar same particular
certain whole entire original current actual own few many most more less several one two three
"""
_NO_NOUNS = """
not never always also only just even still however although though whereas while when where who
how what why which because since unless until then than there here like as if so but and or nor
sometimes often seldom rarely thus hence therefore instead alone today nowadays
fact downside upside question answer problem reason idea goal point thing things way ways case
cases difference result results reverse main important different new good bad above below rest
"""
_BAD = frozenset(f"{_DETERMINERS} {_NO_NOUNS}".split())
_LY = frozenset(("assembly", "reply", "family", "supply", "anomaly", "apply", "multiply"))
_BETWEEN = re.compile(
    r"\b(?:from|by|at|with|without|into|onto|via|to|is|are|was|were|has|have|had|does|do|can|"
    r"will|must|should|says?|said|tells?|told|thinks?|knows?|wants?|of \w+ing)\b|: |, "
)
_CODED = re.compile(r"[_/]\w|\w[.:]\w|(?:^| ):\w|[a-z][A-Z]|^`|[A-Z]{2}")
_THE = re.compile(r"\b[Tt]he ((?:[\w`./:'-]+ ?){1,4})")
# "the string", "the process is": a concept, but which one of them?
_COMMON_NOUN = re.compile(
    r"(?:string|list|map|tuple|atom|integer|number|function|process|module|variable|value|struct|"
    r"message|result|accumulator|collection|element|key|argument|macro|callback|implementation|"
    r"example|code|expression|statement|file|test|server|client|project|application|event|mode|"
    r"record|reply|caller|timer)s?"
    r"(?=[.,;:)]|$| (?:is|are|was|will|can|cannot|must|may|should|has|have|does|do|and|or|in|on|to|"
    r"as|by|with|from|at|if|when|while|because|but|so|not|\w+s|\w+ed)\b)"
)
_MAKES = re.compile(r"\bdef(?:module|protocol|p|macrop?|guardp?)? ([A-Za-z_][\w.]*[?!]?)")
_CALLBACK_WORDS = """
init handle_call handle_cast handle_info handle_continue terminate code_change start stop
start_link child_spec call cast run main application project setup test inspect to_string
callback_mode handle_event format_status config_change prep_stop handle_sync_event
"""
CALLBACKS = frozenset(_CALLBACK_WORDS.split())
_OURS = re.compile(
    r"\b(?:I|me|my|mine|we|us|our|ours|let's|myself|ourselves|(?:you|you're) (?:are )?"
    r"(?:learning|reading|new to|coming from|wondering|curious|interested|familiar|used to))\b"
)
_IDENTIFIER = re.compile(r"(?<![\w@])[:@]?[A-Za-z][\w.]*[!?]?(?:/\d+)?")
_GENERAL_WORDS = "function module process value argument name result code"
_GENERAL = frozenset(_GENERAL_WORDS.split())  # "the value of …": clear by what follows


@lru_cache(maxsize=1 << 12)
def names_a_thing(name: str) -> bool:
    """Is this a noun phrase without determiner, adverb or verb, at least as far as words show?"""
    plain = re.sub(r"^(?:an?|the) ", "", name.strip(" `*_\"'"), flags=re.I)
    told = re.findall(r"[A-Za-z][\w'-]*", plain)
    if not told or _BETWEEN.search(plain):
        return False
    for word in told:
        lower = word.lower()
        adverb = lower.endswith("ly") and len(lower) > 4 and lower not in _LY
        if lower in _BAD or (adverb and len(told) > 1 and not _CODED.search(word)):
            return False
    return True


def known_here(view: View, name: str) -> bool:
    """Is "the X" one for all: a concept, a name in code, or a word of the heading?"""
    plain = re.sub(r"^(?:an?|the) ", "", name, flags=re.I)
    if not re.match(r"the ", name, re.I) or _CODED.search(plain):
        return True
    mine = {key for key in keys(plain) if plausible_name(key)}
    heading = keys(f"{view.title} {view.above}")
    return bool(mine & heading) or any(keys(plain) == keys(label) for label in _labels(view))


def definite_known(view: View, text: str) -> bool:
    """Does each "the X" of a clause name a concept or something of the heading?"""
    known = keys(" ".join((view.title, view.above, view.subject, view.language, *_labels(view))))
    told = keys(f"{view.title} {view.above}")
    for match in _THE.finditer(text):
        after = match[1]
        if _COMMON_NOUN.match(after):
            if keys(after.split()[0]) & told:
                continue
            return False
        if _CODED.search(after) or keys(after) & known:
            continue
        if after.split()[0] in _GENERAL and re.match(r"\w+ (?:of|that|which|whose)\b", after):
            continue
        return False
    return True


def made_here(view: View, text: str) -> bool:
    """Does a text name a module or a function that the listings at hand define?

    Callbacks are the behaviour's, whoever writes them.
    """
    if "made" not in view.memo:
        listings = [block["text"] for block in view.blocks if block["kind"] in CODE]
        listings += [block["text"] for block in view.lent.values()]
        found = {name for text in listings for name in _MAKES.findall(text)}
        view.memo["made"] = found - CALLBACKS
    made = cast("set[str]", view.memo["made"])
    return any(
        match.group().split("/")[0].lstrip(":@") in made for match in _IDENTIFIER.finditer(text)
        if "/" in match.group() or match.group()[:1].isupper() or "_" in match.group()
    )  # fmt: skip


def only_one(text: str) -> bool:
    """Is each "the string", "the function" of a task one that the task itself speaks of before?"""
    for match in _THE.finditer(text):
        noun = _COMMON_NOUN.match(match[1])
        before = text[: match.start()]
        if noun and not re.search(rf"\b(?:an?|one|two|some|given)\b[^.]*\b{noun.group()}", before):
            return False
    return True


def ours(text: str) -> bool:
    """Does a clause speak of author and reader?"""
    return bool(_OURS.search(text.replace("\u2019", "'")))


def strange_identifier(view: View, text: str) -> bool:
    """Does a clause name code of one project, and the heading does not?"""
    labels = set(_labels(view))
    for match in _IDENTIFIER.finditer(text):
        name = match.group().strip(".")
        root, bare = name.lstrip(":@").split(".")[0], name.split("/")[0]
        coded = "_" in name or "." in name or re.search(r"[a-z][A-Z]", name) or "/" in name
        if not coded or name in f"{view.title} {view.above}" or bare in view.title:
            continue
        if root in STANDARD_MODULES or name in labels or bare in labels or root == view.subject:
            continue
        if any(label.split("/")[0] == bare for label in labels):
            continue
        return True
    return False


def _labels(view: View) -> list[str]:
    return [label for _, _, label, _ in (*view.mentions, *view.definitions)]
