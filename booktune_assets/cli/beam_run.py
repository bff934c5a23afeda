"""``beam run``: verdicts on candidate programs, as JSON lines.

Belongs here: files in and out, progress. Does not: rows (``beam/batch.py``), judging
(``beam/runner.py``).
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from booktune_assets.cli.figures import NewFile
from booktune_assets.cli.words import clean

if TYPE_CHECKING:
    from booktune_assets.beam.journal import Journal
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
@click.option(
    "--triage", is_flag=True,
    help="A first look only, in BEAMs that others used before (assurance: warm): cheap, and never "
    "the last word, since a candidate may spoil what comes after it.",
)  # fmt: skip
@click.option(
    "--resume/--no-resume", default=True, show_default=True,
    help="Go on with what a run of the same files left in OUT.partial when it was ended.",
)  # fmt: skip
def run(
    problems: Path, candidates: Path, out: Path, workers: int | None, triage: bool, resume: bool
) -> None:
    """Run candidate programs against the tests of their problems and write verdicts.

    A problem has id, language (elixir or erlang), tests, interface and maybe files and reference;
    a candidate has problem_id, candidate_id and source or files. Verdicts: pass, fail,
    compile_error, timeout, oom, killed, output_limit, suspicious, unsupported, harness_error.
    Until the end they are kept in OUT.partial, as they come.
    """
    from booktune_assets.beam.batch import broken_lines, counted, faulty_problems, run_rows
    from booktune_assets.lake import replaced
    from booktune_assets.progress import sink

    if str(out) != "-" and not out.parent.is_dir():
        raise click.UsageError(f"--out: there is no folder {clean(out.parent)}.")
    for fault in broken_lines(problems):
        click.echo(f"BAD_ROW  {clean(fault)}", err=True)
    with _journal(out, problems, candidates, triage, resume) as held, sink(_Lines().say):
        rows = run_rows(problems, candidates, workers=workers, final=not triage, journal=held)
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
        if str(out) == "-":
            sys.stdout.writelines(lines)
        else:
            with replaced(out) as temp:
                temp.write_text("".join(lines), encoding="utf-8", errors="replace")
    for fault in faulty_problems(rows):
        click.echo(f"BAD_ROW  {clean(fault)}", err=True)
    click.echo(f"{len(rows)} candidates: {counted(rows)}", err=True)


def _inputs(files: Sequence[Path], triage: bool) -> str:
    """What verdicts depend on: files, rules, and the programs that compile and run."""
    from booktune_assets.beam.runner import VERSION
    from booktune_assets.ids import digest, file_sha256

    programs: list[object] = []
    for name in ("elixir", "erl"):
        if found := shutil.which(name):
            real = Path(found).resolve()
            programs += [str(real), real.stat().st_mtime_ns]
    return digest([VERSION, triage, *programs, *map(file_sha256, files)])


@contextmanager
def _journal(
    out: Path, problems: Path, candidates: Path, triage: bool, resume: bool
) -> Generator[Journal | None]:
    """A journal, where there is a file to keep one beside and what is judged can be read twice;
    what it holds is said."""
    from booktune_assets.beam.journal import journal

    files = (problems, candidates)
    device = str(out) == "-" or (out.exists() and not out.is_file())
    if device or not all(one.is_file() for one in files):
        yield None
        return
    with journal(out, _inputs(files, triage), resume=resume) as held:
        place = clean(held.path)
        if held.kept:
            click.echo(f"kept      {len(held.kept)} verdicts of an earlier run  {place}", err=True)
        try:
            yield held
        except BaseException:
            if held.held:
                words = "what was judged; the same command goes on with it"
                click.echo(f"kept      {words}  {place}", err=True)
            raise


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
