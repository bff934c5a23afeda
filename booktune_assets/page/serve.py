"""A small server on this machine alone for the pages under ``reports/``: what Dagster links to.

Belongs here: addresses of pages, which files are answered, the list of all pages, ending when
nobody asks. Does not: what is on a page (``views.py``, ``evaluations.py``, ``write.py``), the page
that takes decisions (``review/``).

A browser opens no ``file:`` link of a page that came over HTTP, so links in the Dagster UI need an
address. It answers on the loopback address, to GET, under the names of this machine (a page
elsewhere whose name is bent to this address is refused), with files of ``reports/`` and pictures of
figures. A view of a book is drawn when it is asked for.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from booktune_assets.errors import BookError, BooktuneError, Code
from booktune_assets.page.evaluations import index_of
from booktune_assets.settings import Settings

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["Pages", "address_of", "book_address", "pages_app"]

PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp")
NAMES = ("127.0.0.1", "localhost", "[::1]")  # of this machine, as a browser says them
# ours are whole pages with a style sheet and at most one script inside; nothing is asked elsewhere
_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PICTURE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def address_of(settings: Settings, file: Path) -> str:
    """Address of a page or picture of this home; a ``file:`` address where none is served."""
    base = settings.pages_url.rstrip("/")
    inside = _inside(settings, file)
    if not base or inside is None:
        return file.resolve().as_uri()
    return f"{base}/{quote(inside)}"


def book_address(settings: Settings, key: str) -> str | None:
    """Address of the view of a book, which is drawn when it is asked for. None: none is served."""
    base = settings.pages_url.rstrip("/")
    return f"{base}/show/{quote(key, safe='')}" if base else None


def _inside(settings: Settings, file: Path) -> str | None:
    """``reports/…`` or ``lake/…`` of a file that the server answers with."""
    home, file = settings.home.resolve(), file.resolve()
    if file.is_relative_to(settings.reports.resolve()):
        return file.relative_to(home).as_posix()
    served = file.is_relative_to(settings.lake.resolve()) and file.suffix.lower() in PICTURES
    return file.relative_to(home).as_posix() if served else None


def pages_app(settings: Settings, *, heard: Any = None) -> Starlette:
    """The application. ``heard()`` is called at every request."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.responses import HTMLResponse, RedirectResponse
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

    def start(request: Request) -> Response:
        return HTMLResponse(_start_page(settings))

    def show(request: Request) -> Response:
        from booktune_assets.page.views import fresh_view

        try:
            with drawing:  # one at a time: a second request finds what the first has drawn
                view = fresh_view(settings, request.path_params["book"])
        except BooktuneError as problem:
            words = (
                f"<!doctype html><meta charset=utf-8><title>Not shown</title>{escape(str(problem))}"
            )
            return HTMLResponse(words, status_code=404)
        inside = view.resolve().relative_to(settings.home.resolve()).as_posix()
        return RedirectResponse(f"/{quote(inside)}", status_code=307)

    drawing = threading.Lock()
    settings.reports.mkdir(parents=True, exist_ok=True)
    named = [*NAMES, urlsplit(settings.pages_url).hostname or NAMES[0]]
    routes = [
        Route("/", start),
        Route("/favicon.ico", _no_icon),
        Route("/show/{book}", show),
        Mount("/reports", StaticFiles(directory=settings.reports, html=True)),
        Mount("/lake", _pictures(StaticFiles(directory=settings.lake, check_dir=False))),
    ]
    trusted = Middleware(TrustedHostMiddleware, allowed_hosts=named)
    return Starlette(routes=routes, middleware=[trusted, Middleware(_Guarded, heard=heard)])


def _no_icon(_: Request) -> Response:
    """Browsers ask for one: nothing is there, and nothing is wrong."""
    from starlette.responses import Response as Plain

    return Plain(status_code=204)


def _pictures(files: Any) -> Any:
    """Of the lake, nothing but pictures is answered."""
    from starlette.responses import PlainTextResponse

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        picture = scope["path"].lower().endswith(PICTURES)
        there = files if picture else PlainTextResponse("Not Found", status_code=404)
        await there(scope, receive, send)

    return answer


