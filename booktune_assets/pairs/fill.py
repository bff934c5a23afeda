"""Family ``fill_in``: a listing with the body or a clause of a function left out.

Belongs here: which pieces of a listing can be left out, and the listing without them. Does not:
examples of a listing (``trials.py``).

The answer put in place of the mark gives the listing byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from booktune_assets.beam.elixir_functions import functions_of
from booktune_assets.beam.elixir_walk import walk
from booktune_assets.beam.erlang_functions import erl_functions_of
from booktune_assets.beam.erlang_tree import erl_walk
from booktune_assets.beam.tree import child, content
from booktune_assets.books.judge import syntax_tree
from booktune_assets.concepts.mentions import code_without_text
from booktune_assets.ids import stable_int
from booktune_assets.pairs.candidate import (
    Candidate,
    View,
    fenced,
    language_name,
    shown,
)
from booktune_assets.pairs.explain import prose_about
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.posed import Posed, documented, listings_of
from booktune_assets.pairs.remarks import unanswered
from booktune_assets.pairs.trials import (
    doc_tests,
    examples_of,
    listing_trial,
    tests_of,
    use_trials,
)
from booktune_assets.pairs.wording_code import ask_code
from booktune_assets.pairs.write_value import LITERAL

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["MARK", "Hole", "fill_in", "holes", "without"]

MARK = "___"
HOLES_MAX = 2  # of one listing
SHARE_MAX = 0.6  # of a listing that may be left out
WORDS_MIN = 2
NAMED_MIN = 0.75  # of the words that are left out: what nothing says is not asked
TOLD_MIN = 0.6  # when prose speaks of the listing too
_NOTE = re.compile(r"(?m)^\s*(?:#|%+).*$")
# what code gives back by custom, and where one begins to count
_USUAL = frozenset((
    ":ok", ":error", ":reply", ":noreply", ":stop", ":normal", ":infinity", "0", "1", "2", "10",
    "100", "\"\"",
))  # fmt: skip
_WORD = re.compile(r"[A-Za-z_]\w*")
_WORDS_ABOVE = re.compile(r'^\s*(?:#|%+)\s*\w+ \w+|@doc(?! false)|^\s*"""|@spec|-spec')
_LITERAL = re.compile(r"(?::?\w+[!?]?|\"[^\"\n]*\"|[\[{(]*[\])}]*|\d+)\.?;?")
_ELIDED = re.compile(r"\.\.\.|…")
_TO_DO = re.compile(r"[#%]\s*(?:TODO|FIXME|\.\.\.|…|omitted|your code)\b|[#%]\s*(?:\.\.\.|…)", re.I)


@dataclass(frozen=True, slots=True)
class Hole:
    """``text[start:end]`` of a listing, what is left out; ``mark`` stands there instead."""

    kind: str  # body, clause
    name: str  # of the function, with its arity
    start: int
    end: int
    mark: str


def fill_in(view: View) -> Iterator[Candidate]:
    """At most two candidates per listing of functions."""
    for block in listings_of(view):
        text, lang = block["text"], block["lang"]
        if MARK in text or _ELIDED.search(code_without_text(text)) or _TO_DO.search(text):
            continue
        found = holes(text, lang)
        if not found:
            continue
        found.sort(key=lambda one: stable_int(f"{block['block_id']} {one.start} {one.end}"))
        chosen: dict[str, Hole] = {}
        for one in found:
            chosen.setdefault(one.name, one)
        for one in list(chosen.values())[:HOLES_MAX]:
            yield _candidate(view, block, one)


def holes(text: str, lang: str) -> list[Hole]:
    """Bodies and clauses that can be left out, none when the text has faults."""
    root = syntax_tree(text, lang)
    if root.has_error:
        return []
    data = text.encode()
    found: list[Hole] = []
    for kind, name, first, last in _elixir(root) if lang == "elixir" else _erlang(root):
        start = len(data[:first].decode())
        end = len(data[:last].decode())
        if hole := _hole(text, kind, name, start, end, "#" if lang == "elixir" else "%%"):
            found.append(hole)
    return found


def _hole(text: str, kind: str, name: str, start: int, end: int, sign: str) -> Hole | None:
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    stop = len(text) if stop < 0 else stop
    indent = text[begin:start]
    whole = not indent.strip() and not text[end:stop].strip()
    if kind == "clause":
        if not whole:
            return None
        mark = f"{indent}{sign} {MARK}"
    else:
        mark = f"{indent}{MARK}" if whole else MARK
    if whole:
        start, end = begin, stop
    left_out = text[start:end]
    if len(left_out) > SHARE_MAX * len(text) or _LITERAL.fullmatch(left_out.strip()):
        return None
    words = re.findall(r"\w+", code_without_text(left_out))
    return Hole(kind, name, start, end, mark) if len(words) >= WORDS_MIN else None


def _elixir(root: Node) -> Iterator[tuple[str, str, int, int]]:
    for one in functions_of(list(walk(root))):
        if not one.module:
            continue
        for clause in one.clauses:
            node = clause.call.node
            if clause.body:
                yield "body", _named(one), clause.body[0].start_byte, clause.body[-1].end_byte
            if len(one.clauses) > 1 and clause.body:
                yield "clause", _named(one), node.start_byte, node.end_byte


def _named(one: Any) -> str:
    return f"{one.name}/{one.arity}"


def _erlang(root: Node) -> Iterator[tuple[str, str, int, int]]:
    if not any(one.type == "module_attribute" for one in content(root)):
        return
    for one in erl_functions_of(list(erl_walk(root))):
        for clause in one.clauses:
            body = content(child(clause, "body") or clause)
            if body:
                yield "body", one.label, body[0].start_byte, body[-1].end_byte
            form = clause.parent
            if len(one.clauses) > 1 and form is not None and form.type == "fun_decl":
                yield "clause", one.label, form.start_byte, form.end_byte


