"""``beam``: the group of verbs that run Elixir and Erlang in the sandbox.

Belongs here: the group. Does not: its verbs.
"""

from __future__ import annotations

import click

from booktune_assets.cli.beam_check import check, symbols
from booktune_assets.cli.beam_import import import_
from booktune_assets.cli.beam_run import run
from booktune_assets.cli.beam_score import score
from booktune_assets.cli.beam_verify import verify

__all__ = ["beam"]


@click.group()
def beam() -> None:
    """Run Elixir and Erlang in the sandbox: the code of books, candidate programs."""


for _verb in (run, import_, score, verify, check, symbols):
    beam.add_command(_verb)
