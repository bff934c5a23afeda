"""Files made to break an importer: each does what their README asks of a good tool.

Bounded time and memory, one coded line or a warning in plain words, nothing written, right text.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from booktune_assets.books.reader import read_book
from booktune_assets.errors import BookError
from booktune_assets.settings import Reading
from booktune_assets_tests.books.spent import cpu_spent

SECONDS, MEMORY_MB = 10, 1024


@dataclass(frozen=True)
class Want:
    """What a file has to give: a refusal by ``code``, or text with all of ``holds``."""

    code: str = ""
    warned: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    pages: int = 0
    failed: int = 0
    headings: int | None = None
    langs: tuple[str, ...] | None = None


BOTH = ("elixir", "erlang")
FILES = {
    "control-good.epub": Want(pages=2, headings=2, langs=BOTH),
    "truncated.pdf": Want(warned=("damaged and has been repaired",), pages=12),
    "encrypted-user-password.pdf": Want("NEEDS_PASSWORD"),
    "encrypted-owner-only.pdf": Want(warned=("forbid copying",)),
    "scanned-image-only.pdf": Want("NO_TEXT_LAYER"),
    "zero-bytes.pdf": Want("EMPTY_FILE"),
    "zero-bytes.epub": Want("EMPTY_FILE"),
    "really-a-zip.pdf": Want("UNKNOWN_FORMAT"),
    "really-an-epub.pdf": Want(
        warned=("FORMAT_MISMATCH", "content is epub"), headings=2, langs=BOTH
    ),
    "really-a-pdf.epub": Want(warned=("FORMAT_MISMATCH", "content is pdf"), pages=12),
    "zip-bomb-200mb.epub": Want("TOO_LARGE"),
    "flate-bomb-150mb.pdf": Want(warned=("1 of 2 pages", "TOO_LARGE"), pages=2, failed=1),
    "xml-entity-bomb.epub": Want(warned=("not expanded",), pages=2),
    "path-traversal.epub": Want(warned=("UNSAFE_ARCHIVE", "outside of the archive"), langs=BOTH),
    "symlink-entry.epub": Want(warned=("UNSAFE_ARCHIVE", "symbolic link"), headings=2, langs=BOTH),
    "drm-encryption-xml.epub": Want("DRM_PROTECTED"),
    "font-obfuscation-only.epub": Want(headings=2, langs=BOTH),
    "missing-spine-invalid-xhtml.epub": Want(
        warned=("nosuchid", "not in the archive", "leniently"), pages=2
    ),
    "no-container.epub": Want(warned=("container.xml",), headings=2, langs=BOTH),
    "latin1-utf16-sjis.epub": Want(pages=4),
    "script-and-remote.epub": Want(warned=("not fetched",), pages=2),
    "instructions-in-text.epub": Want(warned=("would not see",), pages=2),
    "circular-outline-20000.pdf": Want(warned=("outline",), pages=2),
    "deep-outline-3000.pdf": Want(warned=("outline",), pages=2),
    "page-tree-loop.pdf": Want(warned=("page tree holds itself",), pages=2),
    "javascript-and-launch.pdf": Want(warned=("active content", "Launch", "JavaScript")),
    "two-good-pages.pdf": Want(pages=2),
}
NEVER = ("root:", "alert(", "\ufffd\ufffd\ufffd", "lol" * 50, "\u00e3\u0081")


def listed(folder: Path) -> list[str]:
    """The names in a folder."""
    return sorted(one.name for one in folder.iterdir())


@pytest.mark.parametrize("name", FILES)
def test_hostile_file(shared: Path, tmp_path: Path, name: str) -> None:
    want = FILES[name]
    folder = tmp_path / "in"
    folder.mkdir()
    path = Path(shutil.copy(shared / "hostile" / name, folder))
    outside = listed(Path("/")), listed(Path("/etc"))
    start = cpu_spent()
    reading = Reading(memory_mb=MEMORY_MB)  # type: ignore[call-arg]
    if want.code:
        with pytest.raises(BookError) as caught:
            read_book(path, "book", reading)
        assert caught.value.code == want.code
        assert caught.value.remedy and "\n" not in str(caught.value)
    else:
        _accepted(path, reading, want)
    assert cpu_spent() - start < 2 * SECONDS  # a core may have half the speed of another
    assert list(tmp_path.rglob("*")) == [folder, path]
    assert (listed(Path("/")), listed(Path("/etc"))) == outside


def _accepted(path: Path, reading: Reading, want: Want) -> None:
    raw = read_book(path, "book", reading)
    warnings = list(raw.frames["raw_books"]["warnings"][0])
    for words in want.warned:
        assert any(words in warning for warning in warnings), warnings
    if not want.warned:
        assert not [warning for warning in warnings if "leniently" not in warning]
    blocks = raw.frames["raw_books__blocks"]
    text = "\n".join(blocks["text"])
    assert len(text) > 40 and not [leak for leak in NEVER if leak in text]
    assert (raw.counts["lost"], raw.counts["doubled"]) == (0, 0)
    assert raw.counts["failed"] == want.failed
    if want.pages:
        assert raw.counts["pages"] == want.pages
    if want.headings is not None:
        assert blocks.filter(kind="heading").height == want.headings
    if want.langs is not None:
        assert blocks.filter(kind="code")["lang"].to_list() == list(want.langs)


def test_every_hostile_file_has_an_expectation(shared: Path) -> None:
    books = {p.name for p in (shared / "hostile").iterdir() if p.suffix in (".pdf", ".epub")}
    copies = {"final_FINAL (2) copy.epub", "same-book-rezipped.epub"}
    assert books == FILES.keys() | copies


def test_copies_have_the_same_content(shared: Path) -> None:
    names = (
        "joy-of-elixir.epub",
        "hostile/final_FINAL (2) copy.epub",
        "hostile/same-book-rezipped.epub",
    )
    found = {
        read_book(shared / name, "b", Reading()).frames["raw_books"]["content_sha256"][0]  # type: ignore[call-arg]
        for name in names
    }
    assert len(found) == 1


def test_encodings_are_as_declared(shared: Path) -> None:
    raw = read_book(shared / "hostile" / "latin1-utf16-sjis.epub", "b", Reading())  # type: ignore[call-arg]
    text = "\n".join(raw.frames["raw_books__blocks"]["text"])
    assert "\ufffd" not in text and "\u00c3" not in text
    assert any("\u3040" <= char <= "\u30ff" for char in text)  # kana came through Shift_JIS
    assert any("\u00e0" <= char <= "\u00ff" for char in text)


READ_ALL = """
import sys
from pathlib import Path
from booktune_assets.books.reader import read_book
from booktune_assets.errors import BookError
from booktune_assets.settings import Reading
from booktune_assets_tests.books.spent import cpu_spent
from booktune_assets_tests.books.spent import cpu_spent
for path in sorted(Path(sys.argv[1]).iterdir()):
    if path.suffix in (".pdf", ".epub"):
        try:
            read_book(path, "b", Reading())
        except BookError:
            pass
