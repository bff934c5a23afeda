"""What is measured: the suites, their items, and the score of one item.

Belongs here: the table of suites, choosing problems, scoring answers. Does not: asking the model
(``child.py``), doubt (``statistics.py``), words and pictures (``report.py``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from booktune_assets.beam.extract_code import extract_code
from booktune_assets.beam.problems import Problem
from booktune_assets.beam.runner import judge_many
from booktune_assets.ids import stable_int

__all__ = [
    "ARMS", "SUITES", "ItemScore", "Suite", "choose", "score_answers", "score_problems",
    "score_texts",
]  # fmt: skip

ARMS = ("base", "tuned")
CODE_ONLY = "Answer with the code of the module only."
_LOOP = 4  # the same ending this often in a row is a model that does not stop


@dataclass(frozen=True, slots=True)
class Suite:
    """One suite. ``family`` says what a difference means: learned, kept or applied."""

    name: str
    title: str
    family: Literal["learned", "kept", "applied"]
    metric: str
    unit: str
    better: Literal["higher", "lower"]
    says: str


SUITES: dict[str, Suite] = {
    suite.name: suite
    for suite in (
        Suite(
            "book_sections", "held-out sections", "learned", "bits_per_byte", "bits per byte",
            "lower", "How surprised the model is by sections of the books that it never saw.",
        ),
        Suite(
            "heldout_answers", "held-out questions", "learned", "chrf", "points", "higher",
            "How much an answer shares with the book's own, by character n-grams (chrF).",
        ),
        Suite(
            "general_text", "general prose (package READMEs)", "kept", "bits_per_byte",
            "bits per byte", "lower",
            "How surprised the model is by English that is neither in the books nor rehearsed: "
            "paragraphs from the READMEs of Python packages.",
        ),
        Suite(
            "general_code", "other code (Python's standard library)", "kept", "bits_per_byte",
            "bits per byte", "lower",
            "How surprised the model is by code in a language that is neither in the books nor "
            "rehearsed: functions of Python's standard library.",
        ),
        Suite(
            "problems", "programming problems", "applied", "pass@1", "points", "higher",
            "Programs written to a statement, run against tests in a sandbox.",
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ItemScore:
    """One item under one arm: a row of ``eval_report__items`` without its ids."""

    suite: str
    metric: str
    item_id: str
    arm: str
    score: float | None
    weight: float
    prompt: str | None
    output: str | None
    reference: str | None
    status: str


def choose(problems: Sequence[Problem], count: int) -> list[Problem]:
    """``count`` problems: the short set, then the easy ones; among equals an order nobody picked.

    A problem without a statement (one that was imported for its tests) cannot be asked.
    """
    asked = [one for one in problems if one.prompt.strip()]
    return sorted(asked, key=lambda one: (not one.short, one.difficulty, stable_int(one.id)))[
        :count
    ]


def score_texts(
    suite: str, texts: Sequence[tuple[str, str]], scored: Mapping[str, Mapping[str, object]]
) -> list[ItemScore]:
    """Bits per byte of each text; ``scored`` holds ``[nats, tokens, bytes]`` or an error."""
    rows: list[ItemScore] = []
    metric = SUITES[suite].metric
    for arm in ARMS:
        for item_id, text in texts:
            value = scored[arm][item_id]
            score, weight, status = _bits(value, len(text.encode()))
            row = (suite, metric, item_id, arm, score, weight, None, None, text, status)
            rows.append(ItemScore(*row))
    return rows


def score_answers(
    questions: Sequence[tuple[str, str, str]], answers: Mapping[str, Mapping[str, object]]
) -> list[ItemScore]:
    """chrF of each answer against the book's answer."""
    from sacrebleu.metrics.chrf import CHRF

    metric = CHRF()
    rows: list[ItemScore] = []
    for arm in ARMS:
        for item_id, question, reference in questions:
            output, status = _answer(answers[arm][item_id])
            score = None if output is None else metric.sentence_score(output, [reference]).score
            rows.append(
                ItemScore(
                    "heldout_answers", "chrf", item_id, arm, score, 1.0, question, output,
                    reference, status,
                )
            )  # fmt: skip
    return rows


def score_problems(
    problems: Sequence[Problem], answers: Mapping[str, Mapping[str, object]]
) -> list[ItemScore]:
    """0 or 100 for each program; one that both arms wrote alike is run once.

    A fault of the harness gives no score, so it counts for neither side.
    """
    wanted: dict[tuple[str, str], tuple[Problem, str]] = {}
    for arm in ARMS:
        for problem in problems:
            code = extract_code(str(answers[arm][problem.id]), problem.language)
            wanted[problem.id, code] = (problem, code)
    verdicts = dict(zip(wanted, judge_many(list(wanted.values())), strict=True))
    rows: list[ItemScore] = []
    for arm in ARMS:
        for problem in problems:
            output, status = _answer(answers[arm][problem.id])
            code = extract_code(output or "", problem.language)
            judged = verdicts.get((problem.id, code))
            score: float | None = None
            if output is not None and judged is not None:
                status = "no_code" if not code.strip() else judged.status
                score = {"pass": 100.0, "harness_error": None}.get(status, 0.0)
                status = "ok" if status == "pass" else status
            rows.append(
                ItemScore(
                    "problems", "pass@1", problem.id, arm, score, 1.0, problem.prompt, output,
                    problem.reference, status,
                )
            )  # fmt: skip
    return rows


def _bits(value: object, size: int) -> tuple[float | None, float, str]:
    if not isinstance(value, list):
        return None, float(size), _error(value)
    nats, _tokens, bytes_ = (float(figure) for figure in value)
    if not math.isfinite(nats) or bytes_ <= 0:
        return None, float(size), "not_finite"
    return nats / math.log(2) / bytes_, bytes_, "ok"


def _answer(value: object) -> tuple[str | None, str]:
    """Text and status of a generation; an error (a dictionary) has no text."""
    if not isinstance(value, str):
        return None, _error(value)
    if not value.strip():
        return value, "empty"
    end = value[-12:]
    return value, "loops" if len(value) > 12 * _LOOP and value.count(end) >= _LOOP else "ok"


def _error(value: object) -> str:
    return str(value.get("error")) if isinstance(value, dict) else "no_answer"
