"""Frames and terms on the pipes to a BEAM.

Belongs here: External Term Format as far as jobs need it, frames with their length in front.
Does not: what a job means (``workers.py``). Nothing that comes back is decoded in this process:
answers are a line of words and a text, and what one BEAM says to the other passes as it is.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Atom", "Broken", "Inbox", "Raw", "Term", "chars", "encode", "write_frame"]

CAP = (16 << 20) + 64  # bytes of a frame: 16 MB of data and its head
_PIECE = 1 << 18


class Broken(Exception):
    """The other side broke the protocol."""


class Atom(str):
    """A name in a term."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Raw:
    """A term that a BEAM has encoded (with its version byte)."""

    bytes: bytes


Term = Atom | Raw | str | bytes | int | tuple["Term", ...] | list["Term"]


def encode(term: Term) -> bytes:
    """The term with its version byte. Text becomes a binary, as in Elixir."""
    return b"\x83" + b"".join(_parts(term))


def chars(text: str) -> list[Term]:
    """A string as Erlang has it: a list of code points."""
    return [ord(char) for char in text]


def _parts(term: Term) -> Iterator[bytes]:
    match term:
        case Atom():
            name = term.encode()
            yield b"w" + bytes([len(name)]) + name if len(name) < 256 else _long_atom(name)
        case Raw():
            yield term.bytes[1:]
        case int():
            yield b"b" + struct.pack(">i", term) if abs(term) < 1 << 31 else _big(term)
        case str() | bytes():
            data = term if isinstance(term, bytes) else term.encode("utf-8", "surrogatepass")
            yield b"m" + struct.pack(">I", len(data))
            yield data
        case tuple():
            yield b"i" + struct.pack(">I", len(term))
            for part in term:
                yield from _parts(part)
        case list():
            if term:
                yield b"l" + struct.pack(">I", len(term))
                for part in term:
                    yield from _parts(part)
            yield b"j"


def _long_atom(name: bytes) -> bytes:
    return b"v" + struct.pack(">H", len(name)) + name


def _big(number: int) -> bytes:
    size = (number.bit_length() + 7) // 8
    return b"n" + bytes([size, number < 0]) + abs(number).to_bytes(size, "little")


def write_frame(number: int, kind: bytes, body: bytes) -> None:
    """Write one frame whole; OSError if nobody reads any more."""
    data = memoryview(struct.pack(">I", len(kind) + len(body)) + kind + body)
    while data:
        data = data[os.write(number, data) :]


class Inbox:
    """Frames from a descriptor, as they come."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._got = bytearray()
        self.ended = False

    def fileno(self) -> int:
        return self._number

    def take(self) -> list[bytes]:
        """Read once (waits if nothing is there) and give the frames that are whole now.

        Raises Broken for a frame above the cap. At the end: ``ended`` and no frames.
        """
        piece = os.read(self._number, _PIECE)
        self.ended = not piece
        self._got += piece
        return list(self._whole())

    def _whole(self) -> Iterator[bytes]:
        while len(self._got) >= 4:
            (size,) = struct.unpack_from(">I", self._got)
            if size > CAP or size == 0:
                raise Broken(f"a frame of {size} bytes")
            if len(self._got) < 4 + size:
                return
            yield bytes(self._got[4 : 4 + size])
            del self._got[: 4 + size]
