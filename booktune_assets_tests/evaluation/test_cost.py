"""Cost by suite: counted from what has no answer, timed by what had one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from booktune_assets.evaluation import child
from booktune_assets.evaluation.cache import CallCache
from booktune_assets.evaluation.cost import probe_items, said
from booktune_assets_tests.evaluation.echo import Echo

ITEM = {"options": [], "new_tokens": 0, "samples": 1, "temperature": 0.0, "stop": []}
ITEMS: list[dict[str, Any]] = [
    *({**ITEM, "id": f"texts/{n}", "ask": "text", "text": f"{n} {'ab' * 199}"} for n in range(4)),
    *({**ITEM, "id": f"asked/{n}", "ask": "answer", "text": f"What is {n}?", "new_tokens": 50}
      for n in range(3)),
    {**ITEM, "id": "some/1", "ask": "answer", "text": "More?", "new_tokens": 10, "samples": 4,
     "temperature": 0.5},
    {**ITEM, "id": "pick/1", "ask": "choice", "text": "Which?", "options": ["a", "bb", "ccc"]},
]  # fmt: skip


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(child, "_open", lambda spec: Echo(spec, {}))
    return {"cache": str(tmp_path), "who": {"base": "b", "tuned": "t"}, "arms": ["base", "tuned"],
            "seed": 0, "items": ITEMS}  # fmt: skip


def test_calls_by_suite_and_no_time_without_one(spec: dict[str, Any]) -> None:
    Echo.calls = 0
    found = {one.suite: one for one in child.expected(spec)}
    assert Echo.calls == 0
    counts = {name: (one.items, one.calls, one.generations) for name, one in found.items()}
    assert counts == {
        "texts": (4, 8, 0), "asked": (3, 6, 6), "some": (1, 8, 8), "pick": (1, 6, 0),
    }  # fmt: skip
    assert found["texts"].tokens_in == 8 * 400 // 4 and found["asked"].tokens_out == 300
    assert {one.seconds for one in found.values()} == {None}
    assert "texts: 4 items, 8 calls, 800 tokens at most, time unknown" in said(list(found.values()))


def test_a_probe_times_the_model_and_is_not_lost(spec: dict[str, Any]) -> None:
    few = probe_items(ITEMS)
    assert [one["id"] for one in few] == ["texts/0", "texts/1", "asked/0", "asked/1"]
    asked = child.run({**spec, "items": few, "arms": ["base"]})["asked"]
    found = {one.suite: one for one in child.expected(spec)}
    assert (found["texts"].known, found["asked"].known) == (2, 2)
    assert sum(one.calls for one in found.values()) == 28 - asked
    assert all(one.seconds is not None for one in found.values())
    child.run(spec)
    done = child.expected(spec)
    assert {one.calls for one in done} == {0} and said(done) == "every answer is known"


def test_seconds_follow_from_kept_ones(spec: dict[str, Any], tmp_path: Path) -> None:
    kept = CallCache(tmp_path / "b.jsonl")
    kept.put("one", [1.0, 2, 100], 0.5)  # five thousandths of a second a byte
    kept.put("two", "x" * 20, 1.0)  # a twentieth a character
    kept.put("three", {"error": "TOO_LONG"}, 9.0)
    kept.put("four", [0.5, 8, " 12 boats"], 9.0)  # how far an adapter is, and over which text
    kept.put("five", [0.0, 8, " 12", [4, 5]], 9.0)
    found = {one.suite: one for one in child.expected(spec)}
    assert found["texts"].seconds == pytest.approx(8 * 400 * 0.005)
    assert found["asked"].seconds == pytest.approx(6 * 50 * 4 * 0.05)


def test_what_two_suites_ask_alike_is_asked_once(spec: dict[str, Any], tmp_path: Path) -> None:
    twin = {**spec, "items": [*ITEMS, {**ITEMS[4], "id": "other/0"}]}
    costs = {one.suite: (one.calls, one.known) for one in child.expected(twin)}
    assert costs["asked"] == (6, 0) and costs["other"] == (0, 2)
    made = child.run(twin)
    assert made["asked"] == 28 and made["reused"] == 2
    assert made["replies"]["base"]["other/0"] == made["replies"]["base"]["asked/0"]
    kept = (tmp_path / "b.jsonl").read_text(encoding="utf-8").splitlines()
    assert len([line for line in kept if line]) == 14


def test_what_is_read_counts_the_system_turn_too(spec: dict[str, Any]) -> None:
    item = {**ITEMS[4], "id": "tools/0", "text": "x" * 40, "system": "y" * 360}
    (row,) = child.run({**spec, "items": [item], "arms": ["base"]})["spent"]
    assert row["tokens_read"] == 100
