"""Programs that fail, made from a program that is right by one slip of the hand.

Belongs here: slips found in the syntax tree: a function looked for in the wrong module or under
the name that it has in other languages, an argument left out or two swapped, text where a number
has to stand, a call of a function value without its dot, a variable misspelt, a word that opens or
closes a block left out. Does not: faults that run and give another value (``mutate.py``), running.

A slip is one that people make, and what it leads to is an error. That it does is known after a run
only: what stands in a branch that nobody takes fails nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from booktune_assets.beam.tree import child, content, preorder, text_of
from booktune_assets.books.judge import syntax_tree
from booktune_assets.ids import stable_int

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["Slip", "slips_of"]

_LETTERS_MIN = 4  # of a name that is misspelt: of a shorter one nothing would be left
_CHARS_MAX = 20_000
_LINES_MIN = 3  # in fewer a misspelt variable stands beside the right one
_FORMS_WORDS = """
def defp defmacro defmacrop defmodule defstruct defimpl defprotocol alias import require use
for with case cond if unless receive try fn quote unquote raise
"""
_FORMS = frozenset(_FORMS_WORDS.split())
_DEFINES = frozenset(("def", "defp", "defmacro", "defmacrop", "test"))
_DIRECTIVES = frozenset(("alias", "import", "require", "use"))
_SUMS = frozenset(("+", "-", "*", "/", "div", "rem"))
# where people look for a function that is in the other one
_MODULES = {
    "Enum": "List", "List": "Enum", "Map": "Enum", "Keyword": "List", "String": "Enum",
    "Integer": "String", "Float": "Integer", "Tuple": "List", "MapSet": "Map", "Stream": "List",
    "Regex": "String", "lists": "list", "maps": "map", "string": "lists",
}  # fmt: skip
# what other languages call it
_NAMES = {
    "upcase": "to_upper", "downcase": "lower", "length": "size", "map": "collect",
    "filter": "select", "reject": "remove", "reduce": "inject", "find": "detect", "count": "length",
    "contains?": "include?", "member?": "include?", "starts_with?": "startswith",
    "ends_with?": "endswith", "replace": "gsub", "trim": "strip", "join": "implode",
    "split": "explode", "put": "set", "puts": "println", "has_key?": "contains_key?", "hd": "head",
    "tl": "tail", "rem": "mod", "to_string": "to_s", "to_integer": "to_i", "elem": "nth",
    "flat_map": "concat_map", "foldl": "reduce", "foldr": "reduce_right", "reverse": "reversed",
    "first": "head", "uniq": "distinct", "any?": "some", "all?": "every", "sum": "total",
    "append": "concat", "seq": "range", "sort_by": "order_by", "keys": "get_keys",
    "values": "get_values", "delete": "remove", "merge": "update_all", "capitalize": "title",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slip:
    """A whole program, the kind of slip, its line (from 1), what stands there and what should."""

    text: str
    kind: str
    line: int
    now: str
    was: str


@dataclass(frozen=True, slots=True)
class _Edit:
    kind: str
    start: int  # bytes
    end: int
    now: bytes


def slips_of(source: str, language: str, count: int = 4) -> list[Slip]:
    """At most ``count`` programs with one slip each, kinds in turn, none twice.

    They need not parse. Empty for a source that does not, and for other languages than Elixir and
    Erlang.
    """
    if language not in ("elixir", "erlang") or len(source) > _CHARS_MAX:
        return []
    root = syntax_tree(source, language)
    if root.has_error:
        return []
    data = source.encode()
    by_kind: dict[str, list[_Edit]] = {}
    for edit in _elixir(root, data) if language == "elixir" else _erlang(root):
        by_kind.setdefault(edit.kind, []).append(edit)
    turns: list[list[_Edit]] = []
    for kind in sorted(by_kind, key=lambda kind: stable_int(f"{kind} {source}")):
        edits = by_kind[kind]
        turns.append(sorted(edits, key=lambda one: stable_int(f"{one.start} {source}")))
    found: dict[str, Slip] = {}
    for edit in (one for turn in zip_longest(*turns) for one in turn if one):
        if len(found) == count:
            break
        text = (data[: edit.start] + edit.now + data[edit.end :]).decode()
        was = data[edit.start : edit.end].decode()
        line = data.count(b"\n", 0, edit.start + len(was) - len(was.lstrip())) + 1
        if text != source:
            found.setdefault(text, Slip(text, edit.kind, line, edit.now.decode(), was))
    return list(found.values())


def _elixir(root: Node, data: bytes) -> Iterator[_Edit]:
    uses: dict[tuple[int, str], list[Node]] = {}
    for node in _telling(root):
        if node.type == "call" and not _is_head(node):
            yield from _call(node)
        elif node.type == "binary_operator":
            yield from _operation(node)
        elif node.type == "unary_operator":
            yield from _capture(node)
        elif node.type == "identifier" and _is_variable(node):
            uses.setdefault((_home(node), text_of(node)), []).append(node)
    if data.count(b"\n") + 1 >= _LINES_MIN:
        yield from _variables(uses)
    yield from _blocks(root, data)


def _variables(uses: dict[tuple[int, str], list[Node]]) -> Iterator[_Edit]:
    """The last use of a name in its function: the first ones bind it."""
    for (_, name), places in uses.items():
        if len(places) > 1 and not name.startswith("_"):
            yield from _misspelt("variable", places[-1])


def _home(node: Node) -> int:
    """Where the function that a node stands in begins; 0 outside of one."""
    at = node.parent
    while at is not None:
        if at.type in ("function_clause", "fun_clause"):
            return at.start_byte + 1
        if at.type == "call" and text_of(child(at, "target")) in _DEFINES:
            return at.start_byte + 1
        at = at.parent
    return 0


def _call(node: Node) -> Iterator[_Edit]:
    target = child(node, "target")
    if target is None:
        return
    args = next((one for one in node.named_children if one.type == "arguments"), None)
    brackets = args is not None and text_of(args).startswith("(")
    left, right = child(target, "left"), child(target, "right")
    if target.type == "dot" and right is None and left is not None and brackets:
        if left.type == "identifier":  # f.(x) as f(x)
            end = target.end_byte + 1
            yield _Edit("dot", left.start_byte, end, (left.text or b"") + b"(")
        return
    if target.type == "dot" and left is not None and right is not None:
        yield from _remote(left, right)
    elif target.type == "identifier" and text_of(target) in _NAMES:
        yield _Edit("name", *_place(target), _NAMES[text_of(target)].encode())
    if brackets and args is not None and text_of(target) not in _FORMS:
        yield from _arguments(content(args))


def _remote(left: Node, right: Node) -> Iterator[_Edit]:
    """Another module, the name of other languages, or a key that is misspelt."""
    if left.type == "identifier":
        yield from _misspelt("key", right)
    if other := _MODULES.get(text_of(left)):
        yield _Edit("module", *_place(left), other.encode())
    if left.type == "alias" and (name := _NAMES.get(text_of(right))):
        yield _Edit("name", *_place(right), name.encode())


def _arguments(given: list[Node]) -> Iterator[_Edit]:
    """The last argument left out, and the first two the other way round."""
    if len(given) < 2 or any(one.type == "keywords" for one in given):
        return
    yield _Edit("arity", given[-2].end_byte, given[-1].end_byte, b"")
    first, second = given[:2]
    if first.type != second.type:
        between = (second.text or b"") + b", " + (first.text or b"")
        yield _Edit("swapped", first.start_byte, second.end_byte, between)


def _operation(node: Node) -> Iterator[_Edit]:
    """A number in a sum as text; texts and lists joined by a plus; a key of an update misspelt."""
    sign, right = child(node, "operator"), child(node, "right")
    if sign is None or right is None:
        return
    if text_of(sign) in _SUMS and not _of_function(node):
        for one in (child(node, "left"), right):
            if one is not None and one.type == "integer":
                yield _Edit("type", *_place(one), b'"%b"' % (one.text or b""))
    elif text_of(sign) in ("<>", "++"):
        yield _Edit("joined", *_place(sign), b"+")
    elif text_of(sign) == "|" and right.type == "keywords":
        for pair in content(right):
            yield from _misspelt("key", pair.children[0])


def _of_function(node: Node) -> bool:
    """``name/1`` of ``&name/1``."""
    above = node.parent
    return above is not None and above.type == "unary_operator" and text_of(above)[:2] != "&("


def _capture(node: Node) -> Iterator[_Edit]:
    """``&String.upcase/1`` as ``String.upcase``: what names a function elsewhere calls it here."""
    said = text_of(node)
    if said.startswith("&") and (match := re.fullmatch(r"&([\w.]+[?!]?)/\d", said)):
        yield _Edit("capture", *_place(node), match[1].encode())


def _is_variable(node: Node) -> bool:
    """Does the name stand for a value: is it no call, no key, no form of the language?"""
    parent = node.parent
    if parent is None or text_of(node) in _FORMS:
        return False
    if parent.type == "call" and child(parent, "target") == node:
        return False
    return not (parent.type == "dot" and child(parent, "right") == node)


def _is_head(node: Node) -> bool:
    """Is this call the head of a definition?"""
    at = node.parent
    while at is not None and at.type in ("arguments", "binary_operator"):
        at = at.parent
    return at is not None and at.type == "call" and text_of(child(at, "target")).startswith("def")


def _telling(root: Node) -> Iterator[Node]:
    """Named nodes as they stand in the text, without attributes (documentation, types) and
    directives and all that is in them."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type == "unary_operator" and text_of(node).startswith("@"):
            continue
        if node.type == "call" and text_of(child(node, "target")) in _DIRECTIVES:
            continue
        yield node
        waiting.extend(reversed(node.named_children))


