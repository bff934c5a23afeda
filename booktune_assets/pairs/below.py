"""What stands below a heading, as an answer: its paragraphs, a list, the code that they lead to.

Belongs here: where such an answer begins and ends. Does not: what the heading asks
(``overview.py``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from booktune_assets.concepts.names import plausible_name
from booktune_assets.pairs.candidate import Quote, View, fenced, language_name, shown
from booktune_assets.pairs.gates import dangles, unclear
from booktune_assets.pairs.phrases import keys, listed_items
from booktune_assets.pairs.prose import leans, sentences

__all__ = ["Below", "told_below"]

CHARS = (60, 900)  # of prose in an answer
CODE_LINES = 24
_MOVES_ON = re.compile(
    r"(?:Now|Next|Let|Suppose|Imagine|Finally|Another|First|Second|Then|Try|Open|Save|Consider|"
    r"Once we|After we|When we (?:ran|run)|In this)\b"
)
_OURS = re.compile(
    r"\bour\b|\b[Ww]e (?:have |had )?(?:defined|used|created|wrote|added|saw|built)\b|\bwonder|"
    r"\b(?:syntax|example|following|ways?)[.:]$|^(?:Here|Below|Take|Notice|In the example|"
    r"More on)\b|"
    r"\blater\.$|^We (?:strongly )?(?:recommend|encourage|suggest)\b"
)
_ENDS = re.compile(r"[.!:][\"'\u201d\u2019)\]`*_]*$")


@dataclass(slots=True)
class Below:
    """An answer as it grows; ``lang`` is that of its code, empty without."""

    quotes: list[Quote] = field(default_factory=list[Quote])
    parts: list[str] = field(default_factory=list[str])
    code: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    lang: str = ""
    size: int = 0  # characters of prose

    @property
    def answer(self) -> str:
        """The parts as one message."""
        return re.sub(r"(?m)^(- .*)\n\n(?=- )", r"\1\n", "\n\n".join(self.parts))

    @property
    def leads(self) -> bool:
        """Does it end by announcing something?"""
        return bool(self.parts) and self.parts[-1].endswith(":")


def told_below(view: View, title: str) -> Below | None:
    """The answer below the heading; None if it is short, or does not speak of it."""
    made = Below()
    blocks = [one for one in view.blocks if one["kind"] != "heading"]
    place = 0
    while place < len(blocks):
        block = blocks[place]
        if block["kind"] == "code" and made.leads and _code(view, block, made):
            break
        if block["kind"] == "list" and made.leads and _list(view, blocks[place:], made):
            break
        if block["kind"] != "prose" or made.leads or not _prose(view, block, made):
            break
        place += 1
    if made.leads:  # nothing follows
        made.parts.pop()
        made.quotes.pop()
    prose = " ".join(part for part in made.parts if not part.startswith("```"))
    wanted = {key for key in keys(title) if plausible_name(key)}
    enough = len(prose) >= CHARS[0] or bool(made.code)
    return made if enough and wanted & keys(prose) else None


def _code(view: View, block: dict[str, Any], made: Below) -> bool:
    text = block["text"]
    short = text.count("\n") < CODE_LINES and not re.search(r"\.\.\.(?!>)|\u2026", text)
    if not short or not language_name(block["lang"]) or unclear(made.parts[-1], code_at_hand=True):
        return False
    made.quotes.append(view.quote(block, 0, len(text), "answer"))
    made.parts.append(fenced(text, block["lang"]))
    made.code.append((block["lang"], text))
    made.lang = block["lang"]
    return True


def _list(view: View, blocks: list[dict[str, Any]], made: Below) -> bool:
    """Add the whole list, or nothing of it."""
    items: list[Quote] = []
    for block in blocks:
        if block["kind"] != "list":
            break
        items += listed_items(view, block)
    if len(items) < 2 or any(unclear(one.text) or "\n" in one.text for one in items):
        return False
    made.quotes += items
    made.parts += [f"- {shown(one.text)}" for one in items]
    return True


def _prose(view: View, block: dict[str, Any], made: Below) -> bool:
    """Add sentences from the beginning of a paragraph; False when its end was not reached."""
    text, end = block["text"], 0
    for place, sentence in enumerate(sentences(text)):
        plain = sentence.text
        if unclear(plain) or _OURS.search(plain) or not _ENDS.search(plain):
            break
        if made.size + sentence.end > CHARS[1]:
            break
        begins = not made.parts and (dangles(plain) or leans(re.sub(r":$", ".", plain)))
        if place == 0 and (begins or _MOVES_ON.match(plain)):
            break
        end = sentence.end
    if not end:
        return False
    made.quotes.append(view.quote(block, 0, end, "answer"))
    made.parts.append(shown(made.quotes[-1].text))
    made.size += end
    return end >= len(text.rstrip())
