"""A model that always answers well, and the smallest settings, for tests of this folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from booktune_assets.ids import stable_int
from booktune_assets.llm.calls import Caller, Reply, Request, Scripted
from booktune_assets.llm.engines import Adapter
from booktune_assets.rehearsal.callers import Voices
from booktune_assets.settings import Rehearsal

WORDS = [
    "supervisor", "process", "queue", "list", "tree", "lock", "socket", "table", "cache", "buffer",
    "thread", "signal", "parser", "lexer", "token", "stream", "record", "tuple", "atom", "monitor",
    "timer", "window", "packet", "kernel", "driver",
]  # fmt: skip


def sized(**wanted: object) -> Rehearsal:
    return Rehearsal(**{"replay_rows": 6, **wanted}).sized("tiny")  # pyright: ignore


def says(request: Request) -> str:
    """A question with its answer to a prompt, an answer to a question: other words each time."""
    mark = stable_int(request.call_key)
    one, two, three = (WORDS[(mark >> shift) % len(WORDS)] for shift in (0, 8, 16))
    if request.messages:
        return (
            f"Call {mark} makes a {one} wait for its {two} until the {three} has said that it may "
            f"go on. After {mark % 977} steps nobody holds the {two} any more."
        )
    if request.ids:
        return f"Why does the {one} of number {mark} need a {two}?"
    return f" What does a {one} do with {two} {mark}?\nOutput: It asks a {three} first."


def voices(
    reply: Callable[[Request], str | Reply] = says, *, base: str = "base", latest: str = "base",
    adapter: Path | None = None, asked: list[Request] | None = None,
) -> Voices:  # fmt: skip
    opened: dict[str, Scripted] = {}

    def open_(name: str) -> Caller:
        caller = opened[name] = Scripted(reply, model=name)
        if asked is not None:
            caller.asked = asked
        return caller

    beside = None if adapter is None else Adapter.at(adapter)
    return Voices(base, latest, beside, open_, lambda _: [1, 81, 7])
