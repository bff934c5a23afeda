"""Family ``write_test``: tests that state what expressions of a session give.

Belongs here: which exchanges make a test, how a value is asserted in ExUnit and in EUnit. Does not:
running tests (``execute.py``), tests that a book shows (``write.py``).

Expressions and values are the book's; the assertions are made of them by rule. What is run is the
answer itself, as a test module: all that it asserts has to be true there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from booktune_assets.beam.alone import Piece, Program
from booktune_assets.beam.grammar import parses
from booktune_assets.beam.terms import Term, parse_term
from booktune_assets.pairs.candidate import Candidate, Quote, View, fenced, language_name
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.posed import VOLATILE, Block, Line, Posed, posed
from booktune_assets.pairs.predict import OPAQUE, no_value
from booktune_assets.pairs.sessions import bound
from booktune_assets.pairs.wording_code import ask_code

__all__ = ["write_test"]

ASSERTED = (2, 3)  # values of a test
SETUP_MAX = 4  # lines before them
LINE_MAX = 90
NAME_MAX = 60
_LOW = re.compile(
    r"(?:(?<![\w.])(?:and|or|not|when|if|unless|case|cond|fn|with|for)\b)|&&|\|\||[=!]=|=~|<-|::|&|(?<![<>=|])=(?!>)"
)  # what binds less than the comparison, or reads badly before it
_PRINTS = re.compile(
    r"\bIO\.|\bio:|\binspect\b|\bdbg\b|\bsend\b|\bspawn|\bself\b|\bexit\b|\bd?ets:|:d?ets\b|\bFile\."
)
_BARE = re.compile(r"^[\w.:]+[!?]? +[\w\[{\"':%&]")  # a call without parentheses
_REMARK = re.compile(r"(?:^|\s)[#%](?![{\w])")
_ERL_REMARK = re.compile(r"(?<!\$)%")
_STOP = re.compile(r"\s*\.\s*$")
_TEXTS = frozenset(
    ("string", "charlist", "sigil", "quoted_atom", "quoted_keyword", "atom", "char")
)  # kinds of nodes whose line ends are their own
_TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"")
_INNER = re.compile(r"\([^()\[\]{}]*\)|\[[^()\[\]{}]*\]|\{[^()\[\]{}]*\}")
_CALLS = re.compile(r"\w[!?]?\(|\|>|\.\(")
_CALLED = re.compile(r"[A-Z][\w.]*\.[a-z_]\w*[!?]?(?=\()|(?:[a-z]\w*:)?[a-z_]\w*[!?]?(?=\()")


def write_test(view: View) -> Iterator[Candidate]:
    """Candidates of the section's values that can be asserted, some at a time."""
    waiting: list[Posed] = []
    for one in posed(view):
        if not _assertable(one):
            continue
        if waiting and not _together(waiting, one):
            yield from _of(view, waiting)
            waiting = []
        waiting.append(one)
        if len(waiting) == ASSERTED[1]:
            yield from _of(view, waiting)
            waiting = []
    yield from _of(view, waiting)


def _of(view: View, chosen: list[Posed]) -> Iterator[Candidate]:
    setup = _setup(chosen)
    calls = any(_CALLS.search(one.entry.expression) for one in chosen)
    fits = len(setup) <= SETUP_MAX and all(_fits(line, chosen[0].lang) for line in setup)
    if len(chosen) >= ASSERTED[0] and calls and fits:
        yield _candidate(view, chosen, setup)


def _fits(line: Line, lang: str) -> bool:
    """Can it stand in a test as it is: no text over several lines, no remark before a comma?"""
    from booktune_assets.books.judge import nodes, syntax_tree

    said = line.entry.expression
    if lang == "erlang" and _ERL_REMARK.search(_TEXT.sub("", said)):
        return False
    return "\n" not in said or not any(
        node.type in _TEXTS and node.start_point[0] != node.end_point[0]
        for node in nodes(syntax_tree(said, lang))
    )


def _assertable(one: Posed) -> bool:
    said, result = one.entry.expression, one.entry.result.strip()
    if one.problem or one.fails or no_value(one.entry, "\n".join(one.typed)):
        return False
    lines = (said, result)
    if any("\n" in text or not 0 < len(text) <= LINE_MAX for text in lines):
        return False
    if _is_data(parse_term(_STOP.sub("", said), one.lang)):
        return False  # nothing is to be tested
    if bound(said, one.shell) or _PRINTS.search(said) or VOLATILE.search(said):
        return False
    if _REMARK.search(said) or OPAQUE.search(result) or result.startswith("#"):
        return False
    if one.lang == "elixir" and _BARE.match(said):
        return False
    return parses(_check(one), one.lang) is True


def _is_data(term: Term | None) -> bool:
    return term is not None and term.kind != "call" and all(map(_is_data, term.items))


def _together(chosen: list[Posed], one: Posed) -> bool:
    """Do they rest on the same listings, and bind no name twice?"""
    ids = [{block["block_id"] for block in other.listings} for other in (chosen[0], one)]
    names = [
        name for line in _setup([*chosen, one]) for name in bound(line.entry.expression, one.shell)
    ]
    if any(_check(one) == _check(other) for other in chosen):
        return False
    return ids[0] == ids[1] and chosen[0].shell == one.shell and len(names) == len(set(names))


