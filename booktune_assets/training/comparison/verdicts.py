"""What the comparison says of each method, in a sentence, and which expectations came out.

Belongs here: equal learning, differences to what is free, sentences, signs. Does not: tests and
curves themselves (``statistics.py``), pages (``page.py``). No torch.

"At equal learning": at nine tenths of the smallest largest gain of all arms that learned, seed by
seed. "At much learning": at ``HIGH`` of naive's largest gain, for those that always get there.
"No worse" holds when the whole interval lies below a margin, a tenth of what naive lost, that was
fixed before anything was run. "Clear" is a difference whose exact interval over seeds leaves 0 out.
Intervals are of one comparison each; ``family`` holds for all methods together, ``holm`` is the
stricter classic.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from booktune_assets.training.comparison.arms import FREE, HIGH, LEARNED
from booktune_assets.training.comparison.drive import Compared, points
from booktune_assets.training.comparison.statistics import (
    Point,
    area,
    holm,
    interval,
    lost_at,
    max_t,
    sign_flip,
    stages,
)  # fmt: skip

__all__ = ["TITLES", "Row", "Sign", "Versus", "rows", "signs", "thin"]

EARLIER = ("general", "domain")
TITLES = {
    "decay": "naive, shorter runs that decay", "alpha": "naive, scaled by α (WiSE-FT)",
    "lines": "naive, scaled by depth (LiNeS)",
}  # fmt: skip
SHORT = {
    "naive": "stopping early", "decay": "a shorter run", "low_rate": "a low rate",
    "alpha": "alpha scaling",
}  # fmt: skip
MARGIN = 0.1  # of what naive lost: so much more still counts as no worse
ENOUGH = 6  # seeds; with fewer no exact two-sided p is under 5 %


@dataclass(frozen=True, slots=True)
class Versus:
    """Mean difference of what is lost, over seeds, with its interval and p; negative: less."""

    diff: float
    low: float
    high: float
    p: float
    each: Sequence[float]

    @property
    def clear(self) -> bool:
        """Does the interval leave 0 out?"""
        return self.high < 0 or self.low > 0

    def words(self) -> str:
        """``−0.06 bits/byte [−0.08, −0.04], p = 0.03``"""
        if math.isnan(self.low):
            return f"{_signed(self.diff)} bits/byte"
        span = f"[{_signed(self.low)}, {_signed(self.high)}]"
        return f"{_signed(self.diff)} bits/byte {span}, p = {self.p:.2g}"


@dataclass(frozen=True, slots=True)
class Row:
    """One arm over all seeds; means, bits per byte. ``lost`` maps free arm → difference."""

    name: str
    title: str
    chosen: float | None
    gain: float  # at the end
    lost_end: float
    lost_equal: float | None  # at equal learning
    versus: Mapping[str, Versus] = field(default_factory=dict[str, Versus])
    tasks: Mapping[str, Versus] = field(default_factory=dict[str, Versus])  # vs naive, by task
    area: Versus | None = None  # under the curve, vs naive
    high: Mapping[str, Versus] = field(default_factory=dict[str, Versus])  # at much learning
    own: Versus | None = None  # vs naive at 0.9 of the smaller largest gain of the two alone
    family: float = math.nan
    holm: float = math.nan
    moved: float | None = None  # outputs on earlier inputs, nats
    cost: float | None = None  # CPU seconds of the training, over naive's
    matrix: Mapping[str, float] = field(default_factory=dict[str, float])
    learned: bool = True
    error: str = ""

    def sentence(self) -> str:
        """The verdict in words."""
        if self.error:
            return f"did not run: {self.error}"
        if not self.learned:
            return f"did not learn: gained {self.gain:.2f} bits/byte, less than half of naive"
        if self.name == "naive":
            return "the baseline: at equal learning this is stopping early"
        against = self.versus["naive"]
        said = _few(against) if len(against.each) < ENOUGH else self._sure(against)
        return said + ("" if self.name in (*FREE, *TITLES) else self._far())

    def _far(self) -> str:
        """The second point, where little of what is learned is given up."""
        if not self.high:
            return f"; does not always gain {HIGH:.0%} of naive's most"
        told = [
            f"{self.high[name].words()} beside {word}"
            for name, word in (("naive", "naive"), ("alpha", "alpha scaling"))
            if name in self.high
        ]
        return f"; at {HIGH:.0%} of naive's most {' and '.join(told)}"

    def _sure(self, against: Versus) -> str:
        if not against.clear:
            return f"no clear difference to naive at equal learning ({against.words()})"
        if against.diff > 0:
            return f"forgets more than naive at equal learning: {against.words()}"
        said = f"forgets less than naive at equal learning: {against.words()}"
        others = {name: one for name, one in self.versus.items() if name != "naive"}
        not_less = [SHORT[name] for name, one in others.items() if one.diff >= 0 or not one.clear]
        if self.name in FREE or self.name in TITLES:
            return said
        if not_less:
            return f"{said}, but no less than {_listed(not_less)}"
        return f"{said}, and less than all four that are free"


@dataclass(frozen=True, slots=True)
class Sign:
    """An expectation, whether it came out, and the figures. None: not to be told."""

    expected: str
    holds: bool | None
    figures: str

    def words(self) -> str:
        """One line with ✓, ✗ or –."""
        mark = {True: "✓", False: "✗", None: "–"}[self.holds]
        return f"{mark} {self.expected} ({self.figures})"


Curves = Mapping[int, Sequence[Point]]


def rows(made: Compared) -> list[Row]:
    """Every arm, in the order of the plan; what comes with naive right after it."""
    names = [arm.name for arm in made.arms]
    names[names.index("naive") + 1 : names.index("naive") + 1] = ["decay", "alpha", "lines"]
    curves = {name: _curves(made, name, EARLIER) for name in names}
    whole = {name: found for name, found in curves.items() if len(found) == len(made.seeds)}
    reach = {name: _mean([_most(c) for c in found.values()]) for name, found in whole.items()}
    learned = {name for name in whole if reach[name] >= LEARNED * reach["naive"]}
    equal = {
        seed: 0.9 * min(_most(whole[name][seed]) for name in learned) for seed in made.seeds
    }  # fmt: skip
    found = [_row(made, name, curves, name in learned, equal) for name in names]
    family = {row.name: row.versus["naive"].each for row in found if _method(row)}
    together, strict = max_t(family), holm({n: sign_flip(each) for n, each in family.items()})
    return [
        replace(row, family=together.get(row.name, math.nan), holm=strict.get(row.name, math.nan))
        for row in found
    ]


def signs(made: Compared, found: Sequence[Row]) -> list[Sign]:
    """What the literature and our pilot made us expect; none of it is assumed anywhere."""
    known = {row.name: row for row in found if row.lost_equal is not None}
    less = [
        _less(known, name, f"{title} forgets less than naive at equal learning")
        for name, title in (
            ("replay", "replay"), ("ewc_factored", "EWC on ΔW (factored)"),
            ("ewc_kfac", "EWC on ΔW (K-FAC)"), ("fip_penalty", "FIP penalty"),
        )
    ]  # fmt: skip
    return [
        *less,
        _nearer(known),
        _no_worse(made, known, "ewc_factored", "ewc_lora", "EWC on ΔW is no worse than on A and B"),
        _no_worse(made, known, "replay", "ssr", "replay of real text is no worse than of SSR's"),
        _monotone(made, "gain"),
        _monotone(made, "lost"),
        _exact(made),
    ]


def thin(made: Compared) -> str:
    """What the number of seeds allows to say."""
    n = len(made.seeds)
    if n < ENOUGH:
        return f"{n} paired seeds: signs only, no test at 5 % is possible below {ENOUGH}"
    return (
        f"{n} paired seeds: the smallest p of the exact sign-flip test is {2 / 2**n:.3f}; Holm "
        "multiplies it by the number of methods, flipping all methods together does not"
    )


def _row(
    made: Compared,
    name: str,
    curves: Mapping[str, Curves],
    learned: bool,
    equal: Mapping[int, float],
) -> Row:
    arm = next((one for one in made.arms if one.name == name), None)
    title = arm.title if arm else TITLES[name]
    mine, seeds = curves[name], made.seeds
    if len(mine) < len(seeds):
        errors = [made.results[seed].get(name, {}).get("error") for seed in seeds]
        error = next((one for one in errors if one), "no curve")
        return Row(
            name, title, made.chosen.get(name), 0.0, 0.0, None, learned=False, error=error
        )  # fmt: skip
    ends = [curve[-1] for curve in mine.values()]
    row = Row(
        name, title, made.chosen.get(name), _mean([end.gain for end in ends]),
        _mean([end.lost for end in ends]), None, moved=_moved(made, name), cost=_cost(made, name),
        matrix=_matrix(made, name), learned=learned,
    )  # fmt: skip
    return _placed(row, made, curves, equal) if learned else row


def _placed(
    row: Row, made: Compared, curves: Mapping[str, Curves], equal: Mapping[int, float]
) -> Row:
    """The row with what it lost at equal and at much learning, beside the others."""
    mine, naive = curves[row.name], curves["naive"]
    at = [lost_at(mine[seed], gain) for seed, gain in equal.items()]
    much = {seed: HIGH * _most(naive[seed]) for seed in equal}
    own = {seed: 0.9 * min(_most(mine[seed]), _most(naive[seed])) for seed in equal}
    tasks = {
        task: _versus(_curves(made, row.name, (task,)), _curves(made, "naive", (task,)), equal)
        for task in EARLIER
    }
    return replace(
        row, lost_equal=_mean([value for value in at if value is not None]),
        versus=_free(row.name, curves, equal), high=_free(row.name, curves, much),
        tasks={task: one for task, one in tasks.items() if one},
        area=_areas(mine, naive, equal), own=_versus(mine, naive, own),
    )  # fmt: skip


def _free(name: str, curves: Mapping[str, Curves], at: Mapping[int, float]) -> dict[str, Versus]:
    """Differences to everything free, where both get that far."""
    return {
        free: against
        for free in FREE
        if free != name
        and free in curves
        and (against := _versus(curves[name], curves[free], at)) is not None
    }


def _method(row: Row) -> bool:
    """Is it a method, rather than something that is free?"""
    return row.lost_equal is not None and row.name not in (*FREE, *TITLES)


def _curves(made: Compared, name: str, tasks: Sequence[str]) -> dict[int, list[Point]]:
    return {seed: points(curve, tasks) for seed in made.seeds if (curve := made.curve(seed, name))}


def _versus(mine: Curves, other: Curves, at: Mapping[int, float]) -> Versus | None:
    pairs = [(lost_at(mine[seed], gain), lost_at(other[seed], gain)) for seed, gain in at.items()]
    each = [one - two for one, two in pairs if one is not None and two is not None]
    return _tested(each) if len(each) == len(at) else None


def _areas(mine: Curves, other: Curves, at: Mapping[int, float]) -> Versus | None:
    pairs = [(area(mine[seed], gain), area(other[seed], gain)) for seed, gain in at.items()]
    each = [one - two for one, two in pairs if one is not None and two is not None]
    return _tested(each) if len(each) == len(at) else None


def _tested(each: Sequence[float]) -> Versus:
    low, high = interval(each)
    return Versus(_mean(each), low, high, sign_flip(each), tuple(each))


def _few(against: Versus) -> str:
    less = sum(diff < 0 for diff in against.each)
    return (
        f"lost {against.words()} against naive at equal learning, less in {less} of "
        f"{len(against.each)} seeds (too few for a test)"
    )


def _moved(made: Compared, name: str) -> float | None:
    found = [made.results[seed].get(name, {}).get("moved") for seed in made.seeds]
    known = [_mean(list(one.values())) for one in found if one]
    return _mean(known) if len(known) == len(found) else None


def _cost(made: Compared, name: str) -> float | None:
    spent = [made.results[seed].get(name, {}).get("cpu_seconds", 0.0) for seed in made.seeds]
    plain = [made.results[seed]["naive"]["cpu_seconds"] for seed in made.seeds]
    return sum(spent) / sum(plain) if all(spent) else None


def _matrix(made: Compared, name: str) -> dict[str, float]:
    """Means over seeds of the figures of the matrix of stages; scores are minus bits per byte."""
    each: list[dict[str, float]] = []
    for seed in made.seeds:
        nothing, *after = made.results[seed]["naive"]["scores"]
        end = made.curve(seed, name)[-1]
        matrix = [[-row[task] for task in (*EARLIER, "books")] for row in (*after, end)]
        each.append(stages(matrix, [-nothing[task] for task in (*EARLIER, "books")]))
    return {key: _mean([one[key] for one in each]) for key in each[0]}


def _less(known: Mapping[str, Row], name: str, expected: str) -> Sign:
    if name not in known:
        return Sign(expected, None, "not compared")
    against = known[name].versus["naive"]
    holds = None if math.isnan(against.high) else against.high < 0
    return Sign(expected, holds, against.words())


def _nearer(known: Mapping[str, Row]) -> Sign:
    expected = "FIP penalty moves earlier outputs less than replay with the same memory"
    pair = [known[name].moved for name in ("fip_penalty", "replay") if name in known]
    if len(pair) < 2 or pair[0] is None or pair[1] is None:
        return Sign(expected, None, "not compared")
    return Sign(expected, pair[0] < pair[1], f"{pair[0]:.4f} and {pair[1]:.4f} nats at the end")


def _no_worse(
    made: Compared, known: Mapping[str, Row], name: str, other: str, expected: str
) -> Sign:
    if not {name, other, "naive"} <= known.keys():
        return Sign(expected, None, "not compared")
    one, two = (known[n].versus["naive"].each for n in (name, other))
    against = _tested([a - b for a, b in zip(one, two, strict=True)])
    margin = MARGIN * abs(known["naive"].lost_equal or 0.0)
    told = f"{against.words()}; margin {_signed(margin)}"
    return Sign(expected, _within(against, margin), told)


def _within(against: Versus, margin: float) -> bool | None:
    """No worse is a claim of its own: the whole interval lies below the margin. Where it crosses
    the margin the seeds cannot tell; that no difference is seen does not show that there is none.
    """
    if math.isnan(against.low):
        return None
    return True if against.high < margin else False if against.low > margin else None


def _monotone(made: Compared, what: str) -> Sign:
    expected = f"alpha curve: what is {'gained' if what == 'gain' else 'lost'} grows with α"
    curves = _curves(made, "alpha", EARLIER).values()
    found = [[getattr(point, what) for point in curve] for curve in curves]
    good = sum(all(a <= b for a, b in itertools.pairwise(c)) for c in found)
    return Sign(expected, good == len(found), f"in {good} of {len(found)} seeds")


def _exact(made: Compared) -> Sign:
    expected = "a stacked adapter that is off changes no bit"
    found = [
        result["off_exact"]
        for of_seed in made.results.values()
        for result in of_seed.values()
        if result.get("off_exact") is not None
    ]
    if not found:
        return Sign(expected, None, "not compared")
    return Sign(expected, all(found), f"{sum(found)} of {len(found)} runs")


def _most(curve: Sequence[Point]) -> float:
    return max(point.gain for point in curve)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan


def _signed(value: float) -> str:
    text = f"{value:+.3f}"
    return "0.000" if float(text) == 0 else text.replace("-", "\u2212")


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
