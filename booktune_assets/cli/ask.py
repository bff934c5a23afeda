"""``ask``: passages of the shelf for a question, and an answer from them.

Belongs here: the lines. Does not: the index (``chain/retrieval.py``), searching.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.words import clean

if TYPE_CHECKING:
    from booktune_assets.concepts.fit import Fit
    from booktune_assets.concepts.retrieval import Hit, Index

__all__ = ["ask"]

_LINES = 6


@click.command()
@click.argument("question")
@click.option("-k", "--k", "k", default=5, show_default=True, type=click.IntRange(1, 50),
              help="Passages at most.")  # fmt: skip
@click.option("--book", help="Key of the only book to look in.")
@click.option("--answer", is_flag=True, help="Have the teacher of [llm] answer from the passages.")
@click.option(
    "--adapter",
    type=click.Choice(["auto", "on", "off"]),
    help="Have the trained model answer: with its adapter, without, or by the question.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@pass_asked
def ask(
    asked: Asked, question: str, k: int, book: str | None, answer: bool,
    adapter: Literal["auto", "on", "off"] | None, as_json: bool,
) -> None:  # fmt: skip
    """Print the passages of the shelf that fit QUESTION best, with book, titles, page and score.

    Where none fits that is said, with the nearest ones by name, and nothing is answered from them.
    Terms count always; vectors too when their package is installed (pip install
    'booktune[vectors]'). With --adapter auto a question that the shelf does not cover is answered
    by the model as it was before training.
    """
    from booktune_assets.chain.retrieval import answered, shelf_index
    from booktune_assets.concepts.fit import fit_of
    from booktune_assets.concepts.retrieval import first
    from booktune_assets.errors import BookError, Code

    if answer and adapter:
        raise click.UsageError("--answer asks the teacher, --adapter the trained model: say one.")
    if answer and asked.settings.llm.engine == "none":
        raise BookError(
            Code.BAD_SETTING, "Name who answers: [llm] engine in booktune.toml", engine="none"
        )
    if book is not None:
        from booktune_assets.books.shelf import Shelf

        book = Shelf(asked.settings).book(book).key
    index = shelf_index(asked.settings)
    ranked = index.ranked(question, book=book)
    hits, fit = first(ranked, k, once=True), fit_of(index, question, ranked=ranked)
    if fit.fits:
        for number, hit in enumerate(hits, 1):
            click.echo(_json(number, hit, fit) if as_json else _words(number, hit))
    else:
        _say_nothing_fits(hits, fit, book, asks=answer, as_json=as_json)
        hits = []
    if adapter:
        _say_tuned(asked, question, index, hits, adapter, as_json=as_json)
    elif answer and hits:
        _say(answered(asked.settings, question, hits), as_json=as_json)


def _say_nothing_fits(
    hits: Sequence[Hit], fit: Fit, book: str | None, *, asks: bool, as_json: bool
) -> None:
    """That no passage fits, how far the best are from it, and what they are, without their text."""
    where = f"the book {book}" if book else "the shelf"
    says = f"nothing {'in' if book else 'on'} {where} fits this question"
    says += f" (fit {fit.score:.2f}, passages answer from {fit.mark:.2f})"
    says += "; nobody was asked" if asks else ""
    if as_json:
        row = {"fits": False, "fit": round(fit.score, 4), "mark": fit.mark, "says": says}
        click.echo(
            json.dumps({**row, "nearest": [_place(hit) for hit in hits]}, ensure_ascii=False)
        )
        return
    click.echo(says)
    for hit in hits:
        click.echo(clean(f"  nearest: {_head(hit)}"))


def _say_tuned(
    asked: Asked, question: str, index: Index, hits: Sequence[Hit],
    adapter: Literal["auto", "on", "off"], *, as_json: bool,
) -> None:  # fmt: skip
    from booktune_assets.chain.ask import choose, tuned_answer
    from booktune_assets.chain.house import House
    from booktune_assets.chain.models import failed_since

    house = House.open(asked.settings)
    choice = choose(house, question, index, adapter)
    click.echo(choice.words(), err=True)
    if choice.on and (warning := failed_since(house, "lora_adapter")):
        click.echo(clean(warning), err=True)
    _say(tuned_answer(house, question, hits, choice), as_json=as_json)


def _place(hit: Hit) -> dict[str, Any]:
    one = hit.passage
    return {
        "book": one.book_id, "section_id": one.section_id, "passage_id": one.passage_id,
        "kind": one.kind, "title": one.title, "page": one.page, "href": one.href,
    }  # fmt: skip


def _json(number: int, hit: Hit, fit: Fit) -> str:
    row: dict[str, Any] = {
        "rank": number, "fits": True, "fit": round(fit.score, 4), "score": round(hit.score, 4),
        "bm25": round(hit.lexical, 4),
        "cosine": None if hit.dense is None else round(hit.dense, 4), **_place(hit),
        "text": hit.passage.text,
    }  # fmt: skip
    return json.dumps(row, ensure_ascii=False)


def _head(hit: Hit) -> str:
    one = hit.passage
    place = f"page {one.page}" if one.page else (one.href or "")
    return f"{one.book_id}: {one.title}" + (f" ({place})" if place else "")


def _words(number: int, hit: Hit) -> str:
    near = "" if hit.dense is None else f", cosine {hit.dense:.2f}"
    lines = [line for line in hit.passage.text.strip().split("\n") if line.strip()]
    more = ["…"] if len(lines) > _LINES else []
    text = "\n".join(f"    {clean(line)[:160]}" for line in lines[:_LINES] + more)
    return (
        f"{clean(f'[{number}] {_head(hit)}')}\n"
        f"    {hit.score:.2f} (BM25 {hit.lexical:.1f}{near}) {hit.passage.kind}\n{text}\n"
    )


def _say(found: dict[str, Any], *, as_json: bool) -> None:
    from booktune_assets.errors import BooktuneError, Code

    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    elif not found["error"]:
        click.echo("\n".join(clean(line) for line in found["answer"].split("\n")))
        if not found["cited"]:
            click.echo("the answer cites no passage: check it against them", err=True)
    if found["error"]:
        raise BooktuneError(
            Code.MODEL_SERVICE, "Ask again, or ask a larger model", model=found["model"],
            why=found["error"],
        )  # fmt: skip
