"""Sentences of families say what their figures say, and losses are those that are shown."""

from __future__ import annotations

import pytest

from booktune_assets.evaluation.outcomes import family_verdicts, known, losses, open_margins, read
from booktune_assets.evaluation.statistics import Interval, verdict

PROSE = "general prose (package READMEs)"


def row(name: str, low: float | None, high: float | None, **more: object) -> dict[str, object]:
    metric, unit, better = {
        "book_sections": ("bits_per_byte", "bits per byte", "lower"),
        "general_text": ("bits_per_byte", "bits per byte", "lower"),
        "general_code": ("bits_per_byte", "bits per byte", "lower"),
        "heldout_answers": ("chrf", "points", "higher"),
        "problems": ("pass@1", "points", "higher"),
        "verbatim": ("given_back", "points", "lower"),
    }[name]
    diff = None if low is None or high is None else (low + high) / 2
    return {"suite": name, "metric": metric, "unit": unit, "better": better, "n": 30,
            "low": low, "high": high, "diff": diff, "verdict": "", **more}  # fmt: skip


def test_direction_is_turned_and_the_corrected_p_can_take_away() -> None:
    lower = read(row("book_sections", -0.3, -0.1, p=0.01, p_holm=0.03))
    assert (lower.kind, lower.gain, lower.low, lower.high) == ("better", 0.2, 0.1, 0.3)
    assert read(row("book_sections", -0.3, -0.1, p=0.01, p_holm=0.07)).kind == "unclear"
    assert read(row("book_sections", 0.1, 0.3)).kind == "worse"
    assert read(row("heldout_answers", 1.0, 7.0)).kind == "unclear", "chrF under 5 points"
    assert read(row("heldout_answers", 5.0, 9.0)).kind == "better"
    bleu = row("heldout_answers", 1.0, 7.0) | {"metric": "bleu"}
    assert read(bleu).kind == "unclear", "BLEU under 5 points"
    found = Interval(4.0, 1.0, 7.0, 30, p=0.01)
    assert verdict(found, "higher", "points", metric="bleu").startswith("not distinguishable")
    assert read(row("problems", None, None, diff=4.0)).kind == "few"
    assert read(row("problems", None, None, n=0)).kind == "none"


@pytest.mark.parametrize(
    ("rows", "family", "says"),
    [
        ([row("book_sections", -0.3, -0.1), row("problems", -30.0, 30.0)], "learned",
         "Something was learned: better on held-out sections; no clear difference on programming "
         "problems."),
        ([row("book_sections", -0.3, -0.1), row("problems", -30.0, -3.0)], "learned",
         "Mixed: better on held-out sections, worse on programming problems."),
        ([row("problems", -30.0, -3.0)], "learned",
         "Worse on programming problems, better on nothing."),
        ([row("problems", -3.0, 3.0), row("heldout_answers", None, None, n=3, diff=1.0)], "learned",
         "No clear difference on programming problems; too few items to tell on held-out questions "
         "(n=3)."),
        ([row("problems", None, None, n=0)], "learned",
         "It cannot be told whether anything was learned; not run: programming problems."),
        ([row("general_text", -0.004, 0.006, kept="yes")], "kept",
         f"Kept within the margin: {PROSE}."),
        ([row("general_text", 0.001, 0.006, kept="yes", p=0.01)], "kept",
         f"Kept within the margin: {PROSE}; a little worse all the same on {PROSE}."),
        ([row("general_text", 0.02, 0.06, kept="no"),
          row("general_code", -0.01, 0.02, kept="unclear")], "kept",
         f"Something was lost: {PROSE} (by 0.04 bits per byte, margin 0.01); not shown to be kept: "
         "other code (Python's standard library) (may have lost 0.02 bits per byte, margin 0.01)."),
        ([row("verbatim", 2.0, 9.0)], "copied",
         "More is copied than before: listings given back."),
        ([row("verbatim", -9.0, -2.0)], "copied", "Less is copied: listings given back."),
    ],
)  # fmt: skip
def test_one_sentence_for_a_family(rows: list[dict[str, object]], family: str, says: str) -> None:
    assert family_verdicts(rows) == {family: says}


