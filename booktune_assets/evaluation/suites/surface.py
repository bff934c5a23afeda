"""A problem that looks different and asks the same: new names, other words, another order.

Belongs here: which names may change, changing them in statement, tests, reference and mutants at
once. Does not: the words that stand for others (``synonyms.py``), the order of what a statement
says (``reorder.py``), whether the result still holds (``variation.py`` runs it).

Modules and functions of the interface always get new names. Atoms get one when they are in the
list, are no keyword or function anywhere in the code, and stand in the statement; variables of the
statement when the list has another word. Code is changed token by token on its syntax tree, the
statement within its code marks; its prose is paraphrased by rules that keep the meaning, and what
it says of one function after the other comes in another order. No task here shows code whose
clauses could change places.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from booktune_assets.beam.problems import Problem
from booktune_assets.beam.tree import child, has_faults, pieces, text_of
from booktune_assets.evaluation.suites.reorder import reordered
from booktune_assets.evaluation.suites.synonyms import ATOMS, FUNCTIONS, PROSE, VARIABLES
from booktune_assets.ids import stable_int

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["Names", "names_of", "renamed", "surface"]

# functions that a behaviour or a supervisor calls by name
_CALLED = frozenset(("start_link", "start", "init", "child_spec", "new", "stop"))
# protocols of the language call functions by name, derived ones tell the names of modules
_BUILT_IN = frozenset(
    ("derive", "Enumerable", "Collectable", "Inspect", "String.Chars", "List.Chars")
)
_TAILS = ("Desk", "Kit", "Hall", "Works")
_SPAN = re.compile(r"`[^`]+`")
_QUOTED = re.compile(r'"[^"]*"')
_ERL_CALLEES = frozenset(("function_clause", "fa", "internal_fun", "call"))


@dataclass(frozen=True, slots=True)
class Names:
    """Old name → new name, by what it names."""

    modules: Mapping[str, str]
    functions: Mapping[str, str]
    atoms: Mapping[str, str]
    variables: Mapping[str, str]


def surface(problem: Problem) -> Problem | None:
    """The problem under other names; None where that cannot be done as a whole."""
    if problem.files or not problem.prompt or not problem.mutants:
        return None
    words = {text_of(node) for node in _leaves(problem.reference, problem.language)}
    words |= {text_of(node) for node in _leaves(problem.tests, problem.language)}
    if words & _BUILT_IN:
        return None
    names = names_of(problem)
    changed = [renamed(text, problem.language, names)
               for text in (problem.reference, problem.tests, *problem.mutants)]  # fmt: skip
    if any(text is None for text in changed):
        return None
    reference, tests, *mutants = [text or "" for text in changed]
    ordered = reordered(problem.prompt, problem.interface, problem.id)
    prompt = _statement(replace(problem, prompt=ordered), names)
    told = set(re.findall(r"[\w.]+", prompt.replace(":", " "))) | set(re.findall(r"\w+", prompt))
    if not told >= {*names.modules.values(), *names.functions.values()}:
        return None  # the statement does not name them in marks, so nobody could know the new ones
    return replace(
        problem, id=f"{problem.id}.surface", prompt=prompt,
        reference=reference, tests=tests, mutants=tuple(mutants), second="",
        interface=tuple(_words(one, problem.language, names) for one in problem.interface),
    )  # fmt: skip


def names_of(problem: Problem) -> Names:
    """New names for what may have one; none is a word that the problem uses already."""
    texts = (problem.prompt, problem.reference, problem.tests, *problem.mutants)
    used = {word for text in texts for word in re.findall(r"\w+", text)}
    owned = [re.split(r"[.:](?=[a-z_]\w*[?!]?/)", one, maxsplit=1) for one in problem.interface]
    modules = {module: _module(module, problem) for module, _ in owned}
    functions = {
        name: FUNCTIONS.get(name, f"{name}_it")
        for name in (re.split("/", rest)[0] for _, rest in owned)
        if name not in _CALLED and name.isidentifier()
    }
    spans = " ".join(_QUOTED.sub(" ", span) for span in _SPAN.findall(problem.prompt))
    said = set(re.findall(r"\w+", spans))
    # a word that the prose uses for the same thing has to stay, or the statement falls apart
    fixed = _fixed(problem)
    spoken = set(re.findall(r"\w+", _SPAN.sub(" ", problem.prompt)))
    said -= spoken
    atoms = {old: new for old, new in ATOMS.items() if old in said - fixed - set(functions)}
    variables = {old: new for old, new in VARIABLES[problem.language].items() if old in said}
    tables = [
        {old: new for old, new in table.items() if new not in used}
        for table in (functions, atoms, variables)
    ]
    return Names(modules, *tables)


def _module(name: str, problem: Problem) -> str:
    tail = _TAILS[stable_int(f"{problem.id} {name}") % len(_TAILS)]
    return f"{name}{tail}" if problem.language == "elixir" else f"{name}_{tail.lower()}"


def _fixed(problem: Problem) -> set[str]:
    """Words that are keywords or names of functions in the code: no atom of that name changes."""
    found: set[str] = set()
    for text in (problem.reference, problem.tests):
        for node in _leaves(text, problem.language):
            kind = node.parent.type if node.parent is not None else ""
            callee = kind in _ERL_CALLEES | {"remote", "record_name", "record_field"}
            if node.type in ("keyword", "identifier") or (node.type == "atom" and callee):
                found.add(text_of(node).strip().rstrip(":"))
    return found


def renamed(code: str, language: str, names: Names) -> str | None:
    """The code with its tokens renamed; None for code that the grammar cannot take in full."""
    trees = pieces(code, language)
    if len(trees) != 1 or has_faults(trees[0]):
        return None
    data = bytearray(code.encode())
    token = _elixir_token if language == "elixir" else _erlang_token
    leaves = list(_leaves(code, language))
    for node in reversed(leaves):
        if (new := token(node, names)) is not None:
            data[node.start_byte : node.end_byte] = new.encode()
    return data.decode()


def _elixir_token(node: Node, names: Names) -> str | None:
    said, parent = text_of(node), node.parent
    if node.type == "alias":
        first, dot, rest = said.partition(".")
        whole = names.modules.get(said)
        return whole or (f"{names.modules[first]}{dot}{rest}" if first in names.modules else None)
    if node.type == "atom":
        new = names.atoms.get(said.removeprefix(":"))
        return None if new is None else f":{new}"
    if node.type != "identifier" or said not in names.functions:
        return None
    if parent is not None and parent.type == "dot" and child(parent, "right") == node:
        left = text_of(child(parent, "left"))
        return names.functions[said] if left in (*names.modules, "__MODULE__") else None
    return names.functions[said]


def _erlang_token(node: Node, names: Names) -> str | None:
    said, parent = text_of(node), node.parent
    kind = parent.type if parent is not None else ""
    if node.type != "atom":
        return None
    if said in names.modules:
        return names.modules[said]
    if said.removesuffix("_tests") in names.modules and kind == "module_attribute":
        return f"{names.modules[said.removesuffix('_tests')]}_tests"
    if kind in _ERL_CALLEES:
        return names.functions.get(said)
    if kind == "remote" and parent is not None:
        home = text_of(child(parent, "module")).rstrip(":")
        return names.functions.get(said) if home in (*names.modules, "?MODULE") else None
    return None if kind == "remote_module" else names.atoms.get(said)


def _leaves(code: str, language: str) -> Iterator[Node]:
    """Tokens as they stand, without Python's stack."""
    waiting = [piece.root for piece in reversed(pieces(code, language))]
    while waiting:
        node = waiting.pop()
        if node.child_count == 0:
            yield node
        waiting.extend(reversed(node.children))


