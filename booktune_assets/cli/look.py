"""``report`` and ``dataset``: the pages about evaluations and data sets.

Belongs here: listing them, their copies under ``reports/``, opening them. Does not: what is on them
(``evaluation/``, ``page/``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.words import PROBLEMS, say_json, say_table

if TYPE_CHECKING:
    from booktune_assets.settings import Settings

__all__ = ["dataset", "fresh_reports", "report"]


@dataclass(frozen=True, slots=True)
class Report:
    """One HTML report: its evaluation, the copy under ``reports/``, and what it says in words."""

    eval_id: str
    path: Path
    made_at: float
    current: bool
    summary: object


def fresh_reports(settings: Settings) -> list[Report]:
    """The reports of all evaluations, newest first; copies that differ are written anew."""
    import shutil

    from booktune_assets.ids import file_sha256
    from booktune_assets.lake import Lake, replaced

    lake = Lake(settings.lake)
    newest = lake.current_key("eval_report")
    found: list[Report] = []
    for key in lake.keys("eval_report"):
        receipt = lake.receipt("eval_report", key)
        if receipt is None:
            continue
        for name, sha in receipt.files.items():
            source = lake.folder("eval_report", key) / name
            if not name.endswith(".html") or not source.is_file():
                continue
            target = settings.reports / f"{key}.html"
            if not target.is_file() or file_sha256(target) != sha:
                target.parent.mkdir(parents=True, exist_ok=True)
                with replaced(target) as temp:
                    shutil.copyfile(source, temp)
            summary = receipt.notes.get("summary")
            found.append(Report(key, target, receipt.made_at, key == newest, summary))
    return sorted(found, key=lambda row: (row.current, row.made_at), reverse=True)


@click.command()
@click.option("--open", "show", is_flag=True, help="Open the newest report in the browser.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_asked
def report(asked: Asked, show: bool, as_json: bool) -> None:
    """List the HTML reports, the current one first."""
    found = fresh_reports(asked.settings)
    if as_json:
        say_json(found)
    elif found:
        rows = [(row.eval_id, _when(row.made_at), row.path) for row in found]
        say_table(("evaluation", "made", "report"), rows)
    if not found:
        click.echo("no report yet: booktune run --all", err=True)
        raise click.exceptions.Exit(PROBLEMS)
    if show:
        click.launch(found[0].path.resolve().as_uri())


@click.command()
@click.option("--open-path", "show", is_flag=True, help="Open the page in the browser.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_asked
def dataset(asked: Asked, show: bool, as_json: bool) -> None:
    """Where the pages about the current data sets lie; one that is missing is written."""
    from booktune_assets.chain import SET_STAGES, House
    from booktune_assets.page.write import mend_page

    house = House.open(asked.settings)
    found: list[dict[str, object]] = []
    for asset in SET_STAGES:
        key = house.lake.current_key(asset)
        receipt = house.lake.receipt(asset, key) if key else None
        if receipt is not None:
            path = mend_page(house.settings, receipt).resolve()
            rows = receipt.tables[asset].rows
            found.append({"asset": asset, "key": receipt.key, "examples": rows, "page": path})
    if as_json:
        say_json(found)
    elif found:
        say_table(("set", "data set", "examples", "page"), [tuple(row.values()) for row in found],
                  right=("examples",))  # fmt: skip
    if not found:
        click.echo("no data set yet: booktune run", err=True)
        raise click.exceptions.Exit(PROBLEMS)
    if show:
        click.launch(Path(str(found[0]["page"])).as_uri())


def _when(seconds: float) -> str:
    import time

    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
