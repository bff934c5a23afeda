"""What a row of ``eval_report`` says: better, worse, unclear, too few; and of a whole family.

Belongs here: reading rows, one sentence per family, which losses are shown. Does not: how the
figures come about (``compare.py statistics.py``), pages.

Only main metrics speak for a family, with the p that is corrected over its suites. Of what was to
be kept, non-inferiority comes first: a loss of the margin is ruled out, shown, or neither. Items
that the base alone has a score for are a loss whatever the others say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from booktune_assets.evaluation.likeness import guarded
from booktune_assets.evaluation.statistics import ALPHA
from booktune_assets.evaluation.suite import CARDS, card
from booktune_assets.training.comparison.statistics import holm

__all__ = [
    "FAMILIES", "Outcome", "family_verdicts", "known", "losses", "open_margins", "read", "sentence",
]  # fmt: skip

FAMILIES = {"learned": "Learned", "kept": "Kept", "copied": "Copied"}
Kind = Literal["better", "worse", "unclear", "few", "lost", "none"]
Row = Mapping[str, Any]
_NAMED = 4  # suites that a sentence names before it counts the rest


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row, turned so that positive is better. ``margin``: the loss that still counts as kept.

    ``unscored``: items that are not among the ``n``; ``lost`` of them have a score under the base.
    """

    suite: str
    title: str
    family: str
    metric: str
    unit: str
    main: bool
    kind: Kind
    n: int
    gain: float | None = None
    low: float | None = None
    high: float | None = None
    margin: float | None = None
    kept: str | None = None
    mdd: float | None = None
    unscored: int = 0
    lost: int = 0

    @property
    def told(self) -> bool:
        """Had it enough items, so that its silence means something: would the margin be seen?"""
        return self.mdd is not None and self.margin is not None and self.mdd <= self.margin


def known(row: Row) -> bool:
    """Is there still a card for the suite? Old evaluations may have others."""
    return (CARDS / str(row["suite"]) / "card.toml").is_file()


def read(row: Row) -> Outcome:
    """The outcome of a row."""
    suite = card(str(row["suite"]))
    metric = str(row["metric"])
    known = {one.name: one.margin for one in suite.metrics}
    sign = 1.0 if row["better"] == "higher" else -1.0
    gain, low, high = (_times(sign, row.get(name)) for name in ("diff", "low", "high"))
    if low is not None and high is not None and sign < 0:
        low, high = high, low
    if low is None or high is None:
        low = high = None
    return Outcome(
        suite.name, suite.title, suite.family, metric, str(row["unit"]),
        metric == suite.main.name, _kind(row, metric, gain, low, high), int(row["n"]), gain, low,
        high, known.get(metric), row.get("kept"), row.get("mdd"), row.get("unscored") or 0,
        row.get("lost") or 0,
    )  # fmt: skip


def family_verdicts(rows: Sequence[Row]) -> dict[str, str]:
    """One sentence for each family that has a suite, in the order of ``FAMILIES``."""
    mains = [one for one in map(read, rows) if one.main]
    grouped = {family: [one for one in mains if one.family == family] for family in FAMILIES}
    return {family: sentence(family, some) for family, some in grouped.items() if some}


def sentence(family: str, mains: Sequence[Outcome]) -> str:
    """What the main metrics of a family say together."""
    by_kind: dict[str, list[Outcome]] = {}
    for one in mains:
        by_kind.setdefault(one.kind, []).append(one)
    broken = [one for one in mains if one.lost]
    if not broken and set(by_kind) <= {"few", "none"}:
        what = {"learned": "anything was learned", "kept": "all was kept"}
        parts = [f"It cannot be told whether {what.get(family, 'more is copied than before')}"]
    elif family == "kept":
        parts = _kept(mains)
    else:
        parts = _changed(family, by_kind)
    if broken:
        parts = [part[0].lower() + part[1:] for part in parts]
        named = _listed([f"{one.title} ({_share(one)})" for one in broken])
        parts.insert(0, f"No score under the adapter, where the base has one: {named}")
    if few := by_kind.get("few"):
        parts.append(f"too few items to tell on {_named(few, with_n=True)}")
    none = by_kind.get("none", [])
    for words, some in (
        ("without any score", [one for one in none if one.unscored]),
        ("not run", [one for one in none if not one.unscored]),
    ):
        if some:
            parts.append(f"{words}: {_named(some)}")
    return "; ".join(parts) + "."


