"""Names that may be concepts of a book: the lexicon's, and those that the book brings itself.

Belongs here: gathering names from headings, defining sentences and function names. Does not: what
is kept in the end, and the order (``graph.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from booktune_assets.concepts.definitions import Defined
from booktune_assets.concepts.lexicon import LEXICON, STANDARD_MODULES
from booktune_assets.concepts.mentions import Matcher, code_without_text
from booktune_assets.concepts.names import api_name, plausible_name, singular, words
from booktune_assets.concepts.wordings import Known, parts_of_title

__all__ = [
    "from_apis", "from_definitions", "from_headings", "known_concepts", "matcher", "names_a_noun",
    "nouns",
]  # fmt: skip

# How an everyday word shows that it is a noun: after an article or a preposition and before what
# cannot be the noun that it would describe; in the plural after such a word; as a subject.
_BEFORE = r"(?i:an?|the|each|every|no|one|its|their|of|by|with|using|as|for|from|called|in|through)"
_AS_NOUN = re.compile(
    rf"\b{_BEFORE}\s+[`*_]*([a-z]{{3,}})[`*_]*(?=[.,;:)]|\s+(?:is|are|was|has|have|can|will|does|of|"
    r"in|that|which|and|or|with|by|when|from|as|on|at|but|where|while|because)\b|$)"
    rf"|\b(?:{_BEFORE}|(?i:multiple|several|more|two|many|all|some|other|these|those))\s+"
    r"[`*_]*([a-z]{3,}s)\b"
    r"|(?:^|[.!?]\s+)([A-Z][a-z]{2,}) (?:is|are|can|has|have) "
)

_DEFINED_IN_BOOK = re.compile(
    r"\bdefmodule\s+([\w.]+)|-module\((\w+)\)|\bdef(?:p|macrop?|guard)?\s+([a-z_]\w*[!?]?)|"
    r"^([a-z]\w*)\(",
    re.M,
)
_WITHOUT_MODULE_WORDS = """
send spawn spawn_link spawn_monitor inspect to_string self exit raise throw apply length hd tl elem
max min round trunc div rem abs put_in get_in update_in pop_in child_spec start_link monitor link
"""
_WITHOUT_MODULE = frozenset(_WITHOUT_MODULE_WORDS.split())  # of Kernel, or of a behaviour
_BOUND_FUNCTION = re.compile(r"\b([a-z_]\w*[!?]?)\s*=\s*(?:fn\b|&)")
_VARIABLE = re.compile(r"(?<![\w?#@'.:])[A-Z][\w@]*\b(?![.:(]\w)")
_CALLED = re.compile(r"(?<![\w.:@])((?:[A-Z]\w*\.)+[a-z_]\w*[!?]?|:?[a-z]\w*[:.][a-z_]\w*)(?=\()")


def known_concepts() -> dict[str, Known]:
    """The lexicon, by label."""
    return {
        entry.label: Known(
            entry.label, entry.kind, list(entry.aliases), entry.code, False, entry.bare, entry.shown
        )
        for entry in LEXICON
    }


def matcher(known: Iterable[Known]) -> Matcher:
    """A matcher over labels, aliases and signatures."""
    items = list(known)
    wordings = [(item.label, item.label) for item in items]
    wordings += [(item.label, alias) for item in items for alias in item.aliases]
    return Matcher(wordings, [(item.label, item.code) for item in items])


def from_apis(proses: Iterable[str], codes: Iterable[str]) -> Iterator[Known]:
    """Functions of standard modules, and of others when named with their arity.

    What the book's own listings define is an example, not a concept.
    """
    own_modules: set[str] = set()
    own_functions: set[str] = set()
    calls: dict[str, int] = {}
    for code in codes:
        bare = code_without_text(code)
        for found in _DEFINED_IN_BOOK.finditer(bare):
            own_modules.update(name for name in found.groups()[:2] if name)
            own_functions.update(name for name in found.groups()[2:] if name)
        own_functions.update(_BOUND_FUNCTION.findall(bare))
        for name in {call.lstrip(":") for call in _CALLED.findall(bare)}:
            calls[name] = calls.get(name, 0) + 1
    named: dict[str, set[str]] = {name: set() for name, count in calls.items() if count >= 2}
    for prose in proses:
        for word in words(prose):
            if name := api_name(word.text):
                named.setdefault(name, set()).add(word.text.lstrip(":"))
    qualified = {name.replace(":", ".").rpartition(".")[2] for name in named if "." in name}
    qualified -= _WITHOUT_MODULE
    for name in sorted(named):
        module, _, function = name.replace(":", ".").rpartition(".")
        if module in own_modules or module.split(".")[0] in own_modules:
            continue
        if not module and function.partition("/")[0] in own_functions | qualified:
            continue  # an example, or the function of a module that is there with its name
        if module and module not in STANDARD_MODULES:
            continue
        yield Known(name, "api", sorted(named[name] - {name}))


def from_headings(titles: Iterable[str], lower: frozenset[str]) -> Iterator[Known]:
    """Noun phrases that stand as a heading."""
    for title in titles:
        parts = parts_of_title(title)
        for name in parts if len(parts) <= 3 else []:
            if plausible_name(name) and not api_name(name):
                yield Known(_label(_small(name, lower), plural=True), "term")


def variables(code: str) -> set[str]:
    """Variables of Erlang code, those of one letter and of capitals alone left out."""
    return {name for name in _VARIABLE.findall(code_without_text(code)) if not name.isupper()}


def from_definitions(
    found: Iterable[Defined], lower: frozenset[str], bound: Set[str] = frozenset()
) -> Iterator[Known]:
    """Subjects of defining sentences; ``lower`` are the words that the book writes small too.

    ``bound`` are variables of its Erlang: "Sup is the pid of the supervisor" tells of a listing.
    """
    for one in found:
        if not one.article and one.name in bound:
            continue
        if one.strength < 2 or api_name(one.name) or not plausible_name(one.name):
            continue
        yield Known(_label(_small(one.name, lower), plural=one.plural), "term")


def nouns(proses: Iterable[str]) -> frozenset[str]:
    """Words, in the singular, that a book uses as nouns somewhere."""
    return frozenset(
        singular((match[1] or match[2] or match[3]).lower())
        for prose in proses
        for match in _AS_NOUN.finditer(prose)
    )


def names_a_noun(label: str, known: frozenset[str]) -> bool:
    """Is a label several words, a name, or one of the known nouns: no "lazy", "compile", "adding"?

    A heading (`Adding and removing`) or a sentence may begin with any word.
    """
    return " " in label or not (label.isalpha() and label.islower()) or label in known


def _small(name: str, lower: frozenset[str]) -> str:
    """The name without its capital where that is only the beginning of a sentence."""
    first = name.split()[0]
    ordinary = singular(first.lower()) in lower and first[1:].islower()
    return name[:1].lower() + name[1:] if ordinary else name


def _label(name: str, *, plural: bool) -> str:
    parts = name.split()
    if all(part[:1].isupper() and part[1:].islower() for part in parts) and len(parts) > 1:
        parts = [part.lower() for part in parts]  # a heading in title case
    elif parts[0][:1].isupper() and parts[0][1:].islower() and len(parts) > 1:
        parts[0] = parts[0].lower()
    if plural and parts[-1][1:].islower():
        parts[-1] = singular(parts[-1])
    return " ".join(parts)
