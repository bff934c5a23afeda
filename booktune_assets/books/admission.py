"""Whether a PDF may be read, and what the file says of itself: passwords, permissions, its title.

Belongs here: what is known before any page is drawn. Does not: pages (``pdf.py``).
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from booktune_assets.books.blocks import Limits, Parsed
from booktune_assets.books.reserved import note_xmp
from booktune_assets.errors import BookError, Code

__all__ = ["admit"]

# What programs write where nobody gave a title.
_NO_TITLE = re.compile(r"[(\[]?(?:untitled|no title)(?: document)?[- ]?\d*[)\]]?", re.I)
_COPY = 16  # PDF_PERM_COPY
_ACTIVE = ("JavaScript", "/JS", "/Launch", "/EmbeddedFile")


def admit(document: Any, limits: Limits, parsed: Parsed) -> None:
    """Passwords, permissions, repair and active content."""
    if document.needs_pass:
        raise BookError(Code.NEEDS_PASSWORD, "Save a copy without a password and add that")
    locked = document.is_encrypted or bool((document.metadata or {}).get("encryption"))
    if locked and not document.permissions & _COPY:
        if not limits.accept_restricted:
            raise BookError(
                Code.NEEDS_PASSWORD, "Its owner forbids copying; set accept_restricted to read it"
            )
        parsed.warn("the owner's permissions forbid copying (accept_restricted is on)")
    if document.is_repaired:
        parsed.warn("the file was damaged and has been repaired; text may be missing")
    found = _active(document)
    if found:
        parsed.warn(f"holds active content that was not run: {', '.join(found)}")
    meta = document.metadata or {}
    title = str(meta.get("title") or "").strip()
    parsed.title = "" if _NO_TITLE.fullmatch(title) else title
    parsed.authors = [
        name.strip()
        for name in re.split(r"[;,&]| and ", str(meta.get("author") or ""))
        if name.strip()
    ]
    with suppress(Exception):
        note_xmp(str(document.get_xml_metadata() or ""), parsed)
    with suppress(Exception):
        kind, language = document.xref_get_key(document.pdf_catalog(), "Lang")
        if kind == "string" and language:
            parsed.language = language[:35]


def _active(document: Any) -> list[str]:
    """Names of active content, looked for in the objects and never run."""
    found: set[str] = set()
    with suppress(Exception):
        if document.embfile_count():
            found.add("embedded files")
        last = min(document.xref_length(), 3_000)
        catalog = document.pdf_catalog()
        for xref in {catalog, *range(1, last if document.page_count < 40 else 1)}:
            text = document.xref_object(xref, compressed=True)
            if len(text) < 20_000:
                found |= {mark.strip("/") for mark in _ACTIVE if mark in text}
    return sorted(found)
