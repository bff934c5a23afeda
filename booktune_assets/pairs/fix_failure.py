"""Family ``fix_bug``, of code that a slip makes fail: arguments the wrong way round, say.

Belongs here: which code gets a slip, what it fails with, the question. Does not: slips
(``beam/slips.py``), faults that give another value (``fix_bug.py``, which goes first).

A run has to show both: the code as it is gives what the book says, or compiles, and with the slip
it ends in an error. What the compiler says of it differs between versions and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent

from booktune_assets.beam.alone import Piece, Program
from booktune_assets.beam.grammar import parses
from booktune_assets.beam.slips import Slip, slips_of
from booktune_assets.concepts.mentions import code_without_text
from booktune_assets.pairs.candidate import Candidate, Quote, View, fenced, language_name
from booktune_assets.pairs.fix_bug import DATA, HANDLE, PLAIN, faulty, mended, worth
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.posed import VOLATILE, Block, Posed, documented, listings_of, posed
from booktune_assets.pairs.predict import ELIDED, no_value
from booktune_assets.pairs.remarks import unanswered
from booktune_assets.pairs.trials import examples_of, listing_pieces
from booktune_assets.pairs.wording_code import ask_code

__all__ = ["error_told", "fix_failure"]

SIZE_MIN = 16  # of an expression
LISTING = (5, 40)  # lines
BLOCKS_MIN = 8  # in fewer lines a missing `do` or `end` is seen at once
SLIPS_MAX = 12  # looked at
_UNCALLED = frozenset(("block", "dot", "variable"))  # nothing need be called to see them
_COMPILER = re.compile(
    r"\*\* \((?:Compile|TokenMissing|Syntax|MismatchedDelimiter)\w*Error\)|^line \d|syntax error|"
    r"is unbound$"
)
_HINT = re.compile(r"(?:\. |, )?[Dd]id you mean\b.*$|:$")


@dataclass(frozen=True, slots=True)
class _Case:
    """Code, a slip in it, and what is told of both."""

    lang: str
    text: str
    slip: Slip
    key: str
    before: tuple[str, ...] = ()  # parts of the question above the code
    wanted: str = ""  # what it should give, if the book says so

    @property
    def shown(self) -> str:
        """What of the right code the answer shows."""
        start, end = mended(self.text, self.lang, self.slip.text)
        return self.text[start:end]


def fix_failure(view: View) -> Iterator[Candidate]:
    """At most one candidate for a listing that no example rests on, and one for an expression."""
    for block in listings_of(view):
        yield from _of_listing(view, block)
    for one in posed(view, fit=_fit):
        yield from _of_expression(view, one)


def _fit(one: Posed) -> bool:
    """Is it right, of some size, and nothing that ``fix_bug`` puts a fault into?"""
    said = one.entry.expression
    if one.problem or one.fails or len(said) < SIZE_MIN or VOLATILE.search(said):
        return False
    if no_value(one.entry, "\n".join(one.typed)):
        return False
    return not (worth(said) and faulty(said, one.lang, 1, DATA))


def _of_expression(view: View, one: Posed) -> Iterator[Candidate]:
    block, said, lang = one.block, one.entry.expression, one.lang
    for slip in slips_of(said, lang, 1):
        *before, last = one.program().pieces
        wrong = Piece("typed", lang, slip.text, last.expected)
        parts = [fenced(other["text"], other["lang"]) for other in one.listings]
        if one.setup:
            typed = "\n".join(one.typed[:-1])
            parts += ["Before it, this was evaluated:", fenced(typed, lang)]
        if parts:
            parts.append("The expression:")
        key = f"{block['block_id']}:{one.entry.start}:{slip.kind}"
        case = _Case(lang, said, slip, key, tuple(parts), one.entry.result)
        yield _candidate(
            case, block["block_id"], one.shell,
            [*one.quotes(view), view.quote(block, one.entry.start, one.entry.typed_end, "answer")],
            one.code(),
            (
                Trial(one.program(), "value", tests=True),
                Trial(Program((*before, wrong), hasty=True), "fails"),
            ),
        )  # fmt: skip


def _of_listing(view: View, block: Block) -> Iterator[Candidate]:
    """Of a listing that compiles one that does not: without an example no other fault shows."""
    text, lang = block["text"], block["lang"]
    if not LISTING[0] <= text.count("\n") + 1 <= LISTING[1] or ELIDED.search(text):
        return
    if examples_of(view, block) or documented(text) or not code_without_text(text).strip():
        return
    slips = [one for one in slips_of(text, lang, SLIPS_MAX) if one.kind in _UNCALLED]
    slips.sort(key=lambda one: one.kind == "block")
    if not slips or (slips[0].kind == "block" and text.strip().count("\n") < BLOCKS_MIN):
        return
    slip = slips[0]
    *before, own = listing_pieces(view, block)
    if text not in own.text:
        return
    wrong = Piece("listing", own.lang, own.text.replace(text, slip.text))
    case = _Case(lang, text, slip, f"{block['block_id']}:{slip.kind}")
    part = mended(text, lang, slip.text)
    yield _candidate(
        case, block["block_id"], lang,
        [view.quote(block, 0, len(text), "question"), view.quote(block, *part, "answer")],
        [(lang, text)],
        (
            Trial(Program((*before, own)), "runs"),
            Trial(Program((*before, wrong), hasty=True), "fails"),
        ),
    )  # fmt: skip


def _candidate(
    case: _Case, home: str, lang: str, quotes: list[Quote], code: list[tuple[str, str]],
    trials: tuple[Trial, ...],
) -> Candidate:  # fmt: skip
    changed = _change(case)
    made = Candidate(
        "fix_bug", home, lang, "code", _question(case, ""),
        f"{changed}\n\n{fenced(dedent(case.shown), case.lang)}", quotes, code,
        glue=tuple(changed.split("\n")), trials=trials,
    )  # fmt: skip

    def finish(candidate: Candidate) -> None:
        found = candidate.outcomes[-1]
        candidate.question = _question(case, found[-1].actual if found else "")

    made.finish = finish
    return made


def _change(case: _Case) -> str:
    """What has to be changed, in a sentence with line and code."""
    slip, lines = case.slip, case.text.split("\n")
    several = len(lines) > 1
    place = f" in line {slip.line}" if several else ""
    was, now = (" ".join(text.split()) for text in (slip.was, slip.now))
    if now:
        return f"`{now}`{place} has to be `{was}`{_whole(lines, slip) if several else '.'}"
    if slip.kind == "arity":
        return f"An argument is missing{place}: `{was.lstrip(', ')}`."
    after = f" after line {slip.line - 1}" if slip.was.startswith("\n") else place
    return f"`{was}` is missing{after}."


def _whole(lines: list[str], slip: Slip) -> str:
    """The line as it should be, where that is one."""
    return "." if "\n" in slip.was else f": `{lines[slip.line - 1].strip()}`"


def _question(case: _Case, came: str) -> str:
    """The question; ``came`` is what the code with the slip ends in."""
    kind = "fix_expression" if case.wanted else "fix_listing"
    symptom, below = _symptom(case, came)
    mark = case.lang if parses(case.slip.text, case.lang) else ""
    shown = fenced(unanswered(case.slip.text), mark)
    words = ask_code(kind, case.key, language=language_name(case.lang), symptom=symptom)
    return "\n\n".join([words, *case.before, shown, *below])


def error_told(came: str) -> str:
    """The first line of an error, without proposals; empty where the compiler speaks, or it
    names what differs from run to run."""
    first = came.split("\n", 1)[0]
    message = _HINT.sub("", first).strip()
    if _COMPILER.search(first) or not PLAIN.fullmatch(message) or not message.isprintable():
        return ""
    return "" if HANDLE.search(message) else message


def _symptom(case: _Case, came: str) -> tuple[str, list[str]]:
    """What is wrong, in a sentence, and a value that does not fit into one."""
    if not came or _COMPILER.search(came.split("\n", 1)[0]):
        failed = "it does not compile"
    else:
        message = error_told(came)
        failed = f"it fails with `{message}`" if message else "it fails"
    if not case.wanted:
        return f"{failed[:1].upper()}{failed[1:]}.", []
    plain = PLAIN.fullmatch(case.wanted) is not None
    wanted = f"`{case.wanted}`" if plain else "what is shown below"
    below = [] if plain else ["It should give:", fenced(case.wanted, "")]
    return f"It should give {wanted}, but {failed}.", below
