"""Messages of Elixir's own exceptions: when two wordings say the same.

Belongs here: what a message states (names, arities, numbers, values), which of its words changed
between the versions 1.0 and 1.18. Does not: reading an error from a text and its class
(``wording.py``), Erlang's shell (``erlang_errors.py``).

Two wordings are the same error only if all that the book's names is named in the other, nothing
that both state differs, and the words left are the same too, after those that are known to have
changed were brought into one form.
"""

from __future__ import annotations

import re

from booktune_assets.beam.notation import first_term, parse_term
from booktune_assets.beam.terms import Dialect, same

__all__ = ["begins", "names_all", "packed", "reworded", "same_syntax", "values"]

_QUOTES = "\"'`\u201c\u201d\u2018\u2019"
_HANDLE = re.compile(r"#(?:PID|Port|Ref|Reference|Function|Fun)<[^<>\n]*>|<\d+\.\d+\.\d+>")
# advice, that versions add to a message or take from it
_ADVICE = re.compile(
    r"[.,:;(]*\s*\(?(?:did you mean|if you (?:are using|wanted|want)|make sure|be sure|however,? "
    r"there is|this protocol is implemented|the following (?:arguments were|structs)|attempted "
    r"function|hint:|note:|therefore|please|called as|only macros|you (?:are|must|can|may)|"
    r"to be converted|the available|expected [A-Z]\S* to define|there is no such import|"
    r"no variable \S+ has been|a variable|expanding struct).*",
    re.I | re.S,
)
# (what some version said, what stands for all of them), in this order
_KNOWN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.I | re.S), one)
    for pattern, one in (
        (r"\bundefined function:? ", "undefined "),
        (r"\bundefined variable:? \^?", "undefined "),
        (r"\bunbound variable _(?=\W|$)", "invalid use of _"),
        (r"\bunbound variable \^?", "undefined "),
        (r"\bexpected variable (\S+) to expand to an existing variable.*", r"undefined \1"),
        (r"\bfunction (\S+) (?:is )?undefined\b", r"undefined \1"),
        (r"\bcannot (?:find or )?invoke macro (\S+) before its definition", r"undefined \1"),
        (r"\bcannot find or invoke local\b", "cannot invoke local"),
        (r"\bcannot invoke remote function in (guards?|match(?:es)?|pattern)s?: (\S+)",
         r"cannot invoke remote function \2 inside \1"),
        (r"\bin(?:side)? (?:an? )?(guard|match|pattern)(?:e?s)?\b", r"inside \1"),
        (r"\b__struct__/[01]\b", "__struct__"),
        (r"\bhas (?:default values and multiple clauses|multiple clauses and also declares default "
         r"values)\b.*", "has default values and multiple clauses"),
        (r"\bmisplaced operator \^(\w+).*", r"cannot use ^\1 outside of match clauses"),
        (r"\b(?:unhandled|capture argument) (&\d+) .*", r"unhandled \1"),
        (r"\b(invalid args for &, expected).*", r"\1"),
        (r"\bnested captures (?:via & )?are not allowed.*?: (.+)", r"nested captures: \1"),
        (r"\bcannot convert (?:the given )?list to (?:a )?string\b.*", "cannot convert list"),
        (r"\bevaluated to a true value", "evaluated to a truthy value"),
        (r"\binvalid use of _(?=\W).*", "invalid use of _"),
        (r"\belixir_compiler_\d+", "elixir_compiler"),
        (r"-inside-an?-(?:shell|interpreted|evaluated)-fun-", "-inside-a-fun-"),
        (r"\(module (\S+) is not available\)", r"unavailable \1"),
        (r"\bkey not found: (\S+)", r"key \1 not found"),
        (r"\bprotocol (\S+) not implemented for (?:the )?type (\S+)(?: \(a struct\))?(?:\.| )*"
         r"got value:? (.+)", r"protocol \1 not implemented for \3 of type \2"),
        (r" of type (\S+?)(?: \(a struct\))?(?=[.\s]|$)", r" oftype \1"),
        (r"\bbad arity error: (\S+) called with \((.*)\)", r"\1 called with arguments (\2)"),
        (r"\bwith arity (\d+) called with \d+ arguments? \((.*)\)",
         r"arity/\1 called with arguments (\2)"),
    )
)  # fmt: skip
_ARGUMENTS = re.compile(r"called with arguments \((.*)\)", re.S)
_TOKEN = re.compile(
    rf"[{_QUOTES}](?P<quoted>[^{_QUOTES}]*)[{_QUOTES}]|(?P<free>[\w:^&@#%][\w:.@?!/^&-]*)"
)
_PLAIN_WORD = re.compile(r"[A-Za-z]?[a-z]+|I")
_IDLE = frozenset(("a", "an", "the", "is", "are", "was", "be", "of", "to", "it", "oftype"))
_PARSED = tuple(
    re.compile(pattern)
    for pattern in (
        r"syntax error before: (\S.*?)(?=\s+[\u2500-\u257f|]|\s+\d+ [\u2502|]|$)",
        r"unexpected (?:reserved word|token): (\S+)",
        r"missing terminator: (\S+)",
    )
)