def _misspelt(kind: str, node: Node) -> Iterator[_Edit]:
    """The name with two neighbouring letters swapped, not the first."""
    name = text_of(node)
    letters = (re.match(r"\w*", name) or [""])[0]
    places = [at for at in range(1, len(letters) - 1) if letters[at] != letters[at + 1]]
    if len(letters) < _LETTERS_MIN or not places or not letters.isascii():
        return
    at = places[stable_int(f"{kind} {name}") % len(places)]
    wrong = f"{name[:at]}{name[at + 1]}{name[at]}{name[at + 2 :]}"
    yield _Edit(kind, *_place(node), wrong.encode())


def _blocks(root: Node, data: bytes) -> Iterator[_Edit]:
    """An ``end`` that stands in a line of its own, or a ``do``, left out."""
    lines = data.split(b"\n")
    if len(lines) < _LINES_MIN + 1:
        return
    for node in preorder(root):
        if node.type != "do_block":
            continue
        first, last = node.children[0], node.children[-1]
        if lines[last.start_point[0]].strip() == b"end" and last.end_byte < len(data.rstrip()):
            yield _Edit("block", data.rfind(b"\n", 0, last.start_byte), last.end_byte, b"")
        if data[first.start_byte - 1 : first.start_byte] == b" ":
            yield _Edit("block", first.start_byte - 1, first.end_byte, b"")


