"""Rows that stay are not walked over: an edit costs what changed, and reading and writing."""

from __future__ import annotations

from typing import Any

import pytest

from booktune_assets.pairs import extract
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book


def _text(edited: int | None = None) -> str:
    return "\n".join(
        f"# Part {n}\n\nA *kettle {n}* is a vessel for water number {n}"
        f"{' of tin' if n == edited else ''}.\n\n```iex\niex> {n} + {n}\n{2 * n}\n```\n"
        for n in range(40)
    )


def test_only_the_edited_sections_candidates_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    before = pairs_of(book(_text()))
    seen: list[str] = []
    real = extract.refused

    def noting(candidate: Any, *rest: Any) -> Any:
        seen.append(candidate.block_id)
        return real(candidate, *rest)

    monkeypatch.setattr(extract, "refused", noting)
    built: list[int] = []
    frame = extract.PAIRS.__class__.frame

    def counting(table: Any, rows: Any) -> Any:
        if table.name == "instruction_pairs":
            built.append(len(rows))
        return frame(table, rows)

    monkeypatch.setattr(extract.PAIRS.__class__, "frame", counting)
    after = pairs_of(book(_text(7)), previous=before.frames)
    assert after.counts["sections_made"] == 1
    assert 1 <= len(set(seen)) <= 2
    assert sum(built) <= 4  # rows that were made into columns: those of the edited section
    assert after.frames["instruction_pairs"].height == before.frames["instruction_pairs"].height
    assert before.frames["instruction_pairs"].height >= 40
