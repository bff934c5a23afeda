"""A model server whose behaviour a test decides: one function from (call number, body) to an act.

Belongs here: HTTP, and the ways a server can misbehave. Does not: what is expected of us.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from booktune_assets.settings import Llm

Act = Callable[[int, dict[str, Any]], "Answer"]


@dataclass
class Answer:
    """What the server does with one call. ``text`` None sends ``raw`` instead of a completion."""

    text: str | None = "fine"
    status: int = 200
    finish: str = "stop"
    raw: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    cut: bool = False  # says more bytes than it sends, then hangs up
    hang_up: bool = False  # closes without a word
    usage: dict[str, int] | None = None


class Fake:
    """A running server. ``bodies`` are the calls that came, in order; ``most`` at one time."""

    def __init__(self, act: Act) -> None:
        self.act = act
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.told: dict[str, bytes] = {}  # what a path says to whoever gets it
        self.now = self.most = 0
        self.lock = threading.Lock()
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.fake = self
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1"

    def llm(self, **settings: Any) -> Llm:
        """Settings that lead here."""
        return Llm(engine="server", base_url=self.base_url, model="m", **settings)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512
    fake: Fake

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # clients hang up on purpose here


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._send(200, self.server.fake.told.get(self.path, b'{"data": []}'), {})

    def do_POST(self) -> None:
        fake = self.server.fake
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with fake.lock:
            fake.bodies.append({**body, "path": self.path})
            fake.keys.append(self.headers.get("Authorization", ""))
            number = len(fake.bodies)
            fake.now += 1
            fake.most = max(fake.most, fake.now)
        try:
            answer = fake.act(number, body)
            time.sleep(answer.seconds)
        finally:
            with fake.lock:
                fake.now -= 1
        if answer.hang_up:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        raw = answer.raw if answer.text is None else completion(body, answer)
        self._send(answer.status, raw, answer.headers, cut=answer.cut)

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _send(self, status: int, raw: bytes, headers: dict[str, str], cut: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw) + 100 * cut))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)
        if cut:
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True


def completion(body: dict[str, Any], answer: Answer) -> bytes:
    """A body as OpenAI's API gives it."""
    text = {"message": {"role": "assistant", "content": answer.text}}
    choice = {"index": 0, "finish_reason": answer.finish} | (
        text if "messages" in body else {"text": answer.text}
    )
    usage = answer.usage or {"prompt_tokens": 10, "completion_tokens": 5}
    return json.dumps({"choices": [choice], "usage": usage}).encode()


@contextlib.contextmanager
def fake_server(act: Act) -> Generator[Fake]:
    """A server for the block."""
    fake = Fake(act)
    try:
        yield fake
    finally:
        fake.close()
