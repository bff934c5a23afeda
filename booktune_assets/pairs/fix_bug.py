"""Family ``fix_bug``: code of the book with one fault put in, answered by the code as it was.

Belongs here: which code gets a fault, the example that shows it, the words about both. Does not:
faults (``beam/mutate.py``), running (``execute.py``).

The example that shows the fault is one of the book's own: with the code as it is it gives what the
book says, with the fault it does not. What it gives then is known only after a run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from textwrap import dedent
from typing import Any

from booktune_assets.beam.alone import Piece, Program
from booktune_assets.beam.grammar import parses
from booktune_assets.beam.mutate import Mutant, mutants_of
from booktune_assets.beam.tree import child, preorder, text_of
from booktune_assets.books.judge import syntax_tree
from booktune_assets.pairs.candidate import (
    Candidate,
    Quote,
    View,
    fenced,
    language_name,
)
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.posed import VOLATILE, Posed, documented, listings_of, posed
from booktune_assets.pairs.predict import ELIDED, OPAQUE
from booktune_assets.pairs.remarks import unanswered
from booktune_assets.pairs.trials import examples_of, listing_pieces
from booktune_assets.pairs.wording_code import ask_code

__all__ = ["DATA", "HANDLE", "PLAIN", "change", "faulty", "fix_bug", "mended", "worth"]

WHOLE_MAX = 12  # lines of a listing that an answer shows whole
_FUNCTIONS = frozenset(("def", "defp", "defmacro", "defmacrop", "test"))
MUTANTS_MAX = 4  # tried on one listing or expression
EXPRESSION_MIN = 24
_WORTH = re.compile(r"\bfn\b|\bcase\b|\|>|\bfor\b|\bwith\b|\bcond\b|\bif\b|&\(|\bfun\b|\|\|")
DATA = frozenset(("integer", "truth"))  # in an expression that is what it is asked about
_TOKEN = re.compile(r"\w+[?!]?|[^\w\s]+|\s+")
PLAIN = re.compile(r"[^\n`]{1,90}")
HANDLE = re.compile(r"#(?:PID|Ref|Reference|Function|Port|Fun)<|<\d+\.\d+\.\d+>|0x[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class _Example:
    """An expression, what it gives, and the programs with the code right and with another text."""

    expression: str
    result: str
    right: Program
    quotes: tuple[Quote, ...]
    posed: Posed | None = None


def fix_bug(view: View) -> Iterator[Candidate]:
    """Candidates for listings that examples rest on, then for expressions of some size."""
    for block in listings_of(view):
        yield from _of_listing(view, block)
    for one in posed(view):
        if not one.problem and not one.fails and worth(one.entry.expression):
            yield from _of_expression(view, one)


def _of_listing(view: View, block: dict[str, Any]) -> Iterator[Candidate]:
    text, lang = block["text"], block["lang"]
    if ELIDED.search(text) or VOLATILE.search(text):
        return
    examples = list(_examples(view, block))
    if not examples:
        return
    for number, mutant in enumerate(faulty(text, lang, MUTANTS_MAX)):
        example = examples[number % len(examples)]
        wrong = _with(example, block, mutant.text, view)
        changed = change(text, mutant)
        start, end = mended(text, lang, mutant.text)
        answer = f"{changed}\n\n{fenced(dedent(text[start:end]), lang)}"
        key = f"{block['block_id']}:{mutant.fault}"
        made = Candidate(
            "fix_bug", block["block_id"], lang, "code",
            _question("fix_listing", key, lang, mutant, example, ""), answer,
            [*example.quotes, view.quote(block, start, end, "answer")], [(lang, mutant.text)],
            glue=tuple(changed.split("\n")), problem=_problem(example, text),
            trials=(Trial(example.right, "value", tests=True), Trial(wrong, "differs")),
        )  # fmt: skip
        made.finish = _finisher("fix_listing", key, lang, mutant, example)
        yield made


def _of_expression(view: View, one: Posed) -> Iterator[Candidate]:
    block, text = one.block, one.entry.expression
    left_alone = DATA if text.count("|>") > 1 else DATA | {"stage"}  # one step is all of it
    for mutant in faulty(text, one.lang, 2, left_alone):
        program = one.program()
        *before, last = program.pieces
        wrong = Program(
            (*before, Piece("typed", last.lang, mutant.text, last.expected)), hasty=True
        )
        example = _Example(text, one.entry.result, one.program(), tuple(one.quotes(view)), one)
        changed = change(text, mutant)
        key = f"{block['block_id']}:{one.entry.start}:{mutant.fault}"
        made = Candidate(
            "fix_bug", block["block_id"], one.shell, "code",
            _question("fix_expression", key, one.lang, mutant, example, ""),
            f"{changed}\n\n{fenced(text, one.lang)}",
            [*example.quotes, view.quote(block, one.entry.start, one.entry.typed_end, "answer")],
            [*one.code()[:-1], (one.lang, mutant.text)], glue=tuple(changed.split("\n")),
            problem=_problem(example, text),
            trials=(Trial(example.right, "value", tests=True), Trial(wrong, "differs")),
        )  # fmt: skip
        made.finish = _finisher("fix_expression", key, one.lang, mutant, example)
        yield made


def faulty(text: str, lang: str, count: int, without: frozenset[str] = frozenset()) -> list[Mutant]:
    """Mutants whose fault leaves no gap in the text that would give its place away."""
    found = [
        replace(one, text=_tidy(text, one.text))
        for one in mutants_of(text, lang, count + len(without) * count)
        if one.kind not in without
    ]
    return [one for one in found if parses(one.text, lang) and one.text != text][:count]


def _tidy(right: str, wrong: str) -> str:
    """Without the empty lines that a clause leaves behind where it stood alone."""
    lines, kept = wrong.split("\n"), right.split("\n")
    first, _ = _alike(kept, lines)
    below = first + len(kept) - len(lines)
    if first < len(lines) and below > first and lines[first].strip() == kept[below].strip():
        lines[first] = kept[below]  # it has moved up behind the indentation of what is gone
        return "\n".join(lines)
    if first >= len(lines) or lines[first].strip() or not kept[first].strip():
        return wrong
    del lines[first]
    before = lines[first - 1].strip() if first else ""
    after = lines[first].strip() if first < len(lines) else ""
    if not after and (not before or before.endswith("do")) and first < len(lines):
        del lines[first]
    elif not before and after == "end":
        del lines[first - 1]
    return "\n".join(lines)


def worth(text: str) -> bool:
    """Is the code of such a size that a fault in it is no triviality?"""
    return len(text) >= EXPRESSION_MIN and bool(_WORTH.search(text))


def _examples(view: View, block: dict[str, Any]) -> Iterator[_Example]:
    """The section's exchanges that rest on the listing, then its documentation's own."""
    for one in examples_of(view, block):
        yield _Example(
            "\n".join(one.typed), one.entry.result, one.program(), tuple(one.quotes(view)), one
        )
    if block["lang"] != "elixir":
        return
    for expression, result in documented(block["text"])[:3]:
        pieces = (*listing_pieces(view, block), Piece("typed", "elixir", expression, result))
        whole = view.quote(block, 0, len(block["text"]), "question")
        yield _Example(expression, result, Program(pieces), (whole,))


def _with(example: _Example, block: dict[str, Any], text: str, view: View) -> Program:
    """The example's program with another text of the listing."""
    if example.posed is not None:
        return example.posed.program({block["block_id"]: text}, hasty=True)
    *before, _, last = example.right.pieces
    return Program((*before, Piece("listing", "elixir", text), last), hasty=True)


