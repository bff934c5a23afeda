"""Files made to break an importer: bounded time, one coded line, nothing written."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from booktune_assets.books.reader import read_book
from booktune_assets.errors import BookError
from booktune_assets.settings import Reading

SECONDS = 10
REFUSED = {
    "encrypted-user-password.pdf": "NEEDS_PASSWORD",
    "scanned-image-only.pdf": "NO_TEXT_LAYER",
    "zero-bytes.pdf": "EMPTY_FILE",
    "zero-bytes.epub": "EMPTY_FILE",
    "really-a-zip.pdf": "UNKNOWN_FORMAT",
    "zip-bomb-200mb.epub": "TOO_LARGE",
    "drm-encryption-xml.epub": "DRM_PROTECTED",
}
WARNED = {
    "truncated.pdf": "repaired",
    "encrypted-owner-only.pdf": "forbid copying",
    "really-an-epub.pdf": "FORMAT_MISMATCH",
    "really-a-pdf.epub": "FORMAT_MISMATCH",
    "flate-bomb-150mb.pdf": "could not be read",
    "xml-entity-bomb.epub": "not expanded",
    "path-traversal.epub": "UNSAFE_ARCHIVE",
    "symlink-entry.epub": "UNSAFE_ARCHIVE",
    "missing-spine-invalid-xhtml.epub": "not in the archive",
    "no-container.epub": "container.xml",
    "script-and-remote.epub": "not fetched",
    "instructions-in-text.epub": "would not see",
    "deep-outline-3000.pdf": "outline",
    "javascript-and-launch.pdf": "active content",
}
PLAIN = (
    "control-good.epub", "font-obfuscation-only.epub", "latin1-utf16-sjis.epub",
    "circular-outline-20000.pdf", "page-tree-loop.pdf", "two-good-pages.pdf",
)  # fmt: skip


@pytest.mark.parametrize("name", [*REFUSED, *WARNED, *PLAIN])
def test_hostile_file(shared: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = Path(shutil.copy(shared / "hostile" / name, folder))
    start = time.monotonic()
    reading = Reading(seconds_per_book=SECONDS, memory_mb=1024)  # type: ignore[call-arg]
    if name in REFUSED:
        with pytest.raises(BookError) as caught:
            read_book(path, "book", reading)
        assert caught.value.code == REFUSED[name]
        assert "\n" not in str(caught.value)
    else:
        raw = read_book(path, "book", reading)
        warnings = " ".join(raw.frames["raw_books"]["warnings"][0])
        assert WARNED.get(name, "") in warnings
        text = "\n".join(raw.frames["raw_books__blocks"]["text"])
        assert len(text) > 40 and "root:" not in text and "alert(" not in text
    assert time.monotonic() - start < 4 * SECONDS  # the machine may be busy
    assert [one.name for one in tmp_path.iterdir()] == ["in"] and len(list(folder.iterdir())) == 1


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
