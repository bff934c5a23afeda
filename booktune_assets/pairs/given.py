"""Fragments of code: what they use and do not bind, and the whole that a compiler takes.

Belongs here: expressions as the body of a function whose arguments are the names that are given,
functions in a module, the words that say what is given. Does not: what is run (``trials.py``).

A book on a library shows lines such as ``Method = cowboy_req:method(Req).``: nothing binds ``Req``
and the library is not there, but a compiler sees whether they are right.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from booktune_assets.beam.tree import child, preorder, text_of
from booktune_assets.books.judge import syntax_tree
from booktune_assets.concepts.mentions import code_without_text
from booktune_assets.pairs.phrases import joined
from booktune_assets.pairs.sessions import free, modules_used, own_calls

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["given_names", "given_words", "in_module", "whole"]

NAMES_MAX = 4
_LOOSE = re.compile(
    r"(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*(?:(?:def|defp|defmacrop?|defguardp?|defstruct)\b|@[a-z])"
)
_DEFINES = re.compile(r"(?m)^[ \t]*(?:def\w* |@[a-z]\w* |use |import |alias |require )")
_ERL_FORM = re.compile(r"(?m)^-[a-z]\w*\b")
_ERL_HEAD = re.compile(r"(?m)^[a-z]\w*\((?:[^()]|\([^()]*\))*\)\s*(?:when\b[^>]*)?->")
_ERL_PARTS = re.compile(r"\.[ \t]*(?:%[^\n]*)?\n")
_ERL_REMARK = re.compile(r"(?m)[ \t]*(?<![\w$\"'<~])%[^\n]*$")
_BIF_WORDS = """
abs apply atom_to_binary atom_to_list binary_part binary_to_atom binary_to_existing_atom
binary_to_float binary_to_integer binary_to_list binary_to_term bit_size bitstring_to_list
byte_size ceil date demonitor disconnect_node element erase error exit float float_to_binary
float_to_list floor garbage_collect get get_keys group_leader halt hd integer_to_binary
integer_to_list iolist_size iolist_to_binary is_alive is_atom is_binary is_bitstring is_boolean
is_float is_function is_integer is_list is_map is_map_key is_number is_pid is_port
is_process_alive is_record is_reference is_tuple length link list_to_atom list_to_binary
list_to_existing_atom list_to_float list_to_integer list_to_pid list_to_tuple load_module make_ref
map_get map_size max min module_loaded monitor monitor_node node nodes now open_port pid_to_list
port_close port_command process_flag process_info processes put register registered round self
setelement size spawn spawn_link spawn_monitor spawn_opt spawn_request split_binary statistics
term_to_binary throw time tl trunc tuple_size tuple_to_list unlink unregister whereis
"""
_BIFS = frozenset(_BIF_WORDS.split())
# where Erlang binds names: the field of the node that is a pattern
_BINDS = {"match_expr": "lhs", "cr_clause": "pat", "fun_clause": "args", "generator": "lhs"}


def given_names(text: str, lang: str) -> list[str]:
    """What has to be bound or be there before an expression makes sense, in order of use.

    Empty for definitions, and where more is missing than a question can say.
    """
    if _defines(text, lang) or (lang == "elixir" and own_calls(text)):
        return []
    names = _free(text, lang) | (modules_used(text) if lang == "elixir" else _functions(text))
    bare = code_without_text(text)
    found = sorted(names, key=lambda name: (bare.find(name.split("/")[0]), name))
    return found if len(found) <= NAMES_MAX else []


def given_words(names: list[str]) -> str:
    """The sentence of a question that says so; empty without names."""
    if not names:
        return ""
    return f"{joined([f'`{name}`' for name in names])} {'are' if len(names) > 1 else 'is'} given."


def in_module(text: str, lang: str) -> str:
    """Elixir functions that stand in no module, in one; anything else as it is."""
    if lang != "elixir" or not _LOOSE.match(text):
        return text
    return f"defmodule Listing do\n{text}\nend"


def whole(text: str, lang: str) -> str:
    """The code as something that compiles: functions in a module, expressions in a function.

    Elixir without free names is left as it is: it can be run.
    """
    if lang == "elixir":
        names = sorted(_free(text, lang))
        if _defines(text, lang) or not names or own_calls(text):
            return in_module(text, lang)
        return f"defmodule Listing do\ndef given({', '.join(names)}) do\n{text}\nend\nend"
    if _defines(text, lang):
        return re.sub(r";\s*$", ".", text) if _ERL_HEAD.match(text) else text
    body = _body(text)
    if syntax_tree(_function(body), lang).has_error:
        return text
    stubs = [_stub(*name.split("/")) for name in sorted(_functions(text))]
    return "\n".join([_function(body, sorted(_free(text, lang))), *stubs])


def _defines(text: str, lang: str) -> bool:
    if lang == "elixir":
        return bool(_DEFINES.search(text))
    return bool(_ERL_FORM.search(text) or _ERL_HEAD.search(text))


def _free(text: str, lang: str) -> set[str]:
    """Names that are used and never bound."""
    if lang == "elixir":
        return free(text, "iex")
    bound: set[str] = set()
    used: set[str] = set()
    for node in preorder(syntax_tree(_function(_body(text)), lang)):
        if node.type == "var":
            used.add(text_of(node))
        if place := _BINDS.get(node.type):
            bound |= _variables(child(node, place))
    return {name for name in used - bound if not name.startswith("_")}


def _functions(text: str) -> set[str]:
    """Functions of Erlang expressions that are called without a module and are no BIF: ``f/1``."""
    found: set[str] = set()
    for node in preorder(syntax_tree(_function(_body(text)), "erlang")):
        name, args = child(node, "expr"), child(node, "args")
        if node.type == "call" and name is not None and name.type == "atom" and args is not None:
            found.add(f"{text_of(name)}/{len(args.named_children)}")
    return {name for name in found if name.split("/")[0] not in _BIFS}


def _stub(name: str, arity: str) -> str:
    return f"{name}({', '.join(['_'] * int(arity))}) -> ok."


def _variables(node: Node | None) -> set[str]:
    if node is None:
        return set()
    return {text_of(one) for one in preorder(node) if one.type == "var"}


def _body(text: str) -> str:
    """The expressions of Erlang code, one after the other, without the sign that ends them."""
    parts = [one.strip() for one in _ERL_PARTS.split(f"{_ERL_REMARK.sub('', text)}\n")]
    return ",\n".join(re.sub(r"[.,;]?\s*$", "", one) for one in parts if one)


def _function(body: str, names: list[str] | tuple[()] = ()) -> str:
    return f"given({', '.join(names)}) ->\n{body}."
