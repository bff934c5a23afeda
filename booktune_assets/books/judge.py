"""The grammars of Elixir and Erlang as judges of what a typesetter may have done.

Belongs here: parsing by tree-sitter, counting faults, comparing two readings of the same rows. Does
not: which language a block is in (``lang.py``), whether a whole listing is sound (``beam/``).

tree-sitter is quick (0.2 ms a listing) and forgiving. It accepts one thing that the Elixir compiler
refuses: a left-over ``end`` read as a variable; such words count as faults here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser, Query

__all__ = ["faults", "fits_tight", "goes_on", "nodes", "stray_words", "syntax_tree"]

_CODE = re.compile(r"[\[\](){}<>=|&@%:#]|\"\S")
_CHARS_MAX = 20_000
_RESERVED = frozenset(
    ("end", "do", "fn", "catch", "rescue", "after", "else", "when", "and", "or", "in", "not")
)


@lru_cache(maxsize=256)  # one listing is looked at by many rules in a row
def syntax_tree(text: str, lang: str) -> Node:
    """Root node of the tree-sitter tree of Elixir or Erlang text (byte offsets, UTF-8)."""
    return _parser(lang).parse(text.encode("utf-8", "replace")).root_node


def faults(text: str, lang: str) -> int | None:
    """How many places of the text the grammar cannot take; None without a grammar for ``lang``."""
    if lang not in ("elixir", "erlang") or len(text) > _CHARS_MAX:
        return None
    count = _count(syntax_tree(text, lang), lang)
    if count and lang == "erlang":
        # expressions in a row are the body of a function, not a file
        body = text.strip().rstrip(".,;")
        count = min(count, _count(syntax_tree(f"f() ->\n{body}\n.\n", lang), lang))
    return count


def goes_on(line: str, text: str, lang: str) -> bool | None:
    """Whether two rows make sense joined (True), apart (False), or either way (None)."""
    joined = faults(f"{line} {text}", lang)
    if joined is None:
        return None
    apart = (faults(line, lang) or 0) + (faults(text, lang) or 0)
    if joined == apart == 0 and _CODE.search(line) and _CODE.search(text):
        return False  # two whole expressions; the grammar is lenient with what stands side by side
    return None if joined == apart else joined < apart


def fits_tight(line: str, text: str, lang: str) -> bool | None:
    """Whether two rows are better joined without a space (True), with one (False), or None."""
    tight = faults(line + text, lang)
    if tight is None:
        return None
    spaced = faults(f"{line} {text}", lang)
    return None if tight == spaced else tight < (spaced or 0)


def nodes(root: Node) -> Iterator[Node]:
    """All named nodes; a list instead of recursion keeps deep nesting off the Python stack."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.named_children)


def _is_stray_word(node: Node) -> bool:
    """A reserved word where a variable stands; after a dot (``range.end``) it is a plain name."""
    if node.type != "identifier" or node.text is None or node.text.decode() not in _RESERVED:
        return False
    parent = node.parent
    return parent is None or not (
        parent.type == "dot" and parent.child_by_field_name("left") != node
    )


def stray_words(root: Node) -> int:
    """How many reserved words stand where variables do, in a tree of Elixir."""
    from tree_sitter import QueryCursor

    named = QueryCursor(_reserved_words()).captures(root).get("word", [])
    return sum(map(_is_stray_word, named))


@lru_cache(maxsize=1)
def _reserved_words() -> Query:
    from tree_sitter import Query

    words = " ".join(f'"{word}"' for word in sorted(_RESERVED))
    grammar = _parser("elixir").language
    return Query(cast("Language", grammar), f"((identifier) @word (#any-of? @word {words}))")


def _count(root: Node, lang: str) -> int:
    stray = stray_words(root) if lang == "elixir" else 0
    if not root.has_error:
        return stray
    waiting, count = [root], 0
    while waiting:
        node = waiting.pop()
        count += node.is_error or node.is_missing
        waiting.extend(child for child in node.children if child.has_error or child.is_missing)
    return count + stray


@lru_cache(maxsize=4)
def _parser(lang: str) -> Parser:
    import tree_sitter

    if lang == "elixir":
        import tree_sitter_elixir

        grammar = cast("object", tree_sitter_elixir.language())  # a capsule; its stub says int
        return tree_sitter.Parser(tree_sitter.Language(grammar))
    from tree_sitter_language_pack import get_parser

    return get_parser("erlang")
