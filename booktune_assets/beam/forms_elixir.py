"""An Elixir expression in another form that means the same: a pipeline as nested calls, a capture
as a function with ``fn``, a map's short keys written out.

Belongs here: forms that are changed by rule in the syntax tree. Does not: whether both give the
same value (a run has to show it), questions (``pairs/rewrite.py``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from booktune_assets.beam.grammar import parses
from booktune_assets.beam.tree import child, content, preorder, text_of
from booktune_assets.books.judge import syntax_tree

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["Form", "other_forms"]

STAGES_MIN = 2
CHARS_MAX = 2_000  # of an expression: nobody rewrites a longer one
PARAMETERS = ("x", "y", "z")
_SPECIAL_WORDS = """
if unless case cond for with try receive fn def defp defmodule defmacro quote unquote import
alias require use raise throw exit send spawn assert refute IO
"""
_SPECIAL = frozenset(_SPECIAL_WORDS.split())
_WORDS = re.compile(r"[\w-]+(?: +[\w-]+)*")


@dataclass(frozen=True, slots=True)
class Form:
    """``text``: the whole expression in the other form. ``kind`` names the form that the given
    expression has, and ``other`` that of ``text``; ``better``: the other one is the usual one."""

    text: str
    kind: str
    other: str
    better: bool = False


def other_forms(source: str) -> list[Form]:
    """Other forms of an expression, one of each kind; empty for one that does not parse or is too
    long."""
    if len(source) > CHARS_MAX:
        return []
    root = syntax_tree(source, "elixir")
    if root.has_error or len(content(root)) != 1:
        return []
    data = source.encode()
    found: dict[str, Form] = {}
    for node in preorder(root):
        for made in _KINDS:
            for form in made(node, data):
                whole = (
                    data[: node.start_byte] + form.text.encode() + data[node.end_byte :]
                ).decode()
                if form.kind not in found and whole != source and parses(whole, "elixir"):
                    found[form.kind] = Form(whole, form.kind, form.other, form.better)
    return list(found.values())


def _piped(node: Node, data: bytes) -> Iterator[Form]:
    """``x |> f() |> g(y)`` as ``g(f(x), y)``."""
    if node.type != "binary_operator" or text_of(child(node, "operator")) != "|>":
        return
    above = node.parent
    if above is not None and text_of(child(above, "operator")) == "|>":
        return  # only the whole pipeline
    stages: list[Node] = []
    at: Node | None = node
    while at is not None and at.type == "binary_operator":
        if text_of(child(at, "operator")) != "|>":
            break
        right = child(at, "right")
        if right is None:
            return
        stages.append(right)
        at = child(at, "left")
    if at is None or len(stages) < STAGES_MIN:
        return
    said = text_of(at)
    for stage in reversed(stages):
        args = next((one for one in stage.named_children if one.type == "arguments"), None)
        name = child(stage, "target")
        if stage.type != "call" or args is None or name is None or "(" not in text_of(args)[:1]:
            return
        if any(one.type == "do_block" for one in stage.named_children):
            return
        given = ", ".join(text_of(one) for one in content(args))
        said = f"{text_of(name)}({said}{', ' if given else ''}{given})"
    if "\n" not in said and "#" not in said.replace("#{", ""):
        yield Form(said, "pipeline", "nested calls")


def _nested(node: Node, data: bytes) -> Iterator[Form]:
    """``g(f(x), y)`` as ``x |> f() |> g(y)``."""
    if node.parent is not None and node.parent.type == "arguments":
        above = node.parent.parent
        if above is not None and _plain_call(above) is not None and content(node.parent)[0] == node:
            return  # a part of a longer one
    stages: list[str] = []
    at: Node = node
    while (call := _plain_call(at)) is not None:
        name, given = call
        stages.append(f"{name}({', '.join(text_of(one) for one in given[1:])})")
        at = given[0]
    simple = (
        text_of(child(at, "operator")) == ".."
        or at.type in ("identifier", "string", "list", "map", "sigil", "tuple")
        or (at.type == "call" and "do" not in text_of(at).split())
    )
    if len(stages) >= STAGES_MIN and simple and "\n" not in text_of(node):
        yield Form(
            " |> ".join([text_of(at), *reversed(stages)]), "nested calls", "pipeline", better=True
        )


def _plain_call(node: Node) -> tuple[str, list[Node]] | None:
    """Name and arguments of ``Mod.f(x, …)`` and ``f(x, …)``."""
    target = child(node, "target") if node.type == "call" else None
    args = next((one for one in node.named_children if one.type == "arguments"), None)
    if target is None or args is None or not text_of(args).startswith("("):
        return None
    given = content(args)
    if not given or given[0].type == "keywords" or text_of(target) in _SPECIAL:
        return None
    if target.type == "dot" and child(target, "right") is None:
        return None  # a function value
    if text_of(target).startswith("IO."):
        return None
    return text_of(target), given


def _capture(node: Node, data: bytes) -> Iterator[Form]:
    """``&(&1 + 1)`` and ``&f/1`` as ``fn``."""
    said = text_of(node)
    if node.type != "unary_operator" or not said.startswith("&") or "\n" in said:
        return
    if match := re.fullmatch(r"&([\w.]+[?!]?)/([123])", said):
        names = ", ".join(PARAMETERS[: int(match[2])])
        yield Form(f"fn {names} -> {match[1]}({names}) end", "capture", "fn")
        return
    inner = said[1:].strip()
    places = {int(one) for one in re.findall(r"&(\d)", inner)}
    if not places or max(places) > len(PARAMETERS) or re.search(r"&(?!\d)", inner):
        return
    used = set(re.findall(r"(?<![\w.:@])[a-z_]\w*", inner))
    names = [name for name in PARAMETERS if name not in used]
    if len(names) < max(places) or re.search(r'"[^"]*&\d', inner.replace("#{", "")):
        return
    body = re.sub(r"&(\d)", lambda one: names[int(one[1]) - 1], inner)
    if body.startswith("(") and _closes(body):
        body = body[1:-1].strip()
    yield Form(f"fn {', '.join(names[: max(places)])} -> {body} end", "capture", "fn")


def _closes(text: str) -> bool:
    """Does the first bracket close at the end?"""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


def _function(node: Node, data: bytes) -> Iterator[Form]:
    """``fn x -> f(x) end`` as ``&f/1``, and ``fn x -> x + 1 end`` as ``&(&1 + 1)``."""
    clauses = content(node) if node.type == "anonymous_function" else []
    if len(clauses) != 1 or "\n" in text_of(node) or "&" in text_of(node):
        return
    match = re.fullmatch(r"fn ?\(?([a-z_][\w, ]*)\)? -> (.+) end", text_of(node))
    names = [name.strip() for name in match[1].split(",")] if match else []
    body = match[2] if match else ""
    if not names or len(names) > len(PARAMETERS) or " fn " in f" {body}" or "->" in body:
        return
    if any(not re.search(rf"(?<![\w.:]){re.escape(name)}\b(?!:)", body) for name in names):
        return
    given = ", ".join(names)
    if call := re.fullmatch(rf"([\w.]+[?!]?)\({re.escape(given)}\)", body):
        yield Form(f"&{call[1]}/{len(names)}", "fn", "capture", better=True)
        return
    if re.search(r'"|\bdo\b|;', body) or re.fullmatch(r"\w+", body):
        return
    for place, name in enumerate(names, start=1):
        body = re.sub(rf"(?<![\w.:&]){re.escape(name)}\b(?!:)", f"&{place}", body)
    bare = body[0] in "[{%" or re.fullmatch(r"[\w.]+[?!]?\(.*\)", body)
    yield Form(f"&{body}" if bare else f"&({body})", "fn", "capture")


def _comprehension(node: Node, data: bytes) -> Iterator[Form]:
    """``for x <- list, do: f(x)`` as ``Enum.map``."""
    said = text_of(node)
    match = re.fullmatch(r"for ([a-z_]\w*) <- (.+?), do: (.+)", said)
    if node.type == "call" and match and "<-" not in match[2] and ", into:" not in said:
        args = next((one for one in node.named_children if one.type == "arguments"), None)
        if args is not None and len(content(args)) == 2:
            body = f"fn {match[1]} -> {match[3]} end"
            yield Form(f"Enum.map({match[2]}, {body})", "comprehension", "Enum.map")


def _interpolated(node: Node, data: bytes) -> Iterator[Form]:
    """``"Hello, #{name}"`` as ``"Hello, " <> name``."""
    parts = node.children[1:-1] if node.type == "string" else []
    if not any(one.type == "interpolation" for one in parts) or "\n" in text_of(node):
        return
    if any(one.type not in ("interpolation", "quoted_content") for one in parts):
        return
    said: list[str] = []
    for one in parts:
        inner = text_of(one)
        if one.type == "interpolation":
            inner = inner[2:-1].strip()
            said.append(inner if re.fullmatch(r"[\w.]+|[\w.]+\(.*\)", inner) else f"({inner})")
        else:
            said.append(f'"{inner}"')
    yield Form(" <> ".join(said), "interpolation", "concatenation")


def _short_keys(node: Node, data: bytes) -> Iterator[Form]:
    """``%{a: 1}`` as ``%{:a => 1}``, ``[a: 1]`` as ``[{:a, 1}]``."""
    if node.type not in ("map", "list") or "\n" in text_of(node):
        return
    inner = content(node)
    if node.type == "map":
        if not text_of(node).startswith("%{") or len(inner) != 1:
            return
        inner = content(inner[0])
    if len(inner) != 1 or inner[0].type != "keywords":
        return
    pairs: list[str] = []
    for pair in content(inner[0]):
        parts = content(pair)
        key = text_of(parts[0]).strip()
        if len(parts) != 2 or not re.fullmatch(r"[a-z_]\w*:", key):
            return
        name, value = f":{key[:-1]}", text_of(parts[1])
        pairs.append(f"{name} => {value}" if node.type == "map" else f"{{{name}, {value}}}")
    if node.type == "map":
        yield Form(f"%{{{', '.join(pairs)}}}", "short keys", "arrows")
    else:
        yield Form(f"[{', '.join(pairs)}]", "keyword list", "tuples")


def _word_list(node: Node, data: bytes) -> Iterator[Form]:
    """``~w(a b)`` as ``["a", "b"]``."""
    match = re.fullmatch(r"~w[(\[{/|<](.*)[)\]}/|>](a?)", text_of(node))
    if node.type == "sigil" and match and _WORDS.fullmatch(match[1]):
        sign = ":{}" if match[2] else '"{}"'
        words = ", ".join(sign.format(word) for word in match[1].split())
        yield Form(f"[{words}]", "word list", "list")


def _access(node: Node, data: bytes) -> Iterator[Form]:
    """``map[key]`` as ``Map.get(map, key)``."""
    match = re.fullmatch(r"([a-z_]\w*)\[([^\[\]]+)\]", text_of(node))
    if node.type == "access_call" and match:
        yield Form(f"Map.get({match[1]}, {match[2]})", "brackets", "Map.get")


def _one_line(node: Node, data: bytes) -> Iterator[Form]:
    """``if c, do: a, else: b`` as a block."""
    match = re.fullmatch(r"(if|unless) (.+?), do: (.+?)(?:, else: (.+))?", text_of(node))
    if node.type != "call" or match is None or " do" in match[2] or ": " in match[3]:
        return
    rest = f"else\n  {match[4]}\n" if match[4] else ""
    yield Form(f"{match[1]} {match[2]} do\n  {match[3]}\n{rest}end", "one line", "block")


_KINDS: tuple[Callable[[Node, bytes], Iterator[Form]], ...] = (
    _piped, _nested, _capture, _function, _comprehension, _interpolated, _short_keys, _word_list,
    _access, _one_line,
)  # fmt: skip
