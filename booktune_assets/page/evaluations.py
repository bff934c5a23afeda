"""Reports of evaluations under ``reports/``: copies out of the lake, and the index over adapters.

Belongs here: which there are, where they lie, when they are written. Does not: what is on them
(``evaluation/report*.py``), the marts, which have the same rows (``eval_history``).

The lake is what was measured; these files are copies for people, written anew when they differ.
Every file is put in place whole, the index after the reports that it links.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from booktune_assets.evaluation.report_index import Evaluated, render_index
from booktune_assets.ids import file_sha256
from booktune_assets.lake import Lake, Receipt, replaced
from booktune_assets.settings import Settings

__all__ = ["Report", "fresh_reports", "index_of", "write_index"]

ASSET = "eval_report"


@dataclass(frozen=True, slots=True)
class Report:
    """One HTML report: its evaluation, the copy under ``reports/``, and what it says in words."""

    eval_id: str
    path: Path
    made_at: float
    current: bool
    summary: object


def index_of(settings: Settings) -> Path:
    """Where the index lies."""
    return settings.reports / "index.html"


def fresh_reports(settings: Settings) -> list[Report]:
    """The reports of all evaluations, newest first; copies that differ are written anew."""
    lake = Lake(settings.lake)
    newest = lake.current_key(ASSET)
    found: list[Report] = []
    for receipt in _receipts(lake):
        for name in receipt.files:
            if name.endswith(".html"):
                page = settings.reports / f"{receipt.key}.html"
                summary = receipt.notes.get("summary")
                current = receipt.key == newest
                found.append(Report(receipt.key, page, receipt.made_at, current, summary))
        _copy(settings, lake, receipt)
    there = [row for row in found if row.path.is_file()]
    return sorted(there, key=lambda row: (row.current, row.made_at), reverse=True)


def write_index(settings: Settings) -> Path:
    """Write the reports that are missing, then the index over all of them."""
    lake = Lake(settings.lake)
    pages = {row.eval_id for row in fresh_reports(settings)}
    receipts = sorted(_receipts(lake), key=lambda one: (one.made_at, one.key))
    found = [_evaluated(lake, one) for one in receipts if one.key in pages]
    target = index_of(settings)
    target.parent.mkdir(parents=True, exist_ok=True)
    text = render_index(found)
    if not target.is_file() or target.read_text(encoding="utf-8") != text:
        with replaced(target) as temp:
            temp.write_text(text, encoding="utf-8")
    return target


def _receipts(lake: Lake) -> list[Receipt]:
    found = [lake.receipt(ASSET, key) for key in lake.keys(ASSET)]
    return [one for one in found if one is not None]


def _copy(settings: Settings, lake: Lake, receipt: Receipt) -> None:
    """Pictures first, so that a page never links what is not there yet."""
    for name, sha in sorted(receipt.files.items(), key=lambda one: one[0].endswith(".html")):
        source = lake.folder(ASSET, receipt.key) / name
        target = settings.reports / (f"{receipt.key}.html" if name.endswith(".html") else name)
        if source.is_file() and (not target.is_file() or file_sha256(target) != sha):
            target.parent.mkdir(parents=True, exist_ok=True)
            with replaced(target) as temp:
                shutil.copyfile(source, temp)


def _evaluated(lake: Lake, receipt: Receipt) -> Evaluated:
    rows = lake.read(ASSET, receipt.key).to_dicts()
    adapter = str(rows[0]["adapter_id"]) if rows else str(receipt.notes.get("adapter_id", ""))
    known = lake.receipt("lora_adapter", adapter) if adapter.startswith("ada_") else None
    trained = lake.read("lora_adapter", adapter).row(0, named=True) if known else {}
    base = trained.get("base") or receipt.notes.get("base") or receipt.notes.get("model") or ""
    date = time.strftime("%Y-%m-%d %H:%M", time.gmtime(receipt.made_at))
    return Evaluated(
        receipt.key, adapter, str(base), str(trained.get("dataset_id", "")), f"{date} UTC",
        f"{receipt.key}.html", rows,
    )  # fmt: skip