def _candidate(view: View, block: dict[str, Any], hole: Hole) -> Candidate:
    text, lang = block["text"], block["lang"]
    answer = text[hole.start : hole.end]
    masked = text[: hole.start] + hole.mark + text[hole.end :]
    kind = "fill_clause" if hole.kind == "clause" else "fill_body"
    key = f"{block['block_id']}:{hole.start}"
    words = ask_code(
        kind, key, name=hole.name, mark=MARK, language=language_name(lang)
    )  # fmt: skip
    examples = examples_of(view, block, hole.name.split("/")[0])
    bare = not examples and not _described(text, hole) and not _says_what(text, hole)
    about = prose_about(view, block) if bare else []
    said = "\n\n".join(shown(one.text) for one in about)
    said = said if _says_what(text, hole, said, TOLD_MIN) else ""
    about = about if said else []
    parts = [words, *([said] if said else []), fenced(unanswered(masked), lang)]
    quotes = [
        view.quote(block, start, end, "question")
        for start, end in ((0, hole.start), (hole.end, len(text)))
        if text[start:end].strip()
    ]
    parts += _used(block, examples)
    for one in examples:
        quotes += [quote for quote in one.quotes(view) if quote.block_id != block["block_id"]]
    quotes += [replace(one, role="question") for one in about]
    quotes.append(view.quote(block, hole.start, hole.end, "answer"))
    question = "\n\n".join(parts)
    problem = "not_determined" if bare and not said else ""
    if _guessed(answer, question):
        problem = problem or "literal_not_in_question"
    return Candidate(
        "fill_in", block["block_id"], lang, "code", question, fenced(answer, lang),
        quotes, [(lang, text)], borrowed=said, problem=problem,
        trials=(
            listing_trial(view, block, needed=True), *tests_of(examples, needed=True),
            *_reaching(block, hole, examples),
            *doc_tests(view, block), *use_trials(view, block),
        ),
    )  # fmt: skip


def _used(block: dict[str, Any], examples: list[Posed]) -> list[str]:
    """The examples as parts of a question, after the listings that they call beside this one."""
    others = {
        listing["block_id"]: fenced(listing["text"], listing["lang"])
        for one in examples for listing in one.listings
        if listing["block_id"] != block["block_id"]
    }  # fmt: skip
    parts = ["This is loaded as well:", *others.values()] if others else []
    shown = [
        fenced("\n".join([*one.typed, _remark(one.entry.result, one.lang)]), one.lang)
        for one in examples
    ]
    return [*parts, "It is used like this:", *shown] if examples else []


def _reaching(block: dict[str, Any], hole: Hole, examples: list[Posed]) -> list[Trial]:
    """Without what is left out an example must fail, else they say nothing about it."""
    own = {block["block_id"]: without(block["text"], block["lang"], hole)}
    return [Trial(one.program(own, hasty=True), "miss", needed=False) for one in examples]


def without(text: str, lang: str, hole: Hole) -> str:
    """The listing as it runs without what is left out: it compiles, so that only its use fails."""
    before, after = text[: hole.start], text[hole.end :]
    stop = 'raise "left out"' if lang == "elixir" else "erlang:error(left_out)"
    if hole.kind != "clause":
        return before + hole.mark.replace(MARK, stop) + after
    ends = len(code_without_text(before).rstrip())
    last = lang != "elixir" and text[hole.start : hole.end].rstrip().endswith(".")
    if last and before[ends - 1 : ends] == ";":  # the clause before is the last one now
        before = f"{before[: ends - 1]}.{before[ends:]}"
    return before + hole.mark + after


def _described(text: str, hole: Hole) -> bool:
    """Does documentation or a comment stand right above the function, or an example in its own?"""
    name = hole.name.split("/")[0]
    if any(re.search(rf"\b{re.escape(name)}\b", typed) for typed, _ in documented(text)):
        return True
    first = re.search(rf"(?m)^[ \t]*(?:def\w* )?{re.escape(name)}\b(?=[ (,])", text)
    before = text[: first.start()].rstrip() if first else ""
    above = before.rsplit("\n", 1)[-1]
    opening = before[: -len('"""')].rpartition('"""')[0].rsplit("\n", 1)[-1]
    if above.strip() == '"""' and "@doc" not in opening:
        return False  # what stands there is about the module
    return hole.kind == "body" and bool(_WORDS_ABOVE.search(above))


def _says_what(text: str, hole: Hole, said: str = "", least: float = NAMED_MIN) -> bool:
    """Does what is left, or what is said of it, name most of what is missing?"""
    rest = set(_WORD.findall(f"{text[: hole.start]} {text[hole.end :]} {said}"))
    lacking = _WORD.findall(text[hole.start : hole.end])
    return sum(word in rest for word in lacking) >= least * len(lacking)


def _guessed(answer: str, question: str) -> bool:
    """Has what is left out a constant that neither code, documentation nor an example shows?"""
    said = question.lower()
    for one in LITERAL.findall(_NOTE.sub("", answer)):
        if one in _USUAL:
            continue
        pieces = re.split(r"#\{[^}]*\}|\\n", one.strip('":'))
        if any(len(piece) > 1 and piece.strip().lower() not in said for piece in pieces):
            return True
        if one.isdigit() and not re.search(rf"(?<!\d){one}(?!\d)", said):
            return True
    return False


def _remark(result: str, lang: str) -> str:
    sign = "#" if lang == "elixir" else "%"
    return "\n".join(f"{sign} => {line}" for line in result.splitlines())
