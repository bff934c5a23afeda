"""AsciiDoc, parsed by Asciidoctor itself, which is asked for XHTML.

Belongs here: running the program safely, the parts of its page. Does not: what the elements of the
page mean (``walker.py``).

Asciidoctor runs in its mode ``secure``: it opens no other file, follows no ``include::``, fetches
nothing, runs nothing, and the text cannot switch that off. With ``limits.includes`` it may follow
``include::`` to files in the folder of the book and below (``asciidoc_includes.rb``), and read
nothing else. It inherits the limits of the worker, reads the text from a pipe, writes to a pipe,
and dies with the worker.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from booktune_assets.books.asciidoc_page import settle_page
from booktune_assets.books.blocks import Limits, Page, Parsed, printable
from booktune_assets.books.desk import Desk
from booktune_assets.books.elements import classes_of, everything, tag_of
from booktune_assets.books.html import decode_text, parse_page
from booktune_assets.books.lang import name_languages
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.numerals import take_appendices, take_parts
from booktune_assets.books.pictures import Gallery, beside
from booktune_assets.books.repair import mend_code
from booktune_assets.books.reserved import licence_fact, note_page
from booktune_assets.books.shown import Shown
from booktune_assets.books.terms import link_terms, number_captions
from booktune_assets.books.textmarks import take_text_marks
from booktune_assets.books.textnumbers import take_text_numbers
from booktune_assets.books.textwraps import take_text_wraps
from booktune_assets.books.walker import Walker
from booktune_assets.errors import BookError, Code, MissingPrerequisite

__all__ = ["PROGRAM", "read_asciidoc", "whole_asciidoc"]

PROGRAM = "asciidoctor"
_REMEDY = "apt-get install asciidoctor (or gem install asciidoctor)"
# The text as its author wrote it: no contents; numbers of captions are told apart from the text.
_ARGUMENTS = ("-b", "xhtml5", "-a", "nofooter", "-a", "reproducible", "-a", "toc!")
# What mode "secure" forbids and mode "server" does not, apart from includes.
_FORBIDDEN = ("docinfo!", "data-uri!", "icons!", "linkcss", "copycss!", "allow-uri-read!",
              "max-attribute-value-size=4096", "max-include-depth=16")  # fmt: skip
_WRITTEN = re.compile(r"^link:(?P<file>[^\n\[]+)\[role=include\]$\n?", re.M)
_FOLLOW = Path(__file__).with_name("asciidoc_includes.rb")
_TERMS = Path(__file__).with_name("asciidoc_terms.rb")
_TOLD = 5  # complaints of the program that are passed on
_SAID_MAX = 65_536
# What it says of parts of a book and of chapters under a ``:doctype:`` that has none.
_NO_BOOK = ("when doctype is book", "manpage title", "name section")


def read_asciidoc(path: Path, limits: Limits, desk: Desk) -> Parsed:
    """The book in an AsciiDoc file.

    ``MissingPrerequisite(MISSING_PROGRAM)`` without Asciidoctor.
    """
    if path.stat().st_size > limits.unpacked:
        raise BookError(Code.TOO_LARGE, "Raise reading.unpacked_mb if you trust the file")
    parsed = Parsed("adoc")
    text, encoding = decode_text(path.read_bytes())
    if encoding == "cp1252":
        parsed.warn("the file is not UTF-8; it was read as Windows-1252")
    folder = path.parent.resolve() if limits.includes else None
    root = parse_page(_converted(printable([text]), limits, parsed, folder))[0]
    if root is None:
        raise BookError(
            Code.DAMAGED_FILE, "Convert it with asciidoctor by hand to see what is wrong"
        )
    ledger = Ledger(frozenset(limits.repairs_off))
    body = next((one for one in root.iter() if tag_of(one) == "body"), root)
    _facts(root, body, parsed, ledger)
    _without_includes(body, parsed, ledger)
    settle_page(body)
    gallery = Gallery(parsed, desk, beside(path))
    walker = Walker("", parsed, ledger, 1, ranked=False, top=2, shown=Shown(gallery))
    walker.run(body)
    parsed.blocks = walker.blocks
    walker.notes.settle(parsed.blocks, walker.trail, ledger, "#_footnotedef_")
    gallery.settle()
    walker.trail.settle(parsed.blocks)
    number_captions(walker.trail.terms)
    link_terms(walker.trail.terms, parsed.blocks)
    take_parts(parsed.blocks, ledger)
    take_appendices(parsed.blocks, ledger)
    parsed.pages = [Page(1, chars=ledger.drawn(1), source="text")]
    ledger.settle(parsed.blocks, parsed.pages)
    take_text_numbers(parsed.blocks, ledger)
    take_text_marks(parsed.blocks, ledger)
    take_text_wraps(parsed.blocks, ledger)
    name_languages(parsed.blocks)
    mend_code(parsed.blocks, ledger)
    ledger.check(parsed.blocks, parsed.pages)  # repairs must keep the account, too
    parsed.changes = ledger.as_rows(parsed.blocks)
    return parsed


def whole_asciidoc(path: Path, limits: Limits) -> bytes:
    """An AsciiDoc file with the text of all that it includes in its place, as one text."""
    if path.stat().st_size > limits.unpacked:
        raise BookError(Code.TOO_LARGE, "Raise reading.unpacked_mb if you trust the file")
    text = printable([decode_text(path.read_bytes())[0]])
    whole, _ = _asked(text, limits, path.parent.resolve(), "-d", "book", whole=True)
    return whole


def _facts(root: Any, body: Any, parsed: Parsed, ledger: Ledger) -> None:
    """Title, authors and language; the page's head with them is no text of the book."""
    parsed.language = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang")
    said: dict[str, str] = {}
    for meta in (one for one in root.iter() if tag_of(one) == "meta"):
        said.setdefault(meta.get("name") or "", printable([meta.get("content") or ""]))
    names = said.get("author") or said.get("authors") or ""
    parsed.authors = [one.strip() for one in names.split(",") if one.strip()]
    parsed.licence = licence_fact(said)
    note_page(root, parsed)
    for part in [one for one in body if one.get("id") in ("header", "footer")]:
        if part.get("id") == "header":
            title = next((one for one in part.iter() if tag_of(one) == "h1"), None)
            parsed.title = "" if title is None else " ".join(everything(title).split())
        _drop(part, "title_page", ledger)