def losses(rows: Sequence[Row]) -> list[tuple[Row, str]]:
    """Rows that show a loss, each with why: for a warning.

    A main metric of any family that is worse, of what was to be kept by more than the margin; or
    one with items that the base alone has a score for. A warning is one claim about all of them,
    in one direction: p is corrected over all main metrics (Holm) and one-sided, so that two equal
    models raise one in at most 5 of 100 evaluations. A loss that is merely not ruled out is none
    (``open_margins``).
    """
    mains = [(row, one) for row in rows if (one := read(row)).main]
    p = holm({one.suite: float(row["p"]) / 2 for row, one in mains if row.get("p") is not None})
    found: list[tuple[Row, str]] = []
    for row, one in mains:
        shown = p.get(one.suite, 0.0) < ALPHA
        if one.lost:
            found.append((row, f"no score for {_share(one)}, where the base has one"))
        elif one.kept == "no" and shown:
            found.append((row, f"lost more than the margin of {one.margin:g} {one.unit}"))
        elif one.kind == "worse" and shown:
            found.append((row, "worse, corrected over all suites"))
    return found


def open_margins(rows: Sequence[Row]) -> list[tuple[Row, str]]:
    """Rows whose loss of the margin is not ruled out though they have items enough: no warning, as
    that befalls one in five of equal models where what can be seen is just the margin."""
    return [
        (row, f"a loss of the margin of {one.margin:g} {one.unit} is not ruled out")
        for row in rows
        if (one := read(row)).main and one.kept == "unclear" and one.told and not one.lost
    ]


def _kind(row: Row, metric: str, gain: float | None, low: float | None, high: float | None) -> Kind:
    """``lost`` wins over all but ``worse``: what is left says nothing good of a broken model."""
    kind = _moved(row, metric, gain, low, high)
    return "lost" if row.get("lost") and kind != "worse" else kind


def _moved(
    row: Row, metric: str, gain: float | None, low: float | None, high: float | None
) -> Kind:
    if not row["n"] or gain is None:
        return "none"
    if low is None or high is None:
        return "few"
    p = row.get("p_holm")
    p = row.get("p") if p is None else p
    if low <= 0 <= high or (p is not None and p >= ALPHA):
        return "unclear"
    if p is None and row.get("kept") is not None:  # a distance: only its margin is judged
        return "unclear"
    if guarded(metric, gain):
        return "unclear"
    return "better" if gain > 0 else "worse"


def _changed(family: str, by_kind: Mapping[str, Sequence[Outcome]]) -> list[str]:
    better, worse = by_kind.get("better", ()), by_kind.get("worse", ())
    unclear = by_kind.get("unclear", ())
    if family == "copied":
        parts = [f"More is copied than before: {_named(worse)}"] if worse else []
        parts += [f"{'less' if worse else 'Less'} is copied: {_named(better)}"] if better else []
    elif better and worse:
        parts = [f"Mixed: better on {_named(better)}, worse on {_named(worse)}"]
    elif better:
        parts = [f"Something was learned: better on {_named(better)}"]
    else:
        parts = [f"Worse on {_named(worse)}, better on nothing"] if worse else []
    if unclear:
        words = "no clear difference" if parts else "No clear difference"
        parts.append(f"{words} on {_named(unclear)}")
    return parts


def _kept(mains: Sequence[Outcome]) -> list[str]:
    judged = [
        one for one in mains
        if one.kind not in ("few", "none") and (one.kind != "lost" or one.kept == "no")
    ]  # fmt: skip
    lost = [one for one in judged if one.kept == "no" or (one.kept is None and one.kind == "worse")]
    safe = [one for one in judged if one.kept == "yes"]
    open_ = [one for one in judged if one.kept == "unclear"]
    free = [one for one in judged if one.kept is None and one.kind != "worse"]
    parts: list[str] = []
    if lost:
        parts.append(f"Something was lost: {_listed([_lost(one) for one in lost])}")
    if safe:
        words = "Kept" if not parts else "kept"
        less = [one for one in safe if one.kind == "worse"]
        parts.append(f"{words} within the margin: {_named(safe)}")
        if less:
            parts.append(f"a little worse all the same on {_named(less)}")
    if open_:
        words = "not shown to be kept" if parts else "Not shown to be kept"
        parts.append(f"{words}: {_listed([_open(one) for one in open_])}")
    if free:
        words = "no clear loss" if parts else "No clear loss"
        parts.append(f"{words} on {_named(free)}")
    return parts


def _lost(one: Outcome) -> str:
    margin = f", margin {one.margin:g}" if one.margin is not None else ""
    return f"{one.title} (by {-(one.gain or 0.0):.3g} {one.unit}{margin})"


def _share(one: Outcome) -> str:
    return f"{one.lost} of {one.n + one.unscored} items"


def _open(one: Outcome) -> str:
    worst = max(0.0, -(one.low or 0.0))
    return f"{one.title} (may have lost {worst:.2g} {one.unit}, margin {one.margin:g})"


def _named(some: Sequence[Outcome], *, with_n: bool = False) -> str:
    return _listed([f"{one.title} (n={one.n})" if with_n else one.title for one in some])


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:_NAMED])
    if left := len(names) - len(shown):
        shown.append(f"{left} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _times(sign: float, value: object) -> float | None:
    return sign * float(value) + 0.0 if isinstance(value, int | float) else None
