"""Family ``predict_output``: what an expression of a shell session gives.

Belongs here: the question about a value. Does not: what the expression needs (``posed.py``), errors
(``diagnose.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from booktune_assets.pairs.candidate import Candidate, View, fenced, language_name
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.posed import VOLATILE, Posed, posed
from booktune_assets.pairs.sessions import Entry
from booktune_assets.pairs.wording import ask

__all__ = ["ELIDED", "OPAQUE", "predict_output"]

RESULT_MAX = 1_200
OPAQUE = re.compile(r"#(?:PID|Reference|Function|Port|Ref|Fun)<|<0\.\d+\.\d+>|nonode@|#Fun<")
ELIDED = re.compile(r"\.\.\.(?!>)|…|\[\.\.\.\]|# =>|\(\.\.\.\)")
_SPEAKS = re.compile(r"(?m)^\s*(?:warning:|\*\* \(CompileError|nofile:|.*\bredefining module)")


def predict_output(view: View) -> Iterator[Candidate]:
    """One candidate per exchange of a session that prints a value."""
    for one in posed(view):
        if not one.fails:
            yield _candidate(view, one)


def _candidate(view: View, one: Posed) -> Candidate:
    block, entry = one.block, one.entry
    key = f"{block['block_id']}:{entry.start}"
    kind = "predict_last" if one.setup else "predict_output"
    words = ask(kind, key, language=language_name(one.lang))
    result = view.quote(block, entry.result_start, entry.end, "answer")
    return Candidate(
        "predict_output", block["block_id"], one.shell, "code", "\n\n".join([words, *one.shown()]),
        fenced(entry.result, ""), [*one.quotes(view), result], one.code(),
        problem=one.problem or _problem(entry, "\n".join(one.typed)),
        trials=(Trial(one.program(), "value"),),
    )  # fmt: skip


def _problem(entry: Entry, code: str) -> str:
    if VOLATILE.search(code) or OPAQUE.search(entry.result):
        return "result_varies"
    if ELIDED.search(entry.result) or ELIDED.search(code):
        return "elided"
    if _SPEAKS.search(entry.result) or len(entry.result) > RESULT_MAX:
        return "result_not_a_value"
    if re.match(r"\s*(?:#(?![A-Z{])|//|%(?!\w*\{|[A-Z]))", entry.result):
        return "result_not_a_value"
    plain = " ".join(entry.expression.rstrip(".").split())
    result = " ".join(entry.result.split())
    if result == plain or re.fullmatch(rf"[A-Za-z_]\w* = {re.escape(result)}", plain):
        return "result_is_expression"
    return "result_says_nothing" if result in ("nil", ":ok", "ok") and "\n" not in code else ""
