"""A small server on this machine alone that asks a person about examples.

Belongs here: HTTP, who may ask, what is answered, undoing, ending when nobody asks. Does not: which
examples (``queue.py``), the page itself (``page.html review.js review.css``).

It listens on the loopback address and answers only under a random name, which the browser is given
once. Requests with another Host or Origin are refused, so a web page elsewhere cannot ask in the
reader's name; what books say reaches the page as text only, and its policy allows no script but
ours.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, urlsplit

from booktune_assets.errors import BooktuneError
from booktune_assets.pairs.rules import broken_rule
from booktune_assets.review.decisions import Decision, Decisions, Turns
from booktune_assets.review.queue import Queue
from booktune_assets.schemas_review import REVIEWS
from booktune_assets.settings import Settings

__all__ = ["Desk", "open_server"]

BODY_MAX = 1 << 20  # bytes of a request
_STATIC = {
    "": ("page.html", "text/html; charset=utf-8"),
    "review.js": ("review.js", "text/javascript; charset=utf-8"),
    "review.css": ("review.css", "text/css; charset=utf-8"),
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Refused(Exception):
    """A request that is not answered: status and words for the page."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Desk:
    """What the server does, without HTTP. One at a time: the browser asks one thing after another.

    Undoing goes back over the decisions of this desk, in turn.
    """

    def __init__(self, settings: Settings, reviewer: str) -> None:
        self._decisions, self._reviewer = Decisions(settings), reviewer
        self._queue = Queue(settings, self._decisions.all())
        self._before: list[tuple[str, Decision | None]] = []
        self._lock = threading.Lock()
        self._drawing = ThreadPoolExecutor(max_workers=1)

    def item(self, asked: dict[str, str]) -> dict[str, Any]:
        """The example at a place of the list, or the one named; and how far the list is."""
        with self._lock:
            decided = self._decisions.all()
            ids = self._queue.ids(
                decided, book=asked.get("book", ""), family=asked.get("family", ""),
                state=asked.get("state", "all"), mixed=asked.get("order") == "mixed",
            )  # fmt: skip
            place = _whole(asked.get("at", "0"))
            if asked.get("pair") in ids:
                place = ids.index(asked["pair"])
            place = max(0, min(place, len(ids) - 1))
            counts = {name: sum(one.decision == name for one in decided.values())
                      for name in REVIEWS}  # fmt: skip
            found: dict[str, Any] = {"total": len(ids), "at": place, "counts": counts,
                                     "choices": self._queue.choices(), "item": None,
                                     "undo": len(self._before)}  # fmt: skip
            if ids:
                one = decided.get(ids[place])
                found["item"] = self._queue.shown(ids[place]) | {
                    "decision": one and {**asdict(one), "turns": one.edited or None}
                }
            return found

    def decide(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Take down a decision. An edit that breaks a rule of rows is told and not kept."""
        pair, what = str(asked.get("pair_id")), asked.get("decision")
        if what not in REVIEWS:
            raise Refused(400, f"say one of {', '.join(REVIEWS)}")
        with self._lock:
            book = self._queue.book_of(pair)
            turns = self._edited(pair, asked.get("turns")) if what == "edit" else None
            known = self._decisions.all().get(pair)
            note = str(asked.get("note") or "")[:2000]
            self._decisions.put(Decision(pair, book, what, turns, note, self._reviewer))
            self._before.append((pair, known))
        return {"pair_id": pair, "decision": what}

    def undo(self) -> dict[str, Any]:
        """Take the last decision back; what was decided before it holds again."""
        with self._lock:
            if not self._before:
                raise Refused(409, "there is nothing to undo")
            pair, known = self._before.pop()
            if known is None:
                self._decisions.take_back([pair])
            else:
                self._decisions.put(known)
        return {"pair_id": pair, "decision": known and known.decision}

    def picture(self, pair: str, page: int) -> bytes | None:
        """PNG of a page behind a pair."""
        # one thread, for the reading child belongs to the thread that asks; and without the lock,
        # so that the next example does not wait for a picture of the last
        return self._drawing.submit(self._queue.picture, pair, page).result()

    def _edited(self, pair: str, said: object) -> Turns:
        own = self._queue.turns(pair)
        texts = said if isinstance(said, list) else []
        if len(texts) != len(own) or not all(isinstance(text, str) for text in texts):
            raise Refused(400, "an edit gives every turn its text")
        turns = [
            {"role": turn["role"], "content": text.replace("\r\n", "\n").strip()}
            for turn, text in zip(own, texts, strict=True)
        ]
        if turns == own:
            raise Refused(422, "nothing was changed: press a to accept it as it is")
        if rule := broken_rule(turns, parse=True):
            raise Refused(422, f"the edit breaks a rule of training rows: {_RULES.get(rule, rule)}")
        return tuple((turn["role"], turn["content"]) for turn in turns)


_RULES = {
    "blank": "a turn is empty",
    "fence_open": "a code fence (```) is not closed",
    "code_does_not_parse": "code in a fence does not parse in its language",
    "control_characters": "it holds control characters",
    "not_nfc": "it holds characters in a decomposed form",
    "template_residue": "it holds the rest of a template, or a heading with ###",
    "answer_is_question": "the answer is the question",
    "answer_in_question": "the answer stands in the question",
    "answer_adds_nothing": "the answer has no word that the question does not have",
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    desk: Desk
    token: str
    asked_at: float


class _Handler(BaseHTTPRequestHandler):
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]
    server_version, sys_version = "booktune", ""

    def log_message(self, format: str, *args: object) -> None:
        """The terminal belongs to the person."""

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def _answer(self, made: Any) -> None:
        try:
            status, kind, body = made(self._place())
        except Refused as problem:
            status, kind, body = _json({"problem": str(problem)}, problem.status)
        except BooktuneError as problem:
            status, kind, body = _json({"problem": str(problem)}, 409)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        with suppress(BrokenPipeError, ConnectionResetError):  # the reader has gone on already
            self.end_headers()
            self.wfile.write(body)

    def _place(self) -> str:
        """What is asked for, below the random name; refused for who does not know it."""
        host = f"127.0.0.1:{self.server.server_address[1]}"
        if self.headers.get("Host") != host:
            raise Refused(403, "ask at the address that was printed")
        if (self.headers.get("Origin") or f"http://{host}") != f"http://{host}":
            raise Refused(403, "asked from another page")
        token, _, rest = urlsplit(self.path).path.lstrip("/").partition("/")
        if not secrets.compare_digest(token.encode(), self.server.token.encode()):
            raise Refused(404, "nothing is here")
        self.server.asked_at = time.monotonic()
        return rest

    def _get(self, place: str) -> tuple[int, str, bytes]:
        if place in _STATIC:
            name, kind = _STATIC[place]
            return 200, kind, files("booktune_assets.review").joinpath(name).read_bytes()
        asked = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
        if place == "item":
            return _json(self.server.desk.item(asked))
        if place == "picture":
            png = self.server.desk.picture(asked.get("pair", ""), _whole(asked.get("page", "")))
            if png is not None:
                return 200, "image/png", png
        raise Refused(404, "nothing is here")

    def _post(self, place: str) -> tuple[int, str, bytes]:
        length = _whole(self.headers.get("Content-Length") or "0")
        if not 0 <= length <= BODY_MAX:
            raise Refused(413, "the text is too long")
        try:
            asked = json.loads(self.rfile.read(length) or b"{}")
        except ValueError as problem:
            raise Refused(400, "not JSON") from problem
        if not isinstance(asked, dict):
            raise Refused(400, "not an object")
        if place == "decide":
            return _json(self.server.desk.decide(asked))
        if place == "undo":
            return _json(self.server.desk.undo())
        raise Refused(404, "nothing is here")


def open_server(desk: Desk, *, port: int = 0, idle: float = 1800.0) -> tuple[_Server, str]:
    """A server that listens already, and its address. ``serve_forever`` answers until nobody has
    asked for ``idle`` seconds."""
    server = _Server(("127.0.0.1", port), _Handler)
    server.desk, server.token = desk, secrets.token_urlsafe(16)
    server.asked_at = time.monotonic()

    def watch() -> None:
        while time.monotonic() - server.asked_at < idle:
            time.sleep(min(1.0, idle / 4))
        server.shutdown()

    threading.Thread(target=watch, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_address[1]}/{server.token}/"


def _json(value: object, status: int = 200) -> tuple[int, str, bytes]:
    body = json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return status, "application/json; charset=utf-8", body


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return 0
