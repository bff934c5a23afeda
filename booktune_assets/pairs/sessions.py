"""Shell sessions with offsets, and which earlier lines an expression needs.

Belongs here: entries of a transcript with exact places, free names of an expression, the lines that
bind them. Does not: questions (``predict.py``), running anything (``beam/``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from booktune_assets.concepts.lexicon import STANDARD_MODULES
from booktune_assets.concepts.mentions import code_without_text

__all__ = [
    "Entry",
    "atom_modules",
    "bound",
    "entries",
    "free",
    "modules_used",
    "own_calls",
    "without_remarks",
]

_IEX = re.compile(r"\s*iex(?:\([^)\n]*\))?>\s?")
_IEX_MORE = re.compile(r"\s*(?:\.\.\.|…)(?:\([^)\n]*\))?>\s?")
_ERL = re.compile(r"\s*(?:\([^)\n]*\))?\d+>(?:\s|$)")
_ERL_MORE = re.compile(r"\s*\.\.(?:\s|$)")
_ERL_ENDS = re.compile(r"\.\s*(?:%.*)?$")

_REMARK = {"iex": re.compile(r"\s*#(?:\s|$)"), "erl_shell": re.compile(r"\s*%")}
_NAME = {
    "iex": re.compile(r"(?<![\w.:@&?~])([a-z_]\w*[!?]?)(?![\w(]|:(?!:)|\.\()"),
    "erl_shell": re.compile(r"(?<![\w'])([A-Z_]\w*)"),
}
_DOTTED = re.compile(r"(?<![\w.:@&?~])([a-z_]\w*)(?=\.\()")
_OPENS, _CLOSES = re.compile(r"(?<![\w.:])(?:do|fn)\b(?!:)"), re.compile(r"(?<![\w.:])end\b(?!:)")
_RESERVED_WORDS = """
do end fn case cond if unless else when and or not in true false nil for with receive after try
rescue catch raise import alias require use def defp defmodule self node super _ defmacro
"""
_RESERVED = frozenset(_RESERVED_WORDS.split())
_KERNEL_WORDS = """
abs apply binary_part bit_size byte_size ceil div elem exit floor hd inspect is_atom is_binary
is_bitstring is_boolean is_exception is_float is_function is_integer is_list is_map is_map_key
is_nil is_number is_pid is_port is_reference is_struct is_tuple length make_ref map_size max min
node not put_elem raise reraise rem round self send spawn spawn_link spawn_monitor throw tl
trunc tuple_size update_in put_in get_in pop_in to_string to_charlist tap then dbg binding alias
if unless case cond for fn with quote unquote receive try struct struct! match? sigil_r def defp
defmodule defstruct import require use in and or i h v c r ls flush recompile is_non_struct_map
get_and_update_in super
"""
_KERNEL = frozenset(_KERNEL_WORDS.split())
_SIGIL = re.compile(
    r"~[a-zA-Z](?:\([^)]*\)|\[[^\]]*\]|\{[^}]*\}|<[^>]*>|/(?:[^/\\]|\\.)*/|\|[^|]*\||'[^']*'|"
    r"\"[^\"]*\")[a-z]*"
)
_CALL = re.compile(r"(?<![\w.:@&?~])([a-z_]\w*[!?]?)(?=\()")
_CAPTURE = re.compile(r"&([a-z_]\w*[!?]?)/\d")
_MODULE = re.compile(r"(?<![\w:.%\"])%?([A-Z]\w*(?:\.[A-Z]\w*)*)(?=[.{(,\s)\]}]|$)")
_SCOPED = re.compile(
    r"(?:\bfn\b|\bdo\b|;|\n|\bfun\s*\(|\bof\b|\belse\b|\bafter\b)((?:(?!->|\bfn\b|\bdo\b|;|"
    r"\n).)*)->"
)
_DRAWN = re.compile(r"(?:\bfor\b|\bwith\b|,|\n|\|\|)((?:(?!<-|,\s*[a-z_]+ <-).)*?)<-")
_MATCHED = re.compile(
    r"(?m)(?:^|[;(,]|->|\bdo\b)\s*([^=\n;]*?[\w}\])\">?!])\s*(?<![=!<>:+*/-])=(?![=~>:/])"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One exchange. ``raw`` is the typed part with prompts, ``block_text[start:typed_end]``."""

    expression: str
    result: str
    start: int
    typed_end: int
    result_start: int
    end: int


def entries(text: str, shell: str) -> list[Entry]:
    """Exchanges of a transcript in order, each with its place in the text."""
    return list(_entries(text, shell))


