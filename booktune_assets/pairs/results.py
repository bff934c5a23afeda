"""Family ``predict_output``, of listings: what Elixir code gives whose result the book leaves out.

Belongs here: which listings can be asked so, what they need from earlier ones, the answer that a
run has given. Does not: results that the book shows (``predict.py``), faults in such listings
(``fix_result.py``), running (``execute.py``).

The code is the book's, word for word; its result is that of the toolchain, and no such pair is kept
without a run. Code that may give another result elsewhere is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from booktune_assets.beam.alone import Piece, Program
from booktune_assets.concepts.mentions import code_without_text
from booktune_assets.pairs.candidate import Candidate, Quote, View, fenced
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.posed import needed_listings, section_modules
from booktune_assets.pairs.predict import ANY_ORDER, ELIDED, KEYS, kind_of_question, no_value
from booktune_assets.pairs.remarks import stated, unanswered
from booktune_assets.pairs.sessions import Entry, bound, free
from booktune_assets.pairs.wording import ask

__all__ = ["NOT_ASKED", "STRANGE", "UNKNOWN", "Cell", "cells", "predict_result", "unfit"]

LINES_MAX = 30
BEFORE_MAX = 3  # earlier listings that bind what this one uses
RESULT_MAX = 400
UNKNOWN = "?"  # the answer before a run
# What belongs to a project, a test or a notebook, waits, or speaks to other processes.
NOT_ASKED = re.compile(
    r"\b(?:ExUnit|assert|refute|doctest|Mix\.|Kino|IO\.gets|IO\.read|Application\.|receive\b|"
    r"spawn\w*|send\b|Process\.|Task\.|Agent\.|GenServer|Supervisor|Registry|DynamicSupervisor|"
    r":ets|:sys|:timer|:application|Logger|Port\.|exit\b|import_config|use Mix|self\(\))"
)
STRANGE = re.compile(r"(?<![\w\"])'[^'\n]*'|\{:module, |\bwarning:|#\w+<")
_IS_CALL = re.compile(r"[\w?!]\(|[-+*/<>=|&]|\b(?:and|or|not|do|fn)\b")
_ONLY_DEFINED = re.compile(r"\s*(?:@\w|def\w*|use|import|alias|require)\b")
_DIRECTIVE = re.compile(r"\s*(?:use|import|alias|require)\b")
Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """A listing that ends in an expression, with those that it needs: modules, then bindings."""

    block: Block
    listings: tuple[Block, ...]
    before: tuple[Block, ...]

    @property
    def code(self) -> str:
        """All that is evaluated."""
        return "\n\n".join(one["text"] for one in (*self.before, self.block))

    def program(self, text: str = "", *, hasty: bool = False) -> Program:
        """Its program; ``text`` stands in place of the listing's own."""
        pieces = [Piece("listing", "elixir", one["text"]) for one in self.listings]
        pieces += [Piece("typed", "elixir", one["text"]) for one in self.before]
        return Program((*pieces, Piece("typed", "elixir", text or self.block["text"])), hasty)

    def loaded(self) -> list[str]:
        """Parts of a question: the modules that are there."""
        parts = [fenced(unanswered(one["text"]), "elixir") for one in self.listings]
        if parts:
            parts.insert(0, "This is loaded:" if len(parts) == 1 else "These listings are loaded:")
        return parts

    def quotes(self, view: View) -> list[Quote]:
        """Verbatim places of all its code; that of the listing answers, too."""
        others = (*self.listings, *self.before)
        found = [view.quote(one, 0, len(one["text"]), "question") for one in others]
        size = len(self.block["text"])
        found.append(view.quote(self.block, 0, size, "question"))
        return [*found, view.quote(self.block, 0, size, "answer")]

    def parts(self) -> list[tuple[str, str]]:
        """What has to parse."""
        return [("elixir", one["text"]) for one in (*self.listings, *self.before, self.block)]


def cells(view: View) -> list[Cell]:
    """The Elixir listings of a section that end in an expression whose result is not shown."""
    if (known := view.memo.get("cells")) is not None:
        return cast("list[Cell]", known)
    found: list[Cell] = []
    earlier: list[Block] = []
    for place, block in enumerate(view.blocks):
        if block["kind"] != "code" or block["lang"] != "elixir":
            continue
        after = view.blocks[place + 1 : place + 2]
        told = (bool(after) and after[0]["kind"] == "output") or bool(stated(block["text"]))
        if not told and _fit(block["text"]) and (cell := _cell(view, block, earlier)):
            found.append(cell)
        earlier.append(block)
    view.memo["cells"] = found
    return found


