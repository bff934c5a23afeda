"""Markup text into a tree, safely: no entities expanded, nothing fetched, encodings as declared.

Belongs here: bytes to lxml trees. Does not: what the elements mean (``epub.py``).
"""

from __future__ import annotations

import codecs
import re
from html.entities import html5
from typing import Any

__all__ = ["decode_markup", "decode_text", "parse_page", "parse_xml"]

_DECLARED = (
    re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)", re.I),
    re.compile(rb"<meta[^>]*?charset\s*=\s*[\"']?\s*([A-Za-z0-9._-]+)", re.I),
)
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{0,60});")
_NUMBERED = re.compile(r"&#([0-9]{1,9}|[xX][0-9a-fA-F]{1,8})(?:;|(?![0-9a-fA-F]))")
_XML_OWN = frozenset({"amp", "lt", "gt", "quot", "apos"})
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def decode_markup(raw: bytes) -> str:
    """Text of an XML or HTML document, by byte-order mark, declaration, or UTF-8."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):  # fmt: skip
        if raw.startswith(mark):
            return raw.decode(name, "replace")
    for pattern in _DECLARED:
        match = pattern.search(raw[:2048])
        if match:
            name = match.group(1).decode("ascii")
            try:
                if codecs.lookup(name).name not in ("utf-16", "utf-16-le", "utf-16-be"):
                    return raw.decode(name, "replace")
            except LookupError:
                break
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def decode_text(raw: bytes) -> tuple[str, str]:
    """Text of a plain file and the encoding that it was in."""
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if raw.startswith(mark):
            return raw.decode(name, "replace"), name
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace"), "cp1252"


def parse_xml(raw: bytes) -> Any:
    """Root element of an XML document, or None; used for the package's own files."""
    from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

    text = _DECLARATION.sub("", _without_doctype(decode_markup(raw))[0])
    text = _NUMBERED.sub(_numbered, text)  # libxml2 makes names of them that are not UTF-8
    try:
        return etree.fromstring(text.encode(), parser=_parser(recover=True))
    except etree.XMLSyntaxError:
        return None


def parse_page(raw: bytes) -> tuple[Any, list[str]]:
    """Root of an XHTML page and what was odd: strict XML first, HTML rules when that fails."""
    from lxml import etree, html  # pyright: ignore[reportAttributeAccessIssue]

    text, had_entities = _without_doctype(decode_markup(raw))
    odd = ["declares entities; they were not expanded"] if had_entities else []
    text = _DECLARATION.sub("", text).replace("\0", "")
    named = _NUMBERED.sub(_numbered, _ENTITY.sub(_named, text))
    try:
        return etree.fromstring(
            named.encode("utf-8", "replace"), parser=_parser(recover=False)
        ), odd
    except etree.XMLSyntaxError as problem:
        if "emory" in str(problem) or "unknown error" in str(
            problem
        ):  # libxml2 hides that it ran out of memory
            raise MemoryError(str(problem)) from problem
        odd.append("is not well-formed and was read leniently")
    try:
        return html.document_fromstring(named, parser=html.HTMLParser(encoding="unicode")), odd
    except (etree.ParserError, etree.XMLSyntaxError, LookupError, ValueError):
        pass
    try:
        raw_text = named.encode("utf-8", "replace")
        return html.document_fromstring(raw_text, parser=html.HTMLParser(encoding="utf-8")), odd
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None, [*odd, "could not be read"]


def _parser(*, recover: bool) -> Any:
    from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=recover, huge_tree=False,
        remove_pis=True, remove_comments=True,
    )  # fmt: skip


def _named(match: re.Match[str]) -> str:
    """A named character becomes itself; an unknown name (one from a DTD) becomes nothing."""
    name = match.group(1)
    return match.group() if name in _XML_OWN else html5.get(f"{name};", "")


def _numbered(match: re.Match[str]) -> str:
    """A numbered character that is none (a lone surrogate, NUL, beyond Unicode) becomes U+FFFD."""
    digits = match.group(1)
    code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    broken = not 0 < code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF
    return "\ufffd" if broken else match.group()


def _without_doctype(text: str) -> tuple[str, bool]:
    """The text without its document type, and whether that declared entities."""
    start = text.upper().find("<!DOCTYPE", 0, 4096)
    if start < 0:
        return text, False
    at, depth, quote = start, 0, ""
    while at < len(text):
        char = text[at]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
        elif char == ">" and depth <= 0:
            break
        at += 1
    return text[:start] + text[at + 1 :], "<!ENTITY" in text[start:at].upper()
