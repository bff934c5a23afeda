"""``beam import``: problems of other benchmarks in the form that ``beam run`` takes.

Belongs here: files in, files out, what is said. Does not: the formats (``beam/adapters_*.py``).
"""

from __future__ import annotations

from pathlib import Path

import click

from booktune_assets.cli.figures import NewFile
from booktune_assets.cli.words import clean

__all__ = ["import_"]

_SHOWN = 20


@click.command("import")
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--format", "form", required=True,
    type=click.Choice(("multipl-e", "mceval", "exercism", "exercism-cases", "booktune")),
    help="What FOLDER holds: JSONL files of MultiPL-E or McEval, exercises of an Exercism track, "
    "JSONL files of exercises whose cases are data, or problem folders like data/evals/problems.",
)  # fmt: skip
@click.option(
    "--out", required=True, type=NewFile(),
    help="Problems to write, one JSON object a line.",
)  # fmt: skip
@click.option(
    "--references", type=NewFile(),
    help="Write the reference solutions as candidates, to see that they pass here.",
)  # fmt: skip
def import_(folder: Path, form: str, out: Path, references: Path | None) -> None:
    """Read problems from FOLDER, a folder or file of yours, into one file.

    What cannot be used is told with the reason; nothing is fetched.
    """
    from booktune_assets.beam.adapters import import_problems, references_jsonl
    from booktune_assets.beam.problems import problems_jsonl
    from booktune_assets.errors import BookError, Code
    from booktune_assets.lake import replaced

    found = import_problems(form, folder)
    if not found.problems:
        _tell("left out", found.skipped)
        raise BookError(
            Code.NO_EXAMPLES, "Nothing in it can be used, for the reasons above", path=folder
        )
    texts = {out: problems_jsonl(found.problems)}
    if references is not None:
        texts[references] = references_jsonl(found.problems)
    for file, text in texts.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        with replaced(file) as temp:
            temp.write_text(text, encoding="utf-8")
    _tell("mended", found.mended)
    _tell("left out", found.skipped)
    click.echo(
        f"problems  {clean(out)}  ({len(found.problems)} problems, {len(found.mended)} mended, "
        f"{len(found.skipped)} left out)"
    )
    if any(one.use == "eval_only" for one in found.problems):
        click.echo("licence   their licence forbids to train on them: for measuring only")


def _tell(what: str, items: dict[str, str]) -> None:
    for name, reason in list(items.items())[:_SHOWN]:
        click.echo(f"{what}  {clean(name)}: {clean(reason)}", err=True)
    if len(items) > _SHOWN:
        click.echo(f"{what}  {len(items) - _SHOWN} more", err=True)
