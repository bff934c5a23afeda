"""Child: the transformers engine behind the same dialect as any other model server.

Belongs here: HTTP on loopback, the batches, counts. Does not: generation
(``transformers_engine.py``), schemas (the asker checks each reply and asks again).

Calls that wait together and sample alike are answered in one batch. An answer does not depend on
its batch: the engine promises that.

An adapter is a model of its own to whoever calls, but the base weights are in memory once.

    python -m booktune_assets.llm.local_server FOLDER NAME PORT [ADAPTER_NAME ADAPTER_FOLDER]

The key is in BOOKTUNE_LOCAL_KEY.
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
from booktune_assets.llm.chat import STOP
from booktune_assets.llm.engine import Prompt

if TYPE_CHECKING:
    from booktune_assets.llm.transformers_engine import TransformersEngine

__all__ = ["main"]

BATCH, GATHER = 16, 0.05  # calls in a batch, seconds to wait for more of them
BODY_MAX = 8 << 20


_Answer = tuple[str, str, int, int, float]  # text, finish, tokens read, tokens written, nats


@dataclass(slots=True)
class _Job:
    prompt: Prompt
    body: dict[str, Any]
    answer: Future[_Answer] = field(default_factory=Future[_Answer])

    @property
    def alike(self) -> tuple[Any, ...]:
        """What calls of one batch share."""
        body = self.body
        stop = body.get("stop") or []
        words = (stop,) if isinstance(stop, str) else tuple(stop)
        if not isinstance(self.prompt, str) and not isinstance(self.prompt[0], int):
            words += STOP
        return (
            str(body.get("model")),
            int(body.get("max_tokens") or 256),
            float(body.get("temperature") or 0.0),
            float(body.get("top_p") or 1.0),
            float(body.get("repetition_penalty") or 1.0),
            words,
        )


def main() -> None:
    """Load the model, answer until killed."""
    from booktune_assets.llm.transformers_engine import TransformersEngine

    folder, name, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    adapted, adapter = (sys.argv[4], Path(sys.argv[5])) if len(sys.argv) > 5 else ("", None)
    engine = TransformersEngine(Path(folder), adapter)
    jobs: queue.Queue[_Job] = queue.Queue()
    names = [name, *([adapted] if adapted else [])]
    server = _Server(port, names, os.environ.get("BOOKTUNE_LOCAL_KEY", ""), jobs)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while True:
        _answer(engine, _gathered(jobs), adapted)


def _gathered(jobs: queue.Queue[_Job]) -> list[_Job]:
    found = [jobs.get()]
    limit = time.monotonic() + GATHER
    while len(found) < BATCH:
        try:
            found.append(jobs.get(timeout=max(0.0, limit - time.monotonic())))
        except queue.Empty:
            break
    return found


def _answer(engine: TransformersEngine, jobs: list[_Job], adapted: str) -> None:
    groups: dict[tuple[Any, ...], list[_Job]] = {}
    for job in jobs:
        groups.setdefault(job.alike, []).append(job)
    for (model, new, temperature, top_p, repetition, stop), group in groups.items():
        try:
            with engine.with_adapter(bool(adapted) and model == adapted):
                texts = engine.generate(
                    [job.prompt for job in group],
                    max_new_tokens=new,
                    temperature=temperature,
                    top_p=top_p,
                    seed=[int(job.body.get("seed") or 0) for job in group],
                    stop=stop,
                    repetition=repetition,
                )
        except BooktuneError as problem:
            for job in group:
                _alone(engine, job, problem, len(group), adapted)
            continue
        for job, text, (written, ended, nats) in zip(group, texts, engine.last, strict=True):
            finish = "stop" if ended else "length"
            read = len(engine.prompt_ids(job.prompt))
            job.answer.set_result((text, finish, read, written, nats))


def _alone(
    engine: TransformersEngine, job: _Job, problem: BooktuneError, size: int, adapted: str
) -> None:
    """One call that cannot be answered (too long) must not fail its batch."""
    if size == 1:
        job.answer.set_exception(problem)
    else:
        _answer(engine, [job], adapted)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, models: list[str], key: str, jobs: queue.Queue[_Job]) -> None:
        self.models, self.key, self.jobs = models, key, jobs
        super().__init__(("127.0.0.1", port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self._known():
            data = [{"id": name, "object": "model"} for name in self.server.models]
            self._say(200, {"object": "list", "data": data})

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
            int(body.get("seed") or 0)
        except (ValueError, LookupError, TypeError) as problem:
            self._say(400, {"error": {"message": f"not a request: {problem!r}"}})
            return
        if body.get("model") not in self.server.models:
            self._say(404, {"error": {"message": f"this server has {self.server.models}"}})
            return
        self.server.jobs.put(job)
        try:
            text, finish, read, written, nats = job.answer.result()
        except BooktuneError as problem:
            self._say(400, {"error": {"message": str(problem)}})
            return
        choice: dict[str, Any] = {"index": 0, "finish_reason": finish}
        choice |= {"text": text} if prompt is None else {"message": {"content": text}}
        if "logprobs" in body:  # of the whole answer, as if it were one token
            of_all = {"content": [{"logprob": -nats}]} if prompt else {"token_logprobs": [-nats]}
            choice["logprobs"] = of_all
        usage = {"prompt_tokens": read, "completion_tokens": written}
        self._say(200, {"choices": [choice], "usage": usage, "model": body["model"]})

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
