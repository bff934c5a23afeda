"""The file of finished calls: kept once, found again, shared, and never half there."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.budget import Cost
from booktune_assets.llm.cache import Cache, Ended
from booktune_assets.llm.pace import Pace
from booktune_assets.llm.request import Request
from booktune_assets.llm.wire import Raw


def asked(text: str, **more: object) -> Request:
    return Request(prompt=text, model="m", **more)  # type: ignore[arg-type]


def keep(cache: Cache, *ended: Ended, cost: Cost | None = None, service: str = "here"):
    cost = Cost(len(ended)) if cost is None else cost
    return cache.keep(ended, service=service, budget="all", cost=cost)


def test_a_reply_is_found_again_with_all_that_was_asked(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "calls.sqlite"
    request = asked("höre \ud800 zu", schema={"type": "object"}, task="t")
    cache = Cache(path)
    replies, spent = keep(cache, Ended(request, 1.5, Raw('{"a": 1}', "stop", 7, 3)))
    assert (spent.calls, replies[0].cached) == (1, False)
    cache.close()
    found = Cache(path).reply(request)
    assert found is not None and found.cached and found.json() == {"a": 1}
    assert (found.prompt_tokens, found.completion_tokens, found.seconds) == (7, 3, 1.5)
    assert Cache(path).asked(request.call_key) == json.loads(json.dumps(request.payload))
    assert Cache(path).reply(asked("other")) is None and Cache(path).asked("call_x") is None


def test_the_first_reply_to_a_call_is_the_reply(tmp_path: Path) -> None:
    one, two = Cache(tmp_path / "c"), Cache(tmp_path / "c")
    request = asked("twice")
    keep(one, Ended(request, 1.0, Raw("first", "stop", 1, 1)))
    (reply,), spent = keep(two, Ended(request, 1.0, Raw("second", "stop", 1, 1)))
    assert reply.text == "first" and spent.calls == 2, "both calls were paid"


def test_usefulness_is_judged_when_read(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c")
    rows = {
        "cut": (Raw('{"a', "length", 1, 1), "CUT", "length"),
        "empty": (Raw("", "stop", 1, 0), "EMPTY", "stop"),
        "held": (Raw("", "filtered", 1, 0), "FILTERED", "stop"),
    }
    for name, (raw, code, finish) in rows.items():
        request = asked(name, schema={"type": "object"})
        keep(cache, Ended(request, 0.1, raw))
        reply = cache.reply(request)
        assert reply is not None and (reply.code, reply.finish) == (code, finish)


def test_faults_are_kept_apart_and_only_refusals_of_that_service_are_served(
    tmp_path: Path,
) -> None:
    cache = Cache(tmp_path / "c")
    long, broken = asked("too long"), asked("breaks the server")
    keep(cache, Ended(long, 0.1, fault=("REFUSED", "HTTP 400: too long")))
    keep(cache, Ended(broken, 0.1, fault=("FAILED", "HTTP 500")))
    refused = cache.reply(long, "here")
    assert refused is not None and refused.finish == "error" and refused.code == "REFUSED"
    assert cache.reply(long, "elsewhere") is None, "another server may take longer texts"
    assert cache.reply(broken, "here") is None, "it may work next time"
    assert cache.known([long.call_key, broken.call_key]) == set()


def test_known_keys_are_found_in_any_number(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c")
    requests = [asked(str(number)) for number in range(1203)]
    keep(cache, *[Ended(one, 0.1, Raw("x", "stop", 1, 1)) for one in requests[::2]])
    found = cache.known([one.call_key for one in requests])
    assert found == {one.call_key for one in requests[::2]}


def test_spending_adds_up_by_name_and_paces_are_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c")
    for _ in range(2):
        _, spent = keep(cache, cost=Cost(1, 10, 5, 0.25, 0.5))
    assert spent == Cost(2, 20, 10, 0.5, 1.0) == cache.spent("all")
    assert cache.spent("another") == Cost()
    pace = Pace(3, 3.5, 20.0, 1.25)
    cache.keep([], service="s", budget="b", cost=Cost(), paces=[("m", "t", pace)])
    assert Cache(tmp_path / "c").paces("m") == {"t": pace} and cache.paces("n") == {}


def test_a_failed_write_leaves_nothing_of_its_batch(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c")
    good = Ended(asked("good"), 0.1, Raw("x", "stop", 1, 1))
    bad = Ended(asked("bad"), 0.1, Raw(object(), "stop", 1, 1))  # type: ignore[arg-type]
    with pytest.raises(Exception, match="type"):
        keep(cache, good, bad)
    assert cache.reply(good.request) is None and cache.spent("all") == Cost()
    keep(cache, good)
    assert cache.reply(good.request) is not None


def test_a_damaged_file_is_said_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    path.write_bytes(b"no database at all " * 300)
    with pytest.raises(BookError, match="recover") as caught:
        Cache(path)
    assert caught.value.code is Code.DAMAGED_FILE


def test_many_threads_and_processes_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    cache = Cache(path)
    script = (
        "import sys; from pathlib import Path\n"
        "from booktune_assets_tests.llm.test_cache import *\n"
        "cache = Cache(Path(sys.argv[1]))\n"
        "for n in range(60):\n"
        "    keep(cache, Ended(asked(f'{sys.argv[2]}-{n}'), .1, Raw('x', 'stop', 1, 1)))\n"
    )
    others = [
        subprocess.Popen([sys.executable, "-c", script, str(path), name]) for name in ("a", "b")
    ]

    def write(name: str) -> None:
        for number in range(60):
            keep(cache, Ended(asked(f"{name}-{number}"), 0.1, Raw("x", "stop", 1, 1)))

    threads = [threading.Thread(target=write, args=(name,)) for name in ("c", "d")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [other.wait() for other in others] == [0, 0]
    assert cache.spent("all").calls == 240
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM replies").fetchone() == (240,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