def predict_result(view: View) -> Iterator[Candidate]:
    """One candidate per such listing."""
    for cell in cells(view):
        yield _candidate(view, cell)


def _fit(text: str) -> bool:
    bare = code_without_text(text)
    if NOT_ASKED.search(bare) or ELIDED.search(bare) or text.count("\n") >= LINES_MAX:
        return False
    lines = [line for line in bare.split("\n") if line.strip()]
    if lines and re.match(r"\s*(?:>|\$)", lines[-1]):
        return False  # somebody's prompt
    if lines and _DIRECTIVE.match(lines[-1]):
        return False
    return bool(lines) and not (_ONLY_DEFINED.match(lines[0]) and lines[-1].startswith("end"))


def _cell(view: View, block: Block, earlier: list[Block]) -> Cell | None:
    before = _before(block, earlier)
    if before is None:
        return None
    code = "\n\n".join(one["text"] for one in (*before, block))
    listings, missing = needed_listings(code, section_modules(view, block), "iex")
    if missing or any(NOT_ASKED.search(one["text"]) for one in (*listings, *before)):
        return None
    listings = [one for one in listings if all(one is not cell for cell in before)]
    return Cell(block, tuple(listings), tuple(before))


def _candidate(view: View, cell: Cell) -> Candidate:
    block, code = cell.block, cell.code
    kind = "predict_last" if "\n" in code.strip() else "predict_output"
    parts = [ask(kind, f"{block['block_id']}:result", language="Elixir"), *cell.loaded()]
    if cell.listings:
        parts.append("This is evaluated:")
    evaluated = "\n\n".join(unanswered(one["text"]) for one in (*cell.before, block))
    parts.append(fenced(evaluated, "elixir"))

    def finish(candidate: Candidate) -> None:
        found = candidate.outcomes[-1]
        result = found[-1].actual.strip("\n") if found else ""
        candidate.answer, candidate.glue = fenced(result, ""), tuple(result.split("\n"))
        candidate.problem = unfit(cell, result)
        texts = "\n".join(text for _, text in cell.parts())
        if kind_of_question(texts, result, "elixir", several=True) == "predict_shown":
            parts[0] = ask("predict_shown", f"{block['block_id']}:result", language="Elixir")
            candidate.question = "\n\n".join(parts)
        if KEYS.search(result):
            candidate.question = "\n\n".join([*parts, ANY_ORDER])

    return Candidate(
        "predict_output", block["block_id"], "elixir", "code", "\n\n".join(parts),
        fenced(UNKNOWN, ""), cell.quotes(view), cell.parts(), glue=(UNKNOWN,),
        trials=(Trial(cell.program(), "tells"),), finish=finish,
    )  # fmt: skip


def _before(block: Block, earlier: list[Block]) -> list[Block] | None:
    """Earlier listings that bind what this one uses; None where a name stays unknown."""
    wanted = free(block["text"], "iex")
    chosen: list[Block] = []
    for one in reversed(earlier):
        gives = bound(one["text"], "iex")
        if not gives & wanted:
            continue
        chosen.append(one)
        wanted = (wanted - gives) | free(one["text"], "iex")
    return None if wanted or len(chosen) > BEFORE_MAX else chosen[::-1]


def unfit(cell: Cell, result: str) -> str:
    """Why there is nothing to ask, seen from the result."""
    code, last = cell.code, cell.block["text"].strip()
    if not result or len(result) > RESULT_MAX or STRANGE.search(result):
        return "result_varies" if result else "result_says_nothing"
    remarks = " ".join(re.findall(r"(?m)#(?!\{) ?(.*)$", unanswered(code))).lower()
    first = result.split("\n")[0].strip(' "').lower()
    if first and re.search(rf"(?<!\w){re.escape(first)}(?!\w)", remarks):
        return "answer_in_a_remark"
    if " ".join(code.split()).endswith(" ".join(result.split())) and not _IS_CALL.search(last):
        return "result_is_expression"
    entry = Entry(last.rpartition("\n")[2], result, 0, 0, 0, 0)
    return no_value(entry, code)
