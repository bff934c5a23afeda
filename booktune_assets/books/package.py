"""The package around an EPUB: zip, container, OPF, spine; nothing in it is trusted.

Belongs here: which documents the book has, in which order, its metadata, encryption. Does not: the
text of the documents (``epub.py``, ``html.py``).

Entries are only ever read into memory, under a size limit and by a name that stands in the archive:
nothing is unpacked to disk, so a path that points outside can lead nowhere.
"""

from __future__ import annotations

import posixpath
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from booktune_assets.books.blocks import Limits, Parsed
from booktune_assets.books.html import parse_xml
from booktune_assets.books.reserved import note_page, reserved_parts
from booktune_assets.errors import BookError, Code

__all__ = ["Item", "Package", "open_package"]

_CONTAINER = "META-INF/container.xml"
_FONT_SCHEMES = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_FONTS = (".otf", ".ttf", ".woff", ".woff2")
_TEXT = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document")
_GUIDE = {"cover": "title_page", "title-page": "title_page", "toc": "contents"}
_TERMS = ("dcterms:license", "dcterms:rights", "cc:license", "license")  # what counts first
_TOTAL = 5  # times the limit of one entry that all entries together may unpack


@dataclass(slots=True)
class Item:
    """One manifest entry."""

    name: str
    media: str
    properties: str = ""
    reserved: bool = False  # it may not be mined, though the book may


@dataclass(slots=True)
class Package:
    """An open EPUB."""

    archive: zipfile.ZipFile
    limits: Limits
    names: set[str]
    items: list[Item] = field(default_factory=list[Item])
    spine: list[Item] = field(default_factory=list[Item])
    front: dict[str, str] = field(default_factory=dict[str, str])  # name → why it is no text
    read_bytes: int = 0

    def read(self, name: str) -> bytes:
        """An entry's bytes. ``BookError``: ``TOO_LARGE`` past the limit, whatever its header says,
        ``DAMAGED_FILE`` when it cannot be unpacked."""
        try:
            with self.archive.open(name) as handle:
                data = handle.read(self.limits.unpacked + 1)
        except MemoryError:
            raise
        except Exception as problem:  # zipfile and the unpackers raise a dozen kinds
            raise BookError(
                Code.DAMAGED_FILE, f"Get a whole copy of it ({problem})", entry=name
            ) from problem
        self.read_bytes += len(data)
        if len(data) > self.limits.unpacked or self.read_bytes > _TOTAL * self.limits.unpacked:
            raise BookError(
                Code.TOO_LARGE, "Raise reading.unpacked_mb if you trust the file", entry=name
            )
        return data


