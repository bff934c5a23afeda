"""Family ``diagnose_error``, of expressions with a slip: the error that they end in.

Belongs here: which slip is asked about, the answer that a run has given. Does not: slips
(``beam/slips.py``), mending them (``fix_failure.py``, which takes other ones), errors that the book
shows (``diagnose.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from booktune_assets.beam.alone import Piece, Program
from booktune_assets.beam.grammar import parses
from booktune_assets.beam.slips import Slip, slips_of
from booktune_assets.pairs.candidate import Candidate, View, fenced, language_name
from booktune_assets.pairs.fix_failure import error_told
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.posed import VOLATILE, Posed, posed
from booktune_assets.pairs.predict import KEYS, no_value
from booktune_assets.pairs.results import UNKNOWN
from booktune_assets.pairs.wording_code import ask_code

__all__ = ["diagnose_slip"]

SIZE_MIN = 12  # characters of an expression
# Their errors tell something of types, keys or calls: that a name does not exist says little.
_TELLING = frozenset(("swapped", "type", "joined", "capture", "key"))
_SAYS_NOTHING = re.compile(r"errors were found at the given arguments|argument error$")
_INNER = re.compile(r"no function clause matching in (?:\S*[.:])?(?P<name>[a-z_]\w*[!?]?)/\d")
SAME_MAX = 2  # times that one kind of slip is asked about in a section


def diagnose_slip(view: View) -> Iterator[Candidate]:
    """At most one candidate per expression."""
    asked: dict[str, int] = {}
    for one in posed(view, fit=_fit):
        said = one.entry.expression
        # the first one is what has to be mended in ``fix_bug``
        for slip in slips_of(said, one.lang, 6)[1:]:
            if slip.kind not in _TELLING or asked.get(slip.kind, 0) == SAME_MAX:
                continue
            if parses(slip.text, one.lang):
                asked[slip.kind] = asked.get(slip.kind, 0) + 1
                yield _candidate(view, one, slip)
                break


def _fit(one: Posed) -> bool:
    said = one.entry.expression
    if one.problem or one.fails or len(said) < SIZE_MIN or VOLATILE.search("\n".join(one.typed)):
        return False
    return not no_value(one.entry, "\n".join(one.typed)) and not KEYS.search(said)


def _candidate(view: View, one: Posed, slip: Slip) -> Candidate:
    block, lang = one.block, one.lang
    key = f"{block['block_id']}:{one.entry.start}:{slip.kind}:error"
    parts = [ask_code("error_which", key, language=language_name(lang))]
    if one.listings:
        parts += ["This is loaded:", *(fenced(o["text"], o["lang"]) for o in one.listings)]
        parts.append("This is evaluated:")
    parts.append(fenced("\n".join([*one.typed[:-1], slip.text]), lang))
    *before, last = one.program().pieces
    wrong = Piece("typed", lang, slip.text, last.expected)

    def finish(candidate: Candidate) -> None:
        found = candidate.outcomes[-1]
        told = error_told(found[-1].actual) if found else ""
        candidate.answer, candidate.glue = fenced(told, ""), (told,)
        if not told or _SAYS_NOTHING.search(told):
            candidate.problem = "error_says_nothing" if told else "error_is_the_compilers"
        elif (inner := _INNER.search(told)) and inner["name"] not in candidate.question:
            candidate.problem = "error_is_the_librarys"  # of a function that nobody called here

    quote = view.quote(block, one.entry.start, one.entry.typed_end, "answer")
    return Candidate(
        "diagnose_error", block["block_id"], one.shell, "code", "\n\n".join(parts),
        fenced(UNKNOWN, ""), [*one.quotes(view), quote], [*one.code()[:-1], (lang, slip.text)],
        glue=(UNKNOWN,), finish=finish, run_only=True,
        trials=(
            Trial(one.program(), "value"), Trial(Program((*before, wrong), hasty=True), "fails"),
        ),
    )  # fmt: skip
