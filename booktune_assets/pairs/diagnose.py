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
from booktune_assets.pairs.candidate import (
    Candidate,
    Quote,
    Trial,
    View,
    fenced,
    language_name,
    shown,
)  # fmt: skip
from booktune_assets.pairs.explain import prose_about
from booktune_assets.pairs.posed import VOLATILE, Posed, posed
from booktune_assets.pairs.predict import ELIDED
from booktune_assets.pairs.trials import listing_pieces
from booktune_assets.pairs.wording_code import ask_code

__all__ = ["diagnose_error"]

ERROR_MAX = 900
_HANDLES = re.compile(r"#(?:PID|Reference|Function|Port|Ref|Fun)<|<0\.\d+\.\d+>")
_STACK = re.compile(r"^\s+(?:\([\w.~-]+ [\d.]+\w*\) |\w[\w/.]*\.exs?:\d|nofile:|iex:\d)", re.M)


def diagnose_error(view: View) -> Iterator[Candidate]:
    """Up to two candidates per error that the book shows: to explain it, and to foresee it."""
    shown_in = [one for one in posed(view) if one.fails]
    for place, one in enumerate(shown_in):
        last = place + 1 == len(shown_in) or shown_in[place + 1].block is not one.block
        about = prose_about(view, one.block) if last and _ends(one) else []
        yield from _of_exchange(view, one, about)
    for block, output in zip(view.blocks, view.blocks[1:], strict=False):
        if block["kind"] == "code" and block["lang"] == "elixir" and output["kind"] == "output":
            if shown_error(output["text"], "elixir"):
                yield _of_listing(view, block, output)


def _ends(one: Posed) -> bool:
    """Does nothing of the block stand below the error?"""
    return not one.block["text"][one.entry.end :].strip()


def _of_exchange(view: View, one: Posed, about: list[Quote]) -> Iterator[Candidate]:
    block, entry = one.block, one.entry
    key = f"{block['block_id']}:{entry.start}"
    language = language_name(one.lang)
    error = view.quote(block, entry.result_start, entry.end, "answer")
    problem = one.problem or _problem("\n".join(one.typed), entry.result)
    trials = (Trial(one.program(), "raises"),)
    prose = "\n\n".join(shown(quote.text) for quote in about)
    if prose:
        asked = Quote(
            error.section_id, error.block_id, error.start, error.end, error.text, "question"
        )
        words = ask_code("error_explain", key, language=language)
        parts = [words, *one.shown(), "The error:", fenced(entry.result, "")]
        yield Candidate(
            "diagnose_error", block["block_id"], one.shell, "theory", "\n\n".join(parts), prose,
            [*one.quotes(view), asked, *about], one.code(), problem=problem, trials=trials,
        )  # fmt: skip
    kind = "error_foresee" if prose else "error_which"
    words = ask_code(kind, key, language=language)
    answer = "\n\n".join([fenced(entry.result, ""), *([prose] if prose else [])])
    yield Candidate(
        "diagnose_error", block["block_id"], one.shell, "mixed" if prose else "code",
        "\n\n".join([words, *one.shown()]), answer, [*one.quotes(view), error, *about],
        one.code(), problem=problem, trials=trials,
    )  # fmt: skip


def _of_listing(view: View, block: dict[str, Any], output: dict[str, Any]) -> Candidate:
    text, said = block["text"], output["text"]
    about = prose_about(view, output)
    words = ask_code("error_listing", block["block_id"], language="Elixir")
    pieces = listing_pieces(view, block)
    pieces[-1] = Piece("listing", "elixir", pieces[-1].text, said, fails=True)
    prose = "\n\n".join(shown(quote.text) for quote in about)
    answer = "\n\n".join([fenced(said, ""), *([prose] if prose else [])])
    return Candidate(
        "diagnose_error", block["block_id"], "elixir", "mixed" if prose else "code",
        f"{words}\n\n{fenced(text, 'elixir')}", answer,
        [view.quote(block, 0, len(text), "question"), view.quote(output, 0, len(said), "answer"),
         *about],
        [("elixir", text)], problem=_problem(text, said),
        trials=(Trial(Program(tuple(pieces)), "raises"),),
    )  # fmt: skip


def _problem(code: str, error: str) -> str:
    if VOLATILE.search(code) or _HANDLES.search(error):
        return "result_varies"
    if ELIDED.search(error) or ELIDED.search(code):
        return "elided"
    if len(error) > ERROR_MAX:
        return "error_too_long"
    return "stack_of_a_machine" if len(_STACK.findall(error)) > 1 else ""
