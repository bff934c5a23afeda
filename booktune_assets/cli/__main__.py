"""``python -m booktune_assets.cli``: the command line without its script."""

from __future__ import annotations

from booktune_assets.cli import main

main()