def test_a_distance_is_judged_by_its_margin_alone() -> None:
    near = row("general_text", 0.001, 0.006, kept="yes")  # no p: the base's own is 0 by definition
    assert read(near).kind == "unclear" and losses([near]) == []
    assert family_verdicts([near]) == {"kept": f"Kept within the margin: {PROSE}."}
    assert len(losses([row("general_text", 0.02, 0.06, kept="no")])) == 1


def test_further_metrics_of_a_suite_do_not_speak_for_its_family() -> None:
    further = row("heldout_answers", 9.0, 12.0) | {"metric": "bleu"}
    assert family_verdicts([further]) == {}
    assert losses([row("heldout_answers", -12.0, -9.0) | {"metric": "bleu"}]) == []


def test_losses_are_those_that_are_shown() -> None:
    rows = [
        row("book_sections", -0.3, -0.1),
        row("problems", -30.0, -3.0, p_holm=0.2),  # not after correction
        row("heldout_answers", -12.0, -6.0, p_holm=0.01),
        row("general_text", 0.001, 0.012, kept="unclear", mdd=0.02, p_holm=0.3),  # too few
        row("general_code", -0.001, 0.012, kept="unclear", mdd=0.009),
    ]
    assert [one["suite"] for one, _ in losses(rows)] == ["heldout_answers"]
    ((unsure, why),) = open_margins(rows)
    assert unsure["suite"] == "general_code" and "not ruled out" in why
    lost = losses([row("general_text", 0.02, 0.06, kept="no")])
    assert "more than the margin of 0.01" in lost[0][1]


def test_a_suite_that_is_gone_is_known_to_be() -> None:
    assert known(row("problems", 0.0, 1.0))
    assert not known(row("problems", 0.0, 1.0) | {"suite": "heldout"})


def test_a_warning_is_one_claim_about_all_suites() -> None:
    worse = row("problems", -30.0, -2.0, p=0.02, p_holm=0.02)
    assert len(losses([worse])) == 1
    others = [row(name, -0.01, 0.01, p=0.5) for name in ("book_sections", "verbatim")]
    assert len(losses([worse, *others])) == 1, "one-sided: 3 x 0.01"
    others += [row(name, -0.1, 0.1, p=0.5) for name in ("general_text", "general_code")]
    others.append(row("heldout_answers", -1.0, 1.0, p=0.5))
    assert losses([worse, *others]) == []


def test_what_only_the_adapter_broke_on_is_a_loss_and_never_kept() -> None:
    some = row("general_text", -0.001, 0.001, kept="unclear", n=9, unscored=15, lost=15)
    every = row("general_code", None, None, kept="unclear", n=0, unscored=24, lost=24)
    fine = row("general_text", -0.001, 0.001, kept="yes")
    assert read(some).kind == read(every).kind == "lost"
    assert family_verdicts([some]) == {
        "kept": "No score under the adapter, where the base has one: general prose (package "
        "READMEs) (15 of 24 items)."
    }
    both = family_verdicts([every, fine])["kept"]
    assert both.startswith("No score under the adapter") and "; kept within the margin" in both
    assert [why for _, why in losses([some, every])] == [
        "no score for 15 of 24 items, where the base has one",
        "no score for 24 of 24 items, where the base has one",
    ]
    learned = row("book_sections", -0.3, -0.1, p=0.01, unscored=1, lost=1)
    assert read(learned).kind == "lost", "what is left of a broken model says nothing good"
    neither = row("problems", None, None, n=0, unscored=5, lost=0)
    assert "without any score: programming problems" in family_verdicts([neither])["learned"]
    assert losses([neither]) == []
