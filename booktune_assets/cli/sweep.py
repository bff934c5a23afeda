"""``sweep``: short runs at several learning rates, judged on held-out answers.

Belongs here: options and lines. Does not: rows, runs, the rule of choice (``chain/sweep.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.figures import Finite, span
from booktune_assets.cli.words import PROBLEMS, clean, say_table

if TYPE_CHECKING:
    from booktune_assets.chain.sweep import Swept

__all__ = ["sweep"]


@click.command()
@click.option(
    "--rate",
    "rates",
    multiple=True,
    type=Finite(0, min_open=True),
    help="A rate to try; several times. Default: training.sweep, or around the profile's.",
)
@click.option("--steps", type=click.IntRange(2), help="Steps of each run; default: a quarter.")
@click.option("--dry-run", is_flag=True, help="Only say what it costs.")
@click.option("--use", is_flag=True, help="Write the choice into the settings file.")
@pass_asked
def sweep(
    asked: Asked, rates: tuple[float, ...], steps: int | None, dry_run: bool, use: bool
) -> None:  # fmt: skip
    """Train shortly at several learning rates and choose by the loss on held-out answers.

    The same rows and seed for all. What is done is kept: a sweep that was stopped goes on. The
    adapter of the lake stays; only --use changes anything, one line of the settings file.
    """
    from booktune_assets import progress
    from booktune_assets.chain.house import House
    from booktune_assets.chain.sweep import cost_of, rates_of, swept, write_rate
    from booktune_assets.cli.run import Ticker
    from booktune_assets.settings_training import RATE_MAX

    if too_high := [one for one in rates if one > RATE_MAX]:
        raise click.BadParameter(f"{too_high[0]:g}: training.learning_rate is {RATE_MAX:g} at most")
    house = House.open(asked.settings)
    wanted = sorted(set(rates)) or rates_of(asked.settings)
    count = steps or max(2, int(asked.settings.derived["steps"].value) // 4)
    cost = cost_of(house, wanted, count)
    click.echo(
        f"{cost.rates} rate{'s' * (cost.rates > 1)} ({', '.join(f'{one:g}' for one in wanted)}), "
        f"{count} steps each: at most {cost.tokens:,} tokens, about {span(cost.seconds)}"
    )
    click.echo(
        f"of that {span(cost.training)} of training ({cost.source}), {span(cost.beside)} of "
        "starting, loading and measuring"
        + (f", {span(cost.before)} of stages, where they are not done" if cost.before else "")
    )
    if dry_run:
        return
    with Ticker(0) as ticker, progress.sink(ticker.tick):
        done = swept(house, wanted, count)
    _say(done)
    if done.choice is None:
        click.echo("none is chosen: no rate leaves held-out answers better than the base does")
        raise click.exceptions.Exit(PROBLEMS)
    rate = done.choice.learning_rate
    if rate in (wanted[0], wanted[-1]) and len(wanted) > 1:
        click.echo(f"{rate:g} is at the end of what was tried: try further rates beyond it")
    if use:
        click.echo(clean(f"training.learning_rate = {rate:g} in "
                         f"{write_rate(asked.settings, asked.file, rate)}"))  # fmt: skip
    else:
        click.echo(
            f"to train with it: booktune sweep … --use, or training.learning_rate = {rate:g}"
        )


def _say(done: Swept) -> None:
    """The table, best read from left to right: rate, what it learns, what it forgets."""
    rows = [
        [f"{one.learning_rate:g}", *map(_figure, (one.heldout, _less(one.heldout, one.heldout_base),
         one.general, _less(one.general, one.general_base), one.loss)), f"{one.seconds:.0f}",
         "chosen" if one == done.choice else one.error]
        for one in done.tried
    ]  # fmt: skip
    say_table(("rate", "held-out", "change", "general", "change ", "loss", "s", ""), rows,
              right=("rate", "held-out", "change", "general", "change ", "loss", "s"))  # fmt: skip
    click.echo(
        f"bits per byte on {done.texts} held-out answers and on general text, and the change from "
        "the base; loss of training in nats per token"
    )
    if done.shared:
        click.echo(
            "the evaluation asks these answers too (few are held out): its loss will flatter the "
            "rate that is chosen here"
        )
    click.echo(clean(f"report    {done.folder / 'sweep.md'}"))


def _less(one: float | None, base: float | None) -> float | None:
    return None if one is None or base is None else one - base


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
