"""The rehearsal set: prompts, filters, counts, and the whole with the tiny model."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from booktune_assets.rehearsal import build
from booktune_assets.rehearsal.build import build_rehearsal
from booktune_assets.rehearsal.general import general_texts
from booktune_assets.rehearsal.synthesise import prompts_from, refusal, tidy
from booktune_assets.settings import Rehearsal

GOOD = (
    "A supervisor starts its children in order and watches them. When one of them ends, it is "
    "started again after the rules that were given, and the others keep running meanwhile."
)


@pytest.mark.parametrize(
    ("text", "shown", "reason"),
    [
        (GOOD, (), ""),
        ("Too short.", (), "short"),
        ("\x00\x01" * 60 + ".", (), "unprintable"),
        ("def f(x): return x + 1\n" * 4, (), "unfinished"),
        ("It is a type of programming. " * 9, (), "repetitive"),
        (GOOD, ("Note. " + GOOD,), "copied"),
    ],
)
def test_filters(text: str, shown: tuple[str, ...], reason: str) -> None:
    assert refusal(text, shown) == reason


def test_answers_end_with_a_sentence() -> None:
    assert tidy(" One. Two! And thr") == "One. Two!"
    assert tidy("no end at all") == "no end at all"


def test_prompts_show_two_passages_and_ask_for_a_third() -> None:
    demos = general_texts(20, 700)
    prompts = prompts_from(demos, 6, seed=3)
    assert prompts == prompts_from(demos, 9, seed=3)[:6]
    assert prompts != prompts_from(demos, 6, seed=4)
    assert len({prompt.prompt_id for prompt in prompts}) == 6
    for prompt in prompts:
        assert prompt.text.count("Title: ") == 3 and prompt.text.endswith("\n")
        asked = prompt.text.rsplit("Title: ", 1)[1].strip()
        assert prompt.text.count(f"Title: {asked}\n") == 1
        assert len(prompt.shown) == 2


def test_the_whole_with_the_tiny_model(tiny, tmp_path: Path) -> None:
    settings = Rehearsal(replay_rows=5, synthesised_rows=2, new_tokens=16)
    made = build_rehearsal(tiny, settings, tmp_path / "a")
    assert made.counts["replay"] == 5
    assert made.counts["attempts"] == made.counts["dropped"] + made.counts["self_synthesised"]
    assert made.counts["attempts"] == 4, "an untrained model writes nothing fit"
    assert made.counts["rows"] == made.frame.height
    again = build_rehearsal(tiny, settings, tmp_path / "b")
    assert made.frame.equals(again.frame)


def test_fit_answers_become_rows(tiny, tmp_path: Path, monkeypatch) -> None:
    asked = {}

    def child(module: str, spec: dict, work: Path) -> dict:
        asked.update(spec)
        texts = [(GOOD, ""), ("x", "short"), (GOOD + " And on.", "")]
        names = [prompt["prompt_id"] for prompt in spec["prompts"]]
        answers = [
            {"prompt_id": name, "text": text, "reason": reason}
            for name, (text, reason) in zip(names, texts, strict=False)
        ]
        return {"answers": answers, "peak_mb": 1}

    monkeypatch.setattr(build, "run_child", child)
    made = build_rehearsal(tiny, Rehearsal(replay_rows=3, synthesised_rows=2, seed=7), tmp_path)
    own = made.frame.filter(pl.col("origin") == "self_synthesised")
    assert own["text"].to_list() == [GOOD, GOOD + " And on."]
    assert own["seed"].to_list() == [7, 7]
    assert len(asked["prompts"]) == 4 and asked["seed"] == 7
    assert made.counts["dropped_short"] == 1
    assert made.frame.filter(pl.col("origin") == "replay")["licence"].unique().to_list() == [
        "PSF-2.0"
    ]


def test_no_synthesis_starts_no_child(tiny, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(build, "run_child", None)
    made = build_rehearsal(tiny, Rehearsal(replay_rows=2, synthesised_rows=0), tmp_path)
    assert made.frame.height == 2
