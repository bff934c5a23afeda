"""Marks of Markdown dialects within a paragraph: roles, attributes, references, notes in place.

Belongs here: a rule for the parser that takes what is no text off inline tokens, makes links of
references and notes of Pandoc's ``^[…]``. Does not: lines of marks (``mddialects.py``), what
becomes of the tokens (``markdown.py``).

MyST writes a role before code (``{term}``), Pandoc attributes behind it and behind images and spans
(``{.elixir}``). None is a word; a tuple behind code is one. Regular expressions have ``^[a-z]``,
too: a note says more than one word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

__all__ = ["add_inline_marks"]

_ROLE = re.compile(r"\{(?P<role>[a-z][a-z-]*(?::[a-z]+)*)\}$")
_CODE_ROLES = frozenset({"code", "kbd", "file", "command", "program", "samp", "envvar", "option",
                         "math", "meth", "func", "mod", "class", "literal", "raw"})  # fmt: skip
_LEADS = frozenset({"ref", "numref", "doc", "eq", "term", "any", "cite", "prf:ref", "download",
                    "cite:p", "cite:t", "external", "index"})  # fmt: skip
_WORDS = frozenset({"abbr", "sub", "sup", "guilabel", "menuselection", "emphasis", "strong",
                    "dfn", "del", "u", "sc", "smallcaps", "title", "title-reference"})  # fmt: skip
_TARGETED = re.compile(r"(?P<words>.*?)\s*<(?P<target>[^<>]+)>", re.S)
_PAIR = r"[a-z][\w-]*=(?:\"[^\"{}]*\"|'[^'{}]*'|[^\s\"'{}]+)"
_ATTRIBUTES = re.compile(
    rf"\{{\s*(?:[.#][\w:.-]+|=[a-z]\w*|{_PAIR})(?:\s+(?:[.#][\w:.-]+|{_PAIR}))*\s*\}}"
)
_SPAN = re.compile(rf"\[(?P<words>[^\[\]]+)\](?:{_ATTRIBUTES.pattern})")
_REFERENCE = re.compile(
    r"(?<![\w@\\])@(?P<quarto>(?:sec|fig|tbl|lst|exm|exr|sol|thm|eq)-[\w-]*\w)"
    r"|\\?@ref\((?P<bookdown>[\w:.-]+)\)|\\(?:auto|page|c)?ref\{(?P<tex>[\w:.-]+)\}"
)
_INDEXED = re.compile(r"\\index\{[^{}]*\}")
_NOTE_WORDS = 2
_HOLDERS = ("code_inline", "image", "link_close", "html_inline")


def add_inline_marks(parser: Any) -> None:
    """Teach them to a parser."""
    parser.core.ruler.push("dialect_inline", _settle)


def _settle(state: Any) -> None:
    out: list[Any] = []
    waiting: list[Any] = []  # notes of a table, which stand behind it
    notes: list[Any] = []  # of the paragraph or title that is open
    tables = 0
    for token in state.tokens:
        out.append(token)
        if token.type == "inline":
            before = [one.content for one in token.children]
            titles = len(out) > 1 and out[-2].type == "heading_open"
            token.children = list(_linked(_unmarked(token.children, titles=titles)))
            own = list(_noted(state, token))
            notes += own
            if own or before != [one.content for one in token.children]:
                token.meta["dialect"] = True
            continue
        tables += (token.type == "table_open") - (token.type == "table_close")
        waiting += notes if tables else ()
        if not tables and (notes or waiting):
            out += [*waiting, *notes]
            waiting = []
        notes = []
    state.tokens = out


def _unmarked(children: list[Any], *, titles: bool = False) -> list[Any]:
    """Inline tokens without roles and attributes; the anchor at the end of a title stays."""
    for at, one in enumerate(children):
        before = children[at - 1] if at else None
        if one.type == "code_inline" and before is not None and before.type == "text":
            _take_role(before, one)
        if one.type != "text":
            continue
        if before is not None and before.type in _HOLDERS and (
            found := _ATTRIBUTES.match(one.content)
        ):  # fmt: skip
            last = titles and at == len(children) - 1 and found.end() == len(one.content.rstrip())
            one.content = one.content if last else one.content[found.end() :]
        one.content = _INDEXED.sub("", _SPAN.sub(lambda span: span["words"], one.content))
    return children


def _take_role(before: Any, code: Any) -> None:
    found = _ROLE.search(before.content)
    role = found["role"] if found else ""
    name = role.rpartition(":")[2]
    if not found or not {role, name} & (_CODE_ROLES | _LEADS | _WORDS):
        return
    before.content = before.content[: found.start()]
    if {role, name} & _CODE_ROLES:
        return
    leads = bool({role, name} & _LEADS)
    targeted = _TARGETED.fullmatch(code.content) if leads else None
    target = targeted["target"] if targeted else code.content
    code.type, code.markup = "text", ""
    code.content = (targeted["words"] if targeted else "") or target
    if leads and name not in ("cite", "index"):
        code.meta["leads"] = f"{target}.md" if role == "doc" else f"#{target}"


def _linked(children: list[Any]) -> Iterator[Any]:
    """Inline tokens with links for what refers to a part of the book."""
    for one in children:
        if target := one.meta.get("leads") if one.type == "text" else None:
            yield from _link(one, one.content, target)
            continue
        if one.type != "text" or not ("@" in one.content or "ref{" in one.content):
            yield one
            continue
        end = 0
        for found in _REFERENCE.finditer(one.content):
            target = next(name for name in found.groups() if name)
            yield _text(one, one.content[end : found.start()])
            yield from _link(one, found.group(), f"#{target}")
            end = found.end()
        yield _text(one, one.content[end:]) if end else one


def _link(one: Any, words: str, target: str) -> Iterator[Any]:
    yield one.copy(
        type="link_open", tag="a", nesting=1, content="", attrs={"href": target}, meta={}
    )
    yield _text(one, words)
    yield one.copy(type="link_close", tag="a", nesting=-1, content="", attrs={}, meta={})


def _text(one: Any, words: str) -> Any:
    return one.copy(type="text", content=words, meta={})


def _noted(state: Any, token: Any) -> Iterator[Any]:
    """Tokens of the notes that stand within a paragraph; what is none is text again."""
    held: dict[int, Any] = state.env.get("footnotes", {}).get("list", {})
    for at, one in enumerate(token.children):
        if one.type != "footnote_ref" or one.meta.get("label") is not None:
            continue
        said = held.get(one.meta.get("id"), {})
        words = str(said.get("content", ""))
        if len(words.split()) < _NOTE_WORDS:
            token.children[at] = _text(one, f"^[{words}]")
            continue
        if at and token.children[at - 1].type == "text":
            token.children[at - 1].content = token.children[at - 1].content.rstrip(" ")
        one.meta["label"] = label = f"^{one.meta['id']}"
        inner = list(_linked(_unmarked(said["tokens"])))
        meta = {"label": label, "id": one.meta["id"]}
        yield token.copy(type="footnote_reference_open", nesting=1, children=None, content="",
                         meta=meta)  # fmt: skip
        yield token.copy(type="paragraph_open", nesting=1, children=None, content="", meta={})
        yield token.copy(content=words, children=inner, meta={"dialect": True})
        yield token.copy(type="paragraph_close", nesting=-1, children=None, content="", meta={})
        yield token.copy(type="footnote_reference_close", nesting=-1, children=None, content="",
                         meta=meta)  # fmt: skip