def _without_includes(body: Any, parsed: Parsed, ledger: Ledger) -> None:
    """An ``include::`` that was not followed is left as a link to the other file.

    In a listing the link is written out.
    """
    links = [one for one in body.iter() if tag_of(one) == "a" and "include" in classes_of(one)]
    for link in links:
        _left(everything(link), parsed)
        _drop(link, "hidden", ledger)
    for listing in [one for one in body.iter() if tag_of(one) == "pre"]:
        for part in listing.iter():
            part.text = _unwritten(part.text, parsed, ledger)
            if part is not listing:
                part.tail = _unwritten(part.tail, parsed, ledger)


def _unwritten(text: str | None, parsed: Parsed, ledger: Ledger) -> str | None:
    """A piece of a listing without the links that stand for files."""
    for found in _WRITTEN.finditer(text or ""):
        _left(found["file"], parsed)
        ledger.drew(1, found.group())
        ledger.took(1, "hidden", found.group())
    return _WRITTEN.sub("", text) if text else text


def _left(file: str, parsed: Parsed) -> None:
    parsed.warn(f"include::{file[:80]}[] was not followed; add that file, or one that holds all of "
                "the book")  # fmt: skip
    parsed.count("includes_left")


def _drop(element: Any, kind: str, ledger: Ledger) -> None:
    whole = everything(element)
    ledger.drew(1, whole)
    if whole.strip():
        ledger.took(1, kind, whole)
    tail, parent = element.tail or "", element.getparent()
    before = element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


