"""Patterns of OTP in Erlang: processes, supervision, tables, behaviours.

Belongs here: what calls, attributes, callbacks, child specifications and messages show. Does not:
forms of the language (``patterns_erlang_forms.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from booktune_assets.beam.erlang_functions import (
    ErlFunction,
    erl_functions_of,
    erl_shape,
    erl_tails,
)
from booktune_assets.beam.erlang_tree import (
    ErlCall,
    ErlScope,
    ErlVisit,
    atom_of,
    erl_args,
    erl_call,
)
from booktune_assets.beam.pattern_hits import Hits
from booktune_assets.beam.tree import child, content, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["otp_erlang"]

_HOMES = {
    "gen_server": "gen_server", "supervisor": "supervisor", "gen_statem": "gen_statem",
    "ets": "ets",
}  # fmt: skip
_BEHAVIOURS = {**_HOMES, "application": "application"}
_STARTS = frozenset(("start", "ensure_all_started", "ensure_started", "stop"))
_LINKS = frozenset(("spawn_link", "link", "unlink"))
_MONITORS = frozenset(("spawn_monitor", "monitor", "demonitor"))
_STRATEGIES = frozenset(("one_for_one", "one_for_all", "rest_for_one", "simple_one_for_one"))
_RESTARTS = frozenset(("permanent", "transient", "temporary"))
_REPLIES = {
    ("handle_call", 3): ("reply/3", "reply/4", "noreply/2", "noreply/3", "stop/4", "stop/3"),
    ("handle_cast", 2): ("noreply/2", "noreply/3", "stop/3"),
    ("handle_info", 2): ("noreply/2", "noreply/3", "stop/3"),
    ("handle_continue", 2): ("noreply/2", "noreply/3", "stop/3"),
}  # fmt: skip
_STATES = ("next_state", "keep_state", "keep_state_and_data", "repeat_state")


def otp_erlang(visits: Sequence[ErlVisit], hits: Hits) -> None:
    """Note what the visits of one tree show."""
    functions = erl_functions_of(visits)
    own = {(one.name, one.arity) for one in functions}
    promised: set[str] = set()
    scope = ErlScope()
    for visit in visits:
        node, scope, call = visit.node, visit.scope, visit.call
        if node.type == "behaviour_attribute":
            name = atom_of(child(node, "name"), scope)
            promised.add(name)
            hits.add("behaviour", node, f"-behaviour({name})", "")
            if name in _BEHAVIOURS:
                hits.add(_BEHAVIOURS[name], node, f"-behaviour({name})", "")
        elif node.type == "callback":
            hits.add("behaviour", node, "-callback", "")
        elif scope.typed:
            continue
        elif call is not None:
            if call.module or (call.name, call.arity) not in own:
                _call(call, scope, hits)
        elif node.type == "tuple":
            _tuple(node, scope, hits)
        elif node.type == "map_expr":
            _map(node, scope, hits)
    for function in functions:
        _callbacks(function, promised, scope, hits)


def _call(call: ErlCall, scope: ErlScope, hits: Hits) -> None:
    name, said = call.name, f"{call.module}:{call.name}".lstrip(":")
    if call.module in _HOMES:
        hits.add(_HOMES[call.module], call.node, said, "")
    elif call.module == "application" and name in _STARTS:
        hits.add("application", call.node, said, "")
    elif call.module in ("", "erlang", "proc_lib"):
        if name in _LINKS:
            hits.add("link", call.node, said, "")
        elif name in _MONITORS:
            hits.add("monitor", call.node, said, "")
        elif name == "process_flag" and call.args and atom_of(call.args[0], scope) == "trap_exit":
            hits.add("link", call.node, "trap_exit", "")
        elif name == "spawn_opt":
            options = content(call.args[-1]) if call.args and call.args[-1].type == "list" else []
            for word in {"link", "monitor"} & {atom_of(one, scope) for one in options}:
                hits.add(word, call.node, f"spawn_opt {word}", "")


def _tuple(node: Node, scope: ErlScope, hits: Hits) -> None:
    parts = content(node)
    first = atom_of(parts[0], scope) if parts else ""
    if first == "EXIT" and len(parts) == 3:
        hits.add("link", node, "{'EXIT', Pid, Reason}", "")
    elif first == "DOWN" and len(parts) == 5:
        hits.add("monitor", node, "{'DOWN', …}", "")
    elif first in _STRATEGIES and len(parts) == 3:
        _strategy(node, first, hits)
    elif first == "application" and len(parts) == 3 and parts[2].type == "list":
        hits.add("application", node, "{application, …}", "")
    elif len(parts) == 6 and len(content(parts[1])) == 3 and atom_of(parts[2], scope) in _RESTARTS:
        hits.add("supervisor", node, "child specification", "")


def _strategy(node: Node, name: str, hits: Hits) -> None:
    hits.add("supervisor", node, f"strategy {name}", "")
    if name == "simple_one_for_one":
        hits.add("dynamic_supervisor", node, f"strategy {name}", "")


def _map(node: Node, scope: ErlScope, hits: Hits) -> None:
    pairs = {
        atom_of(child(one, "key"), scope): child(one, "value")
        for one in content(node)
        if one.type == "map_field"
    }
    strategy = atom_of(pairs.get("strategy"), scope)
    if strategy in _STRATEGIES:
        _strategy(node, strategy, hits)
    start = pairs.get("start")
    if "id" in pairs and start is not None and start.type == "tuple" and len(content(start)) == 3:
        hits.add("supervisor", node, "child specification", "")


def _callbacks(function: ErlFunction, promised: set[str], scope: ErlScope, hits: Hits) -> None:
    """Callbacks of a module that says so, or whose replies leave no doubt."""
    key = (function.name, function.arity)
    shapes = {erl_shape(node, scope) for one in function.clauses for node in erl_tails(one)} - {""}
    node = function.clauses[0]
    if key in _REPLIES:
        fitting = sorted(shapes & set(_REPLIES[key]))
        if "gen_server" not in promised and (promised or not fitting):
            return
        for one in fitting or [""]:
            hits.add("gen_server", node, f"{function.label} {one}".strip(), "")
    elif key == ("callback_mode", 0):
        hits.add("gen_statem", node, "callback_mode/0", "")
    elif key == ("start", 2) and not promised and _starts_tree(function, scope):
        hits.add("application", node, "start/2", "")
    elif function.arity in (3, 4) and ("gen_statem" in promised or not promised):
        for one in sorted(shapes):
            if one.partition("/")[0] in _STATES:
                hits.add("gen_statem", node, f"{function.label} {one}", "")


def _starts_tree(function: ErlFunction, scope: ErlScope) -> bool:
    """``start(_Type, _Args)`` that gives what a ``start_link`` gives."""
    kinds = {text_of(erl_args(one)[0]).lstrip("_") for one in function.clauses}
    last = (erl_call(node, scope) for one in function.clauses for node in erl_tails(one))
    return kinds <= {"Type", "StartType"} and any(
        call is not None and call.name == "start_link" for call in last
    )
