"""What the global options asked for, handed to every verb.

Belongs here: loading settings late, so that ``--help`` costs nothing. Does not: defaults.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from booktune_assets.settings import Settings

__all__ = ["Asked", "pass_asked"]


class Asked:
    """What was asked for globally; settings are loaded when a verb first needs them."""

    def __init__(self, home: Path | None, file: Path | None) -> None:
        self.home = home
        self.file = file

    @cached_property
    def settings(self) -> Settings:
        """Settings of the chosen home and file."""
        from booktune_assets.settings import Settings

        return Settings.load(self.home, self.file)


pass_asked = click.make_pass_decorator(Asked)
