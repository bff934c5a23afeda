"""What a file says to machines of mining its text: TDMRep, and what says the same beside it.

Belongs here: finding such statements in a package, a page, a metadata stream or front matter, and
putting them before the licence. Does not: what follows from them (``pairs/licences.py``), whose
words ``tdm-reservation: 1`` these are.

The W3C's Text and Data Mining Reservation Protocol has ``tdm:reservation`` (1: the right to mine is
reserved) and ``tdm:policy`` (an address) in an EPUB's package and a PDF's XMP, ``tdm-reservation``
and ``tdm-policy`` in the head of a page. XMP may say it by PLUS, too (``plus:DataMining``), a page
by ``noai`` for robots. A statement that nothing is reserved gives no leave: nothing is told.
In a package it may refine one document: it holds that one, which is left out, and not the book.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from booktune_assets.books.blocks import Parsed, printable
from booktune_assets.books.elements import tag_of

__all__ = ["licence_fact", "note_facts", "note_page", "note_xmp", "reserved_parts"]

_NAME = re.compile(r"(?:tdm(?:rep)?|\{[^}]*w3\.org/ns/tdmrep[^}]*\})[:-]?(reservation|policy)")
_PREFIX = re.compile(r"([\w.-]+):\s+\S*w3\.org/ns/tdmrep\S*")
_YES = frozenset({"1", "true"})
_PLUS = re.compile(r"\{[^}]*useplus\.org/[^}]*\}datamining")
_PROHIBITED = "DMI-PROHIBITED"
_RIGHTS = frozenset({"{http://purl.org/dc/elements/1.1/}rights",
                     "{http://ns.adobe.com/xap/1.0/rights/}UsageTerms"})  # fmt: skip
_COPYRIGHT = re.compile(  # names who, allows nothing
    r"(?!.*\b(?:licen[cs]|cc\b|mit\b|apache|creative|public domain|rights|permi|forbid|train))"
    r"(?:copyright|\u00a9|\(c\)|\d{4}\b)[^.;]*\.?", re.I,
)  # fmt: skip
_FACTS = ("license", "licence", "rights", "copyright")  # in the order that they count
_MARKS = (b"tdmrep", b"useplus.org", b"rights")  # without one of them a stream has nothing to tell
_PLACED = frozenset({"ingredients", "pantry", "derivedfrom", "history", "manifest"})  # of XMP
_LISTINGS = frozenset({"pre", "code", "samp", "textarea", "xmp", "template"})
_POLICY_CHARS = 120


def note_page(root: Any, parsed: Parsed) -> None:
    """What the ``meta`` elements below an element of a package or a page say."""
    items = _items(root)
    said = [
        _said(one) for one in root.iter()
        if tag_of(one) == "meta" and not _shown(one) and items.get(_refined(one)) is None
    ]  # fmt: skip
    _note(_own_prefixes(root, said), parsed)


def reserved_parts(root: Any) -> set[str]:
    """Ids of the manifest's items that a package reserves, and not the book that they are in."""
    items, found = _items(root), set[str]()
    for one in (one for one in root.iter() if tag_of(one) == "meta"):
        item, part = items.get(_refined(one)), Parsed("epub")
        if item is not None:
            _note(_own_prefixes(root, [_said(one)]), part)
            found |= {item} if part.licence else set()
    return found


def _said(meta: Any) -> tuple[str, str]:
    return meta.get("property") or meta.get("name") or "", meta.get("content") or meta.text or ""


def _refined(meta: Any) -> str:
    """What a statement of a package is about; empty for the whole."""
    return unquote(meta.get("refines") or "").strip()


def _items(root: Any) -> dict[str, str]:
    """Items of a manifest by what may refer to them: ids of their own or of the spine, names."""
    found: dict[str, str] = {}
    for one in root.iter():
        tag, name = tag_of(one), one.get("id") or ""
        if tag == "item":
            found |= {f"#{name}": name, unquote(one.get("href") or "#"): name}
        elif tag == "itemref" and name:
            found[f"#{name}"] = one.get("idref") or ""
    return found


def _shown(meta: Any) -> bool:
    """Whether an element stands in a listing, whose author forgot to escape it."""
    return any(tag_of(above) in _LISTINGS for above in meta.iterancestors())


def licence_fact(said: Mapping[str, str]) -> str | None:
    """What the facts at the top of a text say of its licence, by their names; a bare line of
    copyright says nothing."""
    told = (" ".join(said.get(name, "").split()) for name in _FACTS)
    return next((words for words in told if words and not _COPYRIGHT.fullmatch(words)), None)


def note_facts(facts: dict[str, Any], parsed: Parsed) -> None:
    """What front matter says."""
    _note([(name, str(value)) for name, value in facts.items()], parsed)


def note_xmp(stream: str, parsed: Parsed) -> None:
    """What a metadata stream says, in attributes or in elements; its statement of rights, too."""
    from booktune_assets.books.html import parse_xml

    raw = stream.encode("utf-8", "replace")
    if not any(mark in raw for mark in _MARKS):
        return
    root = parse_xml(raw[raw.find(b"<") :])
    said: list[tuple[str, str]] = []
    for one in () if root is None else root.iter():
        if isinstance(one.tag, str) and not _of_a_part(one):
            _rights(one, parsed)
            said += [(one.tag, "".join(one.itertext())), *one.attrib.items()]
            said += [(one.tag, value) for name, value in one.attrib.items() if "resource" in name]
    _note(said, parsed)


def _of_a_part(element: Any) -> bool:
    """Whether a statement is about what a file was made of (pictures placed in it), or a piece."""
    for one in (element, *element.iterancestors()):
        about = next((value for name, value in one.attrib.items() if name.endswith("}about")), "")
        if tag_of(one) in _PLACED or "#" in about:
            return True
    return False


def _rights(element: Any, parsed: Parsed) -> None:
    """The licence that a metadata stream states, in the first of its languages."""
    told = [(element.tag, next((text for text in element.itertext() if text.strip()), ""))]
    for name, value in [*told, *element.attrib.items()]:
        words = " ".join(value.split())
        if name in _RIGHTS and words and not _COPYRIGHT.fullmatch(words):
            parsed.licence = "; ".join(filter(None, (parsed.licence, printable([words]))))


def _own_prefixes(root: Any, said: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Names whose prefix the package declares for TDMRep, with the one that is known."""
    top = root.getroottree().getroot()
    own = set(_PREFIX.findall(top.get("prefix") or ""))
    parted = [(*name.partition(":"), value) for name, value in said]
    return [
        (f"tdm:{local}" if prefix in own else f"{prefix}{colon}{local}", value)
        for prefix, colon, local, value in parted
    ]


def _note(said: Iterable[tuple[str, str]], parsed: Parsed) -> None:
    """Put a reservation before the licence, once."""
    reserved, policy = False, ""
    for name, value in said:
        name, value = name.strip().casefold(), " ".join(value.split())
        if _PLUS.fullmatch(name) or name == "plus:datamining":
            reserved |= _PROHIBITED in value.upper()
        elif name == "robots":
            reserved |= "noai" in re.split(r"[\s,;]+", value.casefold())
        elif found := _NAME.fullmatch(name):
            reserved |= found[1] == "reservation" and value.casefold() in _YES
            policy = "".join(value.split()) if found[1] == "policy" and value else policy
    if not reserved or "tdm-reservation: 1" in (parsed.licence or ""):
        return
    told = "tdm-reservation: 1"
    if policy:
        told += f", policy {printable([policy])[:_POLICY_CHARS]}"
    parsed.licence = f"{told}; {parsed.licence}" if parsed.licence else told
