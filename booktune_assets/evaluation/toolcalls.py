"""Calls of tools in what a model wrote, and whether they fit their schemas.

Belongs here: the forms that calls come in, JSON Schema, equality of arguments. Does not: which
tools there are (``suites/tools.py``).

Forms: Mistral's ``[TOOL_CALLS][{"name": …, "arguments": {…}}]`` and, of later tokenizers,
``[TOOL_CALLS]name[ARGS]{…}`` (engines leave control tokens out, so ``name{…}`` too);
``<tool_call>{…}</tool_call>``; the dialect of OpenAI (``function``, arguments as a string); plain
JSON, in a fence or among words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Call", "calls_in", "fault_of", "same_arguments"]

_NAMED = re.compile(r"([A-Za-z_]\w*)\s*(?:\[CALL_ID\]\s*\w*\s*)?(?:\[ARGS\])?\s*$")
_DECODE = json.JSONDecoder()
_NAMES, _ARGUMENTS = ("name", "tool", "function"), ("arguments", "parameters", "args")


@dataclass(frozen=True, slots=True)
class Call:
    """One call; ``arguments`` is an object where the model kept to the form."""

    name: str
    arguments: Any


def calls_in(text: str, names: Sequence[str]) -> list[Call]:
    """All calls in an answer, in their order. ``names`` are the tools that were offered: right
    before an object without a name of its own, one of them makes it a call."""
    found: list[Call] = []
    for start, value in _values(text):
        before = _NAMED.search(text, 0, start)
        if before and before[1] in names and not _named(value):
            found.append(Call(before[1], value))
        else:
            found += _of(value)
    return found


def fault_of(call: Call, tools: Mapping[str, Mapping[str, Any]]) -> str:
    """Why a call is not valid: ``unknown_tool`` or ``bad_arguments``; empty when it is.

    ``tools``: JSON Schema (2020-12) of the arguments, by name.
    """
    from jsonschema import Draft202012Validator

    if call.name not in tools:
        return "unknown_tool"
    fits = Draft202012Validator(tools[call.name]).is_valid(call.arguments)
    return "" if fits else "bad_arguments"


def same_arguments(said: Any, wanted: Mapping[str, Any]) -> bool:
    """Has a call every wanted argument? Words regardless of case, numbers by value."""
    if not isinstance(said, dict):
        return False
    return all(name in said and _alike(said[name], value) for name, value in wanted.items())


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, str) and isinstance(other, str):
        return one.strip().casefold() == other.strip().casefold()
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(_alike(mine, theirs) for mine, theirs in pairs)
    return one == other


def _values(text: str) -> Iterator[tuple[int, Any]]:
    """(Where it begins, value) of every JSON object or array that no other holds."""
    place = 0
    while found := re.compile(r"[{\[]").search(text, place):
        try:
            value, place = _DECODE.raw_decode(text, found.start())
        except (ValueError, RecursionError):
            place = found.end()
            continue
        yield found.start(), value


def _of(value: Any) -> list[Call]:
    """Calls of a JSON value: an object with name and arguments, or a list of such."""
    if isinstance(value, list):
        return [call for one in value for call in _of(one)]
    if not isinstance(value, dict):
        return []
    if isinstance(inner := value.get("tool_calls"), list):
        return _of(inner)
    if isinstance(inner := value.get("function"), dict):
        return _of(inner)
    if not _named(value):
        return []
    name = next(value[key] for key in _NAMES if isinstance(value.get(key), str))
    said: Any = next(value[key] for key in _ARGUMENTS if key in value)
    if isinstance(said, str):
        try:
            said = json.loads(said)
        except ValueError:
            return [Call(name, said)]
    return [Call(name, said)]


def _named(value: Any) -> bool:
    """Does an object say by itself what it calls?"""
    if not isinstance(value, dict):
        return False
    has_name = any(isinstance(value.get(key), str) for key in _NAMES)
    return has_name and any(key in value for key in _ARGUMENTS)
