"""Patterns of OTP in Elixir: processes, supervision, names, tables, behaviours, protocols.

Belongs here: what calls, ``use``, callbacks, child specifications and messages show. Does not:
forms of the language (``patterns_elixir_forms.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from booktune_assets.beam.elixir_functions import Function, shape_of, tails
from booktune_assets.beam.elixir_tree import Call, Scope, call_of, operand_of, operator, pairs_of
from booktune_assets.beam.elixir_walk import Visit
from booktune_assets.beam.pattern_hits import Hits
from booktune_assets.beam.tree import child, content, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["otp_elixir"]

_HOMES = {
    "GenServer": "gen_server", ":gen_server": "gen_server", "Supervisor": "supervisor",
    ":supervisor": "supervisor", "DynamicSupervisor": "dynamic_supervisor", "Task": "task",
    "Task.Supervisor": "task", "Agent": "agent", "Registry": "registry",
    ":gen_statem": "gen_statem", "GenStateMachine": "gen_statem", ":ets": "ets",
}  # fmt: skip
_USES = {**_HOMES, "Application": "application"}
_STARTS = frozenset(("start", "ensure_all_started", "ensure_started", "stop"))
_CHILDREN = frozenset(("Registry", "DynamicSupervisor", "Task", "Task.Supervisor", "Agent"))
_LINKS = frozenset(("spawn_link", "link", "unlink"))
_MONITORS = frozenset(("spawn_monitor", "monitor", "demonitor"))
STRATEGIES = frozenset((":one_for_one", ":one_for_all", ":rest_for_one", ":simple_one_for_one"))
_REPLIES = {
    ("handle_call", 3): (":reply/3", ":reply/4", ":noreply/2", ":noreply/3", ":stop/4", ":stop/3"),
    ("handle_cast", 2): (":noreply/2", ":noreply/3", ":stop/3"),
    ("handle_info", 2): (":noreply/2", ":noreply/3", ":stop/3"),
    ("handle_continue", 2): (":noreply/2", ":noreply/3", ":stop/3"),
}  # fmt: skip
_STATES = (":next_state", ":keep_state", ":keep_state_and_data", ":repeat_state")


def otp_elixir(visits: Sequence[Visit], functions: Sequence[Function], hits: Hits) -> None:
    """Note what the visits of one tree show."""
    promised = _promised(visits, hits)
    own = {(one.module, one.name) for one in functions}
    for visit in visits:
        call, scope, node = visit.call, visit.scope, visit.node
        if scope.typed:
            continue
        if call is not None:
            if (scope.module, call.name) not in own or call.module:
                _call(call, scope, hits)
        elif node.type == "tuple":
            _tuple(node, scope, hits)
        elif node.type in ("map", "list", "arguments"):
            _specification(node, scope, hits)
    for function in functions:
        _callbacks(function, promised.get(function.module, set()), hits)


def _promised(visits: Sequence[Visit], hits: Hits) -> dict[str, set[str]]:
    """What each module uses or behaves as; notes that on the way."""
    promised: dict[str, set[str]] = {}
    for visit in visits:
        call, scope, node = visit.call, visit.scope, visit.node
        if call is not None and call.module == "" and call.args:
            if call.name == "use":
                full = scope.full(text_of(call.args[0]))
                promised.setdefault(scope.module, set()).add(full)
                if full in _USES:
                    hits.add(_USES[full], call.node, f"use {full}", scope.module)
            elif call.name in ("defprotocol", "defimpl") and call.block is not None:
                hits.add("protocol", call.node, f"{call.name} {text_of(call.args[0])}")
        elif node.type == "unary_operator" and operator(node) == "@":
            name, args = attribute(node)
            if name in ("callback", "macrocallback") and args:
                hits.add("behaviour", node, f"@{name}", scope.module)
            elif name == "behaviour" and args:
                full = scope.full(text_of(args[0]))
                promised.setdefault(scope.module, set()).add(full)
                hits.add("behaviour", node, f"@behaviour {full}", scope.module)
                if full in _USES:
                    hits.add(_USES[full], node, f"@behaviour {full}", scope.module)
            elif name == "derive" and args:
                hits.add("protocol", node, "@derive")
    return promised


def attribute(node: Node) -> tuple[str, list[Node]]:
    """Name and value of ``@name value``."""
    operand = operand_of(node)
    if operand is None or operand.type != "call":
        return text_of(operand), []
    args = [one for part in content(operand) if part.type == "arguments" for one in content(part)]
    return text_of(child(operand, "target")), args


def _call(call: Call, scope: Scope, hits: Hits) -> None:
    name, group = call.name, scope.module
    said = f"{call.module}.{name}" if call.module else name
    if call.module in _HOMES:
        hits.add(_HOMES[call.module], call.node, said, group)
    elif call.module in ("Application", ":application") and name in _STARTS:
        hits.add("application", call.node, said, group)
    elif call.module in ("", "Process", "Node", ":erlang", "Kernel"):
        remote = call.module in ("Process", "Node", ":erlang")
        if name == "spawn_link" or (remote and name in _LINKS):
            hits.add("link", call.node, said, group)
        elif name == "spawn_monitor" or (remote and name in _MONITORS):
            hits.add("monitor", call.node, said, group)
        elif name in ("flag", "process_flag") and remote and _first(call) == ":trap_exit":
            hits.add("link", call.node, "trap_exit", group)
        elif remote and name in ("spawn", "spawn_opt"):
            given = {
                text_of(one) for part in call.args if part.type == "list" for one in content(part)
            }
            for word in {":link", ":monitor"} & given:
                hits.add(word[1:], call.node, f"{said} {word}", group)
    if not call.module and name == "def" and call.args and text_of(call.args[0]) == "application":
        _mix_application(call, hits)


def _first(call: Call) -> str:
    return text_of(call.args[0]) if call.args else ""


def _mix_application(call: Call, hits: Hits) -> None:
    for value in [one for one in content(call.block) if one.type == "list"] if call.block else []:
        for key, module in pairs_of(value):
            if key == "mod" and module.type == "tuple":
                hits.add("application", call.node, f"mod: {text_of(module)}")


def _tuple(node: Node, scope: Scope, hits: Hits) -> None:
    parts = content(node)
    if not parts:
        return
    first = text_of(parts[0])
    if parts[0].type == "alias" and scope.full(first) in _CHILDREN and len(parts) == 2:
        full = scope.full(first)
        hits.add(_HOMES[full], node, f"child {full}", scope.module)
    elif first == ":via" and len(parts) == 3 and scope.full(text_of(parts[1])) == "Registry":
        hits.add("registry", node, "{:via, Registry, …}", scope.module)
    elif first == ":EXIT" and len(parts) == 3:
        hits.add("link", node, "{:EXIT, pid, reason}", scope.module)
    elif first == ":DOWN" and len(parts) == 5:
        hits.add("monitor", node, "{:DOWN, …}", scope.module)


def _specification(node: Node, scope: Scope, hits: Hits) -> None:
    """Child specifications as maps, and options that name a strategy."""
    pairs = dict(pairs_of(node)) if node.type != "arguments" else {}
    if node.type == "arguments":
        for one in content(node):
            if one.type == "keywords":
                pairs |= dict(_keywords(one))
    start = pairs.get("start")
    named = node.type == "map" and "id" in pairs
    if named and start is not None and start.type == "tuple" and len(content(start)) == 3:
        dynamic = _around(node, scope) == "DynamicSupervisor"
        name = "dynamic_supervisor" if dynamic else "supervisor"
        hits.add(name, node, "child specification", scope.module)
    strategy = pairs.get("strategy")
    if strategy is not None and text_of(strategy) in STRATEGIES:
        home = _around(node, scope)
        name = "dynamic_supervisor" if home == "DynamicSupervisor" else "supervisor"
        hits.add(name, node, f"strategy {text_of(strategy)}", scope.module)


def _keywords(node: Node) -> list[tuple[str, Node]]:
    found: list[tuple[str, Node]] = []
    for pair in content(node):
        key, value = child(pair, "key"), child(pair, "value")
        if key is not None and value is not None:
            found.append((text_of(key).strip().rstrip(":"), value))
    return found


def _around(node: Node, scope: Scope) -> str:
    """The module that is called or started with options."""
    parent = node.parent if node.type != "arguments" else node
    while parent is not None and parent.type in ("arguments", "keywords", "pair", "list"):
        parent = parent.parent
    if parent is None:
        return ""
    if parent.type == "call":
        target = child(parent, "target")
        left = child(target, "left")
        if text_of(target) == "use":
            holder = content(parent)[1:2]
            return scope.full(text_of(content(holder[0])[0])) if holder else ""
        return scope.full(text_of(left)) if left is not None else ""
    if parent.type == "tuple":
        return scope.full(text_of(content(parent)[0]))
    return ""


def _callbacks(function: Function, promised: set[str], hits: Hits) -> None:
    """Callbacks of a module that says so, or whose replies leave no doubt."""
    key, group = (function.name, function.arity), function.module
    shapes = {shape_of(node) for clause in function.clauses for node in tails(clause.body)} - {""}
    node = function.clauses[0].call.node
    if key in _REPLIES:
        fitting = sorted(shapes & set(_REPLIES[key]))
        sure = bool({"GenServer", ":gen_server"} & promised)
        if not sure and (promised or not fitting or not _plain_state(function)):
            return
        if not sure and group and key[0] in ("handle_info", "handle_continue"):
            return  # in a whole module these belong to many behaviours
        for one in fitting or [""]:
            hits.add("gen_server", node, f"{key[0]}/{key[1]} {one}".strip(), group)
    elif key == ("callback_mode", 0):
        hits.add("gen_statem", node, "callback_mode/0", group)
    elif key == ("start", 2) and not promised and _starts_tree(function):
        hits.add("application", node, "start/2", group)
    elif function.arity in (3, 4) and ":gen_statem" in promised | _alone(promised):
        for one in sorted(shapes):
            if one.partition("/")[0] in _STATES:
                hits.add("gen_statem", node, f"{key[0]}/{key[1]} {one}", group)


def _alone(promised: set[str]) -> set[str]:
    return set() if promised else {":gen_statem"}


def _starts_tree(function: Function) -> bool:
    """``start(_type, _args)`` that gives what a ``start_link`` gives."""
    kinds = {text_of(clause.head.args[0]).lstrip("_") for clause in function.clauses}
    last = (call_of(node) for clause in function.clauses for node in tails(clause.body))
    return kinds <= {"type", "start_type"} and any(
        call is not None and call.name == "start_link" for call in last
    )


def _plain_state(function: Function) -> bool:
    """A state called ``socket`` belongs to a web framework's process."""
    return not any(
        text_of(clause.head.args[-1]).lstrip("_") in ("socket", "conn")
        for clause in function.clauses
        if clause.head.args
    )
