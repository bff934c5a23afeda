"""What must not be rehearsed: what benchmarks and held-out parts of the books ask, and repeats.

Belongs here: both looks over all texts of the set. Does not: how overlap is found
(``pairs/contamination.py``, ``pairs/near.py``), rules on one text (``filters.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from booktune_assets.ids import digest
from booktune_assets.pairs.benchmarks import Benchmark
from booktune_assets.pairs.benchmarks import Item as Asked
from booktune_assets.pairs.contamination import without_contaminated
from booktune_assets.pairs.near import alike, jaccards
from booktune_assets.pairs.rules import fences, without_fences
from booktune_assets.rehearsal.item import Item

__all__ = ["NEAR", "guarded", "leave_out_asked", "leave_out_repeats"]

NEAR = 0.7  # Jaccard of sets of 5-grams, as between pairs of the books
_SCHEMA = {
    "pair_id": pl.String, "book_id": pl.String, "family": pl.String,
    "turns": pl.List(pl.Struct({"role": pl.String, "content": pl.String})),
}  # fmt: skip


def guarded(name: str, texts: Iterable[tuple[str, str]]) -> Benchmark:
    """Texts that nothing rehearsed may show, (id, text), as a benchmark."""
    items = tuple(
        Asked(key, without_fences(text), tuple(fences(text))) for key, text in texts if text.strip()
    )
    return Benchmark(name, items, digest([[one.id, one.statement] for one in items]))


def leave_out_asked(items: Sequence[Item], benchmarks: Sequence[Benchmark]) -> None:
    """Leave out what shows a benchmark's or a held-out text; the detail says where."""
    open_ = [item for item in items if not item.reason]
    if not open_ or not any(one.items for one in benchmarks):
        return
    rows = [
        {
            "pair_id": str(place), "book_id": item.source, "family": item.origin,
            "turns": [
                {"role": "user", "content": item.prompt},
                {"role": "assistant", "content": item.text},
            ],
        }
        for place, item in enumerate(open_)
    ]  # fmt: skip
    _, dropped, _ = without_contaminated(pl.DataFrame(rows, schema=_SCHEMA), benchmarks)
    for row in dropped:
        open_[int(row["pair_id"])].reject(
            "contaminated", f"{row['other']}: {row['reason']}, {row['detail']}"
        )


def leave_out_repeats(items: Sequence[Item]) -> None:
    """Of texts that are nearly the same the first one stays, in the order given."""
    open_ = [item for item in items if not item.reason]
    first: dict[str, Item] = {}
    for item in open_:
        other = first.setdefault(_compared(item), item)
        if other is not item:
            item.reject("repeats", f"the same as {other.row_id}")
    left = list(first.values())
    texts = pl.Series([_compared(item) for item in left], dtype=pl.String)
    links = alike(texts, NEAR)
    for (one, later), share in zip(links.tolist(), jaccards(texts, links).tolist(), strict=True):
        if not left[one].reason:
            left[later].reject("repeats", f"{share:.0%} as {left[one].row_id}")


def _compared(item: Item) -> str:
    """Of what a model wrote the answer alone: one answer to two questions is learned once."""
    talk = item.turns and not item.model
    return f"{item.question}\n\n{item.text}" if talk else item.text
