"""Child: the transformers engine behind the same dialect as any other model server.

Belongs here: HTTP on loopback, the batches, counts. Does not: generation
(``transformers_engine.py``), schemas (the asker checks each reply and asks again).

Calls that wait together and sample alike are answered in one batch. An answer does not depend on
its batch: the engine promises that.

    python -m booktune_assets.llm.local_server FOLDER NAME PORT    # key: BOOKTUNE_LOCAL_KEY
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from booktune_assets.errors import BooktuneError
from booktune_assets.llm.chat import STOP, render_prompt, text_ids
from booktune_assets.llm.engine import Prompt

if TYPE_CHECKING:
    from booktune_assets.llm.transformers_engine import TransformersEngine

__all__ = ["main"]

BATCH, GATHER = 16, 0.05  # calls in a batch, seconds to wait for more of them
BODY_MAX = 8 << 20


@dataclass(slots=True)
class _Job:
    prompt: Prompt
    body: dict[str, Any]
    answer: Future[tuple[str, str, int, int]] = field(
        default_factory=Future[tuple[str, str, int, int]]
    )

    @property
    def alike(self) -> tuple[Any, ...]:
        """What calls of one batch share."""
        body = self.body
        stop = body.get("stop") or []
        words = (stop,) if isinstance(stop, str) else tuple(stop)
        if not isinstance(self.prompt, str):
            words += STOP
        return (
            int(body.get("max_tokens") or 256),
            float(body.get("temperature") or 0.0),
            float(body.get("top_p") or 1.0),
            int(body.get("seed") or 0),
            words,
        )


def main() -> None:
    """Load the model, answer until killed."""
    from booktune_assets.llm.transformers_engine import TransformersEngine

    folder, name, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    engine = TransformersEngine(Path(folder))
    jobs: queue.Queue[_Job] = queue.Queue()
    server = _Server(port, name, os.environ.get("BOOKTUNE_LOCAL_KEY", ""), jobs)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while True:
        _answer(engine, _gathered(jobs))


def _gathered(jobs: queue.Queue[_Job]) -> list[_Job]:
    found = [jobs.get()]
    limit = time.monotonic() + GATHER
    while len(found) < BATCH:
        try:
            found.append(jobs.get(timeout=max(0.0, limit - time.monotonic())))
        except queue.Empty:
            break
    return found


def _answer(engine: TransformersEngine, jobs: list[_Job]) -> None:
    groups: dict[tuple[Any, ...], list[_Job]] = {}
    for job in jobs:
        groups.setdefault(job.alike, []).append(job)
    for (new, temperature, top_p, seed, stop), group in groups.items():
        try:
            texts = engine.generate(
                [job.prompt for job in group],
                max_new_tokens=new,
                temperature=temperature,
                top_p=top_p,
                seed=seed,
                stop=stop,
            )
        except BooktuneError as problem:
            for job in group:
                _alone(engine, job, problem, len(group))
            continue
        for job, text, (written, ended) in zip(group, texts, engine.last, strict=True):
            finish = "stop" if ended else "length"
            job.answer.set_result((text, finish, _length(engine, job.prompt), written))


def _alone(engine: TransformersEngine, job: _Job, problem: BooktuneError, size: int) -> None:
    """One call that cannot be answered (too long) must not fail its batch."""
    if size == 1:
        job.answer.set_exception(problem)
    else:
        _answer(engine, [job])


def _length(engine: TransformersEngine, prompt: Prompt) -> int:
    if isinstance(prompt, str):
        return len(text_ids(engine.tokenizer, prompt))
    return len(render_prompt(engine.tokenizer, prompt))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, model: str, key: str, jobs: queue.Queue[_Job]) -> None:
        self.model, self.key, self.jobs = model, key, jobs
        super().__init__(("127.0.0.1", port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self._known():
            self._say(
                200, {"object": "list", "data": [{"id": self.server.model, "object": "model"}]}
            )

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(min(size, BODY_MAX))
        if not self._known():
            return
        try:
            body = json.loads(raw)
            prompt = body["messages"] if self.path.endswith("chat/completions") else None
            job = _Job(body["prompt"] if prompt is None else prompt, body)
            job.alike  # noqa: B018  raises for values that are none
        except (ValueError, KeyError, TypeError) as problem:
            self._say(400, {"error": {"message": f"not a request: {problem!r}"}})
            return
        if body.get("model") != self.server.model:
            self._say(404, {"error": {"message": f"this server has {self.server.model}"}})
            return
        self.server.jobs.put(job)
        try:
            text, finish, read, written = job.answer.result()
        except BooktuneError as problem:
            self._say(400, {"error": {"message": str(problem)}})
            return
        choice: dict[str, Any] = {"index": 0, "finish_reason": finish}
        choice |= {"text": text} if prompt is None else {"message": {"content": text}}
        usage = {"prompt_tokens": read, "completion_tokens": written}
        self._say(200, {"choices": [choice], "usage": usage, "model": self.server.model})

    def log_message(self, format: str, *args: Any) -> None:
        pass  # one line for each call helps nobody

    def _known(self) -> bool:
        key = self.server.key
        if not key or self.headers.get("Authorization") == f"Bearer {key}":
            return True
        self._say(401, {"error": {"message": "wrong key"}})
        return False

    def _say(self, status: int, answer: dict[str, Any]) -> None:
        raw = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


if __name__ == "__main__":
    main()
