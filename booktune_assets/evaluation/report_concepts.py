"""Which training examples the concepts of failed answers saw, down to the page.

Belongs here: what is shown of a concept. Does not: looking it up (``lineage_seen.py``), what failed
(``answered.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from booktune_assets.evaluation.answered import Tally
from booktune_assets.evaluation.report_parts import plural
from booktune_assets.evaluation.seen import Example, Seen

__all__ = ["CONCEPTS", "concepts"]

CONCEPTS = 40  # that the page shows, the most failures first
QUESTION = 160  # characters of a question


def concepts(tallies: Sequence[Tally], seen: Sequence[Seen]) -> str:
    """A line for each concept, its examples inside; nothing where nobody looked."""
    by_name = {one.concept: one for one in seen}
    shown = [one for one in tallies if one.concept in by_name]
    if not shown:
        return ""
    untaught = sum(not by_name[one.concept].taught for one in shown)
    some = "" if len(shown) == len(tallies) else f"; {len(shown)} with the most failures are shown"
    stand = "stands" if len(tallies) == 1 else "stand"
    said = (
        f"{plural(len(tallies), 'concept')} {stand} behind answers that failed or got worse{some}. "
        f"{untaught} of them {'was' if untaught == 1 else 'were'} not trained on."
    )
    parts = [_concept(one, by_name[one.concept]) for one in shown]
    return (
        '<h2 id="concepts">What failing concepts were taught by</h2>\n'
        f"<p>{escape(said)} A concept that has examples and fails was taught badly or too little; "
        "one that has none was never learned here. Pages show the evidence outlined.</p>\n"
        f"{''.join(parts)}"
    )


def _concept(tally: Tally, seen: Seen) -> str:
    told = f"{tally.failed} of {tally.asked} failed (base {tally.failed_base})"
    if tally.lost:
        told += f", {tally.lost} got worse"
    taught = plural(seen.taught, "training example") if seen.taught else "not trained on"
    head = (
        f"<summary><strong>{escape(tally.concept)}</strong> "
        f'<span class="soft">{escape(told)}</span> '
        f'<span class="tag{"" if seen.taught else " none"}">{escape(taught)}</span></summary>\n'
    )
    return f'<details class="concept">{head}{_body(seen)}</details>\n'


def _body(seen: Seen) -> str:
    notes: list[str] = []
    if not seen.known:
        notes.append("No book of the shelf has a concept of this name.")
    elif seen.known.casefold() != seen.concept.casefold():
        notes.append(f"In the books: {seen.known}.")
    if seen.heldout:
        notes.append(f"{plural(seen.heldout, 'example')} about it held out for this evaluation.")
    if seen.unreached:
        notes.append(
            f"{plural(seen.unreached, 'example')} of the data set not reached by training."
        )
    if seen.taught > len(seen.examples) > 0:
        notes.append(f"The first {len(seen.examples)} of {seen.taught:,} in the order of learning:")
    said = f'<p class="soft">{escape(" ".join(notes))}</p>\n' if notes else ""
    rows = "".join(_example(one) for one in seen.examples)
    return said + (f'<ul class="seen">{rows}</ul>\n' if rows else "")


def _example(one: Example) -> str:
    asked = one.question if len(one.question) <= QUESTION else f"{one.question[:QUESTION]}…"
    where = " · ".join(part[:QUESTION] for part in (one.book, one.section, one.place) if part)
    page = ""
    if one.crop:
        page = f' · <a href="{escape(one.crop)}">picture of the page</a>'
    elif one.no_crop:
        page = f" · no picture: {escape(one.no_crop)}"
    return (
        f'<li>{escape(asked)}<br><span class="soft">{escape(one.family.replace("_", " "))} · '
        f"{escape(where)}{page} · <code>{escape(one.example_id)}</code></span></li>\n"
    )