def _statement(problem: Problem, names: Names) -> str:
    """Names within code marks, other words between them."""
    parts: list[str] = []
    end = 0
    for span in _SPAN.finditer(problem.prompt):
        parts.append(_prose(problem.prompt[end : span.start()]))
        parts.append(_words(span[0], problem.language, names))
        end = span.end()
    return "".join([*parts, _prose(problem.prompt[end:])])


def _prose(text: str) -> str:
    for pattern, words in PROSE:
        text = re.sub(pattern, words, text)
    return text


def _words(span: str, language: str, names: Names) -> str:
    """A piece of code in prose, too short for a grammar; what is quoted is data and stays."""
    parts = re.split(r'("[^"]*")', span)
    return "".join(
        part if part.startswith('"') else re.sub(r":?\w+", _word(language, names), part)
        for part in parts
    )


def _word(language: str, names: Names) -> Callable[[re.Match[str]], str]:
    elixir = language == "elixir"

    def replaced(found: re.Match[str]) -> str:
        said, before = found[0], found.string[: found.start()]
        after = found.string[found.end() :].lstrip()
        colon = ":" if said.startswith(":") else ""
        bare = said.removeprefix(":")
        if bare in names.modules and (elixir or after.startswith(":") or after in ("", "`")):
            return colon + names.modules[bare]
        called = after.startswith(("(", "/"))
        if called and bare in names.functions and _ours(before, colon, names):
            return colon + names.functions[bare]
        if (colon or not elixir) and not called and bare in names.atoms:
            return colon + names.atoms[bare]
        free = not colon and not called and not after.startswith(":") and before[-1:] != "."
        return colon + (names.variables.get(bare, bare) if free else bare)

    return replaced


def _ours(before: str, colon: str, names: Names) -> bool:
    """Is a function named alone, or behind a module of the problem?"""
    home = re.search(r"([\w.]+)\.$" if not colon else r"(\w+)$", before)
    return home is None or home[1] in names.modules
