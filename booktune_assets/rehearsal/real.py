"""How many real rows come from where: exact shares of rows, nothing padded.

Belongs here: dividing the real rows among sources, taking them in order, what is missing. Does not:
reading (``sources.py``), exact arithmetic (``ratios.py``), what may not be shown (``clean.py``).

One per cent of *training* rows is text like pretraining's, which is what stops the drift of the
pretraining loss (arXiv 2502.06042). Rehearsal is the share s of training, so that is 0.01/s of what
is rehearsed: the set, and the rows that earlier stages left (``beside``). What a source does not
have is a deficit; no other source fills it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from booktune_assets.errors import BookError, Code
from booktune_assets.pairs.benchmarks import Benchmark
from booktune_assets.rehearsal.clean import leave_out_asked, leave_out_repeats
from booktune_assets.rehearsal.item import Item
from booktune_assets.rehearsal.ratios import exact, quotas
from booktune_assets.rehearsal.sources import GENERAL, general_items, read_texts
from booktune_assets.settings_training import Rehearsal, RehearsalTexts

__all__ = ["Real", "Taken", "pretrain_rows", "real_rows"]

ORIGINS = ("real_replay", "pretrain")
SPARE = 32  # texts looked at beyond twice what is wanted: some may not be shown


@dataclass(slots=True)
class Taken:
    """Of one source: rows aimed at, all texts that were looked at, those in the set."""

    origin: str
    source: str
    wanted: int
    looked: list[Item] = field(default_factory=list[Item])
    rows: list[Item] = field(default_factory=list[Item])


@dataclass(frozen=True, slots=True)
class Real:
    """All sources; ``rows`` of the set, ``rejected`` with their reasons."""

    sources: list[Taken]

    @property
    def rows(self) -> list[Item]:
        """In order of sources."""
        return [item for one in self.sources for item in one.rows]

    @property
    def rejected(self) -> list[Item]:
        """Each text once, though two origins may have looked at it."""
        found = {item.row_id: item for one in self.sources for item in one.looked if item.reason}
        return list(found.values())

    def tasks(self) -> dict[str, list[Item]]:
        """Texts to take examples of, by source: all that may be shown."""
        return {
            one.source: [item for item in one.looked if not item.reason]
            for one in self.sources
            if one.origin == "real_replay"
        }


def pretrain_rows(wanted: Rehearsal, share: float, beside: int = 0) -> int:
    """Rows like pretraining's: ``pretrain`` of training, when rehearsal is ``share`` of it.

    ``beside``: rows that earlier stages left and that are rehearsed with those of the set.
    """
    real = wanted.replay_rows or 0
    all_ = real + (wanted.synthesised_rows or 0) + beside
    if not share or not wanted.pretrain:
        return 0
    part = min(Fraction(1), exact(wanted.pretrain) / exact(share))
    return min(real, quotas(all_, {"pretrain": part, "rest": 1 - part})["pretrain"])


def real_rows(
    wanted: Rehearsal, share: float, benchmarks: Sequence[Benchmark], beside: int = 0
) -> Real:
    """The real rows: each source's exact number of the first of its texts that may be shown.

    ``share`` and ``beside`` as :func:`pretrain_rows` has them.
    """
    like_pretraining = pretrain_rows(wanted, share, beside)
    numbers = {
        "real_replay": (wanted.replay_rows or 0) - like_pretraining, "pretrain": like_pretraining,
    }  # fmt: skip
    sources = [one for origin in ORIGINS for one in _divided(wanted, origin, numbers[origin])]
    looked = [item for one in sources for item in one.looked]
    leave_out_asked(looked, benchmarks)
    leave_out_repeats(looked)
    for one in sources:
        one.rows = [item for item in one.looked if not item.reason][: one.wanted]
    return Real(sources)


def _divided(wanted: Rehearsal, origin: str, rows: int) -> list[Taken]:
    own = [one for one in wanted.texts if one.origin == origin]
    shares = {f"{number}": exact(one.share) for number, one in enumerate(own)}
    rest = 1 - sum(shares.values(), Fraction(0))
    if rest < 0:
        raise BookError(
            Code.BAD_SETTING, "Let the shares of rehearsal.texts be 1 together at most",
            origin=origin, together=float(1 - rest),
        )  # fmt: skip
    numbers = quotas(rows, {**shares, GENERAL: rest})
    names = _names(own)
    found = [
        Taken(origin, names[number], numbers[f"{number}"], _some(read_texts(one, _chars(wanted)),
              numbers[f"{number}"]))
        for number, one in enumerate(own)
    ]  # fmt: skip
    return [*found, Taken(origin, GENERAL, numbers[GENERAL], _general(wanted, origin, numbers))]


def _general(wanted: Rehearsal, origin: str, numbers: dict[str, int]) -> list[Item]:
    """Passages for one origin. Every fourth is for text like pretraining's: no passage is both."""
    rows = numbers[GENERAL]
    if origin == "pretrain" and not rows:
        return []
    items = general_items(4 * (2 * rows + SPARE), _chars(wanted), origin)
    own = [one for place, one in enumerate(items) if (place % 4 == 3) == (origin == "pretrain")]
    return own[: 2 * rows + SPARE]


def _some(items: list[Item], rows: int) -> list[Item]:
    """The first that can be used, twice as many as wanted and some, and all that cannot."""
    good = [item for item in items if not item.reason]
    return good[: 2 * rows + SPARE] + [item for item in items if item.reason]


def _chars(wanted: Rehearsal) -> int:
    assert wanted.row_chars is not None, "sized by the profile"
    return wanted.row_chars


def _names(own: Sequence[RehearsalTexts]) -> list[str]:
    """Names of files and folders; a number where two have the same or the general one's."""
    plain = [one.path.name for one in own]
    taken = [GENERAL, *plain]
    return [
        name if taken.count(name) == 1 else f"{name} ({number + 1})"
        for number, name in enumerate(plain)
    ]
