"""No setting of the rehearsal set is read and ignored: each, changed alone, changes what comes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from booktune_assets.llm.calls import Request
from booktune_assets.rehearsal.build import build_rehearsal
from booktune_assets.settings_training import Rehearsal, RehearsalTexts
from booktune_assets_tests.rehearsal.lab import WORDS, says, sized, voices

BASE: dict[str, Any] = {"replay_rows": 60, "synthesised_rows": 5, "candidates": 4}
# what both builds say beside BASE, and one key with another value
CASES: dict[str, tuple[dict[str, Any], Any]] = {
    "replay_rows": ({}, 50), "pretrain": ({}, 0.1), "texts": ({}, "texts"),
    "synthesised_rows": ({}, 7), "candidates": ({}, 3), "method": ({}, "magpie"),
    "earlier": ({}, "earlier"), "row_chars": ({}, 300), "new_tokens": ({}, 33),
    "demo_chars": ({}, 200), "demos": ({}, 5), "shots": ({}, 1),
    "samples": ({"demos": 2}, 1), "temperature": ({}, 0.5), "top_p": ({}, 0.9),
    "repetition": ({}, 1.0), "answer_repetition": ({}, 1.0), "clusters": ({}, 1),
    "difficulty": ({}, False), "execute": ({}, False), "seed": ({}, 3),
}  # fmt: skip
ELSEWHERE = {"base"}  # who writes: the voices, of test_calls


def _says(request: Request) -> str:
    """Every second answer is a module of Elixir, which nobody runs here."""
    said = says(request)
    if not request.messages or len(said) % 2:
        return said
    return f"{said}\n\n```elixir\ndefmodule M{len(said)} do\n  def x, do: 1\nend\n```"


def _made(tmp_path: Path, given: dict[str, Any]) -> tuple[list[Any], Any]:
    asked: list[Request] = []
    if given.get("earlier") == "earlier":
        (tmp_path / "pool.jsonl").write_text('{"question": "Why so?", "answer": "It is so."}\n')
        given["earlier"] = [tmp_path]
    if given.get("texts") == "texts":
        (tmp_path / "own.txt").write_text(" ".join(f"{word.capitalize()}." for word in WORDS))
        given["texts"] = [RehearsalTexts(path=tmp_path, licence="MIT", share=0.5)]
    made = build_rehearsal(sized(**given), 0.2, voices(_says, asked=asked))
    return [one.call_key for one in asked], [one.rows() for one in made.frames.values()]


def test_every_key_is_changed_here() -> None:
    assert CASES.keys() | ELSEWHERE == Rehearsal.model_fields.keys()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[str, Any]], Any]:
    """What comes without the change, made twice: the same settings give the same."""
    known: dict[str, Any] = {}

    def made(given: dict[str, Any]) -> Any:
        if str(given) not in known:
            one, two = (_made(tmp_path_factory.mktemp("plain"), dict(given)) for _ in range(2))
            assert one == two
            known[str(given)] = one
        return known[str(given)]

    return made


@pytest.mark.parametrize("key", CASES)
def test_a_changed_setting_changes_the_set(
    plain: Callable[[dict[str, Any]], Any], tmp_path: Path, key: str
) -> None:
    beside, value = CASES[key]
    before = plain({**BASE, **beside})
    assert before != _made(tmp_path, {**BASE, **beside, key: value})