def open_package(path: Path, limits: Limits, parsed: Parsed) -> Package:
    """The package of an EPUB, with metadata and warnings put into ``parsed``."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as problem:
        raise BookError(Code.DAMAGED_FILE, f"Get a whole copy of it ({problem})") from problem
    package = Package(archive, limits, _safe_names(archive, parsed))
    _refuse_drm(package)
    opf = _find_opf(package, parsed)
    root = _xml(package, opf, parsed)
    _metadata(root, parsed)
    items = _manifest(root, posixpath.dirname(opf))
    package.items = list(items.values())
    package.spine = list(_spine(root, items, package, parsed))
    package.front = _front(root, posixpath.dirname(opf))
    if not package.spine:
        package.spine = [i for i in items.values() if i.media in _TEXT and i.name in package.names]
        parsed.warn("the spine names no document that is there; the manifest's order was used")
    return package


def _safe_names(archive: zipfile.ZipFile, parsed: Parsed) -> set[str]:
    """Names that stay inside of the archive and are plain files."""
    safe: set[str] = set()
    for info in archive.infolist():
        name = info.filename
        parts = name.replace("\\", "/").split("/")
        if name.startswith("/") or ".." in parts or "\\" in name or ":" in parts[0]:
            parsed.warn("UNSAFE_ARCHIVE: entries that point outside of the archive were ignored")
        elif stat.S_ISLNK(info.external_attr >> 16):
            parsed.warn("UNSAFE_ARCHIVE: a symbolic link in the archive was ignored")
        elif info.flag_bits & 1:
            raise BookError(Code.NEEDS_PASSWORD, "Save a copy without a password and add that")
        else:
            safe.add(name)
    return safe


def _refuse_drm(package: Package) -> None:
    """Encrypted fonts are no matter; encrypted text is not ours to break."""
    if "META-INF/rights.xml" in package.names and "META-INF/encryption.xml" not in package.names:
        return
    if "META-INF/encryption.xml" not in package.names:
        return
    root = parse_xml(package.read("META-INF/encryption.xml"))
    for data in _all(root, "EncryptedData"):
        scheme = next((m.get("Algorithm", "") for m in _all(data, "EncryptionMethod")), "")
        for reference in _all(data, "CipherReference"):
            uri = unquote(reference.get("URI", "")).lower()
            if not uri.endswith(_FONTS) and not scheme.startswith(_FONT_SCHEMES):
                raise BookError(
                    Code.DRM_PROTECTED, "Use a copy without rights management", entry=uri
                )


def _find_opf(package: Package, parsed: Parsed) -> str:
    if _CONTAINER in package.names:
        for file in _all(_container(package), "rootfile"):
            name = posixpath.normpath(unquote(file.get("full-path", "")))
            if name in package.names:
                return name
    found = sorted(
        (n for n in package.names if n.lower().endswith(".opf")), key=lambda n: (n.count("/"), n)
    )
    if not found:
        raise BookError(Code.DAMAGED_FILE, "It has no package document (OPF); get a whole copy")
    parsed.warn(f"no usable META-INF/container.xml; {found[0]} was taken")
    return found[0]


def _container(package: Package) -> Any:
    """The tree of the container file; a damaged one only costs a look for the package document."""
    try:
        return parse_xml(package.read(_CONTAINER))
    except BookError:
        return None


def _xml(package: Package, name: str, parsed: Parsed) -> Any:
    root = parse_xml(package.read(name))
    if root is None:
        raise BookError(
            Code.DAMAGED_FILE, "Its package document is no XML; get a whole copy", entry=name
        )
    return root


def _metadata(root: Any, parsed: Parsed) -> None:
    def first(tag: str) -> str:
        return next((" ".join((e.text or "").split()) for e in _all(root, tag) if e.text), "")

    parsed.title = first("title")
    parsed.language = first("language")[:35] or None
    parsed.licence = first("rights") or _terms(root) or None
    note_page(root, parsed)
    parsed.authors = [" ".join(e.text.split()) for e in _all(root, "creator") if e.text]


def _terms(root: Any) -> str:
    """The licence of the book that metadata state by another name than ``dc:rights``."""
    said = {
        one.get("property") or one.get("rel") or one.get("name") or "": one.text or
        one.get("content") or one.get("href") or ""
        for one in reversed([*_all(root, "meta"), *_all(root, "link")])
        if not one.get("refines")
    }  # fmt: skip
    return next((words for name in _TERMS if (words := " ".join(said.get(name, "").split()))), "")


def _manifest(root: Any, base: str) -> dict[str, Item]:
    items: dict[str, Item] = {}
    reserved = reserved_parts(root)
    for element in _all(root, "item"):
        href = unquote(element.get("href", "").split("#", 1)[0])
        name = posixpath.normpath(posixpath.join(base, href))
        items[element.get("id", "")] = Item(
            name, element.get("media-type", ""), element.get("properties", ""),
            element.get("id", "") in reserved,
        )  # fmt: skip
    return items


def _front(root: Any, base: str) -> dict[str, str]:
    """What the guide of an older EPUB says of whole documents."""
    found: dict[str, str] = {}
    for element in _all(root, "reference"):
        kind = _GUIDE.get(element.get("type", "").lower())
        href, _, anchor = unquote(element.get("href", "")).partition("#")
        if kind and href and not anchor:
            found[posixpath.normpath(posixpath.join(base, href))] = kind
        elif href:  # text begins in it, too
            found.pop(posixpath.normpath(posixpath.join(base, href)), None)
    return found


def _spine(root: Any, items: dict[str, Item], package: Package, parsed: Parsed) -> Iterator[Item]:
    seen: set[str] = set()
    for element in _all(root, "itemref"):
        wanted = element.get("idref", "")
        item = items.get(wanted)
        if item is None:
            parsed.warn(f"the spine names {wanted[:60]!r}, which the manifest lacks")
        elif item.name not in package.names:
            shown = (
                item.name if not item.name.startswith("..") else "an entry outside of the archive"
            )
            parsed.warn(f"the spine names {shown[:80]}, which is not in the archive")
        elif item.name not in seen:
            seen.add(item.name)
            yield item


def _all(root: Any, name: str) -> list[Any]:
    """Elements by local name, whatever the name space."""
    if root is None:
        return []
    return [e for e in root.iter() if isinstance(e.tag, str) and e.tag.rsplit("}", 1)[-1] == name]
