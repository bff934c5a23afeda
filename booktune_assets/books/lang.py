"""Which language a code block is in: a light guess from fence, prompts and keywords.

Belongs here: the reader's first answer, cheap and without a grammar. Does not: parsing (``beam/``
may overrule this later; this room may not import it).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from booktune_assets.books.blocks import Block

__all__ = ["classify", "name_languages", "of_fence"]

_FENCES = {
    "elixir": "elixir ex exs eex heex leex elixirc",
    "iex": "iex elixir-iex",
    "erlang": "erlang erl hrl escript",
    "erl_shell": "eshell erl-shell erlshell erlang-shell erlang-repl",
    "shell": "shell sh bash zsh console shell-session terminal session cmd bat batch powershell",
    "output": "output text-output stdout",
}
_OF_FENCE = {name: lang for lang, names in _FENCES.items() for name in names.split()}
_PLAIN = frozenset({"text", "txt", "plain", "plaintext", "none", "no-highlight", "nohighlight", ""})

_FORM = re.compile(r"^([ ]*)(?:defmodule|defp?|defmacrop?|@\w*doc|-module)\b", re.M)
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
_COMMANDS = (
    "mix|git|sudo|apt|apt-get|brew|asdf|npm|npx|yarn|cd|mkdir|touch|rm|cp|mv|ls|cat|curl|wget|rebar3?|make|"
    "elixir|elixirc|erl|erlc|escript|iex|docker|docker-compose|kubectl|export|echo|chmod|tar|ssh|telnet|psql"
)
_PROMPT = re.compile(r"^\s*(?:[\w.@~/:-]*[$\u276f]|[A-Z]:\\[^>\n]*>|>)\s+[\w./~]")
_COMMAND = re.compile(
    rf"^\s*(?:[A-Z][A-Z_]*=\S+\s+)*(?:{_COMMANDS})(?:\s+[^\s=(][^=(]*|\s+\S+=\S+.*)?$"
)
_OUTPUT = re.compile(
    r"^\s*(?:\* creating |Compil(?:ing|ed) |Generated \w|==+> |(?:\.+\s+)?Finished in "
    r"|\d+\) test |Running ExUnit|Erlang/OTP \d|Interactive Elixir|warning: |\*\* \((?!EXIT)"
    r"|Resolving Hex|Eshell V\d)"
    r"|^[\w/.-]+\.exs?:\d+: |^=[A-Z]+ REPORT=="
)
_OTHER = re.compile(
    r"(?m)^\s*(?:flowchart|graph|sequenceDiagram|stateDiagram|classDiagram|subgraph)\b"
    r"|^\s*</?[a-zA-Z]+[^>%]*>\s*$|^\s*(?:SELECT|INSERT|CREATE|function|const|var|let|class|FROM|RUN)\s"
    r"|^HTTP/\d|^(?:GET|POST|PUT|DELETE) /"
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
    if lang in ("", "elixir", "iex", "output") and _is_session(text, _IEX):
        return "iex", "iex"
    if lang in ("", "erlang", "erl_shell", "output") and _is_session(text, _ERL):
        return "erl_shell", "erl_shell"
    if said:
        return ("output" if lang == "output" else lang if lang in _SESSIONS else "code"), lang
    return _guess(text, book)


def name_languages(blocks: Sequence[Block], usual: str = "") -> None:
    """Set kind and language of all code; until then ``lang`` is what mark-up said (a fence).

    ``usual`` is the language of a text that does not show one.
    """
    code = [block for block in blocks if block.kind == "code"]
    votes = [classify(_seen(block.text), block.lang)[1] for block in code]
    elixir = votes.count("elixir") + votes.count("iex")
    erlang = votes.count("erlang") + votes.count("erl_shell")
    main = usual if not elixir + erlang else "elixir" if elixir >= erlang else "erlang"
    for block in code:
        block.kind, block.lang = classify(_seen(block.text), block.lang, main)


_UNSEEN = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad")) | {0xA0: " "}


def _seen(text: str) -> str:
    """The text without characters that do not show: a prompt may stand behind one."""
    return text if text.isascii() else text.translate(_UNSEEN)


def _is_session(text: str, prompt: re.Pattern[str]) -> bool:
    """Whether prompts are typed at: those that only stand deeper in a module belong to its docs."""
    found = prompt.search(text)
    if found is None:
        return False
    form = _FORM.search(text)
    if form is None:
        return True
    deepest = len(form.group(1))
    lines = (one.group().rpartition("\n")[2] for one in prompt.finditer(text))
    return any(len(line) - len(line.lstrip(" ")) <= deepest for line in lines)


_SESSIONS = frozenset({"iex", "erl_shell"})


def _guess(text: str, book: str) -> tuple[str, str]:
    first = next(
        (line for line in text.split("\n") if line.strip() and not line.startswith(("# ", "% "))),
        "",
    )
    if _PROMPT.match(first) or _COMMAND.match(first) or text.startswith("#!/bin/"):
        return "code", "shell"
    if _OUTPUT.match(text):
        return "output", "output"
    elixir = len(_ELIXIR.findall(text)) + (0.5 if book == "elixir" else 0)
    erlang = len(_ERLANG.findall(text)) + (0.5 if book == "erlang" else 0)
    if _OTHER.search(text) and max(elixir, erlang) < 3:
        return "code", "other"
    if max(elixir, erlang) >= 1:
        return "code", "elixir" if elixir >= erlang else "erlang"
    return "code", book or "other"
