"""``beam run``: verdicts on candidate programs, as JSON lines.

Belongs here: files in and out, progress. Does not: rows (``beam/batch.py``), judging
(``beam/runner.py``).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from booktune_assets.cli.figures import NewFile
from booktune_assets.cli.words import clean

if TYPE_CHECKING:
    from booktune_assets.progress import Tick

__all__ = ["run"]

_STILL = 15.0  # seconds, where the last candidates take long
_EVERY = 2.0  # seconds between two lines of progress
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.option("--problems", type=_FILE, required=True, help="Problems, one JSON object a line.")
@click.option("--candidates", type=_FILE, required=True, help="Candidates, one JSON object a line.")
@click.option(
    "--out", type=NewFile(allow_dash=True), required=True,
    help="Where to write one verdict a line, in the order of the candidates (-: standard output).",
)  # fmt: skip
@click.option(
    "--workers", type=click.IntRange(1, 64), default=None,
    help="Lanes of BEAMs at a time (default: one for each core).",
)  # fmt: skip
def run(problems: Path, candidates: Path, out: Path, workers: int | None) -> None:
    """Run candidate programs against the tests of their problems and write verdicts.

    A problem has id, language (elixir or erlang), tests, interface and maybe files and reference;
    a candidate has problem_id, candidate_id and source or files. Verdicts: pass, fail,
    compile_error, timeout, oom, killed, output_limit, suspicious, unsupported, harness_error.
    """
    from booktune_assets.beam.batch import broken_lines, counted, faulty_problems, run_rows
    from booktune_assets.lake import replaced
    from booktune_assets.progress import sink

    if str(out) != "-" and not out.parent.is_dir():
        raise click.UsageError(f"--out: there is no folder {clean(out.parent)}.")
    for fault in broken_lines(problems):
        click.echo(f"BAD_ROW  {clean(fault)}", err=True)
    with sink(_Lines().say):
        rows = run_rows(problems, candidates, workers=workers)
    for fault in faulty_problems(rows):
        click.echo(f"BAD_ROW  {clean(fault)}", err=True)
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    if str(out) == "-":
        sys.stdout.writelines(lines)
    else:
        with replaced(out) as temp:
            temp.write_text("".join(lines), encoding="utf-8", errors="replace")
    click.echo(f"{len(rows)} candidates: {counted(rows)}", err=True)


class _Lines:
    """Progress on stderr, a line every few seconds while something moves."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._done = -1

    def say(self, tick: Tick) -> None:
        pause = _EVERY if tick.done != self._done else _STILL
        if time.monotonic() - self._last >= pause:
            self._last, self._done = time.monotonic(), tick.done
            click.echo(clean(tick.words()), err=True)