def _converted(text: str, limits: Limits, parsed: Parsed, folder: Path | None) -> bytes:
    """The XHTML page of a text: as the type that it says it is, else as a book."""
    page, complaints = _asked(text, limits, folder)
    if b"<html" not in page[:2_000] or any(one in "\n".join(complaints) for one in _NO_BOOK):
        page, complaints = _asked(text, limits, folder, "-d", "book")
        parsed.count("doctype_not_followed")
    for line in [one for one in complaints if one.strip()][:_TOLD]:
        parsed.warn(f"asciidoctor: {printable([line.removeprefix('asciidoctor: ')])[:200]}")
    return page


def _mode(folder: Path | None) -> tuple[list[str], dict[str, str]]:
    """Arguments and environment that bound what Asciidoctor reads: nothing, or a book's folder."""
    if folder is None:
        return ["-S", "secure"], {}
    locked = [part for name in _FORBIDDEN for part in ("-a", name)]
    follow = ["-S", "server", "-B", str(folder), "-r", str(_FOLLOW), *locked]
    return follow, {"BOOK_FOLDER": str(folder)}


def _asked(
    text: str, limits: Limits, folder: Path | None, *more: str, whole: bool = False
) -> tuple[bytes, list[str]]:
    """The page, at most as long as an entry of an archive may be, and what is complained of.

    ``whole``: not the page, but the text with what it includes.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        raise MissingPrerequisite(Code.MISSING_PROGRAM, _REMEDY, program=PROGRAM)
    bounds, extra = _mode(folder)
    if whole:
        extra["BOOK_WHOLE"] = "1"
    out = "/dev/null" if whole else "-"
    bounds += [] if whole else ["-r", str(_TERMS)]
    child = subprocess.Popen(
        [program, *bounds, *more, *_ARGUMENTS, "-o", out, "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/",
        env={"LANG": "C.UTF-8"} | extra | _own_environment(), preexec_fn=_die_with_parent,
    )  # fmt: skip
    said: list[bytes] = []
    helpers = [
        threading.Thread(target=_write, args=(child.stdin, text.encode()), daemon=True),
        threading.Thread(target=_listen, args=(child.stderr, said), daemon=True),
    ]
    for helper in helpers:
        helper.start()
    assert child.stdout is not None
    try:
        page = child.stdout.read(limits.unpacked + 1)
        if len(page) > limits.unpacked:
            raise BookError(Code.TOO_LARGE, "Raise reading.unpacked_mb if you trust the file")
    finally:
        if child.poll() is None and not _ended(child):
            child.kill()
        code = child.wait()
        child.stdout.close()
        for helper in helpers:
            helper.join(5)
    complaints = b"".join(said).decode("utf-8", "replace").split("\n")
    if code:
        raise _failed(code, complaints)
    return page, complaints


def _own_environment() -> dict[str, str]:
    """What Ruby needs to find itself; nothing that adds options or code to it."""
    names = ("PATH", "HOME", "GEM_HOME", "GEM_PATH")
    return {name: os.environ[name] for name in names if name in os.environ}


def _ended(child: subprocess.Popen[bytes]) -> bool:
    """Its page is whole when its pipe has ended; it may still need a moment to leave."""
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        return False
    return True


def _failed(code: int, complaints: list[str]) -> BookError:
    if code == -signal.SIGXCPU:
        return BookError(Code.TOO_SLOW, "Raise reading.seconds_per_book, or take the book apart")
    said = next((line for line in complaints if line.strip()), "")[:200]
    if "NoMemory" in said or "failed to allocate memory" in " ".join(complaints):
        return BookError(Code.TOO_LARGE, "Raise reading.memory_mb if you trust the file")
    return BookError(Code.DAMAGED_FILE, f"Asciidoctor cannot read it: {said}", exit=code)


def _write(pipe: IO[bytes] | None, data: bytes) -> None:
    assert pipe is not None
    try:
        with pipe:
            pipe.write(data)
    except OSError:  # it stopped reading; its exit code says why
        return


def _listen(pipe: IO[bytes] | None, said: list[bytes]) -> None:
    assert pipe is not None
    with pipe:
        said.append(pipe.read(_SAID_MAX))
        while pipe.read(_SAID_MAX):
            pass


def _die_with_parent() -> None:
    """Runs in the child: the kernel ends it with the worker (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
