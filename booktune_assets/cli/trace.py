"""``trace``: from an example to its page, and from a page to its examples.

Belongs here: asking for the walk and printing it. Does not: the walk (``lineage.py
lineage_page.py``).
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.trace_rehearsal import say_rehearsed
from booktune_assets.cli.words import clean, say_json, say_table

if TYPE_CHECKING:
    from booktune_assets.lineage import Trace
    from booktune_assets.lineage_calls import Call, Verdict
    from booktune_assets.lineage_fate import Making
    from booktune_assets.lineage_page import PageTrace

__all__ = ["trace"]


@click.command()
@click.argument("example_id", required=False)
@click.option("--page", metavar="BOOK:PAGE", help="What rests on this page, or part of an EPUB.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--crops", "folder", type=click.Path(path_type=Path, file_okay=False),
    help="Folder for pictures of the pages (default: <home>/cache/crops).",
)  # fmt: skip
@click.option("--no-crops", is_flag=True, help="Draw no pictures.")
@pass_asked
def trace(
    asked: Asked, example_id: str | None, page: str | None, as_json: bool, folder: Path | None,
    no_crops: bool,
) -> None:  # fmt: skip
    """Walk from an example (ex_…), pair or refused candidate (pair_…) back to its page, and from a
    rehearsal text (reh_…) to its source or to the calls that wrote it.

    It says who worded it, which gates it passed, how its code was checked, which concepts it is
    about and needs, and why a set left it out. --page goes the other way.
    """
    from booktune_assets import lineage
    from booktune_assets.errors import BooktuneError

    if (example_id is None) == (page is None):
        raise click.UsageError("Name an example, pair or candidate, or say --page BOOK:PAGE.")
    if page is not None:
        _say_page(asked, page, as_json=as_json)
        return
    settings = asked.settings
    if (example_id or "").strip().startswith("reh_"):
        say_rehearsed(settings, example_id or "", as_json=as_json)
        return
    found = lineage.trace(settings, example_id or "")
    pictures: list[Path] = []
    problem: BooktuneError | OSError | None = None
    if not no_crops:
        try:
            pictures = lineage.crops(settings, found, folder or settings.cache / "crops")
        except (BooktuneError, OSError) as missing:  # the walk stands without its pictures
            problem = missing
    calls, verdicts = _teaching(asked, found)
    if as_json:
        say_json({
            **asdict(found), "pages": found.pages, "calls": calls, "verdicts": verdicts,
            "crops": pictures,
        })  # fmt: skip
    else:
        _say_trace(found, pictures)
        _say_teaching(calls, verdicts)
    if problem is not None:
        click.echo(f"no picture: {clean(problem)}", err=True)


def _teaching(asked: Asked, found: Trace) -> tuple[tuple[Call, ...], tuple[Verdict, ...]]:
    """What a teacher was asked for the pair and said, and what judges said."""
    from booktune_assets.lake import Lake
    from booktune_assets.lineage_calls import calls_of, keys_of_candidate, verdicts_of

    lake = Lake(asked.settings.lake)
    if found.making:
        keys = found.making.call_keys
    else:
        keys = keys_of_candidate(lake, found.book_id, found.pair_id)
    return calls_of(asked.settings, keys), verdicts_of(lake, found.book_id, found.pair_id)


def _say_teaching(calls: tuple[Call, ...], verdicts: tuple[Verdict, ...]) -> None:
    for call in calls:
        click.echo(f"call      {call.call_key}")
        if call.prompt is None:
            click.echo("  the cache of calls has its words no more")
            continue
        click.echo(f"  model     {clean(call.model)}")
        click.echo(f"  prompt    {_short(call.prompt)}")
        click.echo(f"  reply     {_short(call.reply or '')}")
    for one in verdicts:
        word = "supported" if one.supported else "not supported"
        only = "" if one.applied else ", only told"
        click.echo(
            f"judged    {word}, {one.votes} of {one.asked} votes{only}: {_short(one.sentence)}"
        )
        click.echo(f"  by        {clean(one.judge)}, {clean(one.prompt)}")


def _say_trace(found: Trace, pictures: list[Path]) -> None:
    if found.example_id:
        click.echo(f"example   {found.example_id}  ({found.format}, {found.set_id})")
    checked = f", {found.verification}" if found.verification != "none" else ""
    if found.refused:
        click.echo(f"candidate {found.pair_id}  ({found.family})")
        click.echo(f"refused   {found.refused[0]}  {found.refused[1]}")
    else:
        facts = f"{found.family}, {found.kind}, {found.split}{checked}"
        click.echo(f"pair      {found.pair_id}  ({facts})")
    for one in found.aside:
        near = f"  ({one.other})" if one.other else ""
        click.echo(f"left out  of {one.set}: {one.gate} {one.reason}{near}: {clean(one.detail)}")
    if review := found.review:
        note = f": {clean(review.note)}" if review.note else ""
        click.echo(f"review    {review.decision} by {clean(review.reviewer) or 'someone'}{note}")
    for role, words in found.turns:
        click.echo(f"  {role:9} {_short(words)}")
    for role, words in found.original:
        click.echo(f"  before    {role}: {_short(words)}")
    if found.making:
        _say_making(found.making)
    _say_quotes(found)
    click.echo(f"book      {found.book_id}  {clean(found.title)}")
    click.echo(f"file      {clean(found.file_name)}  sha256 {found.file_sha256}")
    click.echo(f"licence   {clean(found.licence) or 'not stated'}")
    for book, pair in found.also_in:
        click.echo(f"also in   {book}  ({pair})")
    for path in pictures:
        click.echo(f"picture   {clean(path)}")


def _say_making(made: Making) -> None:
    who = f"{made.generator}, rules {made.family_version}, {made.code_version}"
    if made.recipe:
        who += f", recipe {clean(made.recipe)}"
    click.echo(f"worded by {who}")
    if made.model:
        click.echo(f"model     {clean(made.model)}")
    click.echo(f"gates     {' '.join(made.gates) or 'none on record'}")
    by = f"  ({clean(made.verified_by)})" if made.verified_by else ""
    click.echo(f"checked   {made.verification}{by}")
    code = f", {made.code_tokens} of them code" if made.code_tokens else ""
    click.echo(f"level     {made.level} of 5, {made.answer_tokens} answer tokens{code}")
    for name, labels in (("concepts", made.concepts), ("needs", made.prerequisites)):
        if labels:
            click.echo(f"{name:9} {clean(', '.join(labels))}")


def _say_quotes(found: Trace) -> None:
    for quote in found.quotes:
        click.echo(f"evidence  {quote.role} #{quote.ordinal}  {quote.block_id}")
        click.echo(f"  quote     “{_short(quote.text)}”")
        click.echo(f"  section   {clean(' › '.join(quote.section_path))}  ({quote.section_id})")
        for place in dict.fromkeys((place.page, place.href) for place in quote.places):
            page, href = place
            click.echo(f"  page      {page}" if page is not None else f"  part      {clean(href)}")
        for box in dict.fromkeys(place.box for place in quote.places if place.box):
            click.echo(f"  box       {' '.join(f'{side:.1f}' for side in box)} pt")
    if not found.quotes and found.section_id:
        click.echo(f"section   {clean(' › '.join(found.section_path))}  ({found.section_id})")


def _say_page(asked: Asked, where: str, *, as_json: bool) -> None:
    from booktune_assets.lineage_page import page_trace

    found = page_trace(asked.settings, where)
    if as_json:
        say_json({**asdict(found), "examples": found.examples})
        return
    place = f"page {found.page}" if found.page is not None else clean(found.href)
    whole = sum(not pair.elsewhere for pair in found.pairs)
    click.echo(
        f"{found.book_id}, {place}: {len(found.examples)} examples of {len(found.pairs)} pairs "
        f"rest on it, {whole} of the pairs on nothing else"
    )
    _say_pairs(found)


def _say_pairs(found: PageTrace) -> None:
    rows = [
        (
            pair.pair_id, pair.family, pair.split, pair.quotes, "yes" if pair.elsewhere else "",
            " ".join(pair.examples) or pair.gate or "in no set", _short(pair.question, 60),
        )
        for pair in found.pairs
    ]  # fmt: skip
    if rows:
        heads = ("pair", "family", "split", "quotes", "elsewhere too", "examples", "question")
        say_table(heads, rows, right=("quotes",))


def _short(text: str, limit: int = 160) -> str:
    flat = clean(" ".join(text.split()))
    return flat if len(flat) <= limit else f"{flat[:limit]}…"
