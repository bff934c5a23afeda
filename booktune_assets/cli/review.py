"""``review``: ask a person about examples, in the browser.

Belongs here: starting and ending the server, saying where it is. Does not: what it does
(``review/server.py``).
"""

from __future__ import annotations

import getpass

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.words import clean, say_json

__all__ = ["review"]


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port (default: a free one)."
)
@click.option("--idle-minutes", type=click.FloatRange(min=0, min_open=True), default=30.0,
              show_default=True, help="Stop when nobody has asked for so long.")  # fmt: skip
@click.option("--reviewer", help="Who decides (default: the name of the account).")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--list", "listed", is_flag=True, help="Print the decisions as JSON and stop.")
@pass_asked
def review(
    asked: Asked, port: int, idle_minutes: float, reviewer: str | None, no_browser: bool,
    listed: bool,
) -> None:  # fmt: skip
    """Accept, edit or reject examples in the browser, by keyboard.

    The decisions are kept in <home>/review/ and survive every rebuild; the next `booktune run sets`
    leaves out what was rejected and takes what was edited as edited.
    """
    from booktune_assets.review.decisions import Decisions

    decisions = Decisions(asked.settings)
    if listed:
        say_json(_listed(asked))
        return
    from booktune_assets.review.server import Desk, open_server

    before = decisions.digest()
    desk = Desk(asked.settings, reviewer if reviewer is not None else _account())
    server, address = open_server(desk, port=port, idle=60 * idle_minutes)
    with server:
        click.echo(f"review    {address}")
        click.echo("stop with Ctrl-C", err=True)
        if not no_browser:
            click.launch(address)
        try:
            server.serve_forever(poll_interval=0.2)
            click.echo(f"stopped: nobody asked for {idle_minutes:g} minutes", err=True)
        except KeyboardInterrupt:
            click.echo("", err=True)
    known = [one.decision for one in decisions.all().values()]
    told = ", ".join(f"{known.count(name)} {name}ed" for name in dict.fromkeys(known))
    click.echo(f"decisions {clean(decisions.path)}  ({told or 'none'})")
    if decisions.digest() != before:
        click.echo("the sets take them up with: booktune run sets")


def _listed(asked: Asked) -> list[dict[str, object]]:
    """Decisions with ``waits``: no pair says now what was decided about."""
    from booktune_assets.chain.followed import waiting
    from booktune_assets.lake import Lake
    from booktune_assets.review.decisions import Decisions

    decisions, lake = Decisions(asked.settings), Lake(asked.settings.lake)
    there = {
        pair
        for key in lake.keys("instruction_pairs")
        for pair in lake.read("instruction_pairs", key)["pair_id"].to_list()
    }
    idle = waiting(decisions.all().values(), there)
    return [{**row, "waits": row["pair_id"] in idle} for row in decisions.frame().to_dicts()]


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return ""
