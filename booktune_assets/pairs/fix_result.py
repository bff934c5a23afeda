"""Family ``fix_bug``, of listings whose result the book leaves out: a run says what they give.

Belongs here: one fault in such a listing, what it gives with and without. Does not: the listings
(``results.py``), the words and the change (``fix_bug.py``), faults (``beam/mutate.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from booktune_assets.beam.mutate import Mutant
from booktune_assets.pairs.candidate import Candidate, View, fenced
from booktune_assets.pairs.fix_bug import DATA, HANDLE, PLAIN, change, faulty, worth
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.predict import KEYS
from booktune_assets.pairs.remarks import unanswered
from booktune_assets.pairs.results import Cell, cells, unfit
from booktune_assets.pairs.wording_code import ask_code

__all__ = ["fix_result"]

MUTANTS_MAX = 2  # tried on one listing
_DEFINES = re.compile(r"\bdef(?:module|p|macro)?\b")


def fix_result(view: View) -> Iterator[Candidate]:
    """At most two candidates per listing of some size."""
    for cell in cells(view):
        text = cell.block["text"].strip("\n")
        if not worth(text):
            continue
        left_alone = frozenset[str]() if _DEFINES.search(text) else DATA
        if text.count("|>") < 2:
            left_alone |= {"stage"}  # one step is all of it
        for mutant in faulty(text, "elixir", MUTANTS_MAX, left_alone):
            yield _candidate(view, cell, mutant)


def _candidate(view: View, cell: Cell, mutant: Mutant) -> Candidate:
    text = cell.block["text"].strip("\n")
    changed = change(text, mutant)
    key = f"{cell.block['block_id']}:result:{mutant.fault}"
    made = Candidate(
        "fix_bug", cell.block["block_id"], "elixir", "code", _question(cell, mutant, key, "", ""),
        f"{changed}\n\n{fenced(text, 'elixir')}", cell.quotes(view),
        [*cell.parts()[:-1], ("elixir", mutant.text)], glue=tuple(changed.split("\n")),
        trials=(
            Trial(cell.program(), "tells"),
            Trial(cell.program(mutant.text, hasty=True), "runs", needed=False),
        ),
    )  # fmt: skip
    made.finish = _finisher(cell, mutant, key)
    return made


def _finisher(cell: Cell, mutant: Mutant, key: str) -> Any:
    """Says what should come and what came: without that there is no question."""

    def finish(candidate: Candidate) -> None:
        right, wrong = (found[-1] if found else None for found in candidate.outcomes)
        if right is None or wrong is None:
            return
        wanted, came = right.actual.strip("\n"), wrong.actual.strip("\n")
        failed = wrong.verdict == "mismatch" and came.startswith("**")
        came = came.split("\n", 1)[0] if failed else came
        candidate.question = _question(cell, mutant, key, wanted, came)
        candidate.problem = unfit(cell, wanted)
        if came == wanted:
            candidate.problem = "fault_shows_nothing"
        elif not (failed or wrong.verdict == "ran"):
            candidate.problem = f"fault_{wrong.reason or wrong.verdict}"
        elif not all(PLAIN.fullmatch(one) and one.isprintable() for one in (wanted, came)):
            candidate.problem = "result_too_long"
        elif HANDLE.search(came) or KEYS.search(f"{wanted} {came}") or "CompileError" in came:
            candidate.problem = "result_varies"

    return finish


def _question(cell: Cell, mutant: Mutant, key: str, wanted: str, came: str) -> str:
    does = "it fails with" if came.startswith("**") else "it gives"
    symptom = f"It should give `{wanted}`, but {does} `{came}`."
    parts = [ask_code("fix_expression", key, language="Elixir", symptom=symptom), *cell.loaded()]
    if cell.before:
        shown = "\n\n".join(unanswered(one["text"]) for one in cell.before)
        parts += ["Before it, this was evaluated:", fenced(shown, "elixir"), "The expression:"]
    elif cell.listings:
        parts.append("The expression:")
    return "\n\n".join([*parts, fenced(unanswered(mutant.text), "elixir")])
