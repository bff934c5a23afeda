"""Which modules and functions a piece of code defines and uses, from its syntax tree.

Belongs here: names in Elixir, Erlang and what is typed at their prompts. Does not: which chapter
needs which (``order.py``).

Functions are named without arity, as ``Module.fun`` and ``module:fun``: a pipe hides the arity.
Names that an ``alias`` or ``import`` shortens are written in full.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from booktune_assets.books.judge import nodes, syntax_tree

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["Symbols", "symbols_of", "typed_in"]

_CHARS_MAX = 60_000
_MODULES = ("defmodule", "defprotocol")
_FUNCTIONS = ("def", "defp", "defmacro", "defmacrop", "defguard", "defguardp", "defdelegate")
_IEX = re.compile(r"^\s*(?:iex(?:\([^)\n]*\))?>|(?:\.{3}|\u2026)(?:\([^)\n]*\))?>) ?(.*)$")
_ERL = re.compile(r"^\s*(?:\([^)\n]*\))?\d+> ?(.*)$")


@dataclass(slots=True)
class Symbols:
    """Names of modules (``Tide``, ``tide``) and functions (``Tide.high``, ``tide:high``)."""

    defines: set[str] = field(default_factory=set[str])
    uses: set[str] = field(default_factory=set[str])


def symbols_of(text: str, lang: str) -> Symbols:
    """The names in a piece of code; none for other languages and for what is very long."""
    found = Symbols()
    if len(text) > _CHARS_MAX:
        return found
    if lang in ("elixir", "iex"):
        short: dict[str, str] = {}
        for source in typed_in(text, lang) if lang == "iex" else [text]:
            _elixir(syntax_tree(source, "elixir"), found, short)
    elif lang == "erlang":
        _erlang(syntax_tree(text, "erlang"), found)
        if not found.defines:  # expressions without a function around them
            _erlang(syntax_tree(f"f() ->\n{text.strip().rstrip('.,;')}\n.\n", "erlang"), found)
    elif lang == "erl_shell":
        for typed in typed_in(text, lang):
            _erlang(syntax_tree(f"f() ->\n{typed.strip().rstrip('.,;')}\n.\n", "erlang"), found)
    found.uses -= found.defines
    return found


def typed_in(text: str, lang: str) -> list[str]:
    """What was typed in a session, without prompts and answers."""
    typed: list[str] = []
    going_on = False
    for line in text.split("\n"):
        match = (_IEX if lang == "iex" else _ERL).match(line)
        if match and not (lang == "iex" and line.lstrip()[:1] in ".\u2026" and typed):
            typed.append(match.group(1))
            going_on = lang == "erl_shell" and not line.rstrip().endswith(".")
        elif match and typed:
            typed[-1] += "\n" + match.group(1)
        elif going_on and typed:
            typed[-1] += "\n" + line
            going_on = not line.rstrip().endswith(".")
    return typed


def _elixir(root: Node, found: Symbols, short: dict[str, str]) -> None:
    """Names of a tree; ``short`` are names that stand for longer ones, and grows."""
    waiting: list[tuple[Node, str]] = [(root, "")]
    while waiting:
        node, module = waiting.pop()
        inner = module
        if node.type == "call":
            inner = _elixir_call(node, module, short, found)
        elif node.type == "alias":
            found.uses.add(_full(_text(node), short))
        waiting += [(child, inner) for child in reversed(node.named_children)]


def _elixir_call(node: Node, module: str, short: dict[str, str], found: Symbols) -> str:
    """The module that stands around what is inside of a call."""
    target = node.child_by_field_name("target")
    if target is None:
        return module
    if target.type == "dot":
        left, right = target.child_by_field_name("left"), target.child_by_field_name("right")
        if left is not None and right is not None:
            if left.type == "alias":
                found.uses.add(f"{_full(_text(left), short)}.{_text(right)}")
            elif left.type == "identifier" and _text(left) == "__MODULE__" and module:
                found.uses.add(f"{module}.{_text(right)}")
            elif left.type == "atom":
                found.uses |= {_text(left)[1:], f"{_text(left)[1:]}:{_text(right)}"}
        return module
    name, first = _text(target), _argument(node)
    if first is None:
        return module
    if name in _MODULES and first.type == "alias":
        own = _text(first)
        inner = f"{module}.{own}" if module else own
        found.defines.add(inner)
        if module:
            short[own] = inner
        return inner
    if name in _FUNCTIONS and module:
        if function := _defined(first):
            found.defines.add(f"{module}.{function}")
    elif name == "alias":
        _alias(first, node, short)
    return module


def _alias(first: Node, call: Node, short: dict[str, str]) -> None:
    """``alias A.B``, ``alias A.B, as: C`` and ``alias A.{B, C}`` give short names."""
    left, right = first.child_by_field_name("left"), first.child_by_field_name("right")
    if first.type == "dot" and left is not None and right is not None:
        for one in right.named_children:
            short[_text(one).rsplit(".", 1)[-1]] = f"{_text(left)}.{_text(one)}"
    if first.type != "alias":
        return
    full = _text(first)
    named = [one for one in nodes(call) if one.type == "pair"]
    given = next(
        (_text(one.named_children[-1]) for one in named if len(one.named_children) > 1), ""
    )
    short[given or full.rsplit(".", 1)[-1]] = full


def _defined(node: Node) -> str:
    """The name in the head of a definition, below a guard."""
    while node.type == "binary_operator" and node.child_by_field_name("left") is not None:
        node = node.child_by_field_name("left") or node
    if node.type == "call":
        target = node.child_by_field_name("target")
        return _text(target) if target is not None and target.type == "identifier" else ""
    return _text(node) if node.type == "identifier" else ""


def _argument(call: Node) -> Node | None:
    arguments = next((one for one in call.named_children if one.type == "arguments"), None)
    return arguments.named_children[0] if arguments and arguments.named_children else None


def _full(name: str, short: dict[str, str]) -> str:
    head, dot, rest = name.partition(".")
    return f"{short[head]}{dot}{rest}" if head in short else name


def _erlang(root: Node, found: Symbols) -> None:
    module = ""
    for node in _in_order(root):
        if node.type == "module_attribute":
            module = _field(node, "name")
            found.defines.add(module)
        elif node.type in ("function_clause", "fun_decl") and module:
            if name := _field(node, "name"):
                found.defines.add(f"{module}:{name}")
        elif node.type in ("remote", "external_fun"):
            left, right = node.child_by_field_name("module"), node.child_by_field_name("fun")
            home = _atom(left.named_children[0]) if left and left.named_children else ""
            if home and (name := _atom(right)):
                elixir = home.removeprefix("Elixir.") or home  # how Erlang names those of Elixir
                found.uses |= {elixir, f"{home}:{name}" if elixir == home else f"{elixir}.{name}"}
        elif node.type in ("behaviour_attribute", "import_attribute") and (
            name := _field(node, "name") or _field(node, "module")
        ):
            found.uses.add(name)
    found.defines.discard("")


def _in_order(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.named_children))


def _field(node: Node, name: str) -> str:
    child = node.child_by_field_name(name)
    return _text(child).strip("'") if child is not None else ""


def _atom(node: Node | None) -> str:
    """The name that an atom is; nothing for a variable."""
    return _text(node).strip("'") if node is not None and node.type == "atom" else ""


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