@lru_cache(maxsize=4096)  # each family looks at the same sessions
def _entries(text: str, shell: str) -> tuple[Entry, ...]:
    first, more = (_IEX, _IEX_MORE) if shell == "iex" else (_ERL, _ERL_MORE)
    found: list[Entry] = []
    typed: list[str] = []
    start = typed_end = result_start = result_end = place = 0
    for line in [*text.splitlines(keepends=True), ""]:
        bare = line.rstrip("\r\n")
        prompt = first.match(bare)
        waiting = bool(typed) and not prompt and not result_start and _unfinished(typed, shell)
        if (prompt or not line) and typed:
            result = text[result_start:result_end] if result_start else ""
            result = without_remarks(result, shell)
            found.append(
                Entry("\n".join(typed).strip(), result.strip("\n"), start, typed_end,
                      result_start, result_start + len(result.rstrip("\n")))
            )  # fmt: skip
            typed, result_start = [], 0
        if prompt:
            typed, start, typed_end = [bare[prompt.end() :]], place, place + len(bare)
        elif typed and not result_start and (goes_on := more.match(bare)):
            typed.append(bare[goes_on.end() :])
            typed_end = place + len(bare)
        elif typed and waiting and bare.strip() and not bare.lstrip().startswith("** ("):
            typed.append(bare)
            typed_end = place + len(bare)
        elif typed and bare.strip():
            result_start = result_start or place
            result_end = place + len(bare)
        place += len(line)
    return tuple(entry for entry in found if entry.expression)


def without_remarks(result: str, shell: str) -> str:
    """A result without the author's comments below it."""
    remark = _REMARK[shell]
    lines = result.split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or remark.match(lines[-1])):
        lines.pop()
    return "\n".join(lines)


def _unfinished(typed: list[str], shell: str) -> bool:
    """Does the shell still wait for the rest? Some books print continued lines without a prompt."""
    if shell == "erl_shell":
        return not _ERL_ENDS.search(typed[-1])
    bare = _bare("\n".join(typed))
    brackets = sum(bare.count(mark) for mark in "([{") - sum(bare.count(mark) for mark in ")]}")
    blocks = len(_OPENS.findall(bare)) - len(_CLOSES.findall(bare))
    return brackets > 0 or blocks > 0


def bound(expression: str, shell: str) -> set[str]:
    """Names that stay bound after the expression was evaluated."""
    bare = _bare(expression)
    names: set[str] = set()
    for match in _MATCHED.finditer(bare):
        if match.start() == 0 or bare[: match.start()].count("(") == 0:
            names |= set(_NAME[shell].findall(match.group(1)))
    names |= set(re.findall(r"\bdefmodule\s+([A-Z][\w.]*)", bare))
    return names - _RESERVED


def free(expression: str, shell: str) -> set[str]:
    """Names that the expression uses and does not bind itself. Strings count by their ``#{…}``."""
    inside = " ".join(re.findall(r"#\{([^{}]*)\}", expression)) if shell == "iex" else ""
    bare = _bare(expression)
    if re.match(r"\s*def(?:module|protocol|impl)\b|\s*quote\b", bare):
        return set()
    own: set[str] = set()
    for scope in (_SCOPED, _DRAWN):
        for match in scope.finditer("\n" + bare):
            own |= set(_NAME[shell].findall(match.group(1).replace("^", "^:")))
    used: set[str] = set()
    for match in _NAME[shell].finditer(bare):
        used.add(match.group(1))
    for match in _MATCHED.finditer(bare):
        left = set(_NAME[shell].findall(match.group(1).replace("^", "^:")))
        rest = bare[: match.start(1)] + bare[match.end(1) :]
        before = set(_NAME[shell].findall(bare[: match.start(1)]))
        same_line = set(_NAME[shell].findall(bare[match.end() :].partition("\n")[0]))
        own |= (left - set(_NAME[shell].findall(rest))) | (left - before - same_line)
    used |= set(re.findall(r"\^([a-zA-Z_]\w*)", bare))
    used |= set(_DOTTED.findall(bare)) | set(_NAME[shell].findall(inside))
    pinned = set(re.findall(r"\^([a-z_]\w*)", bare))
    called = _KERNEL - set(_DOTTED.findall(bare)) if shell == "iex" else frozenset[str]()
    names = (used - own - called) | pinned
    return {name for name in names if name not in _RESERVED and not name.startswith("_")}


def own_calls(expression: str) -> set[str]:
    """Calls without a module that Kernel does not know: they need a definition or an import."""
    bare = re.sub(r"<<.*?>>", "", code_without_text(expression))
    if re.search(r"\bdefmodule\b|\bquote\b", bare):
        return set()
    return (set(_CALL.findall(bare)) | set(_CAPTURE.findall(bare))) - _KERNEL - _RESERVED


def _bare(expression: str) -> str:
    """Without strings, comments and sigils."""
    return _SIGIL.sub("~s", code_without_text(expression))


def atom_modules(expression: str) -> set[str]:
    """Erlang modules called as ``:name.function`` that are not standard."""
    called = re.findall(r"(?<!\w):([a-z]\w*)\.[a-z]\w*", code_without_text(expression))
    return set(called) - STANDARD_MODULES


def modules_used(expression: str) -> set[str]:
    """Modules that are neither standard nor defined in the expression."""
    bare = code_without_text(expression)
    made = set(re.findall(r"\bdefmodule\s+([A-Z][\w.]*)", bare))
    names = {name for name in _MODULE.findall(bare) if name not in made}
    return {
        name
        for name in names
        if name.split(".")[0] not in STANDARD_MODULES and not name.endswith("Error")
    }
