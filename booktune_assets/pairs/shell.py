"""Family ``session``: a shell session taken line by line, what each gives asked in turn.

Belongs here: which lines are asked and which only lead there. Does not: single exchanges
(``predict.py``), reading prompts (``sessions.py``), what an expression needs (``posed.py``).

The whole session is one program: it is run in its order, and every value asked has to come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent

from booktune_assets.beam.alone import Piece, Program
from booktune_assets.pairs.candidate import Candidate, View, fenced, language_name
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.posed import Block, Line, Posed, posed
from booktune_assets.pairs.predict import ANY_ORDER, KEYS, no_value
from booktune_assets.pairs.wording_code import ask_code

__all__ = ["session"]

_PLAIN = frozenset((":ok", "ok", "nil"))

ASKED = (2, 4)  # exchanges of a row
RESULT_MAX = 400  # characters of an answer
LINES_MAX = 30  # typed, all together


@dataclass(slots=True)
class _Turn:
    """What is typed before a value is asked, and the exchange that is asked."""

    typed: list[Line]
    one: Posed


def session(view: View) -> Iterator[Candidate]:
    """Candidates of the section's exchanges that are worth asking for, some at a time."""
    for shell in ("iex", "erl_shell"):
        waiting: list[_Turn] = []
        for one in posed(view):
            known = {turn.one.entry.expression for turn in waiting}
            if one.shell != shell or not _asked(one) or one.entry.expression in known:
                continue
            waiting.append(_Turn(_new(one, waiting), one))
            if len(waiting) == ASKED[1]:
                yield from _of(view, waiting)
                waiting = []
        yield from _of(view, waiting)


def _of(view: View, turns: list[_Turn]) -> Iterator[Candidate]:
    lines = [line for turn in turns for line in turn.typed]
    size = sum(line.entry.expression.count("\n") + 1 for line in lines)
    if len(turns) >= ASKED[0] and size <= LINES_MAX:
        listings = {one["block_id"]: one for turn in turns for one in turn.one.listings}
        yield _candidate(view, turns, list(listings.values()), lines)


def _asked(one: Posed) -> bool:
    entry = one.entry
    if one.problem or one.fails or len(entry.result) > RESULT_MAX:
        return False
    return not no_value(entry, "\n".join(one.typed)) and entry.result.strip() not in _PLAIN


def _new(one: Posed, turns: list[_Turn]) -> list[Line]:
    """The lines that lead to the exchange and were not typed yet, and itself."""
    known = {line.order for turn in turns for line in turn.typed}
    return [line for line in (*one.setup, one.line) if line.order not in known]


def _candidate(
    view: View, turns: list[_Turn], listings: list[Block], lines: list[Line]
) -> Candidate:
    first = turns[0].one
    block, shell, lang = first.block, first.shell, first.lang
    said: list[tuple[str, str]] = []
    asked_with: list[str] = []
    pieces = [
        Piece("listing", "erlang" if one["lang"] == "erlang" else "elixir", one["text"])
        for one in listings
    ]
    quotes = [view.quote(one, 0, len(one["text"]), "question") for one in listings]
    for place, turn in enumerate(turns):
        entry = turn.one.entry
        typed = [line.entry.expression for line in turn.typed]
        kind = "session_next" if place else "session_first"
        words = _words(kind, f"{block['block_id']}:{entry.start}:session", lang, asked_with)
        asked_with.append(words)
        parts = [words]
        if not place:
            loaded = [fenced(one["text"], one["lang"]) for one in listings]
            parts = [*(["This is loaded:", *loaded] if loaded else []), *parts]
        parts.append(fenced("\n".join(typed), lang))
        if KEYS.search(entry.result):
            parts.append(ANY_ORDER)
        said.append(("\n\n".join(parts), fenced(dedent(entry.result), "")))
        for line in turn.typed:
            own, at = line.entry, line.block
            quotes.append(view.quote(at, own.start, own.typed_end, "question"))
            asked = own is entry  # what leads there may print whatever it prints
            pieces.append(Piece("typed", lang, own.expression, own.result if asked else ""))
        quotes.append(view.quote(turn.one.block, entry.result_start, entry.end, "answer"))
    return Candidate(
        "session", block["block_id"], shell, "code", *said[-1], quotes,
        [(lang, line.entry.expression) for line in lines], earlier=said[:-1],
        trials=(Trial(Program(tuple(pieces)), "runs"),),
    )  # fmt: skip


def _words(kind: str, key: str, lang: str, used: list[str]) -> str:
    """A wording that was not used in this session."""
    every = (ask_code(kind, f"{key}:{nth}", language=language_name(lang)) for nth in range(20))
    return next(words for words in every if words not in used)
