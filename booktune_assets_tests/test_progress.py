"""Progress: what, how far, how long to go."""

import pytest

from booktune_assets import progress


def test_ticks_tell_share_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr("booktune_assets.progress.time.monotonic", lambda: float(next(clock)))
    seen: list[progress.Tick] = []
    with progress.sink(seen.append):
        for done in range(5):
            progress.advance("reading", done, 4)
    assert [tick.eta for tick in seen] == [None, 30.0, 20.0, 10.0, 0.0]
    assert seen[1].words() == "reading 1/4 (25 %), 30 s to go"
    assert seen[-1].words() == "reading 4/4 (100 %)"


def test_nobody_listening_costs_nothing_and_sinks_nest() -> None:
    progress.advance("alone", 1, 2)
    outer: list[str] = []
    inner: list[str] = []
    with progress.sink(lambda tick: outer.append(tick.what)):
        with progress.sink(lambda tick: inner.append(tick.what)):
            progress.advance("in", 1, 1)
        progress.advance("out", 1, 1)
    assert (outer, inner) == (["out"], ["in"])


def test_each_reports_after_each_item() -> None:
    seen: list[int] = []
    with progress.sink(lambda tick: seen.append(tick.done)):
        assert list(progress.each("items", ["a", "b"])) == ["a", "b"]
    assert seen == [1, 2]
