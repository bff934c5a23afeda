"""General text that is scored: enough of it, of two kinds, and nothing of it is rehearsed."""

from __future__ import annotations

import ast
from importlib import metadata

import pytest

from booktune_assets.evaluation import general
from booktune_assets.evaluation.general import general_code, general_prose, general_version
from booktune_assets.ids import normalise_prose
from booktune_assets.rehearsal.general import general_texts

RUN = 12  # words


def test_there_is_enough_of_both_from_many_hands() -> None:
    for texts in (general_prose(24, 1200), general_code(24, 1200)):
        assert len(texts) == 24 == len({one.source for one in texts})
        assert all(400 <= len(one.text) <= 1200 for one in texts)


def test_prose_is_sentences_and_code_is_code() -> None:
    for one in general_prose(24, 1200):
        letters = sum(sign.isalpha() or sign.isspace() for sign in one.text)
        assert letters > 0.85 * len(one.text), one
        assert "http" not in one.text
        assert "```" not in one.text
    for one in general_code(24, 1200):
        assert isinstance(ast.parse(one.text).body[0], ast.FunctionDef)


def test_no_run_of_words_that_is_scored_is_rehearsed() -> None:
    rehearsed = {run for one in general_texts(100_000, 700) for run in _runs(one.text)}
    assert len(rehearsed) > 10_000
    for texts in (general_prose(100_000, 1200), general_code(100_000, 1200)):
        sources = {one.source.partition(":")[0].partition("-")[0] for one in texts}
        assert sources <= {"readme", "python"}
        runs = [run for one in texts for run in _runs(one.text)]
        assert len(runs) > 5_000
        known = [run for run in runs if run in rehearsed]
        assert len(known) <= len(runs) // 1000, known[:5]
    for texts in (general_prose(24, 1200), general_code(24, 1200)):  # what is scored by default
        assert not [run for one in texts for run in _runs(one.text) if run in rehearsed]


def test_more_texts_keep_the_earlier_ones() -> None:
    assert general_prose(30, 1200)[:10] == general_prose(10, 1200)
    assert general_code(30, 1200)[:10] == general_code(10, 1200)


def test_another_version_of_a_package_is_another_evaluation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = general_version()
    assert now == general_version()
    real = metadata.version

    def newer(package: str) -> str:
        return "999" if package == "click" else real(package)

    monkeypatch.setattr(general.metadata, "version", newer)
    assert general_version() != now


def _runs(text: str) -> set[str]:
    words = normalise_prose(text).split()
    return {" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}
