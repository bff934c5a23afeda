"""``run --dry-run``: what the teacher would be asked, and what that would cost.

Belongs here: the table. Does not: the figures (``chain/plan.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from booktune_assets.cli.words import clean, say_table

if TYPE_CHECKING:
    from booktune_assets.chain.house import House
    from booktune_assets.pairs.teacher_plan import Planned

__all__ = ["say_plan"]

_NUMBERS = ("passages", "done", "calls", "cached", "tokens in", "tokens out", "hours", "price")


def say_plan(house: House, keys: Sequence[str]) -> None:
    """The plan of the books, a sum below; makes no call and starts no server."""
    from booktune_assets.chain.plan import budget_words, planned_calls

    if not house.settings.pairs.recipes and not house.settings.concepts.refine:
        click.echo(
            "no teacher: pairs.recipes is empty and concepts.refine is off, so no call would be "
            "made"
        )
        return
    rows = list(planned_calls(house, keys))
    told = [row for row in rows if not row.blocked]
    shown = [_cells(row) for row in told]
    if len(told) > 1:
        shown.append(_cells(_sum(told)))
    if shown:
        say_table(("book", "recipe", *_NUMBERS), shown, right=_NUMBERS)
    for words in budget_words(house, told):
        click.echo(clean(words))
    said = {(row.book, _first(house, row)): None for row in rows if row.blocked}
    for book, why in said:  # recipes and prerequisites may wait for the same
        click.echo(f"not planned: {clean(book)}: {clean(why)}")
    if any(row.calls for row in told):
        click.echo(
            "calls of the next round are counted, those behind them are what is expected at most; "
            "no call was made"
        )


def _first(house: House, row: Planned) -> str:
    """What has to be built before a book can be planned, or mended."""
    from booktune_assets.chain.house import BOOK_STAGES
    from booktune_assets.chain.needs import never_built

    needed = never_built(house, ["instruction_pairs"], [row.book])
    if not needed:
        return row.blocked
    first, calls = [name for name in BOOK_STAGES if name in needed], "without a call"
    if house.settings.concepts.refine:
        if first == ["concept_graph"]:
            calls = "with the calls of its own row"
        first = [name for name in first if name != "concept_graph"] or first
    return (
        f"{', '.join(first)} would be built first, {calls}; then ask again: "
        f"booktune run {first[-1]} --book {row.book}"
    )


def _cells(row: Planned) -> list[object]:
    hours = "?" if row.seconds is None else f"{row.seconds / 3600:.2f}"
    return [
        row.book, row.recipe, row.passages, row.finished, row.calls, row.cached,
        row.prompt_tokens, row.completion_tokens, hours, f"{row.price:.2f}",
    ]  # fmt: skip


def _sum(rows: Sequence[Planned]) -> Planned:
    from booktune_assets.pairs.teacher_plan import Planned

    whole = Planned("all", "")
    for row in rows:
        for name in ("passages", "finished", "calls", "cached", "prompt_tokens",
                     "completion_tokens", "price"):  # fmt: skip
            setattr(whole, name, getattr(whole, name) + getattr(row, name))
    times = [row.seconds for row in rows]
    whole.seconds = None if None in times else sum(one for one in times if one is not None)
    return whole
