"""The command group: global options, errors into lines and exit codes.

Belongs here: what all verbs share. Does not: a verb.
"""

from __future__ import annotations

import errno
import os
import resource
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click

import booktune_assets
from booktune_assets.cli.ask import ask
from booktune_assets.cli.asked import Asked
from booktune_assets.cli.beam import beam
from booktune_assets.cli.concepts import concepts
from booktune_assets.cli.evaluate import compare, evaluate
from booktune_assets.cli.export import export
from booktune_assets.cli.forget import forget
from booktune_assets.cli.look import dataset, report
from booktune_assets.cli.mix import mix
from booktune_assets.cli.model import model
from booktune_assets.cli.pages import pages
from booktune_assets.cli.plan_training import plan_training
from booktune_assets.cli.reading import read, show
from booktune_assets.cli.review import review
from booktune_assets.cli.run import run
from booktune_assets.cli.shelf import add, init
from booktune_assets.cli.status import doctor, status
from booktune_assets.cli.sweep import sweep
from booktune_assets.cli.trace import trace
from booktune_assets.cli.units import units
from booktune_assets.cli.words import DOWN, PROBLEMS, STOPPED, clean, exit_code, say_error
from booktune_assets.errors import BooktuneError, Code

__all__ = ["cli", "main"]


class ReaderGone(Exception):
    """Whoever read our output has seen enough (``booktune read FILE | head``)."""


class Verbs(click.Group):
    """A group that turns booktune's errors into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; with ``--debug`` errors keep their traceback."""
        try:
            _need_room()
            return super().invoke(ctx)
        except BooktuneError as problem:
            if ctx.params.get("debug"):
                raise
            say_error(problem)
            ctx.exit(exit_code(problem))
        except BrokenPipeError as problem:
            raise ReaderGone from problem  # click would make it an error
        except OSError as problem:
            if ctx.params.get("debug"):
                raise
            click.echo(clean(f"DISK: {problem}. {_remedy(problem)}, then run again"), err=True)
            ctx.exit(DOWN)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which a newcomer needs them."""
        return list(self.commands)


_FULL = "database or disk is full"
_ROOM = 900_000_000  # bytes of addresses; with fewer the libraries of tables hang or abort


def _need_room() -> None:
    """Raises ``OUT_OF_MEMORY`` where the shell allows too few addresses to work with tables."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_AS)
    if allowed != resource.RLIM_INFINITY and allowed < _ROOM:
        raise BooktuneError(
            Code.OUT_OF_MEMORY,
            f"The shell or batch system allows {allowed // 1_000_000} MB of address space; "
            f"allow {_ROOM // 1_000_000} MB or more (ulimit -v)",
        )


def _remedy(problem: OSError) -> str:
    """What to do about what the disk refused."""
    if problem.errno in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG):
        return "Name a place in a folder that is there"
    if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "Fix the permissions or name another folder"
    return "Free space or fix the permissions"


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for all that is made (BOOKTUNE_HOME; default: data/ of the checkout).",
)
@click.option(
    "--settings",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Settings file (BOOKTUNE_SETTINGS; default: booktune.toml of the home or the checkout).",
)
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.version_option(booktune_assets.__version__, prog_name="booktune")
@click.pass_context
def cli(ctx: click.Context, home: Path | None, file: Path | None, debug: bool) -> None:
    """From a shelf of programming books to a fine-tuned model, with the page behind every row.

    Exit codes: 0 fine, 1 problems were found, 2 wrong use, 3 a service is down,
    130 stopped by Ctrl-C.
    """
    ctx.obj = Asked(home, file)


def main() -> None:
    """Entry point of the ``booktune`` program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # names of files may be no valid text
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except (BrokenPipeError, ReaderGone):
        # the reader has seen enough; keep the interpreter from complaining when it closes stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except click.Abort:
        click.echo("stopped", err=True)
        code = STOPPED
    except click.ClickException as problem:
        problem.show()
        code = problem.exit_code
    except Exception as problem:
        if "--debug" in sys.argv:
            raise
        if _FULL in str(problem):  # said by SQLite, under Dagster
            click.echo(f"DISK: {_FULL}. Free space, then run again", err=True)
            sys.exit(DOWN)
        words = f"INTERNAL: {type(problem).__name__}: {problem}. See where with: booktune --debug …"
        click.echo(clean(words), err=True)
        code = PROBLEMS
    sys.exit(code if isinstance(code, int) else 0)


for _verb in (
    init, add, run, status, mix, trace, dataset, review, report, pages, doctor, read, show,
    export, units, concepts, ask, beam, forget, plan_training, sweep, model,
    evaluate, compare,
):  # fmt: skip
    cli.add_command(_verb)
