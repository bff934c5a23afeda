"""``report`` and ``dataset``: the pages about evaluations and data sets.

Belongs here: listing and opening them. Does not: what is on them (``evaluation/``, ``page/``), the
copies under ``reports/`` (``page/evaluations.py``).
"""

from __future__ import annotations

from pathlib import Path

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.words import PROBLEMS, clean, say_json, say_table

__all__ = ["dataset", "report"]


@click.command()
@click.option("--open", "show", is_flag=True, help="Open the newest report in the browser.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_asked
def report(asked: Asked, show: bool, as_json: bool) -> None:
    """List the HTML reports, the current one first, and the index over all adapters."""
    from booktune_assets.page.evaluations import fresh_reports, write_index

    found = fresh_reports(asked.settings)
    index = write_index(asked.settings) if found else None
    if as_json:
        say_json(found)
    elif found:
        rows = [(row.eval_id, _when(row.made_at), row.path) for row in found]
        say_table(("evaluation", "made", "report"), rows)
        click.echo(f"all adapters: {clean(index)}")
    if not found:
        click.echo("no report yet: booktune run --all", err=True)
        raise click.exceptions.Exit(PROBLEMS)
    if show:
        click.launch(found[0].path.resolve().as_uri())


@click.command()
@click.option("--open", "show", is_flag=True, help="Open the first page in the browser.")
@click.option("--open-path", "show", is_flag=True, hidden=True)  # its name of old
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_asked
def dataset(asked: Asked, show: bool, as_json: bool) -> None:
    """Where the pages about the current data sets lie; one that is missing is written."""
    from booktune_assets.chain.house import SET_STAGES, House
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
