"""Messages between the reading child and its parent, on their pipes.

Belongs here: the frame of a message. Does not: what messages say (``worker.py``). The parent
imports this alone: the readers are the child's.

A message is four bytes of length, one byte of kind, then the body.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

__all__ = ["receive", "send"]

_HEAD = struct.Struct(">IB")


def send(out: BinaryIO, kind: str, body: bytes) -> None:
    """Write one message."""
    out.write(_HEAD.pack(len(body), ord(kind)) + body)
    out.flush()


def receive(source: BinaryIO) -> tuple[str, bytes] | None:
    """Read one message; None at the end of the pipe."""
    head = source.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    length, kind = _HEAD.unpack(head)
    body = source.read(length)
    return (chr(kind), body) if len(body) == length else None
