"""Where in a printed shell session something was typed.

Belongs here: byte ranges of typed text behind prompts. Does not: what came back
(``transcripts.py``), what the text means.
"""

from __future__ import annotations

import re

__all__ = ["typed_spans"]

_IEX = re.compile(rb"^\s*(?:iex(?:\([^)\n]*\))?>|(?:\.{3}|\xe2\x80\xa6)(?:\([^)\n]*\))?>) ?")
_ERL = re.compile(rb"^\s*(?:\([^)\n]*\))?\d+> ?")


def typed_spans(text: str, shell: str) -> list[tuple[int, int]]:
    """Byte ranges of the typed part of each line, in order. ``shell`` is ``iex`` or ``erl_shell``.

    An Erlang expression goes on over lines without a prompt until its full stop.
    """
    prompt = _IEX if shell == "iex" else _ERL
    spans: list[tuple[int, int]] = []
    start, open_ = 0, False
    for line in text.encode("utf-8", "replace").splitlines(keepends=True):
        end = start + len(line.rstrip(b"\r\n"))
        found = prompt.match(line)
        if found:
            spans.append((start + found.end(), end))
        elif open_:
            spans.append((start, end))
        if found or open_:
            open_ = shell == "erl_shell" and not line.rstrip().endswith(b".")
        start += len(line)
    return [(first, last) for first, last in spans if last >= first]
