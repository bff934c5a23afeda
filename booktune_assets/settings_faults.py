"""What is wrong with a settings file, in our words: the key, and what to write instead.

Belongs here: turning pydantic's errors into a key and a remedy. Does not: what a setting may be
(the sections), errors that no single key is to blame for (their validators say them).
"""

from __future__ import annotations

import difflib
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

__all__ = ["fault_of"]

# what people look for under another name
_ELSEWHERE = {
    "alpha": "alpha is always twice the rank: set rank, and take alpha out",
    "lora_alpha": "alpha is always twice the rank: set rank, and take lora_alpha out",
    "lr": "it is named learning_rate",
    "epochs": "a run is as long as its steps: set steps",
    "dropout": "adapters are trained without dropout: take it out",
}
_SIGNS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
_PLAIN = {
    "int_parsing": "give a whole number", "int_type": "give a whole number",
    "int_from_float": "give a whole number", "float_parsing": "give a number",
    "float_type": "give a number", "finite_number": "give a finite number",
    "bool_parsing": "give true or false", "bool_type": "give true or false",
    "string_type": 'give text in quotes ("…")', "path_type": 'give a path in quotes ("…")',
    "list_type": "give a list ([…])", "tuple_type": "give a list ([…])",
    "dict_type": "give a table ({…})", "model_type": "give a table ({…})",
    "model_attributes_type": "give a table ({…})", "missing": "it has to be given",
}  # fmt: skip


def fault_of(problem: ValidationError, model: type[BaseModel]) -> tuple[str, str]:
    """Key and remedy of the first thing that is wrong; of a setting that may be one of several
    things, all of them."""
    errors = problem.errors()
    places = [_place(error["loc"], model) for error in errors]
    key, owner = places[0]
    said: list[str] = []
    for error, (name, _) in zip(errors, places, strict=True):
        if name == key:
            said.append(_remedy(error, owner))
    return key, " or ".join(dict.fromkeys(said))


def _place(loc: Sequence[int | str], model: type[BaseModel]) -> tuple[str, type[BaseModel] | None]:
    """The key as a file has it (no branches of unions), and the section that it stands in."""
    names: list[str] = []
    owners: list[type[BaseModel]] = [model]
    owner: type[BaseModel] | None = model
    for place, part in enumerate(loc):
        if isinstance(part, int):
            names.append(str(part))
            continue
        if branch := [one for one in owners if _tag(one) == part]:
            owners = branch
            continue
        found = [one for one in owners if part in one.model_fields]
        if found:
            names.append(part)
            owner = found[0]
            owners = _models(owner.model_fields[part].annotation)
        elif owners and place == len(loc) - 1:  # a key that no section has
            names.append(part)
            owner = owners[0]
    return ".".join(names), owner


def _tag(model: type[BaseModel]) -> object:
    field = model.model_fields.get("kind")
    return field.default if field else None


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [one for part in typing.get_args(annotation) for one in _models(part)]


def _remedy(error: Mapping[str, Any], owner: type[BaseModel] | None) -> str:
    kind, told = str(error["type"]), error.get("ctx") or {}
    if kind == "extra_forbidden":
        return _unknown(str(error["loc"][-1]), owner)
    if made := _WAYS.get(kind):
        return made(told)
    if bounds := [f"{_SIGNS[sign]} {value:g}" for sign, value in told.items() if sign in _SIGNS]:
        return f"give a number {' and '.join(bounds)}"
    if kind in ("value_error", "assertion_error"):
        return str(error["msg"]).partition(", ")[2] or str(error["msg"])
    return _PLAIN.get(kind, str(error["msg"]))


def _unknown(name: str, owner: type[BaseModel] | None) -> str:
    if name in _ELSEWHERE:
        return _ELSEWHERE[name]
    known = list(owner.model_fields) if owner else []
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else "take it out"
    return f"no setting has this name: {hint} (docs/reference/settings.md has all)"


def _tags(told: Mapping[str, Any]) -> str:
    return f"its kind is one of {str(told['expected_tags']).replace(chr(39), '')}"


_WAYS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "union_tag_invalid": _tags,
    "union_tag_not_found": lambda _: 'name its kind ({ kind = "replay" })',
    "literal_error": lambda told: f"choose {str(told['expected']).replace(chr(39), '')}",
}
