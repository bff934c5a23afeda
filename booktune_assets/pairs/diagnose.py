"""Family ``diagnose_error``: which error code ends in, and what is behind it.

Belongs here: sessions and listings for which the book shows an error, and the prose that says why.
Does not: what an expression needs (``posed.py``), which prose speaks of code (``explain.py``),
values (``predict.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from booktune_assets.beam.alone import Piece, Program
from booktune_assets.beam.compare import shown_error
from booktune_assets.beam.grammar import parses
from booktune_assets.pairs.candidate import (
    Candidate,
    Quote,
    View,
    fenced,
    language_name,
    shown,
)  # fmt: skip
from booktune_assets.pairs.explain import prose_about
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.posed import VOLATILE, Posed, posed
from booktune_assets.pairs.predict import ANY_ORDER, ELIDED, KEYS
from booktune_assets.pairs.trials import listing_pieces
from booktune_assets.pairs.wording_code import ask_code

__all__ = ["diagnose_error"]

ERROR_MAX = 900
SHARED_MIN = 2  # words of code and error that an explanation has to share
_WORD = re.compile(r"[A-Za-z_]\w{3,}")
_SPEAKS_OF_ERRORS = re.compile(
    r"\b(?:\w*[Ee]rrors?|exceptions?|fail\w*|rais\w+|crash\w*|refus\w+|reject\w*|invalid|illegal|"
    r"undefined|private|unbound|complain\w*|cannot|can't|could not|couldn't|mismatch\w*|"
    r"(?:does|do|did)(?: not|n't)|won't|no (?:function )?(?:clause|match)\w*|not (?:match|exist|"
    r"support|allow|defin)\w*)\b|\*\* \("
)
_HANDLES = re.compile(r"#(?:PID|Reference|Function|Port|Ref|Fun)<|<0\.\d+\.\d+>")
_PLACE = re.compile(r"(?m)(?<=\) )(?:iex|nofile|[\w/.-]+\.exs?):\d+:(?:\d+:)? ")
_STACK = re.compile(
    r"^[ \t]+(?:\([\w.~ -]+\) |[\w/.-]+\.(?:exs?|erl):\d|iex:\d|nofile:|"
    r"(?::\w+|[A-Z][\w.]*)\.\S+\(|"
    r"expanding (?:struct|macro)|in function )",
    re.M,
)


def diagnose_error(view: View) -> Iterator[Candidate]:
    """Up to two candidates per error that the book shows: to explain it, and to foresee it."""
    shown_in = [one for one in posed(view) if one.fails]
    for place, one in enumerate(shown_in):
        last = place + 1 == len(shown_in) or shown_in[place + 1].block is not one.block
        about = prose_about(view, one.block) if last and _ends(one) else []
        about = about if _of_the_error(about, one.entry.expression, one.entry.result) else []
        yield from _of_exchange(view, one, about)
    for block, output in zip(view.blocks, view.blocks[1:], strict=False):
        listing = block["kind"] == "code" and block["lang"] == "elixir"
        if listing and output["kind"] == "output" and shown_error(output["text"], "elixir"):
            yield _of_listing(view, block, output)


def _ends(one: Posed) -> bool:
    """Does nothing of the block stand below the error?"""
    return not one.block["text"][one.entry.end :].strip()


def _of_the_error(about: list[Quote], code: str, error: str) -> bool:
    """Does the prose speak of this error, and not of the code at large?"""
    said = " ".join(quote.text for quote in about)
    shared = set(_WORD.findall(said)) & set(_WORD.findall(f"{code} {error}"))
    return bool(_SPEAKS_OF_ERRORS.search(said)) and len(shared) >= SHARED_MIN


def _of_exchange(view: View, one: Posed, about: list[Quote]) -> Iterator[Candidate]:
    block, entry = one.block, one.entry
    key = f"{block['block_id']}:{entry.start}"
    language = language_name(one.lang)
    begin = _echoed(entry.expression, entry.result)
    said = _without_stack(entry.result[begin:])
    first = entry.result_start + begin
    error = view.quote(block, first, first + len(said), "answer")
    problem = one.problem or _problem("\n".join(one.typed), said)
    trials = (Trial(one.program(), "raises"),)
    # what was never meant to parse is shown without a language, as text
    broken = parses(entry.expression, one.lang) is False
    code = one.code()[:-1] if broken else one.code()
    shown_code = one.shown("" if broken else None)
    prose = "\n\n".join(shown(quote.text) for quote in about)
    if prose:
        asked = Quote(
            error.section_id, error.block_id, error.start, error.end, error.text, "question"
        )
        words = ask_code("error_explain", key, language=language)
        parts = [words, *shown_code, "The error:", fenced(said, "")]
        yield Candidate(
            "diagnose_error", block["block_id"], one.shell, "theory", "\n\n".join(parts), prose,
            [*one.quotes(view), asked, *about], code, problem=problem, trials=trials,
        )  # fmt: skip
    order = [ANY_ORDER] if KEYS.search(said) else []
    kind = "error_foresee" if prose else "error_which"
    words = ask_code(kind, key, language=language)
    told = _without_place(said)
    answer = "\n\n".join([fenced(told, ""), *([prose] if prose else [])])
    yield Candidate(
        "diagnose_error", block["block_id"], one.shell, "mixed" if prose else "code",
        "\n\n".join([words, *shown_code, *order]), answer, [*one.quotes(view), error, *about],
        code, problem=problem, trials=trials, glue=() if told == said else (told,),
    )  # fmt: skip


def _of_listing(view: View, block: dict[str, Any], output: dict[str, Any]) -> Candidate:
    text, said = block["text"], _without_stack(output["text"])
    about = prose_about(view, block)
    about = about if _of_the_error(about, text, said) else []
    broken = parses(text, "elixir") is False
    words = ask_code("error_listing", block["block_id"], language="Elixir")
    pieces = listing_pieces(view, block)
    pieces[-1] = Piece("listing", "elixir", pieces[-1].text, said, fails=True)
    prose = "\n\n".join(shown(quote.text) for quote in about)
    told = _without_place(said)
    answer = "\n\n".join([fenced(told, ""), *([prose] if prose else [])])
    return Candidate(
        "diagnose_error", block["block_id"], "elixir", "mixed" if prose else "code",
        f"{words}\n\n{fenced(text, '' if broken else 'elixir')}", answer,
        [view.quote(block, 0, len(text), "question"), view.quote(output, 0, len(said), "answer"),
         *about],
        [] if broken else [("elixir", text)], problem=_problem(text, said),
        trials=(Trial(Program(tuple(pieces)), "raises"),),
        glue=() if told == said else (told,),
    )  # fmt: skip


def _problem(code: str, error: str) -> str:
    if VOLATILE.search(code) or _HANDLES.search(error):
        return "result_varies"
    if ELIDED.search(error) or ELIDED.search(code):
        return "elided"
    return "error_too_long" if len(error) > ERROR_MAX else ""


def _echoed(expression: str, result: str) -> int:
    """Where a result begins that repeats the line that was typed."""
    line, end, _ = result.partition("\n")
    return len(line) + 1 if end and line.strip() == expression.strip() else 0


def _without_place(error: str) -> str:
    """The error without the line that it stood in: nobody can foresee ``iex:107:``."""
    return _PLACE.sub("", error)


def _without_stack(error: str) -> str:
    """The error up to where its stack begins: that names files of one machine and version."""
    begins = _STACK.search(error)
    return error[: begins.start()].rstrip() if begins and begins.start() else error