def packed(text: str) -> str:
    """A message without what depends on page and run: white space, kinds of quotes, handles."""
    text = re.sub(f"[{_QUOTES}]", "'", _HANDLE.sub("#", text)).replace("~c'", "'")
    return "".join(text.split()).rstrip(".:")


def begins(text: str, start: str) -> bool:
    """Does the one begin with the other, no name or number of it broken off?"""
    whole, part = packed(text), packed(start)
    if not part or not whole.startswith(part):
        return False
    if whole == part:
        return True
    left = len(part)
    for place, char in enumerate(text := _HANDLE.sub("#", text).replace("~c", "")):
        left -= not char.isspace()
        if left == 0:
            after, then = text[place + 1 : place + 2], text[place + 2 : place + 3]
            joins = after.isalnum() or after in ("_", "?", "!")
            decimal = char.isdigit() and after in (".", "_") and then.isdigit()
            alias = after == "." and char.isalnum() and then.isalnum()
            return not ((char.isalnum() or char == "_") and joins) and not decimal and not alias
    return False


def values(one: str, other: str, dialect: Dialect) -> bool | None:
    """Do two messages show one value, alone or behind the same words? None: they show none."""
    whole, second = parse_term(one, dialect), parse_term(other, dialect)
    if whole and second:
        return same(whole, second)
    (lead, colon, mine), (head, _, theirs) = one.partition(": "), other.partition(": ")
    within = sum(map(lead.count, "([{")) != sum(map(lead.count, ")]}"))  # the colon of a map
    if not colon or within or packed(lead).lower() != packed(head).lower():
        return None
    first, second = first_term(mine, dialect), first_term(theirs, dialect)
    if first is None or second is None:
        return None
    if not same(first[0], second[0]):
        return False
    rests = [_ADVICE.sub("", rest).strip(" .:") for rest in (first[1], second[1])]
    return not all(rests) or packed(rests[0]) == packed(rests[1])


def same_syntax(one: str, other: str) -> bool:
    """What a parser stopped at, if both say it in one way; it words most else anew every year."""
    told = False
    for pattern in _PARSED:
        found, second = pattern.search(one), pattern.search(other)
        if found and second:
            return packed(found[1]) == packed(second[1])
        told = told or bool(found or second)
    return told or reworded(one, other)


def reworded(one: str, other: str, aside: str = "") -> bool:
    """Is ``other`` (or what was printed ``aside``) the message ``one`` in other words?"""
    mine, theirs = _canonical(one), _canonical(other)
    named, words = _stated(mine)
    said, others = _stated(theirs)
    beside = _stated(aside)[0] | _stated(_HANDLE.sub("#", other))[0]
    if not all(_spoken(name, said | beside) for name in named):
        return False
    if _contradict(named, said) or not _same_arguments(mine, theirs):
        return False
    if not named or not words or not others:
        return bool(named) or words == others | said
    if words - others - said and any(not _spoken(name, named | words) for name in said):
        return False  # each has something of its own
    return words <= others or others <= words


def _same_arguments(one: str, other: str) -> bool:
    found = [_ARGUMENTS.search(text) for text in (one, other)]
    return not (found[0] and found[1]) or packed(found[0][1]) == packed(found[1][1])


def names_all(one: str, other: str) -> bool:
    """Is all that the one names spoken of in the other?"""
    named, (said, words) = _stated(_canonical(one))[0], _stated(_canonical(other))
    return all(_spoken(name, said | words) for name in named)


def _canonical(text: str) -> str:
    text = _HANDLE.sub("#", text)
    for pattern, one in _KNOWN:
        text = pattern.sub(one, text)
    return _ADVICE.sub("", text).strip()


def _stated(text: str) -> tuple[set[str], set[str]]:
    """What a message names (quoted, or no plain word), and its plain words."""
    named: set[str] = set()
    words: set[str] = set()
    for place, found in enumerate(_TOKEN.finditer(text)):
        token = found["quoted"] if found["quoted"] is not None else found["free"].rstrip(".:,")
        plain = found["free"] is not None and _PLAIN_WORD.fullmatch(token)
        if plain and (place == 0 or token.islower()):
            words.add(token.lower())
        elif token.strip():
            named.add(" ".join(token.split()).lstrip("^"))
    return named, words - _IDLE


def _spoken(name: str, said: set[str]) -> bool:
    """A name, with its arity if both have one; a variable may be taken for a call of nothing."""
    if name in said:
        return True
    return f"{name}/0" in said or (name.endswith("/0") and name[:-2] in said)


def _contradict(one: set[str], other: set[str]) -> bool:
    """Do both name something of a kind (arity of a name, number, atom) that the other has not?"""
    arities = [{tuple(name.rsplit("/", 1)) for name in names if re.search(r"/\d+$", name)}
               for names in (one, other)]  # fmt: skip
    for name, arity in arities[0]:
        theirs = {number for called, number in arities[1] if called == name}
        if theirs and arity not in theirs:
            return True
    for kind in (r"-?\d[\d_.]*", r":\w.*"):
        mine, theirs = ({name for name in names if re.fullmatch(kind, name)}
                        for names in (one, other))  # fmt: skip
        if not (mine <= theirs or theirs <= mine):
            return True
    return False
