"""Which candidates stay: typical of each group of questions, and of every difficulty.

Belongs here: rows for each group, thirds by difficulty, the choice within a group. Does not:
vectors and groups (``vectors.py``).

SSR: of M rows a group with n_c of N candidates gets M·n_c/N, those nearest to its mean. That
prefers easy and average questions, so here a group's rows are divided among the thirds of all
candidates by difficulty, the nearest of each third first. Thirds are held even over all groups, as
far as the groups have them: a group always gets its number. Of equals the harder goes first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from booktune_assets.rehearsal.item import Item
from booktune_assets.rehearsal.ratios import quotas
from booktune_assets.rehearsal.vectors import Matrix, embedded, grouped

__all__ = ["THIRDS", "chosen", "keep_fittest", "thirds"]

THIRDS = ("hard", "middle", "easy")
PER_GROUP = 4  # candidates that make a group worth having
LOST = "not_selected"


def keep_fittest(items: Sequence[Item], wanted: int, groups: int, *, spread: bool) -> Counter[str]:
    """Give each item its group and third, and leave out all but ``wanted``; counts of thirds.

    ``spread`` off chooses as the paper does, by distance alone.
    """
    open_ = [item for item in items if not item.reason]
    vectors = embedded([item.question for item in open_])
    labels, gaps = grouped(vectors, max(1, min(groups, len(open_) // PER_GROUP)))
    third = thirds(open_)
    keep = chosen(labels, gaps, third if spread else [""] * len(open_), wanted)
    for place, item in enumerate(open_):
        item.cluster, item.third = int(labels[place]), third[place]
        if place not in keep:
            item.reject(LOST, f"group {item.cluster} has its rows")
    return Counter(third[place] for place in keep)


def thirds(items: Sequence[Item]) -> list[str]:
    """``easy``, ``middle`` or ``hard`` for each by its rank; one unit for all of them.

    When some have no likelihood all are ranked by the tokens of their answers.
    """
    if any(item.difficulty_by != "nats_per_token" for item in items):
        for item in items:
            item.difficulty, item.difficulty_by = float(item.tokens), "answer_tokens"
    ranked = sorted(
        range(len(items)), key=lambda place: (items[place].difficulty or 0.0, items[place].row_id)
    )
    names = [""] * len(items)
    for rank, place in enumerate(ranked):
        names[place] = THIRDS[::-1][3 * rank // len(items)]
    return names


def chosen(
    labels: npt.NDArray[np.int64], gaps: Matrix, third: Sequence[str], wanted: int
) -> set[int]:
    """Places of the rows that stay: ``min(wanted, rows)`` of them, exactly.

    No group is asked for more than it has: M ≤ N makes M·n/N ≤ n, and so its ceiling.
    """
    groups: dict[int, list[int]] = {}
    for place in sorted(range(len(labels)), key=lambda place: (float(gaps[place]), place)):
        groups.setdefault(int(labels[place]), []).append(place)
    sizes = {str(group): len(groups[group]) for group in sorted(groups)}
    rows = quotas(min(wanted, len(labels)), sizes)
    so_far: Counter[str] = Counter()
    keep: set[int] = set()
    for group in sorted(groups):
        keep |= _of_group(groups[group], third, rows[str(group)], so_far)
    while (swap := _better(groups, third, keep, so_far)) is not None:
        out, in_ = swap
        keep = keep - {out} | {in_}
        so_far.update({third[out]: -1, third[in_]: 1})
    return keep


def _of_group(own: list[int], third: Sequence[str], rows: int, so_far: Counter[str]) -> set[int]:
    """``rows`` of a group's places, nearest first, thirds in turn by what all have so far."""
    left = {name: [place for place in own if third[place] == name] for name in (*THIRDS, "")}
    here: Counter[str] = Counter()
    keep: set[int] = set()
    while len(keep) < rows:
        free = [name for name, places in left.items() if places]
        # even over all groups first, then within this one, then the harder one
        name = min(free, key=lambda one: (so_far[one], here[one]))
        keep.add(left[name].pop(0))
        here[name] += 1
        so_far[name] += 1
    return keep


def _better(
    groups: Mapping[int, list[int]], third: Sequence[str], keep: set[int], so_far: Counter[str]
) -> tuple[int, int] | None:
    """(out, in) within one group that brings two thirds nearer to each other; None without any.

    The far end of the fuller third leaves, the near end of the other comes in.
    """
    for group in sorted(groups):
        for over in THIRDS:
            for under in THIRDS[::-1]:
                if so_far[over] - so_far[under] < 2:
                    continue
                out = [place for place in groups[group] if place in keep and third[place] == over]
                in_ = [p for p in groups[group] if p not in keep and third[p] == under]
                if out and in_:
                    return out[-1], in_[0]
    return None
