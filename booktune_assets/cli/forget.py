"""``forget``: remove a book with all that was made of it.

Belongs here: saying what would go, asking, saying what stays. Does not: what belongs to a book
(``chain/gone.py``).
"""

from __future__ import annotations

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.words import PROBLEMS, clean

__all__ = ["forget"]


@click.command()
@click.argument("book")
@click.option("--with-file", is_flag=True, help="Remove the file on the shelf too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_asked
def forget(asked: Asked, book: str, with_file: bool, yes: bool) -> None:
    """Remove a book: its key, its partition, its tables in the lake.

    Its file must be off the shelf already, or --with-file removes it; else it would come back.
    What was trained with the book is not touched.
    """
    from booktune_assets.assets.instance import forget_partition
    from booktune_assets.chain.gone import belongings, forget_book
    from booktune_assets.chain.house import House
    from booktune_assets.errors import BookError, Code

    house = House.open(asked.settings)
    there = [one.path for one in house.shelf.books() if one.key == book]
    paths = belongings(house, book, files=with_file)
    if not paths and not there and not house.shelf.knows(book):
        raise BookError(Code.UNKNOWN_BOOK, "See the keys with: booktune status", book=book)
    if there and not with_file:
        raise click.UsageError(
            f"{clean(there[0])} is on the shelf and would come back as a new book. "
            "Move it away first, or say --with-file to remove it too."
        )
    for path in paths:
        click.echo(f"removes   {clean(path)}")
    click.echo(f"removes   the key {book} and its partition")
    if not yes and not click.confirm("Go on?"):
        click.echo("nothing was removed")
        raise click.exceptions.Exit(PROBLEMS)
    forget_book(house, book, paths)
    forget_partition(asked.settings, book)
    click.echo(
        "gone. The sets leave it out from the next `booktune run`; adapters and reports that"
    )
    click.echo("were made with it stay as they are: train again to be rid of it there.")
