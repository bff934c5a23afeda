"""Find the program in a model's answer.

Belongs here: fenced blocks, unfinished fences, bare modules between prose, thoughts and tests to
pass over. Does not: repairing code. What is found is judged as it stands.

A call of a tool that would write the program is no answer with a program: nobody offered a tool,
and a server sends such a call apart from the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from booktune_assets.llm.thoughts import after_thought

__all__ = ["extract_code"]

_OPEN = re.compile(r"^(?P<in>[ \t]*)(?P<mark>`{3,}|~{3,})[ \t]*(?P<name>[\w.+-]*)[^\n`]*\n", re.M)
_PROSE = re.compile(r"^(?:[A-Z][a-z']+|I)[ ,][a-z]+ \w", re.M)
_NAMES = {"elixir": ("elixir", "ex", "exs"), "erlang": ("erlang", "erl")}
_MODULE = {
    "elixir": re.compile(
        r"^[ \t]*(?:defmodule|defprotocol|defimpl)[ \t(]+(?P<name>[A-Z][\w.]*)[^\n]*\bdo\b", re.M
    ),
    "erlang": re.compile(r"^[ \t]*-[ \t]*module[ \t]*\([ \t]*(?P<name>[^\s)]+)", re.M),
}
# what may stand before the first module of a file
_BEFORE = re.compile(r"(?:^[ \t]*(?:import|alias|require)[ \t]+[A-Z:][^\n]*\n\s*)+\Z", re.M)
_TESTS = {
    "elixir": re.compile(r"^\s*use ExUnit\.Case\b", re.M),
    "erlang": re.compile(r"^[ \t]*-[ \t]*module[ \t]*\([ \t]*\w+_(?:tests|SUITE)[ \t]*\)", re.M),
}


def extract_code(answer: str, language: str) -> str:
    """The program in an answer, or an empty text.

    In this order: fenced blocks of the language that hold a module; any fenced block that does;
    the text from the first bare module on, up to the last line that can end it. A block whose
    modules a later one defines again was a draft; tests that somebody adds are not the program.
    """
    answer = after_thought(answer.replace("\r\n", "\n")) or ""
    module = _MODULE[language]
    blocks: list[str] = []
    for names in (_NAMES[language], ()):
        blocks = list(_blocks(answer, language, names))
        if whole := [code for code in blocks if module.search(code)]:
            # Elixir answers may spread helpers over blocks; an Erlang file holds one module
            whole = _last_words(whole, language)
            return "\n".join(whole) if language == "elixir" else whole[0]
    if start := module.search(answer):
        before = _BEFORE.search(answer[: start.start()]) if language == "elixir" else None
        return _until_the_end(answer[(before or start).start() :], language)
    return blocks[0] if blocks else ""


def _blocks(answer: str, language: str, names: tuple[str, ...]) -> Iterator[str]:
    """What fences hold, of those ``names`` alone if there are any, in their order.

    A fence ends at a line of its marks that is indented no deeper than it (documentation within a
    module may show fences, deeper), or deeper, or within a line, or not at all.
    """
    place, endless = 0, set[str]()
    while found := _OPEN.search(answer, place):
        place = found.end()
        if names and found["name"].lower() not in names:
            continue
        rest, mark = answer[place:], re.escape(found["mark"])
        depth = len(found["in"].expandtabs(4))
        for most in () if mark in endless else (f"{{0,{depth}}}", "*"):
            if end := re.search(rf"^[ \t]{most}{mark}{mark[-1]}*[ \t]*$", rest, re.M):
                yield rest[: end.start()]
                place += end.end()
                break
        else:
            endless.add(mark)  # nor does any later one: answers that loop are long
            code, closed, _ = rest.partition(found["mark"])
            yield f"{code}\n" if closed else _until_the_end(rest, language)
            place += len(code)


def _last_words(blocks: list[str], language: str) -> list[str]:
    """Blocks without tests and without drafts, unless nothing else is there."""
    own = [code for code in blocks if not _TESTS[language].search(code)] or blocks
    defined = [{_what(one) for one in _MODULE[language].finditer(code)} for code in own]
    return [
        code
        for number, code in enumerate(own)
        if not any(defined[number] <= later for later in defined[number + 1 :])
    ]


def _what(head: re.Match[str]) -> str:
    """The module's name; of an implementation all of its head, which says for what it is."""
    return head[0].strip() if "defimpl" in head[0] else head["name"]


def _until_the_end(text: str, language: str) -> str:
    """Cut trailing prose: after the last ``end`` in column 0, or the last clause's full stop."""
    if language == "erlang" and (prose := _PROSE.search(text)):
        text = text[: prose.start()]
    last = r"^end[ \t]*$" if language == "elixir" else r"^.*\.[ \t]*$"
    ends = list(re.finditer(last, text, re.M))
    if not ends or _MODULE[language].search(text, ends[-1].end()):
        return text  # cut off within its last module
    return text[: ends[-1].end()] + "\n"
