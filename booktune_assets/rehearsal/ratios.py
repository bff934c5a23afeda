"""Exact shares of a whole number of rows.

Belongs here: dividing rows among names, and nothing else. Shares are of *rows* of the set, not of
tokens: rows are what training draws, and their number is known before any of them is made.

    exact_i = total · share_i / Σ share        got_i ∈ {⌊exact_i⌋, ⌈exact_i⌉},  Σ got_i = total

by the largest remainder (Hamilton's method); of equal remainders the earlier name gets the row. All
in fractions: 0.07 of 100 rows is 7, whatever binary numbers make of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

__all__ = ["exact", "quotas"]


def exact(share: float | Fraction) -> Fraction:
    """The number that is written, not the binary one next to it."""
    return share if isinstance(share, Fraction) else Fraction(str(share))


def quotas(total: int, shares: Mapping[str, float | Fraction]) -> dict[str, int]:
    """Rows for each name, ``total`` together; none when there is no share above 0.

    Raises ``ValueError`` for a negative total or share.
    """
    parts = {name: exact(share) for name, share in shares.items()}
    if total < 0 or any(part < 0 for part in parts.values()):
        raise ValueError("neither rows nor shares are negative")
    whole = sum(parts.values(), Fraction(0))
    if not whole:
        return dict.fromkeys(parts, 0)
    wanted = {name: total * part / whole for name, part in parts.items()}
    got = {name: int(rows) for name, rows in wanted.items()}
    order = sorted(parts, key=lambda name: got[name] - wanted[name])  # stable: earlier names first
    for name in order[: total - sum(got.values())]:
        got[name] += 1
    return got
