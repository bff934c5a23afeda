"""The command line: ``booktune VERB``.

Belongs here: words in, words out, exit codes. Does not: any rule of the chain. One module per
group of verbs: ``shelf`` (init, add), ``run``, ``status`` (status, doctor) and ``look`` (trace,
report, read); ``app`` puts them together, ``words`` prints.

Exit codes: 0 fine, 1 problems were found, 2 wrong use, 3 a service is down. Everything heavy is
imported inside the verb that needs it; Dagster only in ``init``, ``run`` and ``doctor``.
"""

from booktune_assets.cli.app import cli, main

__all__ = ["cli", "main"]
