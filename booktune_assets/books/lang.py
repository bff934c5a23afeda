"""Which language a code block is in: a light guess from fence, prompts and keywords.

Belongs here: the reader's first answer, cheap and without a grammar. Does not: parsing (``beam/``
may overrule this later; this room may not import it).
"""

from __future__ import annotations

import re

__all__ = ["classify", "of_fence"]

_FENCES = {
    "elixir": "elixir ex exs eex heex leex elixirc",
    "iex": "iex elixir-iex",
    "erlang": "erlang erl hrl escript",
    "erl_shell": "eshell erl-shell erlshell erlang-shell erlang-repl",
    "output": "output text-output stdout",
}
_OF_FENCE = {name: lang for lang, names in _FENCES.items() for name in names.split()}
_PLAIN = frozenset({"text", "txt", "plain", "plaintext", "none", "no-highlight", "nohighlight", ""})

_IEX = re.compile(r"^\s*(?:iex(?:\([^)\n]*\))?(?:\(?\d*\)?)?>|\.\.\.(?:\(\d+\))?>)", re.M)
_ERL = re.compile(r"^\s*(?:\([\w.@-]+\))?\d+>(?: |$)", re.M)
_ELIXIR = re.compile(
    r"(?m)(?:^\s*(?:defmodule|defp?|defmacrop?|defstruct|defimpl|defprotocol|alias|import|require"
    r"|use|test|describe)\b)|\bdo\s*$|^\s*end\b|\|>|\bfn\b.*->|%\{|%[A-Z]\w*\{|\b[a-z_]\w*: |"
    r"\b[A-Z]\w*(?:\.[A-Z]\w*)*\.[a-z_]\w*[!?]?\(|^\s*#\s|^\s*@\w+|~[a-zA-Z][\[({/\"']|<>|\bdo:"
)
_ERLANG = re.compile(
    r"(?m)^\s*-(?:module|export|behaviou?r|include|include_lib|record|define|spec|type|callback|"
    r"import|compile|opaque)\b|^[a-z]\w*\([^)\n]*\)\s*(?:when\b.*)?->|\bfun\s*\(|\b[a-z]\w*:[a-z]\w*\("
    r"|^\s*%|<<\"|\bcase\b.*\bof\b|\breceive\s*$|#\{|[A-Z]\w*\s*=\s*[^=>]|[\])}a-z0-9]\.\s*$"
)
_SHELL = re.compile(
    r"(?m)^\s*(?:\$|#|>|%)\s+\w|^\s*(?:mix|git|sudo|apt|apt-get|brew|npm|cd|mkdir|curl|rebar3|make|"
    r"elixir|elixirc|erl|erlc|iex|docker|export|echo)\s+[\w./-]|^\s*mix\s*$|^\s*iex\s*$"
)
_OTHER = re.compile(
    r"(?m)^\s*(?:flowchart|graph|sequenceDiagram|stateDiagram|classDiagram|subgraph)\b"
    r"|^\s*</?\w+[^>]*>|^\s*(?:SELECT|INSERT|CREATE|function|const|var|let|class|FROM|RUN)\s"
    r"|^HTTP/\d|^(?:GET|POST) /"
)


def of_fence(info: str) -> tuple[str, bool]:
    """Language of a fence's info string, and whether it says anything at all."""
    word = re.split(r"[\s{},:=]", info.strip().lstrip("{.").lower(), maxsplit=1)[0]
    if word in _PLAIN:
        return "", False
    return _OF_FENCE.get(word, "other"), True


def classify(text: str, info: str = "", book: str = "") -> tuple[str, str]:
    """``(kind, lang)`` of a code block; ``book`` is the language that the book mostly holds.

    Prompts decide over the fence: a block fenced as ``elixir`` that shows ``iex>`` is a session.
    """
    lang, said = of_fence(info)
    if _IEX.search(text) and lang in ("", "elixir", "iex", "output"):
        return "iex", "iex"
    if _ERL.search(text) and lang in ("", "erlang", "erl_shell", "output"):
        return "erl_shell", "erl_shell"
    if said:
        return ("output" if lang == "output" else lang if lang in _SESSIONS else "code"), lang
    return _guess(text, book)


_SESSIONS = frozenset({"iex", "erl_shell"})


def _guess(text: str, book: str) -> tuple[str, str]:
    elixir = len(_ELIXIR.findall(text)) + (0.5 if book == "elixir" else 0)
    erlang = len(_ERLANG.findall(text)) + (0.5 if book == "erlang" else 0)
    if _OTHER.search(text) and max(elixir, erlang) < 3:
        return "code", "other"
    if _SHELL.search(text) and max(elixir, erlang) < 2:
        return "code", "other"
    if max(elixir, erlang) >= 1:
        return "code", "elixir" if elixir >= erlang else "erlang"
    if re.search(r"[=(\[{]", text) and book:
        return "code", book
    return "code", book or "other"
