"""Family ``predict_output``, of what is typed and shows no value: a run says what it gives.

Belongs here: lines of a session whose result the book leaves out, and names that a pattern binds
and that the book does not look at. Does not: results that are shown (``predict.py``), listings
(``results.py``), running.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from booktune_assets.beam.alone import Piece, Program
from booktune_assets.concepts.mentions import code_without_text
from booktune_assets.pairs.candidate import Candidate, View, fenced, language_name
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.posed import VOLATILE, Posed, posed
from booktune_assets.pairs.predict import ANY_ORDER, ELIDED, KEYS, kind_of_question, no_value
from booktune_assets.pairs.results import NOT_ASKED, STRANGE, UNKNOWN
from booktune_assets.pairs.sessions import Entry, bound
from booktune_assets.pairs.wording import ask
from booktune_assets.pairs.wording_code import ask_code

__all__ = ["predict_typed"]

RESULT_MAX = 400
LINES_MAX = 20
NAMES_MAX = 3  # names of a pattern that are asked for together
_DIRECTIVE = re.compile(r"(?:import|alias|require|use)\b")
_PATTERN = re.compile(r"(?s)(?P<left>[\[{%].*?[\]}]) = (?P<right>.+)")


def predict_typed(view: View) -> Iterator[Candidate]:
    """One candidate per such line, and one per pattern."""
    for one in posed(view, told=False):
        said = one.entry.expression
        if _fit(one) and not bound(said, one.shell) and not _DIRECTIVE.match(said):
            yield _candidate(view, one, "")
    looked_at = {one.entry.expression.strip(". ") for one in posed(view)}
    for one in posed(view):
        names = [] if one.fails or not _fit(one) else _names(one)
        if names and not looked_at & set(names):
            looked_at |= set(names)
            yield _candidate(view, one, _look(names, one.lang))


def _fit(one: Posed) -> bool:
    text = "\n".join([*one.typed, *(block["text"] for block in one.listings)])
    if one.problem or VOLATILE.search(text) or ELIDED.search(text):
        return False
    return not NOT_ASKED.search(code_without_text(text)) and text.count("\n") < LINES_MAX


def _names(one: Posed) -> list[str]:
    """Names that a pattern takes out of a value."""
    said = one.entry.expression
    match = _PATTERN.fullmatch(said.rstrip(". "))
    if match is None or "^" in match["left"] or "=" in match["left"].replace("=>", ""):
        return []
    names = bound(said, one.shell)
    inside = [name for name in re.findall(r"[A-Za-z_]\w*", match["left"]) if name in names]
    kept = list(dict.fromkeys(name for name in inside if not name.startswith("_")))
    return kept[-NAMES_MAX:]


def _look(names: list[str], lang: str) -> str:
    """An expression that gives the values of the names."""
    said = names[0] if len(names) == 1 else f"{{{', '.join(names)}}}"
    return f"{said}." if lang == "erlang" else said


def _candidate(view: View, one: Posed, look: str) -> Candidate:
    block, lang, entry = one.block, one.lang, one.entry
    key = f"{block['block_id']}:{entry.start}:typed"
    language = language_name(lang)
    if look:
        asked = ask_code("bound_to", key, language=language, look=look)
    else:
        asked = ask("predict_last" if one.setup else "predict_output", key, language=language)
    code = "\n".join(text for _, text in one.code())
    parts = [asked, *one.shown()]
    pieces = list(one.program().pieces)
    pieces[-1] = Piece("typed", lang, entry.expression)
    if look:
        pieces.append(Piece("typed", lang, look))

    def finish(candidate: Candidate) -> None:
        found = candidate.outcomes[-1]
        result = found[-1].actual.strip("\n") if found else ""
        candidate.answer, candidate.glue = fenced(result, ""), tuple(result.split("\n"))
        candidate.problem = _unfit(one, look, result)
        kind = kind_of_question(code, result, lang, several=bool(one.setup))
        if kind == "predict_shown" and not look:
            parts[0] = ask(kind, key, language=language)
            candidate.question = "\n\n".join(parts)
        if KEYS.search(result):
            candidate.question = "\n\n".join([*parts, ANY_ORDER])

    answer = view.quote(block, entry.start, entry.typed_end, "answer")
    return Candidate(
        "predict_output", block["block_id"], one.shell, "code", "\n\n".join(parts),
        fenced(UNKNOWN, ""), [*one.quotes(view), answer], one.code(), glue=(UNKNOWN,),
        trials=(Trial(Program(tuple(pieces)), "tells"),), finish=finish,
    )  # fmt: skip


def _unfit(one: Posed, look: str, result: str) -> str:
    """Why there is nothing to ask, seen from the result."""
    if not result or len(result) > RESULT_MAX or STRANGE.search(result):
        return "result_varies" if result else "result_says_nothing"
    if result in (":ok", "ok", "nil"):
        return "result_says_nothing"
    code = "\n".join(one.typed)
    typed = look or one.entry.expression
    return no_value(Entry(typed, result, 0, 0, 0, 0), code)
