"""A server that refuses: which of it is a row, which a stop, and what is asked again."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from booktune_assets import progress
from booktune_assets.errors import BookError, Code, ServiceDown
from booktune_assets.llm import cache, loop
from booktune_assets.llm.calls import open_caller
from booktune_assets.settings import Settings
from booktune_assets_tests.llm.asked import chats, run
from booktune_assets_tests.llm.fake_server import Act, Answer, fake_server

pytestmark = pytest.mark.usefixtures("quick")


def test_a_request_that_is_refused_is_a_row_and_is_not_sent_again(tmp_path: Path) -> None:
    def act(number: int, body: dict[str, Any]) -> Answer:
        if body["messages"][0]["content"] == "say 1":
            return Answer(status=400, text=None, raw=b'{"error": {"message": "too long"}}')
        return Answer()

    with fake_server(act) as fake:
        found = {r.tag: reply for r, reply in run(fake, tmp_path, chats(4))}
        run(fake, tmp_path, chats(4))
        assert len(fake.bodies) == 4
    assert (found[1].finish, found[1].error) == ("error", "REFUSED: HTTP 400: too long")


@pytest.mark.parametrize("status", [401, 402, 403, 404, 410, 302])
def test_a_server_that_does_not_take_us_stops_at_once(tmp_path: Path, status: int) -> None:
    with fake_server(lambda n, body: Answer(status=status, text=None, raw=b"no")) as fake:
        with pytest.raises(BookError, match=f"HTTP {status}") as caught:
            run(fake, tmp_path, chats(40), concurrency=2)
        assert caught.value.code is Code.BAD_SETTING and len(fake.bodies) <= 4


def test_a_server_that_refuses_everything_stops_us(tmp_path: Path) -> None:
    with fake_server(lambda n, body: Answer(status=400, text=None, raw=b"no schema")) as fake:
        with pytest.raises(BookError, match="no schema"):
            run(fake, tmp_path, chats(200), concurrency=2)
        assert len(fake.bodies) <= loop.REFUSED_MAX + 2


@pytest.mark.parametrize("good_before", [0, 5])
def test_what_a_server_refused_for_our_sake_is_asked_when_it_is_mended(
    tmp_path: Path, good_before: int
) -> None:
    """All with the same words: a balance that is used up, a server that knows no schemas."""
    mended = threading.Event()

    def act(number: int, body: dict[str, Any]) -> Answer:
        if number <= good_before or mended.is_set():
            return Answer()
        return Answer(status=400, text=None, raw=b"your balance is too low")

    with fake_server(act) as fake:
        with pytest.raises(BookError, match="too low") as caught:
            run(fake, tmp_path, chats(60), concurrency=3)
        assert caught.value.code is Code.BAD_SETTING
        mended.set()
        found = run(fake, tmp_path, chats(60), concurrency=3)
    assert len(found) == 60 and all(reply.ok for _, reply in found)
    assert sum(reply.cached for _, reply in found) == good_before


def test_many_requests_that_are_each_too_long_are_rows(tmp_path: Path) -> None:
    def act(number: int, body: dict[str, Any]) -> Answer:
        said = body["messages"][0]["content"]
        return Answer() if said == "say 0" else Answer(status=400, text=None, raw=said.encode())

    with fake_server(act) as fake:
        found = run(fake, tmp_path, chats(40), concurrency=1)
    assert sum(reply.code == "REFUSED" for _, reply in found) == 39


def test_with_many_calls_in_line_a_full_server_is_a_stop_all_the_same(tmp_path: Path) -> None:
    """Each call is refused once or twice only; the service is refused by all of them."""
    ticks: list[progress.Tick] = []
    with fake_server(lambda n, body: Answer(status=429, text=None, raw=b"slow down")) as fake:
        with progress.sink(ticks.append), pytest.raises(ServiceDown, match="slow down"):
            run(fake, tmp_path, chats(200), concurrency=64, retries=3)
        assert len(fake.bodies) <= 64 + 48 + 36 + 27
    assert "try 2 of 4" in ticks[0].words() and "slow down" in ticks[0].words()


def hangs_below(hung: int) -> Act:
    """Requests with a lower number get no answer in time."""

    def act(number: int, body: dict[str, Any]) -> Answer:
        return Answer(seconds=0.3 * (int(body["messages"][0]["content"][4:]) < hung))

    return act


def test_one_call_that_never_ends_is_a_row_and_many_are_a_stop(tmp_path: Path) -> None:
    llm = {"concurrency": 8, "retries": 2, "seconds_per_call": 0.1}
    with fake_server(hangs_below(1)) as fake:
        found = run(fake, tmp_path, chats(10), **llm)
        assert [one.tag for one, reply in found if not reply.ok] == [0]
    with fake_server(hangs_below(40)) as fake:
        with pytest.raises(ServiceDown, match="time limit"):
            run(fake, tmp_path / "b", chats(40), **llm)
        assert len(fake.bodies) <= 8 + 6 + 4 + 3 + 8


def test_a_refusal_is_cached_for_a_while_and_then_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server at the same address may be started anew, with more room."""
    room = threading.Event()

    def act(number: int, body: dict[str, Any]) -> Answer:
        if room.is_set() or body["messages"][0]["content"] != "say 1":
            return Answer()
        return Answer(status=400, text=None, raw=b"too long")

    with fake_server(act) as fake:
        run(fake, tmp_path, chats(3))
        with open_caller(Settings(home=tmp_path, llm=fake.llm())) as caller:
            assert caller.estimate(chats(3)).calls == 0
            monkeypatch.setattr(cache, "REFUSED_FOR", -1.0)
            assert caller.estimate(chats(3)).calls == 1
        room.set()
        assert all(reply.ok for _, reply in run(fake, tmp_path, chats(3)))
        assert len(fake.bodies) == 4
