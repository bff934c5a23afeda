"""``mix``: what a set is composed of, what is missing, and what it would take to have more.

Belongs here: printing the composition, checking a folder against its manifest. Does not: composing
(``pairs/mix.py``), the arithmetic of more (``pairs/projection.py``).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.words import clean, say_json, say_table

if TYPE_CHECKING:
    import polars as pl

__all__ = ["mix"]

CHAPTERS = 10  # with the largest deficits


@click.command()
@click.option(
    "--set", "fmt", type=click.Choice(["sharegpt", "alpaca"]), default="sharegpt",
    help="Which set (default: sharegpt).",
)  # fmt: skip
@click.option("--chapters", "every", is_flag=True, help="All chapters, not only the shortest.")
@click.option(
    "--check", "folder", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Only compare a folder of exported files with its manifest.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_asked
def mix(asked: Asked, fmt: str, every: bool, folder: Path | None, as_json: bool) -> None:
    """What a set is composed of, what is missing, what 50,000 to 100,000 examples would take.

    Shares of theory and code are of answer tokens, all others of rows. Nothing is padded: what is
    missing to a band or a quota stands in the last column.
    """
    if folder is not None:
        _check(folder)
        return
    from booktune_assets.chain.exports import projected
    from booktune_assets.chain.house import House
    from booktune_assets.errors import BookError, Code

    house, asset = House.open(asked.settings), f"{fmt}_set"
    key = house.lake.current_key(asset)
    if key is None:
        raise BookError(Code.NOT_BUILT, f"Build it: booktune run {asset}", asset=asset)
    table = house.lake.read(f"{asset}__mix", key)
    dropped = house.lake.read(f"{asset}__dropped", key)
    said = projected(house, house.lake.read(asset, key))
    if as_json:
        left_out = dropped.group_by("gate", "reason").len("pairs").sort("gate", "reason")
        say_json({"set": key, "mix": table.to_dicts(), "dropped": left_out.to_dicts(),
                  "more": said})  # fmt: skip
        return
    click.echo(f"data set  {key}\n")
    _say_bands(table)
    _say_parts(table, every=every)
    _say_dropped(dropped)
    click.echo()
    for line in said:
        click.echo(clean(line))


def _check(folder: Path) -> None:
    from booktune_assets.pairs.validate import verified

    told = verified(folder)
    rows = ", ".join(f"{count:,} {split}" for split, count in sorted(told["rows"].items()))
    click.echo(f"{clean(folder)}: {clean(told['format'])}, {rows}, {len(told['files'])} files: ok")


def _say_bands(table: pl.DataFrame) -> None:
    import polars as pl

    from booktune_assets.pairs.mix_table import lacks

    rows = [
        (row["name"], row["unit"], f"{row['available']:,}", f"{row['got']:,}",
         f"{row['share']:.1%}", f"{row['low']:.0%}–{row['high']:.0%}", lacks(row))
        for row in table.filter(pl.col("low").is_not_null()).to_dicts()
    ]  # fmt: skip
    columns = ("band", "counted in", "there was", "in the set", "share", "aimed at", "missing")
    say_table(columns, rows, right=columns[2:])


def _say_parts(table: pl.DataFrame, *, every: bool) -> None:
    import polars as pl

    def said(row: dict[str, Any]) -> tuple[object, ...]:
        quota = "" if row["quota"] is None else f"{row['quota']:,}"
        return (
            row["dimension"], row["name"], f"{row['available']:,}", f"{row['got']:,}",
            f"{row['share']:.1%}", quota, row["deficit"] or "",
        )  # fmt: skip

    plain = table.filter(pl.col("low").is_null() & (pl.col("dimension") != "chapter"))
    chapters = table.filter(pl.col("dimension") == "chapter")
    chapters = chapters.sort(["deficit", "name"], descending=[True, False])
    short = chapters if every else chapters.filter(pl.col("deficit") > 0).head(CHAPTERS)
    columns = ("part", "name", "there was", "in the set", "share", "quota", "missing")
    click.echo()
    say_table(columns, [said(row) for row in [*plain.to_dicts(), *short.to_dicts()]],
              right=columns[2:])  # fmt: skip
    left = chapters.filter(pl.col("deficit") > 0).height - short.height
    if left > 0:
        click.echo(f"… and {left} more chapters with too few: --chapters")


def _say_dropped(dropped: pl.DataFrame) -> None:
    if dropped.is_empty():
        return
    counted = dropped.group_by("gate", "reason").len().sort("gate", "reason")
    click.echo()
    say_table(("left out by", "for", "pairs"), counted.rows(), right=("pairs",))
