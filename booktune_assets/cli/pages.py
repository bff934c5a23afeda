"""``pages``: the pages about books, data sets and evaluations over HTTP, for the links of Dagster.

Belongs here: starting and ending the server, saying where it is. Does not: what it answers
(``page/serve.py``).
"""

from __future__ import annotations

import sys

import click

from booktune_assets.cli.asked import Asked, pass_asked

__all__ = ["pages"]


@click.command()
@click.option("--port", type=click.IntRange(0, 65535),
              help="Port (default: of the setting pages_url; 0: a free one).")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True,
              help="Address to listen on; another only behind a proxy with a login.")  # fmt: skip
@click.option("--idle-minutes", type=click.FloatRange(min=0), default=30.0, show_default=True,
              help="Stop when nobody has asked for so long; 0: never.")  # fmt: skip
@click.option("--open", "launch", is_flag=True, help="Open the list of pages in the browser.")
@pass_asked
def pages(asked: Asked, port: int | None, host: str, idle_minutes: float, launch: bool) -> None:
    """Serve the pages about books, sets and evaluations on this machine.

    Links in the Dagster UI lead here; `make ui` starts it beside Dagster.
    """
    from booktune_assets.page.serve import Pages

    server = Pages(asked.settings, host=host, port=port, idle=60 * idle_minutes)
    click.echo(f"pages     {server.address}")
    if sys.stdin.isatty():
        click.echo("stop with Ctrl-C", err=True)
    if launch:
        click.launch(server.address)
    try:
        server.serve()
    except KeyboardInterrupt:
        click.echo("", err=True)
