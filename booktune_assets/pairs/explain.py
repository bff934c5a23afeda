"""Family ``explain_code``: what a listing or session does, answered by the prose that follows it.

Belongs here: which prose explains which code. Does not: shell prompts (``sessions.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from booktune_assets.concepts.mentions import code_without_text
from booktune_assets.concepts.sentences import Sentence, split_sentences
from booktune_assets.pairs.candidate import (
    CODE, PROSE, Candidate, View, fenced, language_name, shown,
)  # fmt: skip
from booktune_assets.pairs.gates import unclear
from booktune_assets.pairs.wording import ask

__all__ = ["explain_code"]

PARAGRAPHS = 2
_IDENTIFIER = re.compile(r"[A-Za-z_]\w{2,}[!?]?")
_COMMON = frozenset(
    ("end", "def", "the", "and", "for", "not", "iex", "true", "false", "nil", "when", "case", "with",
     "you", "are", "has", "can", "all", "this", "that", "what", "from", "into", "one", "two", "use")
)  # fmt: skip
_MOVES_ON = re.compile(
    r"(?:Now|Next|Let's|Let us|But what|What if|Try|Notice how we still|So far|Suppose|Imagine|Exercise|"
    r"Another|Finally|We can also|You can also|To (?!see why)\w+|If (?:you|we) (?:want|try|run)|Once|Later|"
    r"Similarly|Alternatively|Or\b|And then|In addition|Listing|Figure|Table|Save|Open|Run|Compile|Type|"
    r"Start|Press|Go ahead)\b"
)
_ABOUT_CODE = re.compile(
    r"(?:Here|The (?:code|example|function|module|above|first|second|last|result|output|session|listing|"
    r"line|clause|pattern|error|expression|snippet|program)|This|Notice|Note|Each|Both|In this|In the|As you)\b"
)


def explain_code(view: View) -> Iterator[Candidate]:
    """One candidate per code block that is followed by prose about it."""
    for place, block in enumerate(view.blocks):
        if block["kind"] not in CODE or not language_name(block["lang"]):
            continue
        code = block["text"]
        after = view.blocks[place + 1 : place + 3]
        if after and after[0]["kind"] == "output":
            after = view.blocks[place + 2 : place + 4]
        pieces = list(_explaining(code, after))
        if not pieces:
            continue
        quotes = [view.quote(one, start, end, "answer") for one, start, end in pieces]
        asked = view.quote(block, 0, len(code), "question")
        kind = "explain_code" if block["kind"] == "code" else "explain_session"
        words = ask(kind, block["block_id"], language=language_name(block["lang"]))
        question = f"{words}\n\n{fenced(code, block['lang'])}"
        answer = "\n\n".join(shown(quote.text) for quote in quotes)
        yield Candidate(
            "explain_code", block["block_id"], block["lang"], "theory", question, answer,
            [asked, *quotes], [(block["lang"], code)],
        )  # fmt: skip


def _explaining(
    code: str, after: list[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any], int, int]]:
    """(block, start, end) of the prose after the code that speaks of it."""
    names = _names(code)
    for number, block in enumerate(after[:PARAGRAPHS]):
        if block["kind"] not in PROSE:
            return
        sentences = split_sentences(block["text"])
        taken = _leading(sentences, names, first=number == 0)
        if not taken:
            return
        yield block, taken[0].start, taken[-1].end
        if len(taken) < len(sentences):
            return


def _leading(sentences: list[Sentence], names: set[str], *, first: bool) -> list[Sentence]:
    """The sentences from the beginning that explain, up to the one that moves on."""
    taken: list[Sentence] = []
    for sentence in sentences:
        text = sentence.text
        if text.endswith((":", "?")) or _MOVES_ON.match(text):
            break
        if unclear(text, code_at_hand=True):
            break
        taken.append(sentence)
    said = " ".join(sentence.text for sentence in taken)
    shared = names & set(_IDENTIFIER.findall(said))
    needed = 1 if first and _ABOUT_CODE.match(said) else 2
    marked = sum(1 for name in shared if re.search(rf"[`:.]{re.escape(name)}|{re.escape(name)}[`/(]", said))
    return taken if marked or len(shared) >= needed else []


def _names(code: str) -> set[str]:
    """What the code names: functions, modules, atoms, variables, and the words of its strings."""
    plain = set(_IDENTIFIER.findall(code_without_text(code))) | set(_IDENTIFIER.findall(code))
    return {name for name in plain if name not in _COMMON}
