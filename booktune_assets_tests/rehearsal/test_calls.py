"""Real calls of the tiny model: the adapter counts, and nothing is asked twice after a kill."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from booktune_assets.llm.engines import Adapter
from booktune_assets.llm.models import BaseModel
from booktune_assets.rehearsal.build import Rehearsed, build_rehearsal
from booktune_assets.rehearsal.callers import adapter_of, serving, voices_of
from booktune_assets.rehearsal.callers import run as opening
from booktune_assets.rehearsal.item import Item
from booktune_assets.rehearsal.writing import answer, magpie_requests
from booktune_assets.settings import Llm, Settings
from booktune_assets_tests.rehearsal.lab import sized

RUN = """
import sys
from pathlib import Path
from booktune_assets_tests.rehearsal.test_calls import rehearse
rehearse(Path(sys.argv[1]), sys.argv[2])
"""


def rehearse(home: Path, model: str) -> Rehearsed:
    wanted = sized(synthesised_rows=12, candidates=2, new_tokens=24, demo_chars=60, execute=False)
    return build_rehearsal(wanted, 0.2, voices_of(Settings(home=home), model, None, home / "work"))


def _items(number: int) -> list[Item]:
    return [
        Item("ssr", "t", "", "", (("user", f"What is number {n}?"), ("assistant", "")))
        for n in range(number)
    ]


@pytest.mark.slow
def test_refinement_is_the_adapters_not_the_bases(
    tiny: BaseModel, adapter: Path, tmp_path: Path
) -> None:
    wanted = sized(new_tokens=12)
    settings = Settings(home=tmp_path)
    model = str(tiny.path)
    beside = adapter_of(adapter.parent)
    assert beside == Adapter.at(adapter) and adapter_of(tmp_path) is None
    found: list[list[Item]] = []
    made = voices_of(settings, model, beside, tmp_path)
    with made.open(model) as caller:
        for name in ("", made.adapted):
            items = _items(3)
            answer(caller.ask, items, name, wanted)
            found.append(items)
    base, tuned = found
    assert [one.text for one in base] != [one.text for one in tuned]
    assert {one.adapter for one in base} == {""} and {one.adapter for one in tuned} == {beside.name}
    assert all(one.difficulty_by == "nats_per_token" and one.difficulty for one in [*base, *tuned])


@pytest.mark.slow
def test_a_killed_run_goes_on_and_asks_nothing_twice(tiny: BaseModel, tmp_path: Path) -> None:
    command = [sys.executable, "-c", RUN, str(tmp_path), str(tiny.path)]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    file = Settings(home=tmp_path).calls
    deadline = time.monotonic() + 120
    while len(_made(file)) < 4 and first.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    before = _made(file)
    assert len(before) >= 4
    second = rehearse(tmp_path, str(tiny.path))
    after = _made(file)
    assert second.counts["calls"] > 0 and before.items() <= after.items(), "none was made again"
    with sqlite3.connect(file) as db:
        (spent,) = db.execute("SELECT sum(calls) FROM spent").fetchone()
    assert spent == len(after), "each call was made once"
    third = rehearse(tmp_path, str(tiny.path))
    assert third.counts["calls"] == 0 and _made(file) == after
    for name, frame in second.frames.items():
        assert third.frames[name].equals(frame), name


def _made(file: Path) -> dict[str, float]:
    """When each call was kept."""
    if not file.is_file():
        return {}
    try:
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as db:
            return dict(db.execute("SELECT call_key, made FROM replies"))
    except sqlite3.OperationalError:
        return {}


def test_a_turn_is_opened_as_the_model_is_asked(tiny: BaseModel) -> None:
    ids = opening({"tokenizer": str(tiny.path)})["ids"]
    assert ids[0] == 1, "the start token"
    assert bytes(_decoded(tiny.path, ids[1:]), "utf-8") == b"Question:\n"
    asked = magpie_requests(ids, 2, sized())
    assert [(one.ids, one.seed) for one, _ in asked] == [(tuple(ids), 0), (tuple(ids), 1)]
    assert [one.prompt for one, _ in magpie_requests([], 1, sized())] == ["Question:\n"]


def _decoded(path: Path, ids: list[int]) -> str:
    from booktune_assets.llm.loading import load_tokenizer

    return load_tokenizer(path).decode(ids)


@pytest.mark.parametrize(
    ("engine", "model", "found"),
    [
        ("none", "", "transformers"),
        ("transformers", "x", "transformers"),
        ("vllm", "teacher", "vllm"),
        ("server", "teacher", "transformers"),
        ("server", "wanted", "server"),
    ],
)
def test_who_answers_is_the_training_model(
    engine: str, model: str, found: str, tmp_path: Path
) -> None:
    llm = Llm(engine=engine, model=model)  # pyright: ignore[reportArgumentType]
    made = serving(Settings(home=tmp_path, llm=llm), "wanted").llm
    assert (made.engine, made.model) == (found, "wanted")
