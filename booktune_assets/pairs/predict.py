"""Family ``predict_output``: what an expression of a shell session gives.

Belongs here: making a question that holds all the expression needs, from earlier lines of the same
section. Does not: reading prompts and names (``sessions.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from booktune_assets.concepts.mentions import code_without_text
from booktune_assets.pairs.candidate import Candidate, View, fenced, language_name
from booktune_assets.pairs.sessions import (
    Entry,
    atom_modules,
    bound,
    entries,
    free,
    modules_used,
    own_calls,
)
from booktune_assets.pairs.wording import ask

__all__ = ["predict_output"]

LINES_MAX = 40
_OPAQUE = re.compile(r"#(?:PID|Reference|Function|Port|Ref|Fun)<|<0\.\d+\.\d+>|nonode@|#Fun<")
_VOLATILE = re.compile(
    r"\bnode\(\)|utc_now|DateTime\.now|monotonic_time|system_time|os_time|:rand\.|rand:|"
    r"Enum\.(?:random|shuffle|take_random)|"
    r"System\.|timer:tc|:timer\.tc|unique_integer|erlang:now|erlang:system_time|memory\(|"
    r"process_info|"
    r"File\.(?:read|ls|cwd)|Node\.|nodes\(\)|\bls\(?\b|local_time|localtime|:observer|"
    r"(?<![\w.])(?:h|i|c|r|recompile)[ (](?!=)|:c\."
)
_ELIDED = re.compile(r"\.\.\.(?!>)|…|\[\.\.\.\]|# =>|\(\.\.\.\)")
_STATEFUL = re.compile(
    r"\b(?:use (?:GenServer|Agent|Supervisor)|Agent\.|GenServer\.|Supervisor\.|spawn\w*\(|"
    r"send\(|receive\b|"
    r":?ets[.:]|Process\.|register\(|Registry\.|gen_server|put_env|exit\(|monitor\(|link\()| ! "
)
_NAMED = re.compile(r"\bname: |\{local, |Registry")
_MADE = re.compile(r"\bdefmodule\s+([A-Z][\w.]*)|^-module\((\w+)\)", re.M)
_ERLANG_CALL = re.compile(r"(?<![\w:?])([a-z]\w*):[a-z]\w*\(")
_SPEAKS = re.compile(r"(?m)^\s*(?:warning:|\*\* \(CompileError|nofile:|.*\bredefining module)")


@dataclass(slots=True)
class _Line:
    block: dict[str, Any]
    entry: Entry


def predict_output(view: View) -> Iterator[Candidate]:
    """One candidate per exchange of a session that prints a result."""
    earlier: list[_Line] = []
    modules: dict[str, dict[str, Any]] = {}
    for block in view.blocks:
        if block["kind"] == "code" and block["lang"] in ("elixir", "erlang"):
            for match in _MADE.finditer(block["text"]):
                modules[match.group(1) or match.group(2)] = block
        if block["kind"] not in ("iex", "erl_shell"):
            continue
        for entry in entries(block["text"], block["kind"]):
            line = _Line(block, entry)
            if entry.result:
                yield _candidate(view, line, earlier, modules)
            earlier.append(line)


def _candidate(
    view: View, line: _Line, earlier: list[_Line], modules: dict[str, dict[str, Any]]
) -> Candidate:
    block, entry = line.block, line.entry
    shell = block["kind"]
    setup, missing = _setup(line, earlier, shell, set(modules))
    typed = [*(one.entry.expression for one in setup), entry.expression]
    listings, unknown = _listings("\n".join(typed), modules, shell)
    if not missing and _STATEFUL.search("\n".join([*typed, *(one["text"] for one in listings)])):
        # processes remember: all that was typed before may matter
        setup = [
            one
            for one in earlier
            if one.block["kind"] == shell and not _VOLATILE.search(one.entry.expression)
        ]
        typed = [*(one.entry.expression for one in setup), entry.expression]
        listings, unknown = _listings("\n".join(typed), modules, shell)
        missing = _unstarted(typed, listings, shell)
    code = "\n".join(typed)
    lang = "elixir" if shell == "iex" else "erlang"
    key = f"{block['block_id']}:{entry.start}"
    words = ask("predict_last" if setup else "predict_output", key, language=language_name(lang))
    parts = [words, *(fenced(one["text"], one["lang"]) for one in listings), fenced(code, lang)]
    if listings:
        parts.insert(1, "This is loaded:" if len(listings) == 1 else "These listings are loaded:")
        parts.insert(-1, "This is evaluated:")
    quotes = [view.quote(one, 0, len(one["text"]), "question") for one in listings]
    quotes += [
        view.quote(one.block, one.entry.start, one.entry.typed_end, "question") for one in setup
    ]
    quotes.append(view.quote(block, entry.start, entry.typed_end, "question"))
    result = view.quote(block, entry.result_start, entry.end, "answer")
    checked = [(one["lang"], one["text"]) for one in listings] + [(lang, one) for one in typed]
    return Candidate(
        "predict_output", block["block_id"], shell, "code", "\n\n".join(parts),
        fenced(entry.result, ""), [*quotes, result], checked,
        problem=missing or unknown or _problem(entry, code),
    )  # fmt: skip


def _setup(
    line: _Line, earlier: list[_Line], shell: str, known: set[str]
) -> tuple[list[_Line], str]:
    """Earlier lines that bind what the expression uses, and what is missing."""

    def needs(expression: str) -> set[str]:
        named = modules_used(expression) - known if shell == "iex" else set[str]()
        return free(expression, shell) | named

    wanted = needs(line.entry.expression)
    chosen: list[_Line] = []
    for before in reversed(earlier):
        if not wanted:
            break
        if before.block["kind"] != shell:
            continue
        gives = bound(before.entry.expression, shell)
        if gives & wanted and "**" not in before.entry.result[:3]:
            chosen.append(before)
            wanted = (wanted - gives) | needs(before.entry.expression)
    lacking = "module_not_shown" if any(name[:1].isupper() for name in wanted) else "name_not_bound"
    if shell == "erl_shell":
        lacking = "name_not_bound"
    return chosen[::-1], lacking if wanted else ""


def _unstarted(typed: list[str], listings: list[dict[str, Any]], shell: str) -> str:
    """What a session with processes lacks: a start, a binding, or measure."""
    text = "\n".join(typed)
    if any(_NAMED.search(one["text"]) for one in listings) and "start" not in text:
        return "process_not_started"
    known: set[str] = set()
    for expression in typed:
        if free(expression, shell) - known:
            return "name_not_bound"
        known |= bound(expression, shell)
    if text.count("\n") > LINES_MAX or re.search(r"\b(?:GenServer|Agent)\.\w+\((?::|[A-Z])", text):
        return "setup_too_long" if text.count("\n") > LINES_MAX else "process_not_started"
    return ""


def _listings(
    code: str, modules: dict[str, dict[str, Any]], shell: str
) -> tuple[list[dict[str, Any]], str]:
    """Listings that define the modules used, and what is missing."""
    if shell == "iex":
        needed, strange = modules_used(code) | atom_modules(code), own_calls(code)
    else:
        calls = set(_ERLANG_CALL.findall(code_without_text(code)))
        needed, strange = {name for name in calls if name in modules}, set[str]()
    found: dict[str, dict[str, Any]] = {}
    made = set(re.findall(r"\bdefmodule\s+([A-Z][\w.]*)", code))
    waiting = sorted(needed - made)
    while waiting:  # what a listing uses has to be shown as well
        name = waiting.pop(0)
        home = modules.get(name) or modules.get(name.split(".")[0])
        if home is None:
            return [], "module_not_shown"
        if home["block_id"] not in found:
            found[home["block_id"]] = home
            waiting += sorted(modules_used(home["text"])) if home["lang"] == "elixir" else []
    text = "\n".join(one["text"] for one in found.values())
    if any(not re.search(rf"\bdef\w*\s+{re.escape(name)}\b", text) for name in strange):
        return [], "function_not_shown"
    return sorted(found.values(), key=lambda one: one["char_start"]), ""


def _problem(entry: Entry, code: str) -> str:
    if _VOLATILE.search(code) or _OPAQUE.search(entry.result):
        return "result_varies"
    if _ELIDED.search(entry.result) or _ELIDED.search(code):
        return "elided"
    if _SPEAKS.search(entry.result) or len(entry.result) > 1200:
        return "result_not_a_value"
    if re.match(r"\s*(?:#(?![A-Z{])|//|%(?!\w*\{|[A-Z]))", entry.result):
        return "result_not_a_value"
    plain = " ".join(entry.expression.rstrip(".").split())
    result = " ".join(entry.result.split())
    if result == plain or re.fullmatch(rf"[A-Za-z_]\w* = {re.escape(result)}", plain):
        return "result_is_expression"
    return "result_says_nothing" if result in ("nil", ":ok", "ok") and "\n" not in code else ""