"""
WATCHED = "trace=%network,openat,open,creat,mkdir,rename,unlink,link,symlink,execve,fork,vfork"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_the_reading_child_opens_its_book_and_nothing_else(shared: Path, tmp_path: Path) -> None:
    """No socket, no program, no file for writing; outside of Python's own only the books."""
    log, temp = tmp_path / "trace", tmp_path / "temp"
    temp.mkdir()
    subprocess.run(
        ["strace", "-f", "-e", WATCHED, "-o", str(log), sys.executable, "-c", READ_ALL,
         str(shared / "hostile")],
        check=True, timeout=300,
        env={**os.environ, "TMPDIR": str(temp), "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    calls = [line.split(" ", 1) for line in log.read_text(errors="replace").splitlines()]
    (worker,) = {pid for pid, call in calls if "books.worker" in call and "execve" in call}
    mine = [call.strip() for pid, call in calls if pid == worker and "ENOENT" not in call]
    mine = mine[next(n for n, call in enumerate(mine) if "hostile" in call) :]
    # a call that another process ran into is written in two lines: the first one says all
    mine = [call for call in mine if not call.startswith("<... ")]
    opened = [call for call in mine if call.startswith(("open", "creat"))]
    others = [call for call in mine if call not in opened and not call.startswith(("+++", "---"))]
    assert not others, others[:5]
    assert not [
        call for call in opened if "O_WRONLY" in call or "O_RDWR" in call or "creat" in call
    ]
    code = (sys.prefix, sys.base_prefix, str(Path(__file__).parents[2]), "/usr/lib", "/lib")
    data = {call.split('"')[1] for call in opened}
    strange = {
        name for name in data
        if not name.startswith(code) and "/hostile/" not in name
        and name not in ("/etc/localtime", "/etc/ld.so.cache", "/proc/meminfo")
    }  # fmt: skip
    assert not strange
    assert not list(temp.iterdir())


def test_odd_names_survive_every_report(shared: Path, tmp_path: Path) -> None:
    """Read by the command line from a folder of its own: nothing is run or taken as an option."""
    folder = tmp_path / "odd"
    script = shared / "hostile" / "odd_names.py"
    subprocess.run([sys.executable, str(script), str(folder)], check=True)
    names = listed(folder)
    assert len(names) == 5
    for number, name in enumerate(names):
        raw = read_book(folder / name, f"odd-{number}", Reading())  # type: ignore[call-arg]
        assert raw.frames["raw_books"]["file_name"][0] == name
        assert raw.counts["pages"] == 2
    command = "from booktune_assets.cli import main; main()"
    out = tmp_path / "out.jsonl"
    for name in names:
        done = subprocess.run(
            [sys.executable, "-c", command, "read", "--records", str(out), "--", name],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(sys.path),
                "BOOKTUNE_HOME": str(tmp_path),
            },
        )
        assert done.returncode == 0 and done.stderr.count("\n") == 1, done.stderr
        assert out.read_text().count("\n") == 22
        out.unlink()
    assert listed(folder) == names  # nobody touched "pwned"