def _erlang(root: Node) -> Iterator[_Edit]:
    uses: dict[tuple[int, str], list[Node]] = {}
    for node in preorder(root):
        if node.type == "var":
            uses.setdefault((_home(node), text_of(node)), []).append(node)
        elif node.type == "expr_args" and node.parent is not None and node.parent.type == "call":
            yield from _arguments(content(node))
        elif node.type == "remote":
            yield from _erlang_remote(node)
        elif node.type == "binary_op_expr":
            signs = {text_of(one) for one in node.children if not one.is_named}
            for one in content(node):
                if one.type == "integer" and signs & _SUMS:
                    yield _Edit("type", *_place(one), b'"%b"' % (one.text or b""))
    if root.end_point[0] + 1 >= _LINES_MIN:
        yield from _variables(uses)


def _erlang_remote(node: Node) -> Iterator[_Edit]:
    atoms = [one for one in preorder(node) if one.type == "atom"]
    if len(atoms) < 2:
        return
    module, name = atoms[0], atoms[1]
    if other := _MODULES.get(text_of(module)):
        yield _Edit("module", *_place(module), other.encode())
    if other := _NAMES.get(text_of(name)):
        yield _Edit("name", *_place(name), other.encode())


def _place(node: Node) -> tuple[int, int]:
    return node.start_byte, node.end_byte
