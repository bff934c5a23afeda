"""Tasks that the prose sets, as ``write_code`` asks them: which are no task by themselves.

Belongs here: what a task must not say, and whether its code does what it says. Does not: finding
tasks and their code (``write.py``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from booktune_assets.pairs.candidate import CODE

__all__ = [
    "LEFT_OUT", "LOOSE", "WORDS_MIN", "WRITING", "raises_here", "too_loose", "warned_against",
]  # fmt: skip

WRITING = ("write_code", "fill_in", "fix_bug", "rewrite", "translate")  # code as it should be

WORDS_MIN = 5
LEFT_OUT = re.compile(r"(?m)^\s*[#%]+\s*(?:\.\.\.|…)")
_RAISES = re.compile(r"(?m)^\s*\*\* (?:\(|[a-z])|^\s*(?:\*\*\* )?exception error:")
_OPERATOR = re.compile(r"<>|\+\+|--|\|>|<-|=~|&&|\|\||\.\.")
_API = re.compile(r"(?<![\w.])(?:[A-Z]\w*\.)+[a-z_]\w*[?!]?(?:/\d)?|(?<![\w.])[a-z_]\w*[?!]?/\d")
_EMPTY = re.compile(r"\bdefmodule [\w.]+ do\s+end\b")  # what a reader is to fill in
LOOSE = re.compile(
    r"^(?:\W*\w+){0,4}\W+(?:it|its|them|they|their)\b|\b(?:this|these|those|above|again|previous|"
    r"another(?! (?:process|node|machine)\b)|instead|"
    r"(?<!at the )same|same(?! time)|"
    r"both|such|earlier|"
    r"following|below|our|your|like so|as follows|the rest|else|the (?:two|three|new|other|second|"
    r"first|last) \w+|that way|"
    r"our own|here|there|now|still|more|improve|rewrite|refactor|fix|example|try|he|she|her|"
    r"his|open|install|then run|first,|as well|we|whereas|while(?! \w+ing\b)|(?<=that )you want|"
    r"let's|either(?![^.]* or )|appropriate|the (?:returned|updated|modified|resulting) \w+|"
    r"as (?:many|much|few|often)\b[^.]* as you|"
    r"that (?:relationship|behaviou?r|function|value|module|process|case|way|list|map))\b|"
    r"\b(?:in|to|with|for|from|of)\W*$",
    re.I,
)
_FRAME_WORDS = "show write code that with when this from function"  # of any task
_FRAME = frozenset(_FRAME_WORDS.split())
# "DO NOT", "Never do this:", "Beginners often write …", "the wrong way"
_THAT = (
    r"(?:(?:(?:it )?like )?(?:this|that)(?= ?(?:[:.!]|$|in\b))|the following|something like|"
    r"things like|code like)"
)
_WARNED = re.compile(
    rf"\bDO NOT\b|\b(?i:never|don['\u2019]t|do not|avoid) (?:do|write|use|try|code|put|doing|"
    rf"writing|using|coding) {_THAT}|\b(?i:avoid) {_THAT}|\b(?i:instead of) (?:doing |writing |"
    rf"using )?{_THAT}[^,]*$|"
    r"\b(?i:wrong|bad|incorrect|naive|inefficient|broken) (?:way|version|example|code|approach|"
    r"implementation|solution)\b|\b(?:is|are) not to be (?:done|written)\b|"
    r"\bshould(?:n['\u2019]t| not) be written\b|\bmost inefficient\b|\banti-?pattern\b|"
    r"\b(?:common|classic|frequent|typical|usual) mistakes?\b|\b(?:often|sometimes) write\b|"
    r"^(?i:bad|wrong|don['\u2019]t|avoid)\b[.:!]?$"
)
_NAMED_BAD = re.compile(
    r"\A\s*[#%]+ *(?i:bad|wrong|don['\u2019]t|do not|never|avoid|not preferred|incorrect)\b|"
    r"\b(?:bad|wrong|naive|broken)_\w+\(.*?(?:->|\bdo\b)"
)
_STEM = 4  # letters


def raises_here(block: Mapping[str, Any], blocks: Sequence[Mapping[str, Any]]) -> bool:
    """Does the book show this code as raising an error, in it or right behind it?

    It is there to be seen failing, and no model of how to do a thing. ``blocks`` are those of the
    section.
    """
    place = next((n for n, one in enumerate(blocks) if one["block_id"] == block["block_id"]), None)
    after = blocks[place + 1 : place + 2] if place is not None else ()
    shown = [block, *(one for one in after if one["kind"] == "output")]
    return any(_RAISES.search(one["text"]) for one in shown)


def warned_against(blocks: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """Ids of the listings that a section shows as what not to write: by the words before, a
    comment at the top, or the name of what is defined."""
    found: set[str] = set()
    for place, block in enumerate(blocks):
        if block["kind"] not in CODE:
            continue
        before = blocks[place - 1] if place else None
        told = before["text"] if before and before["kind"] not in CODE else ""
        last = " ".join(re.split(r"(?<=[.!?]) ", " ".join(told.split()))[-1:])
        if _WARNED.search(last) or _NAMED_BAD.search(block["text"]):
            found.add(block["block_id"])
    return frozenset(found)


def too_loose(task: str, answer: str, words: int = WORDS_MIN) -> str:
    """Why the task cannot be asked, or not of this code; empty for one that can."""
    if len(task.split()) < words:
        return "task_too_short"
    if task.count("`") % 2:
        return "task_points_elsewhere"
    if LOOSE.search(re.sub(r"`[^`]*`", "it_is", task)):
        return "task_points_elsewhere"
    if re.search(r"\.\.\.|…", answer) or LEFT_OUT.search(answer):
        return "elided"
    if _EMPTY.search(answer):
        return "nothing_in_it"
    signs = set(_OPERATOR.findall(task))
    if signs - set(_OPERATOR.findall(answer)):
        return "task_not_all_done"
    if any(name.split("/")[0] not in answer for name in _API.findall(task)):
        return "task_not_all_done"
    if signs:
        return ""
    said = {word.lower().rstrip("s") for word in re.findall(r"[A-Za-z_]{3,}", task)}
    code = {word.lower().rstrip("s") for word in re.findall(r"[A-Za-z]{3,}", answer)}
    code |= {part for word in code for part in word.split("_")}
    if said & code or any(_akin(one, other) for one in said - _FRAME for other in code):
        return ""
    return "task_not_about_code"


def _akin(one: str, other: str) -> bool:
    """Does one word begin with the other: "send" and ``sendfile``, "replying" and ``reply``?"""
    short, long = sorted((one, other), key=len)
    return len(short) >= _STEM and long.startswith(short)
