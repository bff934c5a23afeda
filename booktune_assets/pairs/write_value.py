"""Family ``write_code``, from a value: the expression that gives it, from the data it starts with.

Belongs here: which expressions are worth writing, what a question has to give for them. Does not:
gaps in expressions (``fill_call.py``), tasks in the book's words (``write.py``), running.

The question gives the data, the value and the functions and forms to use; how they are put together
is the answer. The answer is run: it has to give the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent

from booktune_assets.beam.elixir_walk import walk
from booktune_assets.beam.tree import child, preorder, text_of
from booktune_assets.books.judge import syntax_tree
from booktune_assets.pairs.candidate import Candidate, View, fenced, language_name
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.posed import VOLATILE, Posed, posed
from booktune_assets.pairs.predict import ANY_ORDER, KEYS, OPAQUE, no_value
from booktune_assets.pairs.sessions import bound
from booktune_assets.pairs.wording_code import ask_code

__all__ = ["LITERAL", "unsaid", "write_value"]

SIZE = (20, 600)  # characters of an expression
RESULT_MAX = 300
NAMES_MAX = 4
PARTS_MIN = 2  # calls, functions and forms that have to be put together
_SAYS_LITTLE = frozenset(("true", "false", "nil", ":ok", "ok", "0", "[]", "%{}", '""'))
_DATA = frozenset(
    ("list", "map", "tuple", "string", "sigil", "charlist", "bitstring", "integer", "float")
)
_FORMS = {
    "for": "a comprehension (`for`)", "case": "`case`", "cond": "`cond`", "if": "`if`",
    "with": "`with`", "try": "`try`", "unless": "`unless`",
}  # fmt: skip
_KERNEL_WORDS = """
abs div rem elem hd tl length map_size tuple_size round trunc max min put_in update_in get_in pop_in
to_string inspect byte_size put_elem is_atom is_list is_map is_binary
"""
_KERNEL = frozenset(_KERNEL_WORDS.split())
_ERLANG_CALL = re.compile(r"(?<![\w:?])([a-z]\w*):([a-z]\w*)\(")
_EFFECTS = re.compile(r"\bIO\.|\bio:|\bspawn|\bsend\b|\bself\b|\bFile\.|\bdefmodule\b|\bdbg\b")


_NEUTRAL = frozenset(("0", "1", '""'))  # what one begins to count or to join with
# "/2" and "&1" are no constants, and what stands before a colon is a name
LITERAL = re.compile(
    r"\"(?:[^\"\\\n]|\\.)*\"|~\w\W[^\n]*?\W|(?<![:\w]):[a-z_]\w*[?!]?|(?<![\w&/.])\d[\d_]*(?:\.\d+)?"
)


@dataclass(slots=True)
class _Needs:
    """What an expression is made of: names and forms, the first data in it, how many parts."""

    names: list[str]
    forms: list[str]
    data: str
    parts: int


def write_value(view: View) -> Iterator[Candidate]:
    """One candidate per expression of some parts."""
    done: set[str] = set()
    for one in posed(view):
        if not _fit(one):
            continue
        needs = _elixir(one) if one.lang == "elixir" else _erlang(one)
        asked = repr((needs.names, needs.forms, needs.data, one.typed[:-1], one.entry.result))
        if needs.parts < PARTS_MIN or asked in done:
            continue  # two ways to one value would be two answers to one question
        done.add(asked)
        if needs.data or one.setup or one.listings:
            made = _candidate(view, one, needs)
            if unsaid(one.entry.expression, made.question):
                made.problem = "literal_not_in_question"
            yield made


def _fit(one: Posed) -> bool:
    said, result = one.entry.expression, one.entry.result.strip()
    if one.problem or one.fails or not SIZE[0] <= len(said) <= SIZE[1]:
        return False
    if result in _SAYS_LITTLE or len(result) > RESULT_MAX or OPAQUE.search(result):
        return False
    if _EFFECTS.search(said) or VOLATILE.search(said) or bound(said, one.shell):
        return False
    return not no_value(one.entry, "\n".join(one.typed))


def _elixir(one: Posed) -> _Needs:
    root = syntax_tree(one.entry.expression, "elixir")
    names: dict[str, None] = {}
    forms: dict[str, None] = {}
    parts = 0
    for visit in walk(root):
        call, node = visit.call, visit.node
        if node.type == "anonymous_function" or (
            node.type == "unary_operator" and text_of(node).startswith("&(")
        ):
            parts += 1
        if call is None or call.module == "?":
            continue
        if call.module:
            names[f"{call.module}.{call.name}/{call.arity}"] = None
        elif call.name in _FORMS:
            forms[_FORMS[call.name]] = None
        elif call.name in _KERNEL:
            names[f"{call.name}/{call.arity}"] = None
        else:
            continue
        parts += 1
    return _Needs(list(names), list(forms), _first_data(one, "elixir"), parts)


def _erlang(one: Posed) -> _Needs:
    said = one.entry.expression
    names = dict.fromkeys(f"{match[1]}:{match[2]}" for match in _ERLANG_CALL.finditer(said))
    forms = ["a list comprehension"] if "||" in said else []
    parts = len(names) + len(forms) + len(re.findall(r"\bfun\b|\bcase\b", said))
    return _Needs(list(names), forms, _first_data(one, "erlang"), parts)


def _first_data(one: Posed, lang: str) -> str:
    """The first literal that is no text of a format and no part of another."""
    for node in preorder(syntax_tree(one.entry.expression, lang)):
        if node.type in ("anonymous_function", "stab_clause", "fun_clause"):
            return ""
        if node.type == "binary_operator" and text_of(child(node, "operator")) == "..":
            return text_of(node)
        if node.type in _DATA and "#{" not in text_of(node):
            named = any(sub.type in ("identifier", "var", "call") for sub in preorder(node))
            return "" if named else text_of(node)
    return ""


def _candidate(view: View, one: Posed, needs: _Needs) -> Candidate:
    block, said, lang = one.block, one.entry.expression, one.lang
    key = f"{block['block_id']}:{one.entry.start}:value"
    parts = [ask_code("write_value", key, language=language_name(lang), hints=_hints(needs))]
    if one.listings:
        parts += ["This is loaded:", *(fenced(o["text"], o["lang"]) for o in one.listings)]
    if one.setup:
        parts += ["This was evaluated before:", fenced("\n".join(one.typed[:-1]), lang)]
    elif needs.data:
        parts += ["The data:", fenced(needs.data, lang)]
    parts += ["The value:", fenced(dedent(one.entry.result), "")]
    if KEYS.search(one.entry.result):
        parts.append(ANY_ORDER)
    result = view.quote(block, one.entry.result_start, one.entry.end, "question")
    answer = view.quote(block, one.entry.start, one.entry.typed_end, "answer")
    return Candidate(
        "write_code", block["block_id"], one.shell, "code", "\n\n".join(parts), fenced(said, lang),
        [*one.quotes(view)[:-1], result, answer], one.code(),
        trials=(Trial(one.program(), "value", tests=True),), run_only=True,
    )  # fmt: skip


def unsaid(expression: str, question: str) -> bool:
    """Has the answer a constant that nobody can know from the question?"""
    known = set(LITERAL.findall(question))
    inside = {piece for one in known for piece in re.findall(r"\w+", one)}
    return any(
        one not in known and one not in _NEUTRAL and one.strip('":') not in inside
        for one in LITERAL.findall(expression)
    )


def _hints(needs: _Needs) -> str:
    """What to use, in a sentence: without it there are too many ways."""
    told = [*needs.forms, *(f"`{name}`" for name in needs.names)][:NAMES_MAX]
    if not told:
        return ""
    last = f" and {told[-1]}" if len(told) > 1 else ""
    return f"Use {', '.join(told[:-1] if last else told)}{last}."
