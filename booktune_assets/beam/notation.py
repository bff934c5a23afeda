"""The notation of values that shells print: Elixir's ``inspect``, Erlang's ``~p``.

Belongs here: reading a text into a :class:`Term`, and what is written in several ways (charlists,
binaries, keyword lists, sets) into one. Does not: which terms are the same value (``terms.py``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["Dialect", "Term", "first_term", "parse_term"]

Dialect = Literal["elixir", "erlang"]
_DEPTH_MAX = 60
_CHARS_MAX = 60_000
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "e": "\x1b", "s": " ", "0": "\0", "a": "\a",
            "b": "\b", "d": "\x7f", "f": "\f", "v": "\v"}  # fmt: skip
_CLOSE = {"(": ")", "[": "]", "{": "}", "<": ">", '"': '"', "'": "'", "/": "/", "|": "|"}
_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(
    r"[+-]?(?:0x[0-9a-fA-F_]+|0b[01_]+|0o[0-7_]+|\d+#\w+|\d[\d_]*(?:\.\d[\d_]*(?:[eE][+-]?\d+)?)?)"
)
_ATOM = re.compile(r":(?:[A-Za-z_][\w@]*[?!]?|[+\-*/<>=!&|^~@.%{}]+|\[\])")
_ALIAS = re.compile(r"[A-Z]\w*(?:\.[A-Z]\w*)*")
_NAME = re.compile(r"[a-z_]\w*[?!]?")
_KEY = re.compile(r"([A-Za-z_][\w@]*[?!]?):(?=\s|$)")
_SIGIL = re.compile(r"~([A-Za-z]+)(\"\"\"|'''|[(\[{<\"'/|])")
_CAPTURE = re.compile(r"&(?::?[\w.]+?\.)?\"?[\w?!+\-*/<>=|]+\"?/(\d+)")
_ERL_PID = re.compile(r"<\d+\.\d+\.\d+>")
_ERL_ATOM = re.compile(r"[a-z][\w@]*")
_ERL_FUN = re.compile(r"fun (?:\w+:)?\w+/(\d+)|fun\s*\(.*?->.*?end", re.S)
_MORE = re.compile(r"\.\.\.|\u2026")


@dataclass(frozen=True, slots=True)
class Term:
    """``kind`` and what it holds: a number, bytes, a name, or terms. ``open``: ``...`` stood at its
    end, so more may follow."""

    kind: str
    value: object = None
    items: tuple[Term, ...] = ()
    open: bool = False


class _Unreadable(Exception):
    """The text is not (only) a printed value."""


ANY = Term("any")


def parse_term(text: str, dialect: Dialect) -> Term | None:
    """The one value that the text shows, or None."""
    if len(text) > _CHARS_MAX:
        return None
    reader = _Reader(text, dialect)
    try:
        found = reader.term()
        reader.skip()
        return found if reader.at == len(text) else None
    except (_Unreadable, ValueError, IndexError, OverflowError):
        return None


def first_term(text: str, dialect: Dialect) -> tuple[Term, str] | None:
    """The value that the text begins with, and what follows it."""
    reader = _Reader(text[:_CHARS_MAX], dialect)
    try:
        return reader.term(), text[reader.at :]
    except (_Unreadable, ValueError, IndexError, OverflowError):
        return None


class _Reader:
    """A recursive reader of one text; raises :class:`_Unreadable` at what is no value."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text, self.dialect, self.at, self.depth = text, dialect, 0, 0

    def skip(self) -> None:
        if found := _SPACE.match(self.text, self.at):
            self.at = found.end()

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def eat(self, words: str) -> bool:
        self.skip()
        if self.text.startswith(words, self.at):
            self.at += len(words)
            return True
        return False

    def need(self, words: str) -> None:
        if not self.eat(words):
            raise _Unreadable

    def term(self) -> Term:
        self.skip()
        self.depth += 1
        if self.depth > _DEPTH_MAX:
            raise _Unreadable
        if self.take(_MORE):
            found = ANY
        else:
            found = self.elixir() if self.dialect == "elixir" else self.erlang()
        self.depth -= 1
        return found

    # --- Elixir

    def elixir(self) -> Term:
        text, at = self.text, self.at
        sign = text[at : at + 1]
        if sign == '"':
            return self.joined(self.quoted('"'))
        if sign == "'":
            return _charlist(self.quoted("'"))
        if sign == "~":
            return self.sigil()
        if sign == "#":
            return self.opaque()
        if sign == "&" and (found := self.take(_CAPTURE)):
            return Term("fun", found[0].replace('"', ""))
        if text.startswith("<<", at):
            return self.binary()
        if sign == "%":
            return self.map_or_struct()
        if sign in "[{" and sign:
            return self.brackets(sign)
        if sign == ":":
            return self.atom()
        if found := self.take(_NUMBER):
            return self.ranged(_number(found[0]))
        if found := self.take(_ALIAS):
            return self.called(found[0])
        if (found := self.take(_NAME)) and found[0] in ("true", "false", "nil"):
            return Term("atom", found[0])
        raise _Unreadable

    def ranged(self, first: Term) -> Term:
        """A number, or the range that begins with it."""
        at = self.at
        if self.text.startswith("..", at) and not self.text.startswith("...", at):
            self.at += 2
            last = self.take(_NUMBER)
            if last is None:
                raise _Unreadable
            step = Term("int", 1)
            if self.eat("//"):
                found = self.take(_NUMBER)
                step = _number(found[0]) if found else step
            return Term("range", None, (first, _number(last[0]), step))
        return first

    def called(self, name: str) -> Term:
        """A module, or what a function of it would make: ``MapSet.new([1, 2])``."""
        if self.text.startswith(".", self.at) and (found := re.compile(r"\.([a-z_]\w*[?!]?)\(")
                                                   .match(self.text, self.at)):  # fmt: skip
            self.at = found.end()
            items, more = self.row(")")
            if (name, found[1]) == ("MapSet", "new") and len(items) <= 1:
                held = items[0] if items else Term("list")
                return Term("set", None, held.items, held.open or more)
            return Term("call", f"{name}.{found[1]}", items, more)
        return Term("atom", f"Elixir.{name}")

    def atom(self) -> Term:
        if self.text.startswith(':"', self.at):
            self.at += 1
            return Term("atom", self.quoted('"'))
        found = self.take(_ATOM)
        if found is None:
            raise _Unreadable
        return Term("atom", found[0][1:])

    def sigil(self) -> Term:
        found = self.take(_SIGIL)
        if found is None:
            raise _Unreadable
        letter, opening = found[1], found[2]
        closing = opening if len(opening) == 3 else _CLOSE[opening]
        stop = self.text.find(closing, self.at)
        while stop > 0 and self.text[stop - 1] == "\\" and len(closing) == 1:
            stop = self.text.find(closing, stop + 1)
        if stop < 0:
            raise _Unreadable
        body = self.text[self.at : stop]
        self.at = stop + len(closing)
        suffix = self.take(re.compile(r"[a-z]*"))
        if letter in ("c", "C"):
            return _charlist(_unescaped(body))
        if letter in ("s", "S"):
            return _binary(_unescaped(body))
        if letter == "w":
            return Term("list", None, tuple(_binary(word) for word in body.split()))
        return Term("sigil", (letter, " ".join(body.split()), suffix[0] if suffix else ""))

    def opaque(self) -> Term:
        """``#PID<…>``, ``#Function<…>`` and all other values that are shown but cannot be typed."""
        found = self.take(re.compile(r"#([A-Za-z][\w.]*)<"))
        if found is None:
            raise _Unreadable
        body = self.angle()
        name = found[1]
        if name in ("PID", "Port", "Ref", "Reference"):
            return Term("handle", "Ref" if name == "Reference" else name)
        if name in ("Function", "Fun"):
            return Term("fun", None)
        if name == "DateTime" and body.endswith("Z"):  # as it was shown before it had a sigil
            return Term("sigil", ("U", " ".join(body.split()), ""))
        if name == "MapSet" and (held := parse_term(body, "elixir")) and held.kind == "list":
            return Term("set", None, held.items, held.open)
        if held := parse_term(body, "elixir"):
            return Term("opaque", name, (held,))
        return Term("opaque", (name, _numberless(body)))

    def angle(self) -> str:
        start, depth = self.at, 1
        while self.at < len(self.text):
            char, before = self.text[self.at], self.text[self.at - 1]
            if char == "<":
                depth += 1
            elif char == ">" and before not in "-=":
                depth -= 1
                if depth == 0:
                    self.at += 1
                    return self.text[start : self.at - 1]
            self.at += 1
        raise _Unreadable

    def map_or_struct(self) -> Term:
        self.need("%")
        name = self.take(_ALIAS)
        self.need("{")
        items, more = self.row("}", pairs=True)
        if name and name[0] == "MapSet":  # as ``inspect`` without the protocol shows it
            return Term("opaque", ("MapSet", ""))
        return Term("struct" if name else "map", name[0] if name else None, items, more)

    # --- Erlang

    def erlang(self) -> Term:
        text, at = self.text, self.at
        sign = text[at : at + 1]
        if sign == '"':
            said = self.quoted('"')
            while self.eat('"'):
                self.at -= 1
                said += self.quoted('"')
            return _charlist(said)
        if sign == "'":
            return Term("atom", self.quoted("'"))
        if self.take(_ERL_PID):
            return Term("handle", "PID")
        if text.startswith("<<", at):
            return self.binary()
        if sign == "#":
            return self.erlang_hash()
        if sign in "[{" and sign:
            return self.brackets(sign)
        if sign == "$" and len(text) > at + 1:
            self.at += 2
            return Term("int", ord(text[at + 1]))
        if found := self.take(_ERL_FUN):
            return Term("fun", None)
        if found := self.take(_NUMBER):
            return _number(found[0])
        if found := self.take(_ERL_ATOM):
            return Term("atom", found[0])
        raise _Unreadable

    def erlang_hash(self) -> Term:
        if self.take(re.compile(r"#\{")):
            items, more = self.row("}", pairs=True)
            return Term("map", None, items, more)
        if found := self.take(re.compile(r"#(\w+)\{")):
            items, more = self.row("}", pairs=True)
            return Term("struct", found[1], items, more)
        return self.opaque()

    # --- both

    def brackets(self, sign: str) -> Term:
        self.at += 1
        items, more = self.row(_CLOSE[sign])
        return Term("list" if sign == "[" else "tuple", None, items, more)

    def row(self, closing: str, *, pairs: bool = False) -> tuple[tuple[Term, ...], bool]:
        """Members up to the closing sign, and whether ``...`` stood for more."""
        items: list[Term] = []
        more = False
        while not self.eat(closing):
            self.skip()
            if found := _MORE.match(self.text, self.at):
                self.at, more = found.end(), True
            else:
                items.append(self.member(pairs=pairs))
            if self.eat("|"):
                items.append(Term("tail", None, (self.term(),)))
            if not self.eat(","):
                self.need(closing)
                break
        return tuple(items), more

    def member(self, *, pairs: bool) -> Term:
        """One member; ``key: value``, ``key => value`` and ``key = value`` are pairs."""
        if self.dialect == "elixir":
            if found := self.take(_KEY):
                return Term("tuple", None, (_atom(found[1]), self.term()))
            if found := self.take(re.compile(r'"([^"\n]*)":(?=\s)')):
                return Term("tuple", None, (_atom(found[1]), self.term()))
        first = self.term()
        if pairs:
            if not self.eat("=>"):
                self.need("=")
            return Term("tuple", None, (first, self.term()))
        return first

    def binary(self) -> Term:
        self.need("<<")
        data, more = bytearray(), False
        while not self.eat(">>"):
            self.skip()
            if found := _MORE.match(self.text, self.at):
                self.at, more = found.end(), True
            elif self.text.startswith('"', self.at):
                data += self.text_in_bytes()
            else:
                found = self.take(_NUMBER)
                if found is None:
                    raise _Unreadable
                if sized := self.take(re.compile(r"\s*::?\s*(?:size\()?(\d+)\)?")):
                    return self.bits(data, found[0], sized[1])
                data.append(int(found[0]) & 255)
            if not self.eat(","):
                self.need(">>")
                break
        return Term("binary", bytes(data), (), more)

    def text_in_bytes(self) -> bytes:
        """A string among bytes. Erlang takes the low byte of each sign if it says no more."""
        said = self.quoted('"')
        if self.take(re.compile(r"/utf8")) or self.dialect == "elixir":
            return said.encode("utf-8", "surrogatepass")
        return bytes(ord(char) & 255 for char in said)

    def bits(self, data: bytearray, last: str, size: str) -> Term:
        self.need(">>")
        return Term("bits", (bytes(data), int(last), int(size)))

    def joined(self, said: str) -> Term:
        """A string; ``<> ...`` behind it says that it goes on."""
        at = self.at
        if self.eat("<>"):
            self.skip()
            if self.take(_MORE):
                return Term("binary", said.encode("utf-8", "surrogatepass"), (), True)
            self.at = at
        return _binary(said)

    def quoted(self, sign: str) -> str:
        if self.text.startswith(sign * 3, self.at):
            return self.heredoc(sign * 3)
        self.at += 1
        start = self.at
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "\\":
                self.at += 2
                continue
            if char == sign:
                self.at += 1
                return _unescaped(self.text[start : self.at - 1])
            self.at += 1
        raise _Unreadable

    def heredoc(self, sign: str) -> str:
        stop = self.text.find(sign, self.at + 3)
        if stop < 0:
            raise _Unreadable
        body = self.text[self.at + 3 : stop]
        self.at = stop + 3
        return _unescaped(body)


