"""What a candidate's code has to do, and what the outcomes of running it come to.

Belongs here: trials, refusals of the gates G4 and G5, the level of verification. Does not: running
(``execute.py``), the programs of trials (the families).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from booktune_assets.beam.alone import Found, Program
from booktune_assets.beam.steps import listing_kind
from booktune_assets.schemas_pairs import VERIFICATIONS

if TYPE_CHECKING:
    from booktune_assets.pairs.candidate import Candidate

__all__ = ["NOT_RUN", "Trial", "not_compiled", "not_executed", "unrun", "verified"]

NOT_RUN = "not_run"
ONLY_VERIFIED = frozenset(
    {"fill_in", "fix_bug", "rewrite", "session", "write_test"}
)  # nothing but a run says that these are right
AS_SAID = frozenset({"match", "ran", "error_as_said"})
_ABSENT = frozenset({"dependency", "newer_version", "project"})  # it needs what is not here
_UNCOMPILED = frozenset({"does_not_compile", "does_not_parse"})
_COMPILER = re.compile(r"\*\* \((?:Compile|TokenMissing|Syntax|MismatchedDelimiter)\w*Error\)")
_FAILED = re.compile(r"\*\* |line \d+: ")
_HANDLE = re.compile(r"(#(?:PID|Port|Ref|Reference|Function|Fun)<)[^<>\n]*>|<\d+\.\d+\.\d+>")
_DEFINING = frozenset(
    ("defmodule", "defprotocol", "defimpl", "alias", "import", "require", "use")
)  # fmt: skip
_SHOWN = 80
Wanted = Literal["value", "raises", "runs", "differs", "fails", "tells", "miss"]


@dataclass(frozen=True, slots=True)
class Trial:
    """A program and what has to come of it: the ``value`` or the error (``raises``) that is said of
    its last piece, that all of it ``runs``, that the last piece ``differs`` from what is said or
    ``fails``, or that it ``tells`` the answer, of which nothing is said. Of the trials that have to
    ``miss`` what is said one has to hold: without the answer an example does not come out.

    ``needed``: without it the pair is refused. ``tests``: it is an example that the answer's code
    has to meet.
    """

    program: Program
    wanted: Wanted
    needed: bool = True
    tests: bool = False


def unrun(candidate: Candidate) -> bool:
    """Is there code to run that was not run?"""
    if not candidate.trials:
        return False
    return not candidate.outcomes or any(one is None for one in candidate.outcomes)


def not_compiled(candidate: Candidate) -> str:
    """G4: why code that has to compile does not, or an empty string."""
    for trial, found in _tried(candidate):
        if not trial.needed or trial.wanted in ("differs", "fails", "miss"):
            continue
        if _holds(trial, found):
            continue
        for one in found if trial.wanted in ("runs", "tells") else found[:-1]:
            if one.verdict == "unverifiable":
                return f"unverifiable_{one.reason}"
            if one.verdict == "mismatch" and one.reason in _UNCOMPILED:
                return one.reason
    return ""


def not_executed(candidate: Candidate) -> str:
    """G5: what came instead of what has to come, or an empty string."""
    tells = any(trial.wanted == "tells" for trial in candidate.trials)
    only = candidate.run_only or candidate.family in ONLY_VERIFIED
    if only and (unrun(candidate) or not candidate.trials):
        return NOT_RUN
    if tells and unrun(candidate):
        return NOT_RUN
    without = [pair for pair in _tried(candidate) if pair[0].wanted == "miss"]
    if without and not any(_holds(trial, found) for trial, found in without):
        return "example_does_not_reach"
    for trial, found in _tried(candidate):
        if trial.wanted == "miss":
            continue
        # an example that code fails speaks against it as an answer, needed or not
        failed = trial.tests and found[-1].verdict == "mismatch" and candidate.kind != "theory"
        if (trial.needed or failed) and not _holds(trial, found):
            return _instead(trial, found)
    return ""


def _instead(trial: Trial, found: tuple[Found, ...]) -> str:
    last = found[-1]
    if trial.wanted == "differs":
        same = last.verdict in AS_SAID
        return "fault_shows_nothing" if same else f"fault_{last.reason or last.verdict}"
    if trial.wanted == "fails":
        return "fault_shows_nothing"
    bad = next((one for one in found if one.verdict not in AS_SAID), last)
    if bad.reason == "wording":
        return f"worded {_short(bad.actual)}"
    if bad.verdict == "unverifiable":
        return f"unverifiable_{bad.reason}"
    return f"gives {_short(bad.actual)}"


def _short(actual: str) -> str:
    """The beginning of what came, without numbers that differ from run to run."""
    came = _HANDLE.sub(lambda match: f"{match[1]}…>" if match[1] else "<…>", actual)
    return " ".join(came.split())[:_SHOWN]


def verified(candidate: Candidate, name: str) -> tuple[str, str | None]:
    """Level of verification and what found it out; ``name``: the toolchain.

    Code that only the question shows vouches for no answer in prose: ``shown``. Several exchanges
    are worth what the weakest answer with code among them is.
    """
    if candidate.parts:
        return _weakest(candidate, name)
    plain = "parsed" if candidate.code else "none"
    if unrun(candidate) or not candidate.trials:
        return plain, None
    levels = [
        _level(trial, found) for trial, found in _tried(candidate)
        if trial.wanted != "miss" and _holds(trial, found)
    ]  # fmt: skip
    best = max(levels, key=VERIFICATIONS.index, default=plain)
    if levels and candidate.kind == "theory":
        return "shown", f"{name}: the code shown {_says(best, levels.count(best), candidate)}"
    if levels:
        return best, f"{name}: {_says(best, levels.count(best), candidate)}"
    pieces = [one for found in candidate.outcomes if found for one in found]
    if absent := next((one for one in pieces if one.reason in _ABSENT), None):
        return "unverifiable", f"{name}: {absent.reason} {absent.detail}".rstrip()
    return plain, None


def _weakest(candidate: Candidate, name: str) -> tuple[str, str | None]:
    each = [(one.kind, *verified(one, name)) for one in candidate.parts]
    told = [(level, found) for kind, level, found in each if kind != "theory"]
    if not told:
        told = [(level, found) for _, level, found in each if level == "shown"]
    return min(told, key=lambda one: VERIFICATIONS.index(one[0]), default=("none", None))


def _says(level: str, count: int, candidate: Candidate) -> str:
    if any(trial.wanted == "tells" for trial in candidate.trials):
        if candidate.family == "fix_bug":
            return "gives what the question says, with the fault it does not"
        return "the answer is what it gives"
    if any(trial.wanted == "differs" for trial in candidate.trials):
        return "as said without the fault, otherwise with it"
    if any(trial.wanted == "fails" for trial in candidate.trials):
        told = candidate.family == "diagnose_error"
        return "ends in that error" if told else "right without the fault, an error with it"
    if level == "tested":
        return f"meets {count} example{'s' if count > 1 else ''} of the book"
    if level == "executed":
        pieces = [one for found in candidate.outcomes if found for one in found]
        compared = any(one.verdict == "match" for one in pieces)
        return "gives what the book shows" if compared else "runs"
    return "fails as the book shows" if level == "intended_failure" else "compiles"


def _tried(candidate: Candidate) -> Iterator[tuple[Trial, tuple[Found, ...]]]:
    for trial, found in zip(candidate.trials, candidate.outcomes, strict=False):
        if found is not None:
            yield trial, found


def _holds(trial: Trial, found: tuple[Found, ...]) -> bool:
    last = found[-1]
    if trial.wanted == "value":
        return last.verdict == "match"
    if trial.wanted == "raises":  # a match of another wording is that of another version
        return last.verdict == "error_as_said" and last.reason != "wording"
    if trial.wanted == "differs":
        return last.verdict == "mismatch" and last.reason not in ("no_answer", *_UNCOMPILED)
    if trial.wanted == "miss":
        return last.verdict not in AS_SAID
    if trial.wanted == "fails":
        if last.verdict in AS_SAID:
            return False
        return last.reason in _UNCOMPILED or bool(_FAILED.match(last.actual))
    return all(one.verdict in AS_SAID for one in found)


def _level(trial: Trial, found: tuple[Found, ...]) -> str:
    last = found[-1]
    if trial.wanted in ("value", "differs"):
        return "tested" if trial.tests else "executed"
    if trial.wanted == "raises":
        return "intended_failure"
    if trial.wanted == "fails":  # how far the code without the fault comes may say more
        unmade = last.reason in _UNCOMPILED or not last.actual.startswith("** ")
        unmade = unmade or _COMPILER.match(last.actual)
        return "compiled" if unmade else "intended_failure"
    if any(one.verdict == "error_as_said" for one in found[-1:]):
        return "intended_failure"
    piece = trial.program.pieces[-1]
    kind = "typed" if piece.kind == "typed" else listing_kind(piece.text, piece.lang)
    if kind == "test" and found[-1].verdict == "match":
        return "tested"
    erlang = piece.lang == "erlang" and piece.kind == "listing"
    return "compiled" if erlang or (kind != "typed" and _only_defines(piece.text)) else "executed"


def _only_defines(text: str) -> bool:
    """Does Elixir code define modules and call nothing?"""
    from booktune_assets.beam.elixir_tree import call_of
    from booktune_assets.beam.tree import content
    from booktune_assets.books.judge import syntax_tree

    calls = [call_of(node) for node in content(syntax_tree(text, "elixir"))]
    return all(call is not None and call.name in _DEFINING and not call.module for call in calls)
