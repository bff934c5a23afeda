"""``status`` and ``doctor``: what is built, what is wrong, what to do.

Belongs here: tables of states and of findings. Does not: judging states (``chain/build.py``), the
checks themselves (``checkup.py``).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.words import PROBLEMS, clean, say_json, say_table

if TYPE_CHECKING:
    from booktune_assets.chain.house import House
    from booktune_assets.lake import Receipt

__all__ = ["doctor", "other_language", "read_warnings", "status"]

BAD = ("failed", "interrupted", "held")
LATE = ("stale", "behind")


@dataclass(frozen=True, slots=True)
class Row:
    """One asset of one book, or one asset after the books."""

    book: str | None
    asset: str
    state: str
    key: str | None
    rows: int | None
    seconds: float | None
    code: str | None = None
    message: str | None = None
    remedy: str | None = None
    code_judged: int | None = None  # listings and sessions of a language with a grammar here
    code_parsed: int | None = None  # those that the grammar takes
    same_as: str | None = None  # another book with the same text: that one goes into the sets
    warnings: list[str] = field(default_factory=list[str])  # it is built, but not all is well
    editions: list[dict[str, Any]] | None = None  # earlier books that this one has text of
    page: str | None = None  # of a set: its HTML page; of the evaluation: the index over adapters
    counts: dict[str, int] | None = None  # what the build counted: pages, characters, repairs …
    words: str | None = None  # of the rehearsal set: what it is made of
    refused: list[tuple[str, str, int]] | None = None  # gate, reason and how many, the most first


@click.command()
@click.argument("book", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_asked
def status(asked: Asked, book: str | None, as_json: bool) -> None:
    """What is built: each book by stage, then sets, models and marts."""
    from booktune_assets.chain.gone import gone_books
    from booktune_assets.chain.house import BOOK_STAGES, MODEL_STAGES, SET_STAGES, House

    house = House.open(asked.settings)
    gone = gone_books(house)
    if book:
        keys = [book if book in gone else house.shelf.book(book).key]
    else:  # those that left the shelf come last
        keys = [one.key for one in house.shelf.books()] + gone
    books = [_row(house, asset, key, gone) for key in keys for asset in BOOK_STAGES]
    _say_behind(books, of_books=True)
    _add_editions(books, house)
    others = [] if book else [_row(house, asset, None) for asset in SET_STAGES + MODEL_STAGES]
    _say_behind(others, of_books=False, late=any(row.state in LATE for row in books))
    if not book:
        others.append(_marts_row(house))
    if as_json:
        say_json([asdict(row) for row in books + others])
    else:
        if book and book not in gone:
            _say_which(house, book)
        _say_status(books, others, BOOK_STAGES, detailed=book is not None)
    if any(row.state in BAD for row in books + others):
        raise click.exceptions.Exit(PROBLEMS)


def _say_which(house: House, key: str) -> None:
    """Key, title, file and licence of a book."""
    from booktune_assets.chain.licences import licences_of

    book = house.shelf.book(key)
    read = house.lake.receipt("raw_books", key)
    row = house.lake.read("raw_books", key).row(0, named=True) if read else {}
    title = book.title or row.get("title") or ""
    click.echo(clean(f"book      {key}  {title}".rstrip()))
    click.echo(clean(f"file      {book.path}"))
    licence = book.licence or licences_of(house.lake, [key])[key]
    click.echo(clean(f"licence   {licence or 'not stated'}") + "\n")


def _row(house: House, asset: str, book: str | None, gone: Collection[str] = ()) -> Row:
    from booktune_assets.chain.build import state
    from booktune_assets.chain.clean import refusals
    from booktune_assets.errors import Code
    from booktune_assets.lineage_rehearsal import rehearsal_words
    from booktune_assets.page.write import page_of

    key = book or house.lake.current_key(asset)
    receipt = house.lake.receipt(asset, key) if key else None
    rows = receipt.tables[asset].rows if receipt else None
    failure = house.lake.failure(asset, book or asset)
    now = state(asset, book, house)
    if book in gone:
        now = "gone" if receipt else "missing"
    seconds = receipt.seconds if receipt else None
    row = Row(book, asset, now, key, rows, seconds, warnings=_warnings(house, asset, receipt))
    if failure and now in BAD:
        row = replace(row, code=failure.code, message=failure.message, remedy=failure.remedy)
    if row.code == Code.LICENCE_HELD.value:
        row = replace(row, state="held")
    if now == "interrupted":
        again = f"booktune run {asset}" + (f" --book {book}" if book else "")
        row = replace(row, code=None, message=None, remedy=again)
    if receipt and asset == "raw_books":
        judged, parsed = (receipt.counts.get(f"code_{name}") for name in ("judged", "parsed"))
        row = replace(row, code_judged=judged, code_parsed=parsed)
    if receipt and (page := page_of(house.settings, receipt)):
        row = replace(row, page=str(page))
    if receipt and asset == "eval_report":
        row = replace(row, page=_index(house))
    if receipt and asset == "rehearsal_set":
        row = replace(row, words=rehearsal_words(receipt) or None)
    counts = dict(receipt.counts) if receipt else None
    refused = refusals(house.lake, asset, key) if key else []
    return replace(row, counts=counts, refused=refused or None)


def _index(house: House) -> str | None:
    """The index over adapters, if it is there."""
    from booktune_assets.page.evaluations import index_of

    found = index_of(house.settings)
    return str(found) if found.is_file() else None


def _say_behind(rows: list[Row], *, of_books: bool, late: bool = False) -> None:
    """``current`` becomes ``behind`` where something above is to be built anew.

    Each build is judged by what lies before it in the lake, which is as old as it is itself.
    """
    from booktune_assets.chain.house import BOOK_STAGES

    for place, row in enumerate(rows):
        if of_books and row.asset == BOOK_STAGES[0]:
            late = False
        if late and row.state == "current":
            rows[place] = replace(row, state="behind")
        late = late or (row.state in LATE and row.asset != "alpaca_set")  # nothing is made of it


def _add_editions(rows: list[Row], house: House) -> None:
    """Say at the sections of a book which earlier books of the shelf it has text of, and at the
    book which of them has all of it."""
    from booktune_assets.chain.editions import same_texts, shelf_editions

    same = same_texts(house.settings)
    found: dict[str, list[dict[str, Any]]] = {}
    columns = ("edition_of", "kind", "share", "share_back", "newer", "evidence")
    for edition in shelf_editions(house.settings).sort("share", descending=True).to_dicts():
        told = {name: edition[name] for name in columns}
        found.setdefault(edition["book_id"], []).append(told)
    for place, row in enumerate(rows):
        if row.asset == "sections" and row.book in found:
            rows[place] = replace(row, editions=found[row.book])
        elif row.asset == "raw_books" and row.book in same:
            rows[place] = replace(row, same_as=same[row.book])


def _warnings(house: House, asset: str, receipt: Receipt | None) -> list[str]:
    """What a reader should know about a build that is there."""
    from booktune_assets.chain.books import ready_books
    from booktune_assets.chain.exports import exported
    from booktune_assets.chain.house import SET_STAGES
    from booktune_assets.chain.teacher import teacher_warnings
    from booktune_assets.lineage_rehearsal import rehearsal_missing

    if asset == "raw_books" and receipt:
        return read_warnings(house, receipt)
    if asset == "instruction_pairs":
        return other_language(receipt) + teacher_warnings(receipt)
    if asset == "concept_graph":
        return teacher_warnings(receipt)
    if asset == "rehearsal_set" and receipt:
        return [f"rehearsal_set: {words}" for words in rehearsal_missing(receipt)]
    if asset not in SET_STAGES:
        return []
    said = ready_books(house).words() if asset == SET_STAGES[0] else []
    files = exported(house, receipt) if receipt else {}
    if gone := [file.name for file, there in files.items() if not there]:
        said.append(f"{asset}: {', '.join(gone)} not in exports: booktune run {asset} writes it")
    return said


def other_language(receipt: Receipt | None) -> list[str]:
    """How much of a book is asked nothing about, for it is not in English."""
    many = receipt.counts.get("sections_other_language", 0) if receipt else 0
    if not receipt or not many:
        return []
    return [
        f"{many} of {receipt.counts['sections']} sections are not in English: questions are, so "
        "no pair is made of their prose (refused as other_language)"
    ]


def read_warnings(house: House, receipt: Receipt) -> list[str]:
    """What the reader of a book could not do, in sentences."""
    if not receipt.counts.get("warnings"):
        return []
    return [str(words) for words in house.lake.read("raw_books", receipt.key)["warnings"][0]]


def _marts_row(house: House) -> Row:
    from booktune_assets.warehouse.build import marts_state

    now, rows = marts_state(house.settings)
    return Row(None, "marts", now, None, rows, None)


def _say_status(
    books: list[Row], others: list[Row], stages: tuple[str, ...], *, detailed: bool
) -> None:
    if detailed:
        say_table(
            ("asset", "state", "rows", "seconds"),
            [(row.asset, row.state, row.rows, row.seconds) for row in books],
            right=("rows", "seconds"),
        )
        _say_parsed(books)
        _say_refused(books)
    elif books:
        grid = [books[start : start + len(stages)] for start in range(0, len(books), len(stages))]
        say_table(
            ("book", *stages), [[line[0].book, *(_cell(row) for row in line)] for line in grid]
        )
    else:
        click.echo("The shelf is empty: booktune add FILE, or booktune init --sample")
    if others:
        click.echo()
        say_table(
            ("asset", "state", "rows", "key"),
            [(row.asset, row.state, row.rows, row.key) for row in others],
            right=("rows",),
        )
        _say_refused(others)
        for row in others:
            if row.words:
                click.echo(f"\n{row.asset}: {row.words}")
        _say_pages(others)
    for row in books:
        if row.same_as:
            click.echo(f"\n{row.book} has the text of {row.same_as}: the sets take it once")
        elif row.editions and (nearest := row.editions[0])["kind"] != "copy":
            click.echo(f"\n{_edition(str(row.book), nearest, len(row.editions))}")
    for row in books + others:
        if detailed or not row.book:
            for words in row.warnings:
                click.echo(f"\nwarning: {clean(words)}")
        if row.state in BAD:
            where = f"{row.book} " if row.book else ""
            words = row.message or row.remedy
            click.echo(f"\n{row.state}: {where}{row.asset}: {clean(words)}")


def _say_pages(others: list[Row]) -> None:
    for row in others:
        if row.page:
            what = "all adapters" if row.asset == "eval_report" else f"page of {row.asset}"
            click.echo(f"\n{what}: {clean(row.page)}")


def _say_parsed(rows: list[Row]) -> None:
    """How much of the code its grammars take."""
    for row in rows:
        if row.code_judged:
            share = (row.code_parsed or 0) / row.code_judged
            click.echo(
                f"\ncode      {row.code_parsed} of {row.code_judged} listings and sessions "
                f"parse ({share:.1%})"
            )


def _say_refused(rows: list[Row]) -> None:
    """What the gates refused, a line for each gate and reason."""
    for row in rows:
        if row.refused:
            click.echo(f"\n{row.asset}: refused by gates")
            say_table(("gate", "reason", "refused"), row.refused, right=("refused",))


def _edition(book: str, nearest: dict[str, Any], count: int) -> str:
    """One line about the earlier book that a book has most text of."""
    kinds = {"format": "another format of", "layout": "another layout of",
             "edition": "an edition of", "part": "partly one text with"}  # fmt: skip
    newer = f", {nearest['newer']} is the newer" if nearest["newer"] else ""
    others = f"; {count - 1} more: booktune status {book} --json" if count > 1 else ""
    return (
        f"{book} is {kinds[nearest['kind']]} {nearest['edition_of']} "
        f"({nearest['share']:.0%} of its text stands there{newer}): "
        f"what both say goes into the sets once{others}"
    )


def _cell(row: Row) -> str:
    if row.code and row.state == "failed":
        return f"failed {row.code}"
    words = f"{row.state} {row.rows}" if row.state in ("current", "behind", "gone") else row.state
    many = len(row.warnings)  # the sentences are in `status BOOK`
    return f"{words} ({many} warning{'s' if many > 1 else ''})" if many else words


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--deep", is_flag=True, help="Read all of the lake and compare every digest.")
@pass_asked
def doctor(asked: Asked, as_json: bool, deep: bool) -> None:
    """Look at the machine, the packages and the lake; each finding with a remedy.

    Files of the lake that were written after their receipt are compared with its digests; with
    --deep all are, which reads every table, adapter and merged model.
    """
    from booktune_assets.cli.checkup import checkup

    found = checkup(asked.settings, deep=deep)
    if as_json:
        say_json([asdict(item) for item in found])
    else:
        rows = [(item.level, item.name, item.words, item.remedy) for item in found]
        say_table(("", "what", "found", "remedy"), rows)
    if any(item.level == "problem" for item in found):
        raise click.exceptions.Exit(PROBLEMS)
