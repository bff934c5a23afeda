"""Where in a printed shell session something was typed.

Belongs here: byte ranges of typed text, behind prompts and without one. Does not: what came back
(``transcripts.py``), what the text means.

Books leave prompts out: a listing stands above its session, or an expression goes on below its
prompt. Both are taken when the grammar of Elixir says that they are whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from booktune_assets.books.judge import syntax_tree

__all__ = ["typed_spans"]

_IEX = re.compile(rb"^\s*(?:iex(?:\([^)\n]*\))?>|(?:\.{3}|\xe2\x80\xa6)(?:\([^)\n]*\))?>) ?")
_MORE = re.compile(rb"^\s*(?:\.{3}|\xe2\x80\xa6)")
_ERL = re.compile(rb"^\s*(?:\([^)\n]*\))?\d+> ?")
_LINES_MAX = 80  # an expression without prompts is no longer than that
_OUTPUT = re.compile(rb"^\s*(?:\*\*|#PID|\$ |warning:|Interactive|Erlang/OTP)", re.M)

Span = tuple[int, int]


def typed_spans(text: str, shell: str) -> list[Span]:
    """Byte ranges of the typed part of each line, in order. ``shell`` is ``iex`` or ``erl_shell``.

    An Erlang expression goes on over lines without a prompt until its full stop.
    """
    lines = text.encode("utf-8", "replace").splitlines(keepends=True)
    spans = _iex(lines) if shell == "iex" else _erl(lines)
    return [(first, last) for first, last in spans if last >= first]


def _erl(lines: Sequence[bytes]) -> list[Span]:
    spans: list[Span] = []
    start, open_ = 0, False
    for line in lines:
        end = start + len(line.rstrip(b"\r\n"))
        found = _ERL.match(line)
        if found:
            spans.append((start + found.end(), end))
        elif open_:
            spans.append((start, end))
        if found or open_:
            open_ = not line.rstrip().endswith(b".")
        start += len(line)
    return spans


def _iex(lines: Sequence[bytes]) -> list[Span]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    prompts = [n for n, line in enumerate(lines) if _IEX.match(line)]
    if not prompts:
        return []
    above = b"".join(lines[: prompts[0]])
    spans = [(0, len(above))] if above.strip() and _whole(above, listing=True) else []
    typed = b""
    for n, after in zip(prompts, [*prompts[1:], len(lines)], strict=True):
        line = lines[n]
        found = _IEX.match(line)
        begin = found.end() if found else 0
        spans.append((starts[n] + begin, starts[n] + len(line.rstrip(b"\r\n"))))
        typed = (typed if _MORE.match(line) else b"") + line[begin:]
        if after > n + 1 and not _whole(typed):
            count = _goes_on(typed, lines[n + 1 : after])
            spans += [(starts[m], starts[m + 1]) for m in range(n + 1, n + 1 + count)]
    return spans


def _goes_on(typed: bytes, below: Sequence[bytes]) -> int:
    """How many lines without a prompt end the expression; 0 when none do."""
    for count in range(1, min(len(below), _LINES_MAX) + 1):
        typed += below[count - 1]
        if _whole(typed):
            return count
    return 0


def _whole(source: bytes, *, listing: bool = False) -> bool:
    """Does the text parse as it stands? Of a listing: and does it look like no output?"""
    if source.rstrip().endswith(b"\\") or (listing and _OUTPUT.search(source)):
        return False
    return not syntax_tree(source.decode("utf-8", "replace"), "elixir").has_error
