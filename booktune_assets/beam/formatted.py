"""Elixir and Erlang laid out by the formatters of the installed toolchain.

Belongs here: batches of texts to one sandboxed BEAM, answers kept for the life of the process. Does
not: whether a text is right (``validity.py``), comparing texts (``evaluation/likeness.py``).

Formatting parses and runs nothing of a text. Erlang loses its comments, Elixir keeps them: who
compares programs takes them out before.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from booktune_assets.beam.sandbox import Limits
from booktune_assets.beam.toolchain import ask, elixir_found

__all__ = ["formatted"]

TEXT_MAX = 64_000  # characters, as of a candidate
_BATCH_TEXTS, _BATCH_CHARS = 400, 1_000_000  # a batch must not fill the table of atoms
_LIMITS = Limits(cpu_seconds=60, wall_seconds=600.0, reply_bytes=16_000_000)
_ALONE = Limits(cpu_seconds=10, wall_seconds=120.0, reply_bytes=1_000_000)
_KEPT_MAX = 20_000
_Key = tuple[str, bytes]
_kept: dict[_Key, str | None] = {}


def formatted(texts: Sequence[str], lang: str) -> list[str | None]:
    """The layout of each text, in order; None for one that does not parse.

    All None without Elixir or a sandbox here. ``lang`` is ``elixir`` or ``erlang``.
    """
    if lang not in ("elixir", "erlang"):
        raise ValueError(f"no formatter for {lang!r}")
    keys = [(lang, _digest(text)) for text in texts]
    wanted = {
        key: text
        for key, text in zip(keys, texts, strict=True)
        if key not in _kept and text.strip() and len(text) <= TEXT_MAX
    }
    if not elixir_found():
        return [None] * len(texts)
    if len(_kept) + len(wanted) > _KEPT_MAX:
        _kept.clear()
        wanted |= {
            key: text for key, text in zip(keys, texts, strict=True)
            if text.strip() and len(text) <= TEXT_MAX
        }  # fmt: skip
    _ask_all(list(wanted.items()))
    return [_kept.get(key) for key in keys]


def _ask_all(waiting: list[tuple[_Key, str]]) -> None:
    """Fill ``_kept`` as far as there are answers."""
    while waiting:
        batch = _cut(waiting)
        waiting = waiting[len(batch) :]
        answers = _asked(batch, _LIMITS)
        if answers is None:
            return
        for (key, _), answer in zip(batch, answers, strict=False):
            _kept[key] = answer
        if len(answers) < len(batch):  # the BEAM ended at this text: alone it gets one more try
            key, text = batch[len(answers)]
            alone = _asked([(key, text)], _ALONE)
            _kept[key] = alone[0] if alone else None
            waiting = batch[len(answers) + 1 :] + waiting


def _cut(waiting: list[tuple[_Key, str]]) -> list[tuple[_Key, str]]:
    count, chars = 0, 0
    for _, text in waiting[:_BATCH_TEXTS]:
        if count and chars + len(text) > _BATCH_CHARS:
            break
        count, chars = count + 1, chars + len(text)
    return waiting[:count]


def _asked(batch: Sequence[tuple[_Key, str]], limits: Limits) -> list[str | None] | None:
    """Answers up to the first text that ended the BEAM; None when it cannot be asked."""
    lines = (
        f"{lang} {base64.b64encode(text.encode('utf-8', 'replace')).decode('ascii')}\n"
        for (lang, _), text in batch
    )
    ran = ask("format.exs", {"texts": "".join(lines)}, limits)
    if ran is None:
        return None
    answers: list[str | None] = []
    for line in ran.reply.decode("ascii", "replace").splitlines(keepends=True):
        fields = line.rstrip("\n").split(" ")
        if len(fields) != 3 or not line.endswith("\n") or fields[0] != str(len(answers)):
            break
        text = base64.b64decode(fields[2]).decode("utf-8", "replace")
        answers.append(text if fields[1] == "ok" else None)
    return answers


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
