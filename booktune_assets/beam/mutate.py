"""Programs with one fault each, made from a program that is right.

Belongs here: textual mutants of Elixir and Erlang, found in the syntax tree: another operator, an
integer that is one off, the other truth value, a clause or a stage of a pipeline less; and
functions that do nothing. Does not:
judging them (``runner.py``), mutants that people wrote (``data/evals/``).

Not every mutant is wrong: some change nothing that shows, so a test suite need not kill all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from booktune_assets.beam.grammar import parses
from booktune_assets.books.judge import nodes, syntax_tree
from booktune_assets.ids import stable_int

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["Mutant", "hollows_of", "mutants_of"]

_SWAPS = {
    "elixir": {
        "+": "-", "-": "+", "*": "+", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=",
        "!=": "==", "===": "!==", "!==": "===", "and": "or", "or": "and", "&&": "||", "||": "&&",
        "++": "--",
    },
    "erlang": {
        "+": "-", "-": "+", "*": "+", "<": "=<", "=<": "<", ">": ">=", ">=": ">", "==": "/=",
        "/=": "==", "=:=": "=/=", "=/=": "=:=", "andalso": "orelse", "orelse": "andalso",
        "div": "rem", "rem": "div", "++": "--",
    },
}  # fmt: skip
_OPERATIONS = {"binary_operator", "binary_op_expr"}
_TRUTH = {"true": "false", "false": "true"}
_DEFINES = {"def", "defp"}
# attributes that say nothing which runs
_SILENT = {
    "spec", "type", "typep", "opaque", "callback", "doc", "moduledoc", "typedoc", "impl",
    "behaviour",
}  # fmt: skip
_SILENT_FORMS = {
    "arity", "callback", "fa", "field_type", "opaque", "spec", "type_alias",
}  # fmt: skip
_DIRECTIVES = {"import", "require", "alias", "use"}
_ORDER = ("operator", "clause", "integer", "stage", "truth")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A whole program, the kind of its fault and what was done in which line (from 1)."""

    text: str
    kind: str
    fault: str


@dataclass(frozen=True, slots=True)
class _Edit:
    kind: str
    start: int  # bytes
    end: int
    now: bytes


def mutants_of(source: str, language: str, count: int = 8) -> list[Mutant]:
    """At most ``count`` mutants that parse, no two alike, in an order that nobody picked.

    The kinds of faults take turns. Empty for a source that does not parse.
    """
    if language not in _SWAPS or not parses(source, language):
        return []
    data = source.encode()
    by_kind: dict[str, list[_Edit]] = {kind: [] for kind in _ORDER}
    for edit in _edits(syntax_tree(source, language), data, language):
        by_kind[edit.kind].append(edit)
    for kind, edits in by_kind.items():
        edits.sort(key=lambda edit, kind=kind: stable_int(f"{kind} {edit.start} {source}"))
    found: dict[str, Mutant] = {}
    for edit in (one for turn in zip_longest(*by_kind.values()) for one in turn if one):
        if len(found) == count:
            break
        text = (data[: edit.start] + edit.now + data[edit.end :]).decode()
        if text != source and text not in found and parses(text, language):
            was = data[edit.start : edit.end].decode()
            shift = len(was) - len(was.lstrip("; \n"))
            line = data.count(b"\n", 0, edit.start + shift) + 1
            was = was.strip("; \n").split("\n")[0]
            fault = f"line {line}: {was} → {edit.now.decode().strip() or 'nothing'}"
            found[text] = Mutant(text, edit.kind, fault)
    return list(found.values())


def hollows_of(source: str, language: str, count: int = 8) -> list[Mutant]:
    """The program with all clauses of one function giving nothing, for each of ``count`` functions.

    The bluntest faults there are, for programs too plain to have another: a test that one of them
    passes asks nothing of that function. Empty for a source that does not parse.
    """
    if language not in _SWAPS or not parses(source, language):
        return []
    data = source.encode()
    bodies: dict[str, list[tuple[int, int, bytes]]] = {}
    for node in nodes(syntax_tree(source, language)):
        name = _name_of(node) if node.type in ("call", "fun_decl") else None
        body = _body(node) if name is not None else None
        if name is not None and body is not None:
            bodies.setdefault(name, []).append(body)
    found: list[Mutant] = []
    for name, places in sorted(bodies.items(), key=lambda one: min(one[1]))[:count]:
        made = data
        for start, end, now in sorted(places, reverse=True):
            made = made[:start] + now + made[end:]
        if made != data and parses(made.decode(), language):
            line = data.count(b"\n", 0, min(places)[0]) + 1
            found.append(Mutant(made.decode(), "body", f"line {line}: {name} does nothing"))
    return found