def _number(text: str) -> Term:
    plain = text.replace("_", "")
    if "#" in plain:
        base, _, digits = plain.partition("#")
        return Term("int", int(digits, int(base)))
    if re.fullmatch(r"[+-]?0[xbo].*", plain):
        return Term("int", int(plain, 0))
    if "." in plain or ("e" in plain.lower()):
        return Term("float", float(plain))
    return Term("int", int(plain))


def _atom(name: str) -> Term:
    return Term("atom", name)


def _binary(text: str) -> Term:
    return Term("binary", text.encode("utf-8", "surrogatepass"))


def _charlist(text: str) -> Term:
    return Term("list", None, tuple(Term("int", ord(char)) for char in text))


def _unescaped(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        said = found[1]
        if said[0] in "xu":
            digits = said[1:].strip("{}")
            return chr(int(digits, 16)) if digits else said
        return _ESCAPES.get(said, said)

    return re.sub(r"\\(x\{?[0-9a-fA-F]+\}?|u\{?[0-9a-fA-F]+\}?|.)", one, text, flags=re.S)


def _numberless(text: str) -> str:
    """Text of an opaque value without what differs from run to run."""
    plain = re.sub(r"#(?:PID|Port|Ref(?:erence)?|Function|Fun)<[^<>]*>", "#", text)
    return " ".join(plain.split())
