"""What a set is composed of: caps, bands and quotas, and what each pair was left out for.

Belongs here: which of the pairs go in. Does not: what is aimed at against what came out
(``mix_table.py``), the order of learning (``curriculum.py``), duplicates.

Negatives have a cap: never more than their share, however small the shelf is, for a model that is
taught to refuse and to deny does so. The other bands are targets. One that is overfull is thinned,
at most by ``mix.drop_max`` of all rows, so that a small book is not thrown away for the sake of a
figure; a band that is not full is reported. For the band of code nothing goes when even that many
rows would not do. What is held out has the
same caps on answer spans, negatives and talks, by itself, so that it measures what is trained; the
band of code and the size are of training alone.

A pair's priority is a hash of its id and the salt. What has to be thinned is cut into cells
(chapter, family, level) with quotas by largest remainder, and each cell keeps those that come
first by priority. So a new book or a mended page changes how many a cell keeps, and never which
come first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from booktune_assets.ids import stable_int
from booktune_assets.on_disk import Turns, in_frame
from booktune_assets.pairs.exchanges import messages, negative_shares, unanswered
from booktune_assets.pairs.quoted import slim
from booktune_assets.settings_sets import Mix

__all__ = [
    "CELL", "GATE", "Composed", "chapter_names", "compose", "largest_remainder",
    "mix_rows", "priority",
]  # fmt: skip

GATE = "G10_composition"
ROUNDS = 4  # what one band gives up moves the shares of the others
CELL = ("chapter", "family", "level")


@dataclass(frozen=True, slots=True)
class Composed:
    """``rows`` of :func:`mix_rows` that go in; ``dropped``: pair id to reason and figures."""

    rows: pl.DataFrame
    dropped: dict[str, tuple[str, str]]


def chapter_names(sections: pl.DataFrame) -> pl.DataFrame:
    """``section_id chapter chars`` of each section; a chapter is named by its book and title."""
    title = pl.col("title_path").list.first().fill_null(pl.col("title"))
    name = pl.concat_str("book_id", title, separator=" › ")
    return sections.select("section_id", "chars", chapter=name)


def mix_rows(
    pairs: pl.DataFrame, evidence: pl.DataFrame, sections: pl.DataFrame, salt: str,
    known: pl.DataFrame | None = None, turns: Turns = in_frame,
) -> pl.DataFrame:  # fmt: skip
    """One row per pair with what composing looks at.

    ``pair_id book_id section_id chapter family level split generator verification tokens code
    multi negative span concept priority``; ``span`` lists hashes of the answer's quotes,
    ``negative`` is the share of exchanges that are negatives; those of lessons are looked up among
    ``known``.
    """
    answers = (
        slim(evidence)
        .filter(pl.col("role") == "answer")
        .sort("pair_id", "ordinal")
        .group_by("pair_id", maintain_order=True)
        .agg(span=pl.col("spot").unique(maintain_order=True))
    )
    chapters = chapter_names(sections).select("section_id", "chapter")
    shares = negative_shares(pairs, known, turns, unanswered(pairs, evidence))
    ranks = [priority(name, salt) for name in pairs["pair_id"].to_list()]
    return (
        pairs.select(
            "pair_id", "book_id", "section_id", "family", "level", "split", "generator",
            "verification", tokens=pl.col("answer_tokens").cast(pl.Int64),
            code=pl.col("code_tokens").cast(pl.Int64), multi=messages(pairs) > 3,
            negative=pl.Series(shares, dtype=pl.Float64),
            concept=pl.col("concept_ids").list.first(),
            priority=pl.Series(ranks, dtype=pl.UInt64),
        )
        .join(answers, on="pair_id", how="left", maintain_order="left")
        .join(chapters, on="section_id", how="left", maintain_order="left")
    )  # fmt: skip


def priority(pair_id: str, salt: str) -> int:
    """Who comes first in every choice: low numbers."""
    return stable_int(f"{salt}\x1f{pair_id}")


def compose(
    rows: pl.DataFrame, weights: Mapping[str, int], mix: Mix,
    twice: Mapping[str, tuple[str, str]] | None = None,
) -> Composed:  # fmt: skip
    """Which rows go in. ``weights`` are the characters of each chapter: they share out a size.

    ``twice`` are those that go whatever the bands say, as ``exchanges.in_one_place`` gives them.
    """
    if not mix.on:
        return Composed(rows, {})
    gone = dict(twice or {})
    ranked = rows.sort("priority", "pair_id")
    held, train = (
        _Side.of(ranked.filter((pl.col("split") == "heldout") == side), gone)
        for side in (True, False)
    )
    _thin(held, mix.model_copy(update={"code_low": 0.0, "code_high": 1.0, "drop_max": 1.0}))
    concept = _above(train.left, "concept", mix.per_concept)
    train.drop(concept, "concept_used_enough", f"per_concept {mix.per_concept}")
    _thin(train, mix)
    if mix.size and train.left.height > mix.size:
        train.drop(_beyond(train.left, weights, mix.size, mix), "size", f"size {mix.size}")
    chosen = pl.concat([train.left, held.left])["pair_id"]
    dropped = gone | train.dropped | held.dropped
    return Composed(rows.filter(pl.col("pair_id").is_in(chosen.implode())), dropped)


@dataclass(slots=True)
class _Side:
    """Rows of one side in order of priority, and what has gone from it."""

    left: pl.DataFrame
    whole: int  # rows that there were: what may go is a share of them
    dropped: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])

    @classmethod
    def of(cls, rows: pl.DataFrame, gone: Mapping[str, object]) -> _Side:
        return cls(rows.filter(~pl.col("pair_id").is_in(list(gone))), rows.height)

    def drop(self, gone: pl.DataFrame, reason: str, detail: str) -> None:
        self.dropped.update(dict.fromkeys(gone["pair_id"].to_list(), (reason, detail)))
        names = gone.select("pair_id")
        self.left = self.left.join(names, on="pair_id", how="anti", maintain_order="left")


def _thin(side: _Side, mix: Mix) -> None:
    """The cap on answer spans and the bands, for one side."""
    side.drop(_worn(side.left, mix.per_span), "span_used_enough", f"per_span {mix.per_span}")
    most = int(mix.drop_max * side.whole)
    room: dict[str, int] = {"negative": side.whole, "multi": most, "code": most}
    for last in range(ROUNDS + 1):
        before = side.left.height
        for column, high in (("negative", mix.negatives_high), ("multi", mix.turns_high)):
            gone = _too_many(side.left, column, high, room[column])
            room[column] -= gone.height
            side.drop(gone, f"{column}_band_full", f"largest share {high:.0%}")
        if last == ROUNDS:
            break
        gone, reason, detail = _code_band(side.left, mix, room["code"])
        room["code"] -= gone.height
        side.drop(gone, reason, detail)
        if side.left.height == before:
            break


def largest_remainder(cells: pl.DataFrame, total: int, weight: str = "len") -> pl.DataFrame:
    """``cells`` with a column ``quota``: whole numbers with the sum ``total``, by ``weight``.

    What is left after rounding down goes to the largest remainders, and among equals to the cell
    whose name hashes lowest. No quota is above a weight as long as ``total`` is not above the sum.
    """
    names = [column for column in cells.columns if column != weight]
    whole = int(cells[weight].sum())
    if not whole:
        return cells.with_columns(quota=pl.lit(0, pl.Int64))
    ties = [stable_int("\x1f".join(map(str, row))) for row in cells.select(names).iter_rows()]
    exact = cells.with_columns(
        tie=pl.Series(ties, dtype=pl.UInt64),
        low=pl.col(weight).cast(pl.Int64) * total // whole,
        rest=pl.col(weight).cast(pl.Int64) * total % whole,
    ).sort(["rest", "tie"], descending=[True, False])
    spare = total - int(exact["low"].sum())
    more = (pl.int_range(pl.len()) < spare).cast(pl.Int64)
    return exact.with_columns(quota=pl.col("low") + more).drop("tie", "low", "rest")


def _above(rows: pl.DataFrame, column: str, most: int) -> pl.DataFrame:
    """Rows beyond the first ``most`` of each value; rows are in order of priority."""
    nth = pl.int_range(pl.len()).over(column)
    return rows.filter(pl.col(column).is_not_null() & (nth >= most))


def _worn(rows: pl.DataFrame, most: int) -> pl.DataFrame:
    """Rows with an answer span that ``most`` rows before them have; rows are by priority."""
    spans = rows.select("span").with_row_index("at").explode("span").drop_nulls("span")
    many = spans.filter(pl.len().over("span") > most)  # no other one can wear out
    used: Counter[int] = Counter()
    worn: list[int] = []
    for at, own in many.group_by("at", maintain_order=True).agg("span").iter_rows():
        if any(used[span] >= most for span in own):
            worn.append(at)
        else:
            used.update(own)
    return rows[worn]


def _thinned(part: pl.DataFrame, keep: int) -> pl.DataFrame:
    """The rows of ``part`` that go when ``keep`` stay: families share them by their rows, and
    within one they are spread over its cells. By cells alone a family that has few rows in many
    chapters would not stay at all."""
    quotas = largest_remainder(part.group_by("family").len(), keep)
    return _spread(part, dict(quotas.select("family", "quota").iter_rows()), "family")


def _too_many(rows: pl.DataFrame, column: str, high: float, room: int) -> pl.DataFrame:
    """Rows of a kind that go, at most ``room``, so that its share of what stays is ``high``.

    Those that are nothing else go first: a lesson would take its other exchanges along.
    """
    whole, value = float(rows[column].sum()), pl.col(column).cast(pl.Float64)

    def fits(gone: pl.DataFrame) -> bool:
        return whole - float(gone[column].sum()) <= high * (rows.height - gone.height)

    gone = rows.clear()
    for part in (rows.filter(value == 1), rows.filter(value > 0)):
        low, most = max(0, part.height - room), part.height
        while low < most:  # the largest number that fits, or the least that may stay
            middle = (low + most + 1) // 2
            if fits(_thinned(part, middle)):
                low = middle
            else:
                most = middle - 1
        gone = _thinned(part, low)
        if fits(gone):
            break
    return gone


def _code_band(rows: pl.DataFrame, mix: Mix, room: int) -> tuple[pl.DataFrame, str, str]:
    """Rows that go, at most ``room``, so that code has its share of answer tokens, and why."""
    share = _share(rows)
    own = pl.col("code") / pl.col("tokens")
    bands = {
        "negative": (mix.negatives_low + mix.negatives_high) / 2,
        "multi": (mix.turns_low + mix.turns_high) / 2,
    }
    for column, middle in bands.items():  # below the middle it is scarce itself: none goes
        if float(rows[column].sum()) < middle * rows.height:
            own = pl.when(pl.col(column).cast(pl.Float64) == 0).then(own)
    if share > mix.code_high:
        part, reason = rows.filter(own > mix.code_high), "code_band_full"
        fits: Callable[[float], bool] = lambda now: now <= mix.code_high  # noqa: E731
    elif share < mix.code_low:
        part, reason = rows.filter(own < mix.code_low), "theory_band_full"
        fits = lambda now: now >= mix.code_low  # noqa: E731
    else:
        return rows.clear(), "", ""
    words = f"code is {share:.1%} of answer tokens, aimed at {mix.code_low:.0%}–{mix.code_high:.0%}"
    low, high = max(0, part.height - room), part.height
    while low < high:  # the largest number that fits, or the least that may stay
        middle = (low + high + 1) // 2
        gone = _thinned(part, middle)
        if fits(_share(rows, gone)):
            low = middle
        else:
            high = middle - 1
    gone = _thinned(part, low)
    return (gone, reason, words) if fits(_share(rows, gone)) else (rows.clear(), "", "")


def _share(rows: pl.DataFrame, gone: pl.DataFrame | None = None) -> float:
    """Code tokens over all answer tokens, of ``rows`` without ``gone``."""
    code, tokens = int(rows["code"].sum()), int(rows["tokens"].sum())
    if gone is not None:
        code, tokens = code - int(gone["code"].sum()), tokens - int(gone["tokens"].sum())
    return code / tokens if tokens else 0.0


def _beyond(rows: pl.DataFrame, weights: Mapping[str, int], size: int, mix: Mix) -> pl.DataFrame:
    """Rows that go for the size: chapters share it by their text, as far as they have rows.

    Rows of code and others share it as they share the rows, but for the band of code, which decides
    how many there are of each.
    """
    own = pl.col("code") / pl.col("tokens") > mix.code_high
    parts = rows.filter(own), rows.filter(~own)

    def gone(code: int) -> pl.DataFrame:
        keep = zip(parts, (code, size - code), strict=True)
        return pl.concat([
            _spread(part, _by_chapter(part, weights, count), "chapter") for part, count in keep
        ])  # fmt: skip

    least = max(0, size - parts[1].height)
    most = min(size, parts[0].height)
    start = min(max(size * parts[0].height // rows.height, least), most)
    share = _share(rows, gone(start))
    low, high = start, start
    if share < mix.code_low:
        high = most
    elif share > mix.code_high:
        low = least
    while low < high:  # the nearest number to the start that is in the band, or the last one
        middle = (low + high + (share > mix.code_high)) // 2
        now = _share(rows, gone(middle))
        if share < mix.code_low:
            low, high = (low, middle) if now >= mix.code_low else (middle + 1, high)
        else:
            low, high = (middle, high) if now <= mix.code_high else (low, middle - 1)
    return gone(low)


def _by_chapter(part: pl.DataFrame, weights: Mapping[str, int], size: int) -> dict[str, int]:
    """How many rows each chapter keeps; what one cannot give, the others do."""
    have = dict(part.group_by("chapter").len().sort("chapter").iter_rows())
    quotas = dict.fromkeys(have, 0)
    open_, spare = list(have), size
    while open_ and spare:
        cells = pl.DataFrame(
            {"chapter": open_, "len": [max(1, weights.get(name, 1)) for name in open_]}
        )
        for name, more in largest_remainder(cells, spare).select("chapter", "quota").iter_rows():
            quotas[name] = min(have[name], quotas[name] + more)
        spare = size - sum(quotas.values())
        open_ = [name for name in open_ if quotas[name] < have[name]]
    return quotas


def _spread(
    part: pl.DataFrame, quotas: Mapping[str, int], by: Literal["chapter", "family"]
) -> pl.DataFrame:
    """The rows that go when each value of ``by`` keeps its quota, spread over its cells."""
    if part.is_empty():
        return part
    cells = part.group_by(CELL).len().with_columns(pl.col("len").cast(pl.Int64))
    ties = [stable_int("\x1f".join(map(str, row))) for row in cells.select(CELL).iter_rows()]
    keep = pl.col(by).replace_strict(dict(quotas), return_dtype=pl.Int64)
    whole = pl.col("len").sum().over(by)
    cells = cells.with_columns(
        tie=pl.Series(ties, dtype=pl.UInt64), keep=keep, low=pl.col("len") * keep // whole,
        rest=pl.col("len") * keep % whole,
    ).sort([by, "rest", "tie"], descending=[False, True, False])  # fmt: skip
    spare = pl.col("keep") - pl.col("low").sum().over(by)
    more = (pl.int_range(pl.len()).over(by) < spare).cast(pl.Int64)
    cells = cells.with_columns(quota=pl.col("low") + more).select(*CELL, "quota")
    nth = pl.int_range(pl.len()).over(CELL)
    placed = part.with_columns(nth=nth).join(cells, on=CELL, how="left", maintain_order="left")
    return placed.filter(pl.col("nth") >= pl.col("quota")).select(part.columns)
