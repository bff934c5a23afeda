"""The same statement with its independent parts in another order.

Belongs here: what counts as a part, which parts may change places, the order they get. Does not:
other names and words (``surface.py``).

Names of functions that are listed (``put/2``, ``get/1`` and ``size/0``) change places. So do the
bullets of a list, paragraphs one after the other and sentences of a paragraph that begin with a
call of one of the problem's functions, or in a list with a piece of code. What follows such a
beginning up to the next one moves with it, so that "it" and "then" still speak of the same. No part
moves in a statement that speaks of its own order ("in this order", "above"), and none whose words
lean on another ("the same", "both", "also"). The order is by hash and never the old one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from booktune_assets.ids import stable_int

__all__ = ["reordered"]

_POSITION = re.compile(
    r"\b(above|below|former|latter|following|in (this|that|the given) order|in turn"
    r"|(?:earlier|later) (?:rule|case|line)s?|first of (?:these|them))\b"
)
_LEANS = re.compile(
    r"\b(both|others?|same|such|likewise|again|also|too|these|those|instead|else|otherwise"
    r"|accordingly|remaining|further)\b",
    re.IGNORECASE,
)
# what a call does to an "it" that another part has named
_SAID_BEFORE = re.compile(
    r"^(?:[-*] )?`[^`]+`,?\s+\w+\s+(it|them|its|their|this|that)\b|\bthat (it|they)\b"
)
_REST = re.compile(
    r"(?:\.\s+|^)(?:(?:Nothing|All|Everything|Anything) else|Both|Neither|All of (?:them|these))\b"
)
_SPAN = re.compile(r"`[^`]+`")
_NAME = r"`[a-z_]\w*[?!]?/\d`"
_NAMES = re.compile(rf"{_NAME}(?:(?:,\s+and|,|\s+and)\s+{_NAME})+")
_BULLET = re.compile(r"^[-*] ", re.MULTILINE)
_FENCE = "```"


def reordered(prompt: str, interface: Sequence[str], key: str) -> str:
    """The statement with its parts in another order; as it was where nothing may move."""
    if _FENCE in prompt or "respectively" in prompt:
        return prompt
    prompt = _NAMES.sub(lambda found: _named(found[0], key), prompt)
    if _POSITION.search(_SPAN.sub("` `", prompt)):
        return prompt
    modules = sorted({re.split(r"[.:](?=[a-z_]\w*[?!]?/)", one)[0] for one in interface})
    call = rf"`(?:{'|'.join(map(re.escape, modules))})[.:][a-z_]\w*[?!]?\("
    paragraphs = [_within(one, call, f"{key} {number}")
                  for number, one in enumerate(prompt.split("\n\n"))]  # fmt: skip
    runs: list[list[str]] = []
    for one in paragraphs:
        alone = not (re.match(call, one) and not _leans(one))
        if alone or not runs or not re.match(call, runs[-1][0]) or _leans(runs[-1][0]):
            runs.append([one])
        else:
            runs[-1].append(one)
    return "\n\n".join(
        part for number, run in enumerate(runs) for part in _other(run, f"{key} run {number}")
    )


def _named(listed: str, key: str) -> str:
    """Listed names in another order; what stands between two of them stays."""
    names = iter(_other(re.findall(_NAME, listed), key))
    return re.sub(_NAME, lambda _: next(names), listed)


def _within(paragraph: str, call: str, key: str) -> str:
    """A paragraph with its bullets, or its sentences about a function each, in another order."""
    if found := _BULLET.search(paragraph):
        start = found.start()
        bullets = [one.strip("\n") for one in re.split(r"(?m)^(?=[-*] )", paragraph[start:]) if one]
        movable = all(re.match(r"[-*] `", one) and not _leans(one[2:]) for one in bullets)
        return paragraph[:start] + "\n".join(_listed(bullets, key) if movable else bullets)
    cuts = [found.start() for found in re.finditer(rf"(?:(?<=\.)\s+|\A)(?={call})", paragraph)]
    if len(cuts) < 2:
        return paragraph
    ends = [*cuts[1:], len(paragraph)]
    parts = [paragraph[a:b].strip() for a, b in zip(cuts, ends, strict=True)]
    if any(_leans(part) for part in parts):
        return paragraph
    head = paragraph[: cuts[0]]
    return "\n".join([*([head.rstrip()] if head.strip() else []), *_other(parts, key)])


def _listed(bullets: Sequence[str], key: str) -> list[str]:
    """Bullets in another order; a comma or stop at their ends belongs to the place."""
    ends = [re.search(r"[,;.]?$", one) for one in bullets]
    marks = [found[0] if found else "" for found in ends]
    if any(re.search(r"\b(and|or)[,;]?$", one) for one in bullets):
        return list(bullets)
    bare = [one[: len(one) - len(mark)] for one, mark in zip(bullets, marks, strict=True)]
    return [one + mark for one, mark in zip(_other(bare, key), marks, strict=True)]


def _other(parts: Sequence[str], key: str) -> list[str]:
    """The parts by hash; turned by one where that is how they were."""
    order = sorted(parts, key=lambda part: stable_int(f"{key} {part}"))
    same = list(parts) == order
    return [*order[1:], *order[:1]] if same else order


def _leans(part: str) -> bool:
    """Does the part speak of another one?"""
    plain = _SPAN.sub("` `", part)
    first = re.split(r"\.\s", plain, maxsplit=1)[0]
    return any((_LEANS.search(first), _SAID_BEFORE.search(first), _REST.search(plain)))
