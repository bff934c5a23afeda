"""The page that Asciidoctor writes, brought into the order and the elements of the source.

Belongs here: what its HTML back end sets otherwise than the text has it. Does not: running the
program (``asciidoc.py``), what elements mean (``walker.py``).

- Notes stand at the end of the page, and so of the book; each goes behind the block with its mark,
  and behind the code that this block leads to.
- A list of terms beside their meanings is a table there; it becomes the list that it is.
- Formulas are wrapped in the marks of a script that would draw them; these go.
- Boxes to tick are drawn with signs of their own; they become those of plain text.

Nothing is lost: this happens before the account of characters begins.
"""

from __future__ import annotations

import re
from typing import Any

from booktune_assets.books.elements import classes_of, tag_of

__all__ = ["settle_page"]

_FORMULA = re.compile(r"\\\$(.+?)\\\$|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.S)
_TICKS = {"\u2713 ": "[x] ", "\u2714 ": "[x] ", "\u274f ": "[ ] "}
_PARTS = {"table": "dl", "tbody": "div", "tr": "div"}
_BLOCKS = frozenset({
    "paragraph", "ulist", "olist", "dlist", "hdlist", "colist", "admonitionblock", "exampleblock",
    "sidebarblock", "quoteblock", "verseblock", "openblock", "imageblock", "listingblock", "qlist",
})  # fmt: skip
_CODE = frozenset({"listingblock", "literalblock", "colist"})
_HEADS = ("h1", "h2", "h3", "h4", "h5", "h6")


def settle_page(body: Any) -> None:
    """Change the elements of a page in place."""
    elements = [one for one in body.iter() if tag_of(one)]
    for one in elements:
        if tag_of(one) == "div" and "hdlist" in classes_of(one):
            _as_list(one)
        elif tag_of(one) == "ul" and "checklist" in classes_of(one):
            _tick(one)
    _plain_formulas(elements)
    _place_notes(body, elements)


def _as_list(holder: Any) -> None:
    """``div.hdlist > table`` with a term and its meaning in each row."""
    for one in [one for one in holder.iter() if tag_of(one)]:
        tag, words = tag_of(one), classes_of(one)
        if tag in ("colgroup", "col"):
            one.getparent().remove(one)  # holds no text
        elif tag == "td" and "hdlist1" in words:
            one.tag = "dt"
        elif tag == "td" and "hdlist2" in words:
            one.tag = "dd"
        elif tag in _PARTS and one.get("class") is None:
            one.tag = _PARTS[tag]


def _tick(items: Any) -> None:
    for one in items:
        text = next((part for part in one if tag_of(part) == "p"), None)
        if text is None:
            continue
        said = text.text or ""
        for sign, plain in _TICKS.items():
            if said.startswith(sign):
                text.text = plain + said.removeprefix(sign)


def _plain_formulas(elements: list[Any]) -> None:
    """Outside of code; Asciidoctor escapes such marks where an author wrote them."""
    for one in elements:
        inside = tag_of(one) in ("pre", "code")
        if one.text and not inside:
            one.text = _FORMULA.sub(_inner, one.text)
        if one.tail and tag_of(one.getparent()) not in ("pre", "code"):
            one.tail = _FORMULA.sub(_inner, one.tail)


def _inner(found: re.Match[str]) -> str:
    return next(part for part in found.groups() if part is not None)


def _place_notes(body: Any, elements: list[Any]) -> None:
    notes = {f"#{one.get('id')}": one for one in elements if "footnote" in classes_of(one)
             and tag_of(one) == "div" and one.get("id")}  # fmt: skip
    last: dict[int, Any] = {}
    for mark in elements:
        if tag_of(mark) != "a" or "footnote" not in classes_of(mark):
            continue
        note = notes.pop(mark.get("href") or "", None)
        home = _home(mark, body)
        if note is None or home is None:
            continue
        behind = last.get(id(home), home)  # notes of one block keep their order
        note.tail, behind.tail = behind.tail, None
        behind.addnext(note)
        last[id(home)] = note


def _home(mark: Any, body: Any) -> Any:
    """The block that a mark stands in: the innermost, but for tables the table."""
    found = None
    for above in mark.iterancestors():
        if above is body:
            break
        words = classes_of(above)
        if tag_of(above) == "table" and "tableblock" in words:
            found = above
        elif found is None and (
            tag_of(above) in _HEADS or tag_of(above) in ("p", "dl") or _BLOCKS & set(words)
        ):
            found = above
    if found is not None and tag_of(found.getparent()) == "div" and (
        "paragraph" in classes_of(found.getparent())
    ):  # fmt: skip
        found = found.getparent()
    return None if found is None else _past_code(found)


def _past_code(block: Any) -> Any:
    """A block, or the last of the listings that follow it at once."""
    after = block.getnext()
    while after is not None and _CODE & set(classes_of(after)) and not (block.tail or "").strip():
        block, after = after, after.getnext()
    return block
