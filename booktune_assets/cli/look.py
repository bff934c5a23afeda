"""``trace``, ``report`` and ``read``: looking at what was made, and at a book file alone.

Belongs here: printing a trace, listing reports, writing records of a book. Does not: the walk
(``lineage.py``), the report (``evaluation/``), reading (``books/``).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.words import PROBLEMS, clean, say_json, say_table

if TYPE_CHECKING:
    from booktune_assets.lineage import Trace
    from booktune_assets.settings import Settings

__all__ = ["fresh_reports", "report", "trace"]


@click.command()
@click.argument("example_id")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--crops", "folder", type=click.Path(path_type=Path, file_okay=False),
    help="Folder for pictures of the pages (default: <home>/cache/crops).",
)  # fmt: skip
@click.option("--no-crops", is_flag=True, help="Draw no pictures.")
@pass_asked
def trace(
    asked: Asked, example_id: str, as_json: bool, folder: Path | None, no_crops: bool
) -> None:
    """Walk from an example (ex_…) or pair (pair_…) back to the page it came from."""
    from booktune_assets import lineage
    from booktune_assets.errors import BooktuneError

    settings = asked.settings
    found = lineage.trace(settings, example_id)
    pictures: list[Path] = []
    problem: BooktuneError | None = None
    if not no_crops:
        try:
            pictures = lineage.crops(settings, found, folder or settings.cache / "crops")
        except BooktuneError as missing:  # the walk stands without its pictures
            problem = missing
    if as_json:
        say_json({**asdict(found), "pages": found.pages, "crops": pictures})
    else:
        _say_trace(found, pictures)
    if problem is not None:
        click.echo(f"no picture: {clean(problem)}", err=True)


def _say_trace(found: Trace, pictures: list[Path]) -> None:
    if found.example_id:
        click.echo(f"example   {found.example_id}  ({found.format}, {found.set_id})")
    checked = f", {found.verification}" if found.verification != "none" else ""
    click.echo(f"pair      {found.pair_id}  ({found.family}, {found.kind}, {found.split}{checked})")
    for role, words in found.turns:
        click.echo(f"  {role:9} {_short(words)}")
    for quote in found.quotes:
        click.echo(f"evidence  {quote.role} #{quote.ordinal}  {quote.block_id}")
        click.echo(f"  quote     “{_short(quote.text)}”")
        click.echo(f"  section   {clean(' › '.join(quote.section_path))}  ({quote.section_id})")
        for place in dict.fromkeys((place.page, place.href) for place in quote.places):
            page, href = place
            click.echo(f"  page      {page}" if page is not None else f"  part      {clean(href)}")
    click.echo(f"book      {found.book_id}  {clean(found.title)}")
    click.echo(f"file      {clean(found.file_name)}  sha256 {found.file_sha256}")
    for book, pair in found.also_in:
        click.echo(f"also in   {book}  ({pair})")
    for path in pictures:
        click.echo(f"picture   {clean(path)}")


def _short(text: str, limit: int = 160) -> str:
    flat = clean(" ".join(text.split()))
    return flat if len(flat) <= limit else f"{flat[:limit]}…"


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


def _when(seconds: float) -> str:
    import time

    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