def _body(function: Node) -> tuple[int, int, bytes] | None:
    """Where a clause of a function says what it does, and what does nothing in its place."""
    if function.type == "fun_decl":
        clause = function.child_by_field_name("clause")
        body = clause.child_by_field_name("body") if clause else None
        return (body.start_byte, body.end_byte, b"-> undefined") if body else None
    for child in function.named_children:
        if child.type == "do_block":
            return child.start_byte, child.end_byte, b"do\n    nil\n  end"
    given = _arguments(function)
    for pair in nodes(given) if given else ():
        if pair.type == "pair" and _text(pair.child_by_field_name("key")).strip() == "do:":
            value = pair.child_by_field_name("value")
            return (value.start_byte, value.end_byte, b"nil") if value else None
    return None


def _edits(root: Node, data: bytes, language: str) -> Iterator[_Edit]:
    for node in nodes(root):
        if _is_silent(node):
            continue
        if node.type in _OPERATIONS:
            yield from _operator(node, language)
        elif node.type == "integer":
            text = data[node.start_byte : node.end_byte]
            if text.isdigit():
                yield _Edit("integer", node.start_byte, node.end_byte, b"%d" % (int(text) + 1))
        elif node.type in ("boolean", "atom") and (now := _TRUTH.get(_text(node))):
            yield _Edit("truth", node.start_byte, node.end_byte, now.encode())
        yield from _clauses(node, data)


def _operator(node: Node, language: str) -> Iterator[_Edit]:
    for child in node.children:
        left = node.child_by_field_name("left")
        if left is not None and _text(child) == "|>":
            yield _Edit("stage", left.end_byte, node.end_byte, b"")
        if not child.is_named and (now := _SWAPS[language].get(_text(child))):
            yield _Edit("operator", child.start_byte, child.end_byte, now.encode())
            return


def _clauses(parent: Node, data: bytes) -> Iterator[_Edit]:
    """Each clause of a function, ``case``, ``fn`` or ``receive`` that has others beside it."""
    clauses = [child for child in parent.named_children if _name_of(child) is not None]
    for place, clause in enumerate(clauses):
        before = clauses[place - 1] if place else None
        after = clauses[place + 1] if place + 1 < len(clauses) else None
        alike = [one for one in (before, after) if one and _name_of(one) == _name_of(clause)]
        if not alike:
            continue
        start, end = clause.start_byte, clause.end_byte
        if clause.type in ("cr_clause", "function_clause", "fun_clause"):
            # Erlang's clauses are divided by semicolons: one of them goes too
            if after:
                end = after.start_byte
            elif before:
                start = before.end_byte
        elif clause.type == "fun_decl" and not data[start:end].rstrip().endswith(b";"):
            continue  # the full stop of the last clause would be missing
        yield _Edit("clause", start, end, b"")


def _name_of(node: Node) -> str | None:
    """What clauses of one thing share; None for what is no clause."""
    if node.type in ("stab_clause", "cr_clause", "fun_clause"):
        return node.type
    if node.type == "fun_decl":
        clause = node.child_by_field_name("clause")
        args = clause.child_by_field_name("args") if clause else None
        name = clause.child_by_field_name("name") if clause else None
        return f"{_text(name)}/{args.named_child_count}" if args and name else None
    if node.type != "call" or _text(node.child_by_field_name("target")) not in _DEFINES:
        return None
    head = _first(_arguments(node))
    while head is not None and head.type == "binary_operator":  # def f(x) when …
        head = head.child_by_field_name("left")
    if head is None or head.type != "call":
        return None
    args = _arguments(head)
    arity = args.named_child_count if args else 0
    return f"{_text(head.child_by_field_name('target'))}/{arity}"


def _is_silent(node: Node) -> bool:
    """Nothing in or under documents, types, exports, arities of captures and directives."""
    parent = node.parent
    if parent is not None and parent.type == "unary_operator" and _sign(parent) == "&":
        if node.type == "integer":
            return True
        return node.type == "binary_operator" and _is_capture(node)
    at: Node | None = node
    while at is not None:
        if at.type in _SILENT_FORMS or at.type.endswith("_attribute"):
            return True
        if at.type == "unary_operator" and _sign(at) == "@":
            call = at.child_by_field_name("operand")
            target = call.child_by_field_name("target") if call else None
            return _text(target or call) in _SILENT
        if at.type == "call" and _text(at.child_by_field_name("target")) in _DIRECTIVES:
            return True
        if at.type == "binary_operator" and _is_capture(at):
            return True
        at = at.parent
    return False


def _is_capture(node: Node) -> bool:
    """``name/1`` of ``&name/1``."""
    parent = node.parent
    return (
        parent is not None
        and parent.type == "unary_operator"
        and _sign(parent) == "&"
        and any(_text(child) == "/" for child in node.children if not child.is_named)
        and _text(node.child_by_field_name("right")).isdigit()
    )


def _sign(node: Node) -> str:
    return _text(node.children[0]) if node.children else ""


def _arguments(node: Node) -> Node | None:
    return next((child for child in node.named_children if child.type == "arguments"), None)


def _first(node: Node | None) -> Node | None:
    children: Sequence[Node] = node.named_children if node else ()
    return children[0] if children else None


def _text(node: Node | None) -> str:
    return node.text.decode() if node is not None and node.text is not None else ""
