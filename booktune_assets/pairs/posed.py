"""Exchanges of a section's shell sessions, each with all that it needs to be asked alone.

Belongs here: which earlier lines and listings of the section an expression needs, the program that
they make together, examples inside of documentation. Does not: questions (``predict.py``,
``diagnose.py``, ``fix_bug.py``, ``fill.py``), reading prompts and names (``sessions.py``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from booktune_assets.beam.alone import Piece, Program
from booktune_assets.beam.compare import shown_error
from booktune_assets.concepts.mentions import code_without_text
from booktune_assets.pairs.candidate import Quote, View, fenced
from booktune_assets.pairs.remarks import stated
from booktune_assets.pairs.sessions import (
    Entry,
    atom_modules,
    bound,
    entries,
    free,
    modules_used,
    own_calls,
)

__all__ = [
    "Posed", "documented", "lent_modules", "listings_of", "modules_in", "needed_listings", "posed",
    "section_modules",
]  # fmt: skip

LINES_MAX = 40
VOLATILE = re.compile(
    r"\bnode\(\)|utc_now|DateTime\.now|monotonic_time|system_time|os_time|:rand\.|rand:|"
    r"Enum\.(?:random|shuffle|take_random)|"
    r"System\.|timer:tc|:timer\.tc|unique_integer|erlang:now|erlang:system_time|memory\(|"
    r"process_info|"
    r"File\.(?:read|ls|cwd)|Node\.|nodes\(\)|\bls\(?\b|local_time|localtime|:observer|"
    r"(?m:^\s*(?:[hicr]|recompile)(?:\(| +[\"':A-Z]))|:c\."
)
_STATEFUL = re.compile(
    r"\b(?:use (?:GenServer|Agent|Supervisor)|Agent\.|GenServer\.|Supervisor\.|spawn\w*\(|"
    r"send\(|receive\b|"
    r":?ets[.:]|Process\.|register\(|Registry\.|gen_server|put_env|exit\(|monitor\(|link\()| ! "
)
_ATOM = re.compile(r"(?<![\w:]):([a-z]\w*)(?![\w.])")
_PLAIN_ATOMS = frozenset((":ok", ":error", ":normal", ":kill", ":stop", ":reply", ":noreply"))
_MAILBOX = re.compile(
    r"\bself\(\)|\breceive\b|\bflush\b|spawn_\w+\(|\bmonitor\(|\btrap_exit\b|\bTask\."
)
_READS = re.compile(
    r"(?:\w+ = )?:?ets[.:](?:lookup\w*|match|match_object|select|info|member|tab2list|first|last|"
    r"next|prev|fun2ms|whereis)\([^|]*$"
)
_WAITS = re.compile(r"(?:Process\.|:?timer[.:])sleep\(")
_NAMELESS = re.compile(r"^\w+ = :?ets[.:]new\(")
_NAMED = re.compile(r"\bname: |\{local, |Registry")
_MADE = re.compile(r"\bdefmodule\s+([A-Z][\w.]*)|^-module\((\w+)\)", re.M)
_PROMPT = re.compile(r"(?m)^\s*iex[^\n>]*>")
_NAME = re.compile(r"(?<![\w.:])[A-Z]\w*(?:\.[A-Z]\w*)*|(?<![\w:?])[a-z]\w*(?=:[a-z])")
_ERLANG_CALL = re.compile(r"(?<![\w:?])([a-z]\w*):[a-z]\w*\(")
_DOC = re.compile(r'@(?:module)?doc (?:~S)?"""\n(.*?)\n\s*"""', re.S)
_DOC_PROMPT = re.compile(r"\s*iex(?:\(\d+\))?>\s?(.*)")
_DOC_MORE = re.compile(r"\s*\.\.\.(?:\(\d+\))?>\s?(.*)")

Block = dict[str, Any]


@dataclass(slots=True)
class Line:
    """One exchange, the block in which it stands, and its place among all that are typed."""

    block: Block
    entry: Entry
    order: int = 0


@dataclass(slots=True)
class Posed:
    """An exchange that shows a result, with its setup. ``problem``: what is missing to ask it."""

    line: Line
    setup: list[Line] = field(default_factory=list[Line])
    listings: list[Block] = field(default_factory=list[Block])
    problem: str = ""

    @property
    def block(self) -> Block:
        return self.line.block

    @property
    def entry(self) -> Entry:
        return self.line.entry

    @property
    def shell(self) -> str:
        return self.line.block["kind"]

    @property
    def lang(self) -> Literal["elixir", "erlang"]:
        return "elixir" if self.shell == "iex" else "erlang"

    @property
    def typed(self) -> list[str]:
        """All that is typed, in order."""
        return [*(one.entry.expression for one in self.setup), self.entry.expression]

    @property
    def fails(self) -> bool:
        """Does the book show an error for it?"""
        return shown_error(self.entry.result, self.lang)

    def program(self, swapped: Mapping[str, str] | None = None, *, hasty: bool = False) -> Program:
        """Listings, setup and expression; ``swapped`` are other texts for blocks, by id."""
        own = swapped or {}
        texts = ((one, own.get(one["block_id"]) or str(one["text"])) for one in self.listings)
        pieces = [Piece("listing", _lang(one), text) for one, text in texts]
        for one in self.setup:
            bad = shown_error(one.entry.result, self.lang)
            result = one.entry.result if bad else ""
            pieces.append(Piece("typed", self.lang, one.entry.expression, result, bad))
        last = Piece(
            "typed", self.lang, self.entry.expression, self.entry.result, self.fails
        )  # fmt: skip
        return Program((*pieces, last), hasty)

    def shown(self, lang: str | None = None) -> list[str]:
        """Parts of a question: the listings, then what is typed, fenced as ``lang``."""
        parts = [fenced(one["text"], one["lang"]) for one in self.listings]
        if parts:
            parts.insert(0, "This is loaded:" if len(parts) == 1 else "These listings are loaded:")
            parts.append("This is evaluated:")
        return [*parts, fenced("\n".join(self.typed), self.lang if lang is None else lang)]

    def quotes(self, view: View) -> list[Quote]:
        """Verbatim places of the listings and of what is typed."""
        found = [view.quote(one, 0, len(one["text"]), "question") for one in self.listings]
        for one in (*self.setup, self.line):
            start, end = one.entry.start, one.entry.typed_end
            found.append(view.quote(one.block, start, end, "question"))
        return found

    def code(self) -> list[tuple[str, str]]:
        """What has to parse."""
        listings = [(one["lang"], one["text"]) for one in self.listings]
        return listings + [(self.lang, one) for one in self.typed]


def posed(
    view: View, *, told: bool = True, fit: Callable[[Posed], bool] | None = None
) -> list[Posed]:
    """Every exchange of the section that shows a result, in order; those that show none with
    ``told`` false. Comments state results, too (``# => 3``). With ``fit`` only those that it
    takes, each expression once."""
    found = [one for one in _exchanges(view) if bool(one.entry.result) is told]
    if fit is None:
        return found
    first: dict[str, Posed] = {}
    for one in found:
        if one.entry.expression not in first and fit(one):
            first[one.entry.expression] = one
    return list(first.values())


def _exchanges(view: View) -> list[Posed]:
    if (known := view.memo.get("posed")) is not None:
        return cast("list[Posed]", known)
    found: list[Posed] = []
    earlier = [Line(*one, order) for order, one in enumerate(view.standing)]
    modules = dict(view.lent)
    listings = {block["block_id"]: block for block in listings_of(view)}
    for block in view.blocks:
        if listing := listings.get(block["block_id"]):
            modules |= modules_in(listing)
        home = block
        if block["kind"] in ("iex", "erl_shell"):
            typed = entries(block["text"], block["kind"])
        elif block["kind"] == "code" and block["lang"] == "elixir":
            typed, home = stated(block["text"]), {**block, "kind": "iex"}
        else:
            continue
        for entry in typed:
            line = Line(home, entry, len(earlier))
            found.append(_posed(line, earlier, modules))
            earlier.append(line)
    view.memo["posed"] = found
    return found


def listings_of(view: View) -> list[Block]:
    """Listings of Elixir and Erlang, and modules that stand above the first prompt of a session."""
    if (known := view.memo.get("listings")) is not None:
        return cast("list[Block]", known)
    found: list[Block] = []
    for block in view.blocks:
        if block["kind"] == "code" and block["lang"] in ("elixir", "erlang"):
            found.append(block)
        elif block["kind"] == "iex":
            prompt = _PROMPT.search(block["text"])
            above = block["text"][: prompt.start()].rstrip() if prompt else ""
            if _MADE.search(above):
                found.append({**block, "kind": "code", "lang": "elixir", "text": above})
    view.memo["listings"] = found
    return found


def section_modules(view: View, until: Block) -> dict[str, Block]:
    """Modules that a listing can use, by name: lent ones, and those that stand before it."""
    found = dict(view.lent)
    for block in listings_of(view):
        if block["block_id"] == until["block_id"]:
            break
        found |= modules_in(block)
    return found


def modules_in(block: Block) -> dict[str, Block]:
    """The listing by the names of the modules that it defines."""
    return {one.group(1) or one.group(2): block for one in _MADE.finditer(block["text"])}


def lent_modules(sections: Iterable[tuple[str, Sequence[Block]]]) -> Iterator[dict[str, Block]]:
    """For each section the listings of earlier ones that define modules which it uses.

    ``sections`` are (chapter, blocks) in book order. The latest definition of the chapter counts,
    and what a lent listing itself uses comes with it.
    """
    chapter, made = "", dict[str, Block]()
    for title, blocks in sections:
        if title != chapter:
            chapter, made = title, {}
        own = [block for block in blocks if block["kind"] in ("code", "iex", "erl_shell")]
        here = {name for block in own for name in modules_in(block)}
        waiting = [block["text"] for block in own] if made else []
        lent: dict[str, Block] = {}
        while waiting:
            words = set(_NAME.findall(waiting.pop()))
            for name in sorted((words & set(made)) - here - set(lent)):
                lent[name] = made[name]
                waiting.append(made[name]["text"])
        yield {name: lent[name] for name in made if name in lent}
        for block in own:
            if block["kind"] == "code" and block["lang"] in ("elixir", "erlang"):
                made |= modules_in(block)


def _posed(line: Line, earlier: list[Line], modules: dict[str, Block]) -> Posed:
    shell = line.block["kind"]
    setup, missing = _setup(line, earlier, shell, set(modules))
    typed = [*(one.entry.expression for one in setup), line.entry.expression]
    listings, unknown = needed_listings("\n".join(typed), modules, shell)
    if not missing and _STATEFUL.search("\n".join([*typed, *(one["text"] for one in listings)])):
        setup = _remembered(line, earlier, modules)
        typed = [*(one.entry.expression for one in setup), line.entry.expression]
        listings, unknown = needed_listings("\n".join(typed), modules, shell)
        missing = _unstarted(typed, listings, shell)
    return Posed(line, setup, listings, missing or unknown)


def _setup(line: Line, earlier: list[Line], shell: str, known: set[str]) -> tuple[list[Line], str]:
    """Earlier lines that bind what the expression uses, and what is missing."""

    def needs(expression: str) -> set[str]:
        named = modules_used(expression) - known if shell == "iex" else set[str]()
        return free(expression, shell) | named

    wanted = needs(line.entry.expression)
    chosen: list[Line] = []
    for before in reversed(earlier):
        if not wanted:
            break
        if before.block["kind"] != shell:
            continue
        gives = bound(before.entry.expression, shell)
        if gives & wanted and "**" not in before.entry.result[:3]:
            chosen.append(before)
            wanted = (wanted - gives) | needs(before.entry.expression)
    lacking = "module_not_shown" if any(name[:1].isupper() for name in wanted) else "name_not_bound"
    if shell == "erl_shell":
        lacking = "name_not_bound"
    return chosen[::-1], lacking if wanted else ""


def _remembered(line: Line, earlier: list[Line], modules: Mapping[str, Block]) -> list[Line]:
    """Processes remember: what was said before to those that matter here, and what that needs.

    A process is known by a name that is bound, by its module, by an atom (a registered name, a
    table), or it is the shell itself, with its mailbox.
    """
    shell = line.block["kind"]
    wanted = free(line.entry.expression, shell)
    touched = _reached(line.entry.expression, shell, modules) | wanted
    chosen: list[Line] = []
    for one in reversed(earlier):
        said = one.entry.expression
        if one.block["kind"] != shell or VOLATILE.search(said):
            continue
        gives, reached = bound(said, shell), _reached(said, shell, modules)
        own = modules_used(said) | atom_modules(said) | set(_ERLANG_CALL.findall(said))
        acts = bool(own & set(modules) or _STATEFUL.search(said)) and not _only_looks(said)
        if gives & wanted or (acts and reached & touched):
            chosen.append(one)
            wanted = (wanted - gives) | free(said, shell)
            touched |= reached | wanted
    if chosen:  # what the others do in the meantime shows in the result
        begun = min(one.order for one in chosen)
        late = [one for one in earlier if one.order > begun and one.block["kind"] == shell]
        chosen += [one for one in late if _WAITS.match(one.entry.expression) and one not in chosen]
    return sorted(chosen, key=lambda one: one.order)


def _only_looks(said: str) -> bool:
    """Does a line read a table, or make one that has no name and that nobody asks for?"""
    return bool(_READS.match(said)) or bool(_NAMELESS.search(said) and "named_table" not in said)


def _reached(said: str, shell: str, modules: Mapping[str, Block]) -> set[str]:
    """What processes an expression may speak to: names, own modules, atoms, the shell's mailbox."""
    bare = code_without_text(said)
    own = (modules_used(said) | atom_modules(said) | set(_ERLANG_CALL.findall(bare))) & set(modules)
    found = free(said, shell) | bound(said, shell) | own
    found |= {f":{name}" for name in _ATOM.findall(bare)} - _PLAIN_ATOMS
    return found | ({"self()"} if _MAILBOX.search(bare) else set[str]())


def _unstarted(typed: list[str], listings: list[Block], shell: str) -> str:
    """What a session with processes lacks: a start, a binding, or measure."""
    text = "\n".join(typed)
    if any(_NAMED.search(one["text"]) for one in listings) and "start" not in text:
        return "process_not_started"
    known: set[str] = set()
    for expression in typed:
        if free(expression, shell) - known:
            return "name_not_bound"
        known |= bound(expression, shell)
    if text.count("\n") > LINES_MAX or re.search(r"\b(?:GenServer|Agent)\.\w+\((?::|[A-Z])", text):
        return "setup_too_long" if text.count("\n") > LINES_MAX else "process_not_started"
    return ""


def needed_listings(code: str, modules: Mapping[str, Block], shell: str) -> tuple[list[Block], str]:
    """Listings that define the modules used, and what is missing."""
    if shell == "iex":
        needed, strange = modules_used(code) | atom_modules(code), own_calls(code)
    else:
        calls = set(_ERLANG_CALL.findall(code_without_text(code)))
        needed, strange = {name for name in calls if name in modules}, set[str]()
    found: dict[str, Block] = {}
    made = set(re.findall(r"\bdefmodule\s+([A-Z][\w.]*)", code))
    waiting = sorted(needed - made)
    while waiting:  # what a listing uses has to be shown as well
        name = waiting.pop(0)
        home = modules.get(name) or modules.get(name.split(".")[0])
        if home is None:
            return [], "module_not_shown"
        if home["block_id"] not in found:
            found[home["block_id"]] = home
            waiting += sorted(modules_used(home["text"])) if home["lang"] == "elixir" else []
    text = "\n".join(one["text"] for one in found.values())
    if any(not re.search(rf"\bdef\w*\s+{re.escape(name)}\b", text) for name in strange):
        return [], "function_not_shown"
    order = {block["block_id"]: number for number, block in enumerate(modules.values())}
    return sorted(found.values(), key=lambda one: order[one["block_id"]]), ""


def documented(text: str) -> list[tuple[str, str]]:
    """(expression, result) of the examples in an Elixir listing's documentation."""
    found: list[tuple[str, str]] = []
    for doc in _DOC.finditer(text):
        typed: list[str] = []
        result: list[str] = []
        for line in [*doc[1].splitlines(), ""]:
            prompt, more = _DOC_PROMPT.match(line), _DOC_MORE.match(line)
            if more and typed and not result:
                typed.append(more[1])
            elif prompt or not line.strip():
                if typed and result:
                    found.append(("\n".join(typed), "\n".join(result)))
                typed, result = ([prompt[1]] if prompt else []), []
            elif typed:
                result.append(line.strip())
    return found


def _lang(block: Block) -> Literal["elixir", "erlang"]:
    return "erlang" if block["lang"] == "erlang" else "elixir"
