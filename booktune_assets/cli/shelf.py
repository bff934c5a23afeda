"""``init`` and ``add``: a home, and books in it.

Belongs here: folders, the settings file of a home, copying book files. Does not: reading them.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.words import PROBLEMS, WRONG_USE, clean
from booktune_assets.errors import BooktuneError, Code

if TYPE_CHECKING:
    from booktune_assets.books.shelf import Shelf
    from booktune_assets.settings import Settings

__all__ = ["add", "init"]

_TEXTS = ("md", "livemd", "adoc")  # name their pictures by where they stand
SAMPLE = "first-steps-on-the-beam.pdf"
_REFUSES_ALL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
_REMEDIES = {
    errno.ENAMETOOLONG: "Give the file a shorter name and add it again",
    errno.EACCES: "Make the file readable, or the one of its name on the shelf writable",
    errno.EPERM: "Make the file readable, or the one of its name on the shelf writable",
}


@click.command()
@click.option("--sample", is_flag=True, help="Put the sample book on the shelf.")
@pass_asked
def init(asked: Asked, sample: bool) -> None:
    """Make the folders, the settings file and the Dagster instance. Safe to repeat."""
    from booktune_assets.assets.instance import ensure_instance
    from booktune_assets.settings import PROJECT

    settings = asked.settings
    for folder in (settings.home, settings.books, settings.lake, settings.warehouse.parent):
        folder.mkdir(parents=True, exist_ok=True)
    if settings.home.resolve() != (PROJECT / "data").resolve():
        _settings_file(settings, asked.file)
    click.echo(f"home      {clean(settings.home)}")
    click.echo(f"books     {clean(settings.books)}")
    click.echo(f"dagster   {clean(ensure_instance(settings))}")
    click.echo(f"profile   {settings.profile}")
    for item in settings.derived.values():
        click.echo(f"  {item.name:14} {item.value}  ({item.reason})")
    if sample:
        source = PROJECT / "data" / "books" / "sample" / SAMPLE
        if not source.is_file():
            from booktune_assets.errors import MissingPrerequisite

            raise MissingPrerequisite(Code.FILE_MISSING, "Take it from the repository", path=source)
        _put(settings, source, "CC-BY-4.0", None)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--licence", help="Licence of the books, kept with every row made from them.")
@click.option("--title", help="Title, where the file does not say it (one file only).")
@pass_asked
def add(asked: Asked, files: tuple[Path, ...], licence: str | None, title: str | None) -> None:
    """Copy book files onto the shelf and say the key of each.

    A file that cannot be a book is named and left out; the others are added.
    """
    from booktune_assets.books.shelf import FORMATS

    missing = [path for path in files if not path.is_file()]
    odd = [path for path in files if path.suffix.lower() not in FORMATS and path not in missing]
    if title and len(files) > 1:
        raise click.UsageError("--title goes with one file.")
    for path in missing:
        code = "NOT_A_FILE: a folder or device" if path.exists() else "FILE_MISSING: no such file"
        click.echo(f"{code}: {clean(path)}", err=True)
    for path in odd:
        known = " ".join(FORMATS)
        click.echo(f"UNKNOWN_FORMAT: {clean(path)}: the name ends in none of {known}", err=True)
    good = [path for path in files if path not in missing and path not in odd]
    if not good:
        raise click.exceptions.Exit(WRONG_USE)
    asked.settings.books.mkdir(parents=True, exist_ok=True)
    fine = [_added(asked.settings, path, licence, title) for path in good]
    if not all(fine) or len(good) < len(files):
        raise click.exceptions.Exit(PROBLEMS)


def _added(settings: Settings, source: Path, licence: str | None, title: str | None) -> bool:
    """Copy one file of several; what the disk refuses of it is said, and the others go on.

    A full disk refuses them all: that is left to who called.
    """
    try:
        return _put(settings, source, licence, title)
    except OSError as problem:
        if problem.errno in _REFUSES_ALL:
            raise
        what = problem.strerror or str(problem)
        remedy = _REMEDIES.get(problem.errno or 0, "Make the file and the shelf usable")
        click.echo(clean(f"DISK: not added: {source.name}: {what}. {remedy}"), err=True)
        return False


def _put(settings: Settings, source: Path, licence: str | None, title: str | None) -> bool:
    """Copy one file unless it is there; False when it is empty, or does not come together.

    A copy under another name is a book of its own, of which the sets take nothing twice. AsciiDoc
    that includes other files is put together: on the shelf a book is one file.
    """
    from booktune_assets.books.shelf import FORMATS, Shelf
    from booktune_assets.books.whole import whole_of
    from booktune_assets.ids import file_sha256
    from booktune_assets.lake import replaced

    if not source.stat().st_size:
        click.echo(f"EMPTY_FILE: not added: {clean(source.name)} has no bytes", err=True)
        return False
    try:
        adoc = FORMATS[source.suffix.lower()] == "adoc"
        whole = whole_of(source, settings.reading) if adoc else None
    except BooktuneError as problem:
        click.echo(clean(f"{problem} (not added: {source.name})"), err=True)
        return False
    shelf = Shelf(settings)
    target = settings.books / source.name
    if whole is None:
        twins = _twins(shelf, file_sha256(source), source.stat().st_size)
    else:
        twins = _twins(shelf, hashlib.sha256(whole).hexdigest(), len(whole))
    there = target.name in twins
    _sidecar(target, licence, title)  # first: the sensor starts when the book is there
    shown = _pictures(source, whole, target) if FORMATS[source.suffix.lower()] in _TEXTS else ""
    if there:
        word = "there"
    else:
        word = "replaced" if target.exists() else "added"
        with replaced(target) as temp:
            shutil.copyfile(source, temp) if whole is None else temp.write_bytes(whole)
    key = next(book.key for book in shelf.books() if book.path.name == target.name)
    click.echo(f"{word:9} {key}  {clean(target)}{shown}")
    if whole is not None and (left := whole.count(b"\ninclude::")):
        several = f"{left} includes lead" if left > 1 else "1 include leads"
        click.echo(f"warning: {clean(target.name)}: {several} to no file in its folder", err=True)
    if twins and not there:
        click.echo(
            f"{Code.DUPLICATE_BOOK.value}: {clean(target.name)} is the same as {clean(twins[0])}: "
            "the sets take it once", err=True,
        )  # fmt: skip
    return True


def _pictures(source: Path, whole: bytes | None, target: Path) -> str:
    """Copy the pictures that a text names; how many, to be said."""
    from booktune_assets.books.brought import bring_pictures

    if source.parent.resolve() == target.parent.resolve():
        return ""
    raw = source.read_bytes() if whole is None else whole
    taken = bring_pictures(source, raw.decode("utf-8", "replace"), target)
    return f"  (with {taken} picture{'s' * (taken > 1)})" if taken else ""


def _twins(shelf: Shelf, sha: str, size: int) -> list[str]:
    """Names on the shelf with this content, first come first; only equal sizes are read."""
    books = {book.key: book for book in shelf.books()}
    same = [books[key] for key in shelf.in_order(list(books)) if books[key].size == size]
    return [book.path.name for book in same if shelf.fingerprint(book) == sha]


def _sidecar(target: Path, licence: str | None, title: str | None) -> None:
    """Add what was said to ``<file>.toml``; what stands there and was not said again is kept."""
    if licence is None and title is None:
        return
    import tomllib

    from booktune_assets.books.neighbours import sidecar_path
    from booktune_assets.lake import replaced

    path = sidecar_path(target)
    facts = tomllib.loads(path.read_text()) if path.exists() else {}
    said = {name: value for name, value in (("licence", licence), ("title", title)) if value}
    if all(facts.get(name) == value for name, value in said.items()):
        return
    # a JSON string is a TOML basic string but for the escape of DEL
    lines = [f"{name} = {json.dumps(str(value))}\n" for name, value in {**facts, **said}.items()]
    with replaced(path) as temp:
        temp.write_text("".join(lines))


def _settings_file(settings: Settings, named: Path | None) -> None:
    """The commented defaults, for a home that has no settings of its own yet."""
    from booktune_assets.lake import replaced
    from booktune_assets.settings import PROJECT

    target = settings.home / "booktune.toml"
    template = PROJECT / "booktune.toml"
    if target.exists() or named or os.environ.get("BOOKTUNE_SETTINGS") or not template.exists():
        return
    with replaced(target) as temp:
        shutil.copyfile(template, temp)
    click.echo(f"settings  {clean(target)}")