def _problem(example: _Example, text: str) -> str:
    if OPAQUE.search(example.result) or VOLATILE.search(f"{example.expression}\n{text}"):
        return "result_varies"
    return "elided" if ELIDED.search(f"{example.result}\n{text}") else ""


def _question(kind: str, key: str, lang: str, mutant: Mutant, example: _Example, came: str) -> str:
    """The question; ``came`` is what the example gives with the fault, empty when unknown."""
    symptom, below = _symptom(kind, example, came, lang)
    words = ask_code(kind, key, language=language_name(lang), symptom=symptom)
    parts = [words]
    if kind == "fix_listing" and example.posed is not None:
        others = [one for one in example.posed.listings if one["block_id"] not in key]
        parts += [fenced(one["text"], one["lang"]) for one in others]
    if kind == "fix_expression" and example.posed is not None:
        parts += [fenced(one["text"], one["lang"]) for one in example.posed.listings]
        before = example.posed.typed[:-1]
        if before:
            parts += ["Before it, this was evaluated:", fenced("\n".join(before), lang)]
            parts.append("The expression:")
    return "\n\n".join([*parts, fenced(unanswered(mutant.text), lang), *below])


def _symptom(kind: str, example: _Example, came: str, lang: str) -> tuple[str, list[str]]:
    """What is wrong, in a sentence, and what does not fit into one."""
    plain = PLAIN.fullmatch(example.result) is not None
    wanted = f"`{example.result}`" if plain else "what is shown below"
    what = "It"
    below: list[str] = []
    if kind == "fix_listing":
        if PLAIN.fullmatch(example.expression):
            what = f"`{example.expression.rstrip('.') if lang == 'erlang' else example.expression}`"
        else:
            what = "The example below"
            below += ["The example:", fenced(example.expression, lang)]
    if not plain:
        below += ["It should give:", fenced(example.result, "")]
    said = f"{what} should give {wanted}, but"
    if came.startswith("**"):
        return f"{said} it fails with `{came}`.", below
    return (f"{said} it gives `{came}`." if came else f"{said} does not."), below


