"""Which language a piece of text is in, and whether it parses.

Belongs here: language detection and the syntax check by tree-sitter. Does not: running or compiling
anything (``runner.py``), prompts of shell sessions (``transcripts.py``).

tree-sitter is quick and forgiving. It accepts one thing that the Elixir compiler refuses: a block
whose `` do`` is missing, because it then reads the left-over ``end`` as a variable. That is caught
by looking for reserved words in the place of variables.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from booktune_assets.beam.transcripts import shell_of
from booktune_assets.beam.tree import Piece, content, has_faults, is_form, pieces
from booktune_assets.books.judge import nodes, stray_words, syntax_tree

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["language_of", "looks_like", "parses", "says_nothing"]

_HINTS = {
    "elixir": "elixir", "ex": "elixir", "exs": "elixir", "heex": "other", "eex": "other",
    "erlang": "erlang", "erl": "erlang", "hrl": "erlang", "escript": "erlang",
    "iex": "iex", "erl_shell": "erl_shell", "eshell": "erl_shell", "output": "output",
    "bash": "other", "sh": "other", "shell": "other", "zsh": "other", "console": "other",
    "python": "other", "javascript": "other", "js": "other", "json": "other", "html": "other",
    "sql": "other", "yaml": "other", "toml": "other", "xml": "other", "ruby": "other",
    "other": "other", "diff": "other", "c": "other", "java": "other", "rust": "other",
    "mermaid": "other", "makefile": "other", "dockerfile": "other", "css": "other",
}  # fmt: skip
_HINT_WORD = re.compile(r"[A-Za-z_]+")

# Signs that only one of the two languages has. Each counts once: a long listing is no better sign.
_ELIXIR_SIGNS = tuple(
    re.compile(sign, re.MULTILINE)
    for sign in (
        r"^\s*def(module|p|macro|macrop|struct|protocol|impl|guard|delegate|exception)?[ (]",
        r"\|>", r"%\{|%[A-Z]\w*\{", r"\bdo$|\bdo:", r"@(spec|doc|moduledoc|impl|type|behaviour)\b",
        r"\b[A-Z]\w*(\.[A-Z]\w*)*\.[a-z_]+[?!]?\(?", r"(^|[\s(\[{,])~[a-zA-Z][\"/({\[<|']",
        r"^\s*(alias|import|require|use) [A-Z]", r"#\{(?![^}\n]*(=>|:=))",
        r"(^|[\s(\[{,]):[a-z_]+\b",
        r"&\d|&[a-zA-Z.]+/\d",
        r"\bfn\b.*->", r"^\s*[a-z_]\w* = ", r"[\[(,] ?[a-z_]+: ", r"^\s*#( |$)", r"<>",
        r"<<[^>\n]*[a-z0-9]::",
    )
)  # fmt: skip
_ERLANG_SIGNS = tuple(
    re.compile(sign, re.MULTILINE)
    for sign in (
        r"^-(module|export|import|behaviou?r|record|spec|type|define|include|include_lib|compile)\(",
        r"^-(spec|type|callback|opaque) ", r"^[a-z]\w*\(.*\)( when .*)? ->", r"\.\s*$",
        r"\b[a-z]\w*:[a-z]\w*\(", r"\b[A-Z_]\w* = ", r"\bfun\s*\(", r"=:=|=/=|=<|\|\|",
        r"^\s*%", r"\breceive$", r"<<\"", r"#[a-z]\w*\{", r"\bend[.,;]", r"\?[A-Z_]+\b", r";\s*$",
        r"#\{[^}\n]*(=>|:=)", r"\bof\s*$|^\s*if [^,\n]*[^-]->",
    )
)  # fmt: skip
_PROSE = re.compile(r"^[A-Z][a-z]+ [a-z]+ [a-z]+ [a-z]+", re.MULTILINE)


def language_of(text: str, hint: str = "") -> str:
    """One of ``schemas.LANGS``. ``hint`` is a fence's info string, a class name or a suffix.

    Prompts beat the hint (``iex>`` inside an "elixir" fence is a session); the hint beats signs.
    """
    if not text.strip():
        return ""
    if shell := shell_of(text):
        return shell
    word = _HINT_WORD.search(hint.lower().replace("language-", "").replace("lang-", ""))
    if word and word[0] in _HINTS:
        lang = _HINTS[word[0]]
        # a fence called iex without a prompt is plain code
        return {"iex": "elixir", "erl_shell": "erlang"}.get(lang, lang)
    return _by_signs(text)


def looks_like(text: str, lang: str) -> bool:
    """Does a text that does not parse show at least one sign of ``elixir`` or ``erlang``? Prose
    needs three: it has names, colons and full stops too."""
    signs = _ELIXIR_SIGNS if lang == "elixir" else _ERLANG_SIGNS
    return sum(1 for sign in signs if sign.search(text)) >= (3 if _PROSE.search(text) else 1)


def parses(text: str, lang: str) -> bool | None:
    """Does the text parse as ``lang``? None when there is no grammar for it here.

    Of a shell session all that was typed has to parse; a prompt that waits is fine after it. A
    fragment (a lone function clause, a few expressions) is fine: books print fragments.
    """
    if lang in ("iex", "erl_shell"):
        typed = _typed(text, lang)
        return bool(typed) and all(_piece_parses(one, lang) for one in typed)
    if lang == "elixir":
        return bool(text.strip()) and _elixir_parses(text)
    if lang == "erlang":
        return bool(text.strip()) and _erlang_parses(text)
    return None


def says_nothing(text: str, lang: str) -> bool:
    """Whether there is nothing to judge: an empty cell, prompts that nothing was typed at."""
    return not (_typed(text, lang) if lang in ("iex", "erl_shell") else text.strip())


def _typed(text: str, lang: str) -> list[Piece]:
    """What was typed in a session, without the prompts that only wait."""
    return [one for one in pieces(text, lang) if has_faults(one) or content(one.root)]


def _by_signs(text: str) -> str:
    elixir = sum(1 for sign in _ELIXIR_SIGNS if sign.search(text))
    erlang = sum(1 for sign in _ERLANG_SIGNS if sign.search(text))
    if max(elixir, erlang) == 0 or (_PROSE.search(text) and max(elixir, erlang) < 3):
        return "other"
    ranked = ["elixir", "erlang"] if elixir >= erlang else ["erlang", "elixir"]
    for lang in ranked:
        if (elixir if lang == "elixir" else erlang) and parses(text, lang):
            return lang
    # damaged text (a listing cut by the page) still shows by its signs
    return ranked[0] if max(elixir, erlang) >= 3 else "other"


@lru_cache(maxsize=8192)  # a listing stands in several pairs, and is asked about by each
def _elixir_parses(text: str) -> bool:
    root = syntax_tree(text, "elixir")
    return not root.has_error and not stray_words(root)


def _erlang_parses(text: str) -> bool:
    root = syntax_tree(text, "erlang")
    if not root.has_error and not _is_row(root):
        return True
    # expressions in a row (`X = 3, Y = X.`) are a function's body, not a file
    body = text.strip().rstrip(".,;").rstrip()
    wrapped = syntax_tree(f"f() ->\n{body}\n.\n", "erlang")
    return bool(body) and not wrapped.has_error and not _is_row(wrapped)


def _piece_parses(piece: Piece, lang: str) -> bool:
    if has_faults(piece) or not content(piece.root):
        return False
    if lang == "iex":
        return not stray_words(piece.root)
    return not _is_row(piece.root)


def _is_row(root: Node) -> bool:
    """The Erlang grammar takes expressions with nothing between them (so, prose) as a file, and
    words side by side as if they were strings."""
    before = False
    for one in root.children:
        bare = one.is_named and one.type != "comment" and not is_form(one)
        if bare and before:
            return True
        before = bare or (before and one.type == "comment")
    return any(
        one.type == "concatables" and any(part.type in ("var", "atom") for part in content(one))
        for one in nodes(root)
    )