def _setup(chosen: list[Posed]) -> list[Line]:
    lines = {line.order: line for one in chosen for line in one.setup}
    return [lines[place] for place in sorted(lines)]


def _check(one: Posed) -> str:
    """What is asserted, as an expression that has to be true (false for a refusal)."""
    said, result = one.entry.expression.strip(), one.entry.result.strip()
    if one.lang == "erlang":
        return f"{result} =:= ({_STOP.sub('', said)})."
    if result in ("true", "false"):
        return said
    return f"({said}) == {result}" if _LOW.search(_outside(said)) else f"{said} == {result}"


def _outside(said: str) -> str:
    """What stands in no brackets."""
    flat = _TEXT.sub("", said)
    while (less := _INNER.sub("", flat)) != flat:
        flat = less
    return flat


def _line(one: Posed) -> str:
    said, result = one.entry.expression.strip(), one.entry.result.strip()
    if one.lang == "erlang":
        return f"?assertEqual({result}, {_STOP.sub('', said)})"
    return f"{'refute' if result == 'false' else 'assert'} {_check(one)}"


def _candidate(view: View, chosen: list[Posed], setup: list[Line]) -> Candidate:
    first = chosen[0]
    block, lang = first.block, first.lang
    listings: list[Block] = list(first.listings)
    answer, glue = _written(view, chosen, setup)
    key = f"{block['block_id']}:test"
    kind = "test_module" if listings else "test_calls"
    parts = [ask_code(kind, key, frame="ExUnit" if lang == "elixir" else "EUnit",
                      language=language_name(lang))]  # fmt: skip
    parts += [fenced(one["text"], one["lang"]) for one in listings]
    if setup:
        before = "\n".join(line.entry.expression for line in setup)
        parts += ["This is evaluated first:", fenced(before, lang)]
    if listings or setup:
        parts.append("These values are to be tested:")
    parts.append(fenced("\n".join(one.entry.expression for one in chosen), lang))
    quotes: list[Quote] = [view.quote(one, 0, len(one["text"]), "question") for one in listings]
    for line in setup:
        quotes.append(view.quote(line.block, line.entry.start, line.entry.typed_end, "answer"))
    for one in chosen:
        quotes.append(view.quote(one.block, one.entry.start, one.entry.typed_end, "answer"))
        quotes.append(view.quote(one.block, one.entry.result_start, one.entry.end, "answer"))
    pieces = [
        Piece("listing", "erlang" if one["lang"] == "erlang" else "elixir", one["text"])
        for one in listings
    ]
    tried = Program((*pieces, Piece("listing", lang, _module(answer, lang))))
    return Candidate(
        "write_test", block["block_id"], lang, "code", "\n\n".join(parts), fenced(answer, lang),
        quotes, [(lang, answer)], glue=tuple(glue), trials=(Trial(tried, "value"),),
    )  # fmt: skip


def _module(answer: str, lang: str) -> str:
    """The answer, word for word, in the module that a reader would put it into."""
    if lang == "elixir":
        return f"defmodule BooktuneAnswerTest do\n  use ExUnit.Case\n\n{answer}\nend\n"
    head = '-module(booktune_answer_tests).\n-include_lib("eunit/include/eunit.hrl").'
    return f"{head}\n\n{answer}\n"


def _written(view: View, chosen: list[Posed], setup: list[Line]) -> tuple[str, list[str]]:
    """The test, and what of it is not the book's."""
    before = [line.entry.expression.strip() for line in setup]
    lines = [_line(one) for one in chosen]
    framed = [line for line, one in zip(lines, chosen, strict=True) if _quoted(one)]
    if chosen[0].lang == "elixir":
        title = re.sub(r"[^\w ,/.?!-]", "", _subject(view, chosen)).strip(" .,-") or "values"
        body = "\n".join([*before, *lines]).replace("\n", "\n  ")
        return f'test "{title}" do\n  {body}\nend', [f'test "{title}" do', "end", *framed]
    head = f"{_name(_subject(view, chosen))}_test() ->"
    steps = [_STOP.sub("", text) for text in before] + lines
    ends = [f"{line}{mark}" for line in framed for mark in ",."]
    # the comma stands where the shell has its full stop
    ends += [f"{text.rsplit(chr(10), 1)[-1].strip()}," for text in steps[: len(before)]]
    return f"{head}\n    " + ",\n    ".join(steps) + ".", [head, *ends]


def _quoted(one: Posed) -> bool:
    """Do expression and value stand word for word in what is quoted for them?"""
    text, entry = one.block["text"], one.entry
    typed, result = text[entry.start : entry.typed_end], text[entry.result_start : entry.end]
    return entry.expression.strip() in typed and entry.result.strip() in result


def _subject(view: View, chosen: list[Posed]) -> str:
    """What the test is of: the one function that all its expressions call, else the section."""
    heads = [_CALLED.match(one.entry.expression.strip()) for one in chosen]
    names = {head[0] if head else "" for head in heads}
    name = names.pop() if len(names) == 1 else ""
    return name or view.title


def _name(title: str) -> str:
    """A function's name of plain letters and digits: others are no names in Erlang."""
    plain = "".join(
        one for one in unicodedata.normalize("NFKD", title) if not unicodedata.combining(one)
    ).lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain)[:NAME_MAX].strip("_")
    fine = name[:1].isalpha() and not re.search(r"[^\W\d_a-z]", plain)
    return name if fine else "values"
