"""Where Tesseract's language data stand: all that PyMuPDF needs for text recognition.

Belongs here: finding the folder, naming the package of a language. Does not: recognising
(``scans.py``). PyMuPDF has Tesseract built in; the program itself is never started.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

__all__ = ["find_tessdata", "missing_languages", "packages_for"]

_PLACES = (
    "/usr/share/tesseract-ocr/*/tessdata", "/usr/share/tessdata", "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata", "/usr/share/tesseract/tessdata",
)  # fmt: skip


def find_tessdata() -> str | None:
    """The folder of ``*.traineddata``: TESSDATA_PREFIX, else where systems put it; or None."""
    named = os.environ.get("TESSDATA_PREFIX")
    if named:
        return named if Path(named).is_dir() else None
    for pattern in _PLACES:
        root = Path("/")
        for folder in sorted(root.glob(pattern.lstrip("/")), reverse=True):
            if any(folder.glob("*.traineddata")):
                return str(folder)
    return None


def missing_languages(folder: str | None, languages: str) -> list[str]:
    """Those of ``eng+deu`` that have no data in the folder; all of them without one."""
    wanted = [name for name in languages.split("+") if name]
    if folder is None:
        return wanted
    return [name for name in wanted if not (Path(folder) / f"{name}.traineddata").is_file()]


def packages_for(languages: Sequence[str]) -> str:
    """The Debian packages that bring languages: ``tesseract-ocr tesseract-ocr-deu``."""
    extra = [f"tesseract-ocr-{name.replace('_', '-')}" for name in languages if name != "eng"]
    return " ".join(["tesseract-ocr", *extra])
