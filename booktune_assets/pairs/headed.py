"""Family ``write_code``, from a heading: "Reversing a string", and the code below that does it.

Belongs here: the task that a heading names and which code of its section carries it out. Does not:
tasks in sentences (``write.py``), what stands below a heading as a whole (``overview.py``).

Nothing but a name says that code belongs to a heading, so the code has to name what the heading
tells to do: ``String.reverse``, ``cowboy_req:read_body``.
"""

from __future__ import annotations

import re
from typing import Any

from booktune_assets.concepts.mentions import code_without_text
from booktune_assets.pairs.candidate import View, language_name
from booktune_assets.pairs.overview import TASKS, heading, plain_case
from booktune_assets.pairs.phrases import small
from booktune_assets.pairs.prose import leans
from booktune_assets.pairs.subjects import only_one, ours

__all__ = ["done_by", "headed_task"]

WORDS = (2, 9)  # of a task
LINES_MAX = 16
# verbs that say nothing of what code does: the thing has to be named as well
_NO_NAME = frozenset(("add", "change", "check", "do", "make", "map", "name", "set", "show", "stop"))
_ARTICLE = re.compile(r"(?:an?|the|one|all) ")
_OBJECT_MIN = 3  # characters
_VAGUE = re.compile(
    r"\b(?:and|or|it|them|this|that|these|anything|something|everything|things|multiple|many|own|"
    r"new|more|other|another|first|last|next|any)\b"
)
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


def _gerunds(verb: str) -> tuple[str, ...]:
    return f"{verb}ing", f"{verb.removesuffix('e')}ing", f"{verb}{verb[-1]}ing"


_DOING = {doing: verb for verb in sorted(TASKS) for doing in _gerunds(verb)} | {
    f"{verb}ing": verb for verb in sorted(TASKS)
}


def headed_task(view: View) -> tuple[str, str]:
    """(verb, task) of a heading that tells to do something, or two empty strings."""
    title = heading(view)
    first, _, rest = plain_case(view, title).partition(" ")
    verb = _DOING.get(first.lower(), "")
    if first.lower() in TASKS and _ARTICLE.match(rest):  # not "Stream loop"
        verb = first.lower()
    task = f"{verb.capitalize()} {small(view, rest)}."
    if not verb or not rest or re.search(r"[:?,(]", rest) or _VAGUE.search(rest):
        return "", ""
    if not WORDS[0] <= len(task.split()) <= WORDS[1] or leans(task) or ours(task):
        return "", ""
    return (verb, task) if only_one(task) else ("", "")


def done_by(view: View, verb: str, task: str) -> dict[str, Any] | None:
    """The first code of the section that names what is to be done, and the thing it is done to."""
    for block in view.blocks:
        if block["kind"] not in ("code", "iex", "erl_shell") or not language_name(block["lang"]):
            continue
        text = block["text"]
        if text.count("\n") < LINES_MAX and _names(code_without_text(text), verb, task):
            return block
    return None


def _names(code: str, verb: str, task: str) -> bool:
    found = {part.lower() for name in _IDENTIFIER.findall(code) for part in name.split("_")}
    objects = [
        word.lower().rstrip("s") for word in re.findall(r"[A-Za-z]+", task.partition(" ")[2])
    ]
    known = any(
        part.rstrip("s") == word or (part.startswith(("def", verb)) and part.endswith(word))
        for word in objects if len(word) >= _OBJECT_MIN and word != verb for part in found
    )  # fmt: skip
    done = any(part == verb or (part.startswith(verb) and len(verb) > 3) for part in found)
    if verb in ("define", "create"):
        return known and any(part.startswith("def") for part in found)
    return done and (known or verb not in _NO_NAME)
