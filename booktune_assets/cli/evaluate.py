"""``eval`` and ``compare``: measure any model, and hold two evaluations side by side.

Belongs here: options and lines. Does not: planning and running (``chain/measure.py``).
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.words import clean, say_json, say_table

if TYPE_CHECKING:
    from booktune_assets.chain.measure import Cost
    from booktune_assets.settings import Settings

__all__ = ["compare", "evaluate", "say_rows"]


@click.command("eval")
@click.option("--model", required=True, help="Folder, packaged name, hub id, or http(s)://…/v1.")
@click.option("--adapter", default="", help="Id, folder, or a server's name: the second arm.")
@click.option("--suite", "suites", multiple=True, help="Several times; default: all.")
@click.option("--limit", type=click.IntRange(1), help="Items of a suite, at most.")
@click.option(
    "--problems",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Files of MultiPL-E, McEval, Exercism or booktune form: suite own_files.",
)
@click.option(
    "--protocol",
    type=click.Choice(("both", "chat", "completion")),
    help="How problems of files are asked.",
)
@click.option("--engine", type=click.Choice(("transformers", "vllm")), help="Of a folder.")
@click.option("--samples", type=click.IntRange(1), help="Programs for each problem.")
@click.option("--temperature", type=click.FloatRange(0), help="Of those.")
@click.option("--name", default="", help="The server's name of the model, if it has several.")
@click.option("--revision", default="", help="Of a server's model: another one is asked anew.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False),
              help="Folder for tables and report, instead of the lake.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Print items and cost, and stop.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@pass_asked
def evaluate(
    asked: Asked, model: str, adapter: str, suites: tuple[str, ...], limit: int | None,
    files: tuple[Path, ...], protocol: str | None, engine: str | None, samples: int | None,
    temperature: float | None, name: str, revision: str, out: Path | None, dry_run: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Measure a model, alone or against itself with an adapter.

    Suites that need books take those of the home. Every answer is kept: a run that was stopped
    goes on where it was. Keys of servers: [llm] api_key_env names the variable.
    """
    from booktune_assets import progress
    from booktune_assets.chain.house import House
    from booktune_assets.chain.measure import Wanted, measurement
    from booktune_assets.chain.models import failed_since
    from booktune_assets.cli.run import Ticker

    wanted = Wanted(model, adapter, suites, limit or 0, samples, temperature, name, revision,
                    files, engine or "", protocol or "")  # fmt: skip
    with Ticker(0) as ticker, progress.sink(ticker.tick):
        planned = measurement(asked.settings, wanted)
        cost = planned.cost(probe=not dry_run)
    failed = failed_since(House.open(asked.settings), "lora_adapter")
    if failed and not planned.spec.absent:  # the items are by the adapter that stands in for it
        click.echo(clean(failed), err=True)
    if not as_json:
        _say_cost(cost)
    if dry_run:
        if as_json:
            say_json({"eval_id": planned.spec.eval_id, "cost": asdict(cost)})
        return
    with Ticker(0) as ticker, progress.sink(ticker.tick):
        made = planned.run(out)
    rows = made.frames["eval_report"].to_dicts()
    if as_json:
        say_json({"eval_id": planned.spec.eval_id, "cost": asdict(cost), "counts": made.counts,
                  "faults": made.faults, "suites": rows,
                  "stages": made.frames["eval_report__stages"].to_dicts(),
                  "figures": made.frames["eval_report__stage_figures"].to_dicts()})  # fmt: skip
        return
    say_rows(rows)
    for line in made.staged:
        click.echo(clean(line))
    counts = made.counts
    click.echo(f"{counts['asked']} calls made, {counts['reused']} known, "
               f"{counts['failed']} without a score")  # fmt: skip
    for fault in made.faults:
        click.echo(clean(f"not answered: {fault}"))
    click.echo(clean(f"{planned.spec.eval_id}{f' in {out}' if out else ''}"))
    _say_pages(asked.settings, planned.spec.eval_id, out)


@click.command()
@click.argument("first")
@click.argument("second")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@pass_asked
def compare(asked: Asked, first: str, second: str, as_json: bool) -> None:
    """How SECOND differs from FIRST, item by item: ids of `booktune report`, or --out folders."""
    from booktune_assets.chain.measure import compared

    rows = compared(asked.settings, first, second)
    say_json(rows) if as_json else say_rows(rows)


def _say_pages(settings: Settings, eval_id: str, out: Path | None) -> None:
    from booktune_assets.page.evaluations import index_of

    if out is not None:
        click.echo(clean(f"report    {out / 'report.html'}"))
        return
    click.echo(clean(f"report    {settings.reports / f'{eval_id}.html'}"))
    click.echo(clean(f"adapters  {index_of(settings)}"))


def _say_cost(cost: Cost) -> None:
    found = {one.suite: one for one in cost.suites}
    rows: list[tuple[object, ...]] = []
    for name, count in cost.items.items():
        one, why = found.get(name), cost.skipped.get(name, "")
        if one is None:
            rows.append((name, count, "", "", "", "", "", why))
            continue
        span = "?" if one.seconds is None else f"{one.seconds:.0f} s"
        rows.append((name, count, one.calls, one.generations, one.known,
                     f"{one.tokens_in + one.tokens_out:,}", span, why))  # fmt: skip
    heads = ("suite", "items", "calls", "written", "known", "tokens", "time", "left out")
    say_table(heads, rows, right=heads[1:7])
    span = (
        "time unknown: never timed here"
        if cost.seconds is None
        else f"at most about {cost.seconds} s"
    )
    price = f", price {cost.price:.4g}" if cost.price else ""
    click.echo(
        f"{cost.calls} calls to make, {cost.known} known; about {cost.tokens_in:,} tokens read, at "
        f"most {cost.tokens_out:,} written; {span}{price}"
    )


def say_rows(rows: list[dict[str, Any]]) -> None:
    """Print metrics of suites, a line each."""
    if not any(row.get("tuned") is not None or row.get("mdd") is not None for row in rows):
        _say_scores(rows)
        return
    table = [
        (row["suite"], row["metric"], row["n"], _figure(row.get("base")),
         _figure(row.get("tuned")), _chance(row),
         _figure(row.get("mdd")), row["verdict"])
        for row in rows
    ]  # fmt: skip
    heads = ("suite", "metric", "n", "first", "second", "p", "could be seen", "verdict")
    say_table(heads, table, right=heads[2:7])
    if any(row[5].endswith("*") for row in table):
        click.echo("* of a further metric: not corrected for how many there are")


def _say_scores(rows: list[dict[str, Any]]) -> None:
    """The same of one model, or of two that have nothing in common: no column stays empty."""
    from booktune_assets.evaluation.compare import ALONE

    table = [
        (row["suite"], row["metric"], row["n"], _figure(row.get("base")),
         str(row["verdict"]).removeprefix(ALONE).removeprefix("; "))
        for row in rows
    ]  # fmt: skip
    heads = ("suite", "metric", "n", "score", "besides")
    say_table(heads, table, right=heads[2:4])


def _chance(row: dict[str, Any]) -> str:
    """p, corrected where it is; of further metrics it is not, which a star says."""
    if row.get("p_holm") is not None:
        return _figure(row["p_holm"])
    return f"{_figure(row['p'])}*" if row.get("p") is not None else _figure(None)


def _figure(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else "–"
