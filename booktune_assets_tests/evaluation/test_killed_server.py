"""A real server process that is killed in the middle: a code, what was finished is kept, no call
is repeated, and a new server at the same place is enough to go on."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from booktune_assets.chain import measure as chain_measure
from booktune_assets.cli import cli
from booktune_assets.evaluation.suite import Given
from booktune_assets.lake import Lake
from booktune_assets.settings import Settings

N, KILLED_AT = 30, 9
SERVER = """
import json, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
    def do_GET(self): self.say(200, {"data": [{"id": "m"}]})
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "messages" not in body:
            return self.say(400, {"error": {"message": "no completions here"}})
        time.sleep(0.05)
        said = {"role": "assistant", "content": "a number"}
        self.say(200, {"model": "m", "choices": [{"message": said, "finish_reason": "stop"}],
                       "usage": {"prompt_tokens": 3, "completion_tokens": 2}})
        with open(sys.argv[2], "a") as log:
            log.write(json.dumps(body["messages"][-1]["content"]) + "\\n")
    def say(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def given(settings: Settings, _: object) -> tuple[Given, str]:
        asked = [(f"pair_{n:020x}", f"What is {n}?", f"{n} is a number.") for n in range(N)]
        return Given(settings.evaluation, questions=asked), ""

    monkeypatch.setattr(chain_measure, "_given", given)
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "booktune.toml").write_text(
        "[llm]\nretries = 1\nseconds_per_call = 5.0\nconcurrency = 2\n"
        f"[evaluation]\nanswers = {N}\nbootstrap = 500\n"
    )
    return folder


def test_a_killed_server(home: Path, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "answered"
    words = ["eval", "--model", f"http://127.0.0.1:{port}/v1", "--suite", "heldout_answers",
             "--json"]  # fmt: skip
    first = started(port, log, tmp_path)
    killer = threading.Thread(
        target=when, args=(lambda: len(lines(log)) >= KILLED_AT, lambda: killed(first))
    )
    killer.start()
    broken = call(home, *words)
    killer.join()
    assert broken.exit_code == 3 and "MODEL_SERVICE" in broken.output, broken.output
    assert "kept" in broken.output
    assert Lake(home / "lake").keys("eval_report") == []
    before = set(lines(log))
    assert KILLED_AT <= len(before) < N
    second = started(port, log, tmp_path)
    try:
        made = call(home, *words)
    finally:
        killed(second)
    assert made.exit_code == 0, made.output
    found = json.loads(made.stdout)
    assert found["suites"][0]["n"] == N and found["counts"]["failed"] == 0
    times = Counter(lines(log))
    assert len(times) == N
    # what was on its way when the server died may have been answered to nobody
    assert sum(times.values()) - N <= 2
    third = call(home, *words)
    assert third.exit_code == 0, "the server is gone, and nothing is missing: nobody asks it"
    again = json.loads(third.stdout)
    assert again["suites"] == found["suites"] and again["eval_id"] == found["eval_id"]
    assert again["counts"]["asked"] == 0 and Counter(lines(log)) == times
    more = call(home, *words, "--suite", "formats")
    assert more.exit_code == 3, "what was never asked needs the server"


def call(home: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--home", str(home), *words])


def started(port: int, log: Path, folder: Path) -> subprocess.Popen[bytes]:
    code = folder / "server.py"
    code.write_text(SERVER)
    running = subprocess.Popen([sys.executable, str(code), str(port), str(log)])
    when(lambda: answers(port), lambda: None)
    return running


def killed(running: subprocess.Popen[bytes]) -> None:
    os.kill(running.pid, signal.SIGKILL)
    running.wait()


def answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=2).close()
    except (urllib.error.URLError, OSError):
        return False
    return True


def when(ready: Callable[[], bool], act: Callable[[], None]) -> None:
    limit = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < limit
        time.sleep(0.01)
    act()


def lines(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
