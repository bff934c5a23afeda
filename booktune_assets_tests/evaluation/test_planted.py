"""Planted truths: what is known of a model is what its evaluation says, from weights to sentences.

Nothing is scored by hand here: tiny models are trained and asked, the twins in a child process.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from booktune_assets.evaluation import child, run
from booktune_assets.evaluation.outcomes import family_verdicts, losses
from booktune_assets.evaluation.run import Evaluated, evaluate
from booktune_assets.evaluation.suite import card
from booktune_assets.llm.models import BaseModel

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
from _planted import WORDS, asked, listing, listings, prose, stage_two, tampered, tuned

N = 10
STEPS = 100
OTHERS = range(500, 500 + N)
STAGE_TWO = [(f"stage 2, {n}", prose(n)) for n in range(12)]


@dataclass(frozen=True)
class Lab:
    """A base that knows prose, and where its answers are kept."""

    base: BaseModel
    folder: Path

    def evaluated(self, adapter: Path, *suites: str, **given: Any) -> Evaluated:
        values = {"general": {"general_text": STAGE_TWO}, "listings": listings(range(N))}
        given = values | {"settings": {"verbatim": N}} | given
        spec = asked(adapter, self.base, self.folder / "calls", *suites, **given)
        return evaluate(spec, self.folder / f"work-{adapter.name}")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    folder = tmp_path_factory.mktemp("planted")
    return Lab(stage_two(folder / "base", [text for _, text in STAGE_TWO], 50), folder)


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # of the child


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child's work in this process: the same engine, without loading torch once more."""

    def in_process(_: str, spec: dict[str, Any], __: Path) -> dict[str, Any]:
        return child.run(spec)

    monkeypatch.setattr(run, "run_child", in_process)


def rows_of(made: Evaluated) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["suite"], row["metric"]): row for row in made.frames["eval_report"].to_dicts()}


@pytest.mark.usefixtures("here")
def test_memory_of_listings_is_found_and_other_training_is_not(lab: Lab) -> None:
    found: dict[str, dict[str, Any]] = {}
    for name, numbers in (("heart", range(N)), ("others", OTHERS)):
        adapter = tuned(lab.base, [listing(n) for n in numbers], STEPS, lab.folder / name)
        found[name] = rows_of(lab.evaluated(adapter, "verbatim"))["verbatim", "given_back"]
    heart, others = found["heart"], found["others"]
    assert heart["n"] == others["n"] == heart["clusters"] == N
    assert heart["low"] > 30 and heart["p_holm"] < 0.01
    assert heart["verdict"].startswith("worse by")
    assert others["low"] <= 0 <= others["high"]
    assert others["verdict"].startswith("no clear difference")
    assert heart["base"] == others["base"] < 10, "both are compared with the same answers"


@pytest.mark.usefixtures("here")
def test_a_tampered_adapter_is_shown_to_have_forgotten(lab: Lab) -> None:
    sound = tuned(lab.base, [], 0, lab.folder / "sound")
    made = lab.evaluated(tampered(sound, lab.folder / "tampered", 0.1), "general_text")
    row = rows_of(made)["general_text", "bits_per_byte"]
    assert row["kept"] == "no" and row["low"] > 0.01 and row["n"] == len(STAGE_TWO)
    assert row["verdict"].startswith("not kept within 0.01 bits per byte: worse by")
    sentence = family_verdicts(made.frames["eval_report"].to_dicts())["kept"]
    assert sentence.startswith("Something was lost: general prose")
    assert sentence.removesuffix(".") in made.files["report.html"].read_text()


@pytest.mark.usefixtures("here")
def test_a_broken_adapter_is_shown_to_be_broken(lab: Lab) -> None:
    sound = tuned(lab.base, [], 0, lab.folder / "whole")
    broken = tampered(sound, lab.folder / "nan", math.nan)
    made = lab.evaluated(broken, "general_text", "drift", settings={"drift": 8, "drift_tokens": 4})
    rows = rows_of(made)
    for name, n in ((("general_text", "bits_per_byte"), len(STAGE_TWO)), (("drift", "kl"), 8)):
        assert (rows[name]["n"], rows[name]["lost"], rows[name]["kept"]) == (0, n, "unclear")
        assert "no score: not_finite" in rows[name]["verdict"]
    table = made.frames["eval_report"].to_dicts()
    assert {one["suite"] for one, _ in losses(table)} == {"general_text", "drift"}
    sentence = family_verdicts(table)["kept"]
    assert sentence.startswith("No score under the adapter, where the base has one: general prose")
    page = made.files["report.html"].read_text()
    assert sentence in page and '<li class="worse"><div class="what">Kept' in page


def test_two_equal_models_show_nothing_in_any_suite(lab: Lab) -> None:
    told = [f"A {word} is a thing of the port with number {n}." for n, word in enumerate(WORDS)]
    labels = [text.split()[1] for text in told]
    concepts = [
        {"concept_id": f"con_{n:020x}", "label": label, "kind": "term", "aliases": [], "level": 1,
         "definition": text, "introduced_in": f"sec_{n}", "order": n, "heldout": True}
        for n, (label, text) in enumerate(zip(labels, told, strict=True))
    ]  # fmt: skip
    questions = [(f"q{n}", f"What is a {label}?", told[n]) for n, label in enumerate(labels)]
    made = lab.evaluated(
        tuned(lab.base, [], 0, lab.folder / "twin"),
        sections=[(f"sec_{n}", text) for n, text in enumerate(told)], questions=questions,
        trained=questions, books={f"sec_{n}": text for n, text in enumerate(told)},
        concepts=concepts, passages={name: text for name, _, text in questions},
        general={"general_text": STAGE_TWO, "general_code": STAGE_TWO},
        stage_texts={"domain": STAGE_TWO},
        settings={"verbatim": N, "short_answers": 14, "answers": 9, "retrieval": 9,
                  "regurgitation": 9, "problems": 0, "otp": 0, "drift": 8, "drift_tokens": 4,
                  "tool_calls": 8, "formats": 8},
    )  # fmt: skip
    rows = rows_of(made)
    asked_ = {name: row for name, row in rows.items() if row["n"]}
    assert len({suite for suite, _ in asked_}) == 13
    for (suite, _), row in asked_.items():
        assert abs(row["diff"]) < 1e-6 and row["clusters"] >= 8, row
        words = row["verdict"]
        calm = "kept within" if suite == "drift" else "no clear difference"
        assert calm in words and "better" not in words and "worse" not in words
        # eight outcomes that are alike rule out no loss of a point
        kept = "unclear" if suite in ("tool_calls", "formats") else "yes"
        assert row["kept"] == (kept if card(suite).family == "kept" else None)
    skipped = {suite for (suite, _), row in rows.items() if not row["n"]}
    assert skipped == {
        "problems", "otp", "variation", "own_files", "lm_eval", "stage_texts_general"
    }  # fmt: skip
    for sentence in family_verdicts(list(rows.values())).values():
        assert not any(word in sentence for word in ("better", "orse", "Something was", "More is"))
    assert made.counts["failed"] == 0