class _Guarded:
    """Headers that keep what a book or a model says from doing anything in the browser."""

    def __init__(self, app: Any, heard: Any = None) -> None:
        self.app, self.heard = app, heard

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if self.heard:
            self.heard()
        picture = scope["path"].lower().endswith(PICTURES)
        policy = _PICTURE_POLICY if picture else _POLICY

        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [
                    (b"content-security-policy", policy.encode()),
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"no-referrer"),
                    (b"cache-control", b"no-cache"),
                ]
            await send(message)

        await self.app(scope, receive, sent)


class Pages:
    """The server: listens as soon as it is made; :meth:`serve` answers until it ends."""

    def __init__(
        self, settings: Settings, *, host: str = "127.0.0.1", port: int | None = None,
        idle: float = 0.0,
    ) -> None:  # fmt: skip
        """``port``: of ``pages_url`` where None; 0 is any free one. ``idle``: seconds without a
        request until it stops, 0 never. Raises ``BookError(BAD_SETTING)`` when the port is taken.
        """
        import uvicorn

        wanted = port if port is not None else urlsplit(settings.pages_url).port or 3001
        self._asked, self._idle = time.monotonic(), idle
        self._socket = _listening(host, wanted)
        self.address = f"http://{host}:{self._socket.getsockname()[1]}/"
        app = pages_app(settings, heard=self._heard)
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))

    def _heard(self) -> None:
        self._asked = time.monotonic()

    def serve(self) -> None:
        """Answer until :meth:`stop`, Ctrl-C, or nobody has asked for the idle time."""
        if self._idle:
            threading.Thread(target=self._watch, daemon=True).start()
        with self._socket:
            self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Let :meth:`serve` return."""
        self._server.should_exit = True

    def _watch(self) -> None:
        while time.monotonic() - self._asked < self._idle:
            time.sleep(min(1.0, self._idle / 4))
        self.stop()


def _listening(host: str, port: int) -> socket.socket:
    taken = socket.socket()
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
        taken.listen(128)
    except OSError as problem:
        taken.close()
        remedy = "Stop what listens there, or name another port and pages_url"
        raise BookError(Code.BAD_SETTING, f"{problem}. {remedy}", key="pages_url") from problem
    return taken


def _start_page(settings: Settings) -> str:
    """The list of all pages: evaluations, data sets, books."""
    from booktune_assets.evaluation.report import frame

    lists = (
        ("Evaluations", _evaluations(settings)),
        ("Data sets", _sets(settings)),
        ("Books, page by page", _books(settings)),
    )
    body = "".join(
        f"<h2>{title}</h2>\n<ul>\n{''.join(lines)}</ul>\n"
        for title, found in lists
        if (lines := [f'<li><a href="{href}">{escape(words)}</a></li>\n' for href, words in found])
    )
    return frame("booktune", f"<h1>booktune</h1>\n{body or '<p>Nothing was made yet.</p>'}")


def _evaluations(settings: Settings) -> Iterator[tuple[str, str]]:
    from booktune_assets.page.evaluations import fresh_reports, write_index

    found = fresh_reports(settings)
    if found:
        write_index(settings)
        yield f"reports/{index_of(settings).name}", "All adapters beside each other"
    for row in found:
        now = ", the current one" if row.current else ""
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(row.made_at))
        yield f"reports/{quote(row.path.name)}", f"{row.eval_id}, {when}{now}"


def _sets(settings: Settings) -> Iterator[tuple[str, str]]:
    for file in sorted(settings.reports.glob("dataset-*.html")):
        yield f"reports/{quote(file.name)}", file.stem.removeprefix("dataset-")


def _books(settings: Settings) -> Iterator[tuple[str, str]]:
    from booktune_assets.lake import Lake

    for key in sorted(Lake(settings.lake).keys("raw_books")):
        yield f"show/{quote(key, safe='')}", key
