"""A call of an Erlang function in Elixir, written as Erlang writes it.

Belongs here: calls with plain values (numbers, text, atoms, lists, tuples, maps, other such calls).
Does not: variables, operators, Elixir's own functions, which have no one form in Erlang; whether
both give the same, which a run tells (``pairs/translate_call.py``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from booktune_assets.beam.tree import child, content, text_of
from booktune_assets.books.judge import syntax_tree

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["as_erlang"]

_CHARS_MAX = 400
_PLAIN_ATOM = re.compile(r"[a-z][A-Za-z0-9_@]*")
_RESERVED_WORDS = (
    "after and andalso band begin bnot bor bsl bsr bxor case catch cond div else end fun if let "
    "maybe not of or orelse receive rem try when xor"
)
_RESERVED = frozenset(_RESERVED_WORDS.split())
_SAME_ESCAPES = frozenset(("\\n", "\\t", "\\r", '\\"', "\\\\"))  # written alike in both


class _Other(Exception):
    """Something that has no plain counterpart."""


def as_erlang(expression: str) -> str | None:
    """The call as an expression of Erlang, without its full stop; None for anything else."""
    if len(expression) > _CHARS_MAX:
        return None
    root = syntax_tree(expression, "elixir")
    parts = content(root)
    if root.has_error or len(parts) != 1 or parts[0].type != "call":
        return None
    try:
        return _call(parts[0])
    except _Other:
        return None


def _call(node: Node) -> str:
    target, given = child(node, "target"), [one for one in content(node) if one.type != "dot"]
    module, name = child(target, "left"), child(target, "right")
    if target is None or target.type != "dot" or module is None or module.type != "atom":
        raise _Other
    if len(given) > 1 or (given and given[0].type != "arguments"):
        raise _Other  # a block, or calls in a row
    parts = [_term(one) for one in content(given[0])] if given else []
    return f"{_atom(text_of(module)[1:])}:{_atom(text_of(name))}({', '.join(parts)})"


def _term(node: Node) -> str:
    text = text_of(node)
    match node.type:
        case "integer":
            if not re.fullmatch(r"\d[\d_]*", text):
                raise _Other  # 0x1F
            return text
        case "float" | "boolean":
            return text
        case "nil":
            return "nil"
        case "atom":
            return _atom(text[1:])
        case "quoted_atom":
            return f"'{_chars(node)}'"
        case "string":
            said = _chars(node)
            return f'<<"{said}">>' if said.isascii() else f'<<"{said}"/utf8>>'
        case "charlist":
            return f'"{_chars(node)}"'
        case "sigil" if re.match(r'~c"', text):
            return f'"{_chars(node)}"'
        case "unary_operator" if re.fullmatch(r"-[\d_.]+", text):
            return text
        case "list":
            return f"[{', '.join(_items(node))}]"
        case "tuple":
            return f"{{{', '.join(_items(node))}}}"
        case "keywords":
            return f"[{', '.join(_pairs(node))}]"
        case "call":
            return _call(node)
        case _:
            raise _Other


def _items(node: Node) -> list[str]:
    found: list[str] = []
    for one in content(node):
        found += _pairs(one) if one.type == "keywords" else [_term(one)]
    return found


def _pairs(node: Node) -> list[str]:
    found: list[str] = []
    for pair in content(node):
        key, value = child(pair, "key"), child(pair, "value")
        if key is None or value is None or key.type != "keyword":
            raise _Other
        found.append(f"{{{_atom(text_of(key).strip().removesuffix(':'))}, {_term(value)}}}")
    return found


def _atom(name: str) -> str:
    if not re.fullmatch(r"[\w@?!.]+", name):
        raise _Other
    return name if _PLAIN_ATOM.fullmatch(name) and name not in _RESERVED else f"'{name}'"


def _chars(node: Node) -> str:
    """What stands between the quotes, where it is written alike."""
    said = ""
    for one in content(node):
        text = text_of(one)
        if one.type == "sigil_name":
            continue
        strange = one.type == "escape_sequence" and text not in _SAME_ESCAPES
        if strange or one.type not in ("quoted_content", "escape_sequence"):
            raise _Other
        if one.type == "quoted_content" and re.search(r"[\"'\\\n]", text):
            raise _Other
        said += text
    return said
