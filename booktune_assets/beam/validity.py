"""Whether texts are Elixir or Erlang, by the word of the installed parser and compiler.

Belongs here: batches of texts to one sandboxed BEAM, answers kept for the life of the process. Does
not: structure of damaged text (``structure.py``), running code (``runner.py``).

tree-sitter (``grammar.parses``) is quick and lenient; this is the judge. It runs no code of the
text: Elixir is parsed, an Erlang module is parsed and checked by the compiler without making code.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from booktune_assets.beam.sandbox import Limits
from booktune_assets.beam.toolchain import ask, elixir_found
from booktune_assets.beam.tree import masked

__all__ = ["Validity", "valid"]

_BATCH_TEXTS = 400
_BATCH_CHARS = 2_000_000
_TEXT_MAX = 400_000
_LIMITS = Limits(cpu_seconds=60, wall_seconds=600.0, reply_bytes=4_000_000)
_ALONE = Limits(cpu_seconds=10, wall_seconds=120.0)
_KEPT_MAX = 50_000
_Texts = list[tuple[tuple[str, bytes], str]]
_kept: dict[tuple[str, bytes], Validity] = {}


@dataclass(frozen=True, slots=True)
class Validity:
    """``ok``: does it parse? ``line`` (from 1, 0 unknown) and ``message`` are of the first fault.

    ``compiles`` is said of Erlang modules whose includes and macros are all there, else None;
    when it is False, ``line`` and ``message`` say why, though the text parses.
    """

    ok: bool
    line: int = 0
    message: str = ""
    compiles: bool | None = None


def valid(texts: Sequence[str], lang: str) -> list[Validity] | None:
    """One answer for each text, in order; None without Elixir or a sandbox here.

    ``lang`` is ``elixir``, ``erlang``, ``iex`` or ``erl_shell``; of a session all that was typed
    has to parse. Fragments (clauses, expressions) are fine. Any other ``lang``: ValueError.
    """
    if lang not in ("elixir", "erlang", "iex", "erl_shell"):
        raise ValueError(f"no parser for {lang!r}")
    if not elixir_found():
        return None
    judge = "elixir" if lang in ("elixir", "iex") else "erlang"
    sources = texts if lang == judge else [masked(text, lang) for text in texts]
    keys = [(judge, _digest(source)) for source in sources]
    wanted = {
        key: source
        for key, source in zip(keys, sources, strict=True)
        if key not in _kept and _judged_here(source) is None
    }
    if wanted and not _ask_all(judge, wanted):
        return None
    return [_judged_here(source) or _kept[key] for key, source in zip(keys, sources, strict=True)]


def _judged_here(source: str) -> Validity | None:
    if not source.strip():
        return Validity(False, 0, "no code")
    if len(source) > _TEXT_MAX:
        return Validity(False, 0, f"longer than {_TEXT_MAX} characters")
    return None


def _ask_all(judge: str, wanted: dict[tuple[str, bytes], str]) -> bool:
    """Fill ``_kept``; False when nothing can be asked here."""
    if len(_kept) + len(wanted) > _KEPT_MAX:
        _kept.clear()
    waiting = list(wanted.items())
    while waiting:
        batch, waiting = _cut(waiting)
        answers = _ask(judge, [source for _, source in batch], _LIMITS)
        if answers is None:
            return False
        for (key, _), answer in zip(batch, answers, strict=False):
            _kept[key] = answer
        if len(answers) < len(batch):  # the BEAM ended at this text: alone it gets one more try
            key, source = batch[len(answers)]
            alone = _ask(judge, [source], _ALONE)
            _kept[key] = alone[0] if alone else Validity(False, 0, "the parser gave no answer")
            waiting = batch[len(answers) + 1 :] + waiting
    return True


def _cut(waiting: _Texts) -> tuple[_Texts, _Texts]:
    count, chars = 0, 0
    for _, source in waiting[:_BATCH_TEXTS]:
        if count and chars + len(source) > _BATCH_CHARS:
            break
        count, chars = count + 1, chars + len(source)
    return waiting[:count], waiting[count:]


def _ask(judge: str, sources: Sequence[str], limits: Limits) -> list[Validity] | None:
    """Answers up to the first text that ended the BEAM; None when it cannot be asked."""
    data = (base64.b64encode(one.encode("utf-8", "replace")).decode("ascii") for one in sources)
    ran = ask("validity.exs", {"texts": "".join(f"{judge} {one}\n" for one in data)}, limits)
    if ran is None:
        return None
    answers: list[Validity] = []
    for line in ran.reply.decode("ascii", "replace").splitlines(keepends=True):
        fields = line.rstrip("\n").split(" ")
        if len(fields) != 5 or not line.endswith("\n") or fields[0] != str(len(answers)):
            break
        message = base64.b64decode(fields[4]).decode("utf-8", "replace")
        compiles = {"compiles": True, "refused": False}.get(fields[3])
        answers.append(Validity(fields[1] == "ok", int(fields[2]), message, compiles))
    return answers


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