def _finisher(kind: str, key: str, lang: str, mutant: Mutant, example: _Example) -> Any:
    """Says in the question what came, when that fits into a sentence and is the same each time."""

    def finish(candidate: Candidate) -> None:
        found = candidate.outcomes[-1]
        came = found[-1].actual if found else ""
        if came.startswith("**"):
            came = came.split("\n", 1)[0]
        if PLAIN.fullmatch(came) and not HANDLE.search(came) and came.isprintable():
            candidate.question = _question(kind, key, lang, mutant, example, came)

    return finish


def change(right: str, mutant: Mutant) -> str:
    """What has to be changed, in a sentence that names line and code."""
    wrong = mutant.text
    good, bad = right.split("\n"), wrong.split("\n")
    first, last = _alike(good, bad)
    lacking, faulty = good[first : len(good) - last], bad[first : len(bad) - last]
    part = {"clause": "A clause", "stage": "A step of the pipeline"}.get(mutant.kind, "A part")
    if len(lacking) == len(faulty) == 1:
        wanted, said = _tokens_apart(lacking[0], faulty[0])
        line = f": `{lacking[0].strip()}`" if len(good) > 1 else ""
        place = f" in line {first + 1}" if len(good) > 1 else ""
        if wanted and not said:
            return f"{part} is missing{place}: `{wanted}`."
        if wanted:
            return f"`{said}`{place} has to be `{wanted}`{line or '.'}"
    words = [" ".join(line.strip() for line in some if line.strip()) for some in (lacking, faulty)]
    if not words[1]:
        after = f" after line {first}" if first else " at the beginning"
        return f"{part} is missing{after}: `{words[0]}`."
    return f"From line {first + 1} on it has to read `{words[0]}`, not `{words[1]}`."


def mended(right: str, lang: str, wrong: str) -> tuple[int, int]:
    """What of a listing an answer shows, as (start, end): all of a short one, else the function
    that was changed."""
    lines = right.split("\n")
    if len(lines) <= WHOLE_MAX:
        return 0, len(right)
    first = min(_alike(lines, wrong.split("\n"))[0], len(lines) - 1)
    homes = [
        (node.start_point[0], node.end_point[0])
        for node in preorder(syntax_tree(right, lang))
        if (node.type == "call" and text_of(child(node, "target")) in _FUNCTIONS)
        or node.type == "fun_decl"
    ]
    around = [(begin, last) for begin, last in homes if begin <= first <= last]
    if not around:
        return 0, len(right)
    begin, last = min(around, key=lambda one: one[1] - one[0])
    start = sum(len(line) + 1 for line in lines[:begin])
    return start, start + len("\n".join(lines[begin : last + 1]))


def _tokens_apart(right: str, wrong: str) -> tuple[str, str]:
    """What of two lines differs. A part that is missing begins with its operator if it has one."""
    mine, its = _TOKEN.findall(right), _TOKEN.findall(wrong)
    begin, end = _alike(mine, its)
    stop = len(mine) - end
    if begin == len(its) - end:  # a gap: it can be laid where the same tokens stand on both sides
        for start in range(begin, max(-1, begin - (stop - begin)), -1):
            moved = mine[start : start + stop - begin]
            if mine[:start] + mine[start + stop - begin :] == its and moved[0] == "|>":
                return "".join(moved).strip(), ""
    return "".join(mine[begin:stop]).strip(), "".join(its[begin : len(its) - end]).strip()


def _alike(one: list[str], other: list[str]) -> tuple[int, int]:
    """How many parts are the same at the beginning and at the end."""
    least = min(len(one), len(other))
    first = next((n for n in range(least) if one[n] != other[n]), least)
    rest = least - first
    return first, next((n for n in range(rest) if one[-1 - n] != other[-1 - n]), rest)
