"""How the book stages and the two sets are built from the lake.

Belongs here: which tables each stage reads, by content or with positions, and the call of its one
domain function. Does not: reuse, publishing, failures (``build.py``), domain rules (the rooms).
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field

import polars as pl

from booktune_assets.chain.clean import cleaning
from booktune_assets.chain.code import code_run_by, pairs_runner
from booktune_assets.chain.exports import mend_exports, write_exports
from booktune_assets.chain.followed import follow
from booktune_assets.chain.gone import shelved
from booktune_assets.chain.house import (
    BOOK_STAGES,
    House,
    Made,
    Stage,
    fact,
    title_of,
    version_of,
)
from booktune_assets.chain.licences import allowed, printed, stricter, why_held
from booktune_assets.chain.once import divided, once_over
from booktune_assets.chain.review import reviewing
from booktune_assets.chain.sets import make_set
from booktune_assets.chain.teacher import of_the_text, teacher_inputs, teacher_words, with_teacher
from booktune_assets.errors import BookError, Code
from booktune_assets.ids import digest
from booktune_assets.lake import Failure, replaced
from booktune_assets.page.write import write_page
from booktune_assets.schemas import tables_of

__all__ = ["CONCEPT_TABLES", "STAGES", "Ready", "divided", "ready_books"]

SET_SETTINGS = ("mix", "licences")


def _raw_inputs(house: House, key: str) -> dict[str, str]:
    book = house.shelf.book(key)
    if book.fault:
        raise BookError(Code.BAD_SETTING, book.fault, book=key)
    return {
        "file": house.shelf.fingerprint(book),
        "sidecar": digest([book.title, book.licence]),
    }


def _raw_make(house: House, key: str) -> Made:
    from booktune_assets.books.reader import read_book

    book = house.shelf.book(key)
    work = house.settings.home / "work" / "raw_books" / key
    shutil.rmtree(work, ignore_errors=True)
    raw = read_book(
        book.path, key, house.settings.reading, licence=book.licence, title=book.title,
        figures=work, kept=house.settings.cache / "ocr",
    )  # fmt: skip
    content = str(raw.frames["raw_books"]["content_sha256"][0])
    # a ban that stands in the file counts more than what was stated beside it
    licence = stricter(str(raw.frames["raw_books"]["licence"][0] or ""), raw.licence)
    raw.frames["raw_books"] = raw.frames["raw_books"].with_columns(
        licence=pl.lit(licence or None, pl.String)
    )
    notes: dict[str, object] = {"content_sha256": content, "licence": licence}
    if twin := _same_as(house, key, content):
        notes["same_as"] = twin
    counts = raw.counts | _parse_rate(raw.frames["raw_books__blocks"])
    return Made(key, raw.frames, counts, notes, raw.files)


def _parse_rate(blocks: pl.DataFrame) -> dict[str, int]:
    """Code blocks that a grammar can judge, and those it takes; of a session, its expressions.

    An empty cell and a prompt that nothing was typed at have nothing to judge.
    """
    from booktune_assets.beam.grammar import parses, says_nothing

    code = blocks.filter(pl.col("kind").is_in(["code", "iex", "erl_shell"]))
    texts = [row for row in code.select("text", "lang").iter_rows() if not says_nothing(*row)]
    verdicts = [parses(text, lang) for text, lang in texts]
    return {
        "code_judged": sum(verdict is not None for verdict in verdicts),
        "code_parsed": sum(verdict is True for verdict in verdicts),
    }


def _same_as(house: House, key: str, content: str) -> str | None:
    """The book that had this content before, if it still has; else this key is its owner now."""
    claim = house.lake.root / "raw_books" / "_content" / content
    owner = claim.read_text() if claim.exists() else ""
    if owner and owner != key:
        receipt = house.lake.receipt("raw_books", owner)
        if receipt is not None and receipt.notes.get("content_sha256") == content:
            return owner
    if owner != key:
        claim.parent.mkdir(parents=True, exist_ok=True)
        with replaced(claim) as temp:
            temp.write_text(key)
    return None


def _sections_inputs(house: House, key: str) -> dict[str, str]:
    return {
        "raw_books": fact(house, "raw_books", key, positions=True),
        "raw_books__pages": fact(house, "raw_books__pages", key, positions=True),
        "raw_books__blocks": fact(house, "raw_books__blocks", key, positions=True),
        "raw_books__spans": fact(house, "raw_books__spans", key, positions=True),
        "raw_books__links": fact(house, "raw_books__links", key, positions=True),
    }


def _sections_make(house: House, key: str) -> Made:
    from booktune_assets.books.sections import into_sections

    info = house.lake.read("raw_books", key)
    frames = into_sections(
        key,
        str(info["file_sha256"][0]),
        house.lake.read("raw_books__blocks", key),
        house.lake.read("raw_books__spans", key),
        house.lake.read("raw_books__pages", key),
        house.lake.read("raw_books__links", key),
    )
    references = frames["sections__refs"]
    exercises = frames["sections__exercises"]
    counts = {
        "rows": frames["sections"].height,
        "units": frames["sections__units"].height,
        "references": references.height,
        "references_resolved": references["target_section_id"].count(),
        "exercises": exercises.height,
        "exercises_answered": exercises["answer_block_id"].count(),
        "index_places": frames["sections__index"].height,
        "glossary_terms": frames["sections__glossary"].height,
    }
    said = printed(frames["sections"], frames["sections__blocks"])
    return Made(key, frames, counts, {"licence_printed": said})


CONCEPT_TABLES = (
    "sections", "sections__blocks", "sections__index", "sections__glossary", "sections__refs",
)  # fmt: skip


def _concept_inputs(house: House, key: str) -> dict[str, str]:
    facts = {name: fact(house, name, key) for name in CONCEPT_TABLES}
    if house.settings.concepts.refine:
        from booktune_assets.concepts.refine import VERSION as REFINED

        llm = house.settings.llm
        facts["teacher"] = digest([REFINED, llm.engine, llm.model, llm.revision])
    return facts


def _concept_make(house: House, key: str) -> Made:
    from booktune_assets.chain.concepts import concept_frames, refine_words

    frames, asked = concept_frames(
        key, {name: house.lake.read(name, key) for name in CONCEPT_TABLES}, house.settings
    )
    counts = asked | {
        "rows": frames["concept_graph"].height,
        "edges": frames["concept_graph__edges"].height,
        "links_to_code": frames["concept_graph__code"].height,
    }
    left = refine_words(asked)  # a spent budget: built again, answered questions from the cache
    return Made(key, frames, counts, {"partial": left} if left else {})


def _pairs_inputs(house: House, key: str) -> dict[str, str]:
    names = (
        "sections", "sections__blocks", "sections__exercises", "concept_graph",
        "concept_graph__edges", "concept_graph__mentions",
    )  # fmt: skip
    facts = {name: fact(house, name, key) for name in names}
    allowed(house.lake, key, house.settings.licences)
    facts["title"] = digest(title_of(house, key))
    return facts | {"code_run_by": code_run_by(house)} | teacher_inputs(house)


def _pairs_make(house: House, key: str) -> Made:
    from booktune_assets.pairs.extract import into_pairs
    from booktune_assets.pairs.identifiers import exports_in

    exports_in(house.settings.cache)
    lake, before = house.lake, _previous(house, "instruction_pairs", key, "pairs")
    made = into_pairs(
        key,
        lake.read("sections", key),
        lake.read("sections__blocks", key),
        lake.read("concept_graph", key),
        lake.read("concept_graph__mentions", key),
        house.settings.pairs,
        previous=of_the_text(before),
        exercises=lake.read("sections__exercises", key),
        runner=pairs_runner(house),
        edges=lake.read("concept_graph__edges", key),
        title=title_of(house, key),
    )
    whole = with_teacher(house, key, made, before)
    pairs = whole.frames["instruction_pairs"]
    assert isinstance(pairs, pl.DataFrame), "only sets are kept in parts"
    follow(house.settings, key, pairs)
    return whole


def _previous(house: House, asset: str, key: str, *settings: str) -> dict[str, pl.DataFrame] | None:
    """Frames made before by the same code and settings, whatever their inputs were."""
    receipt = house.lake.receipt(asset, key)
    if receipt is None or receipt.code_version != version_of(STAGES[asset]):
        return None
    if receipt.settings != house.settings.digest_for(*settings):
        return None
    if any(table.name not in receipt.tables for table in tables_of(asset)):
        return None  # made before a table came to the asset
    return {table.name: house.lake.read(table.name, key) for table in tables_of(asset)}


@dataclass(frozen=True, slots=True)
class Ready:
    """Which books a set is made of. ``behind``: their pairs do not belong to their present
    sections. ``twins``: books with the text of another one, and that one's key. ``kept``: of the
    books, those whose newest file failed, and its code: their last good version is taken.
    ``gone``: they were built, but no file of them is on the shelf. ``held``: books that may not be
    trained on, and why."""

    books: list[str]
    behind: list[str]
    twins: dict[str, str]
    kept: dict[str, str]
    gone: list[str]
    held: dict[str, str] = field(default_factory=dict[str, str])

    def words(self) -> list[str]:
        """One sentence for each book that is not in the sets as its newest file says."""
        said = [
            f"{key}: its newest file failed ({code}): the sets keep its last good version"
            for key, code in self.kept.items()
        ]
        said += [
            f"{key}: not in the sets until its pairs are made again: booktune run --book {key}"
            for key in self.behind
        ]
        said += [
            f"{key}: held at sections: {why}: state it with booktune add FILE --licence NAME"
            for key, why in self.held.items()
        ]
        return said + [
            f"{key}: its file is not on the shelf, so the sets leave it out: put it back, or "
            f"booktune forget {key}"
            for key in self.gone
        ]


def ready_books(house: House) -> Ready:
    """The books that may go into a set: pairs up to date, and no text twice.

    Of several books with the same text, the one that came to the shelf first is taken. A book whose
    newest file fails stays in with what was made of the one before: one bad copy must neither stop
    the sets nor take a book out of them unasked.
    """
    found = Ready([], [], {}, {}, [])
    owner: dict[str, str] = {}
    there = shelved(house)
    built = set(house.lake.keys("instruction_pairs"))
    built |= {row.key for row in house.lake.failures("instruction_pairs") if _is_held(row)}
    for key in house.shelf.in_order(sorted(built)):
        pairs = house.lake.receipt("instruction_pairs", key)
        sections = house.lake.receipt("sections", key)
        raw = house.lake.receipt("raw_books", key)
        if there is not None and key not in there:
            found.gone.append(key)
            continue
        if why := why_held(house.lake, key, house.settings.licences) if raw else "":
            found.held[key] = why
        elif pairs is None or sections is None or raw is None:
            found.behind.append(key)
        elif (
            pairs.inputs.get("sections") != sections.fact("sections")
            or "sections__prints" not in sections.tables  # read by an older version
        ):
            found.behind.append(key)
        elif (first := owner.setdefault(str(raw.notes.get("content_sha256")), key)) != key:
            found.twins[key] = first
        else:
            found.books.append(key)
            failures = (house.lake.failure(asset, key) for asset in BOOK_STAGES)
            if failed := next((row for row in failures if row), None):
                found.kept[key] = failed.code
    found.books.sort()
    return found


def _is_held(failure: Failure) -> bool:
    return failure.code == Code.LICENCE_HELD.value


def _set_inputs(house: House, _: str) -> dict[str, str]:
    found = ready_books(house)
    ready = found.books
    if not ready:
        remedy = "Build a book first: booktune run"
        if found.gone:
            remedy = f"None of {len(found.gone)} built books has a file in {house.shelf.folder}"
        if found.held:
            remedy = f"State the licences of {', '.join(found.held)}: booktune add FILE --licence …"
        raise BookError(Code.NOT_BUILT, remedy, asset="instruction_pairs")
    inputs = {"hold_out": str(house.settings.pairs.heldout_percent > 0)} | cleaning(house.settings)
    inputs |= reviewing(house.settings)
    inputs["order_of_books"] = digest(house.shelf.in_order(ready))
    for key in ready:
        pairs = house.lake.receipt("instruction_pairs", key)
        sections = house.lake.receipt("sections", key)
        raw = house.lake.receipt("raw_books", key)
        if pairs and sections and raw:  # receipts, not ``fact``: a failure row stops no set
            inputs[f"{key}/instruction_pairs"] = pairs.digest
            inputs[f"{key}/concept_graph"] = pairs.inputs.get("concept_graph", "")
            inputs[f"{key}/sections__spans"] = sections.fact("sections__spans", positions=True)
            inputs[f"{key}/sections"] = sections.fact("sections", positions=True)
            inputs[f"{key}/sections__prints"] = sections.fact("sections__prints")
            inputs[f"{key}/raw_books"] = raw.fact("raw_books")
    return inputs


def _set_make(fmt: str, asset: str, house: House) -> Made:
    from booktune_assets.pairs import render
    from booktune_assets.pairs.apart import told_in_training

    found, lake = ready_books(house), house.lake
    ready = found.books
    made, shelf, editions = once_over(house, ready, _set_inputs(house, asset))
    composed = make_set(house, asset, made, shelf, house.shelf.in_order(ready))
    rows = composed.rows
    if rows.is_empty():
        raise BookError(Code.NO_EXAMPLES, "Add a book with prose and code", asset=asset)
    if known := told_in_training(rows):
        raise BookError(
            Code.HELDOUT_KNOWN, "Please report it with the ids", asset=asset, count=len(known),
            examples=", ".join(known[:3]),
        )  # fmt: skip
    splits = rows.narrow(["split"]).group_by("split").len().sort("split")
    counts = {
        "rows": rows.height, "books": len(ready),
        "books_behind": len(found.behind), "books_twice": len(found.twins), **made.counts,
        "books_held": len(found.held), **composed.counts,
    }  # fmt: skip
    counts |= {"rows_train": 0, "rows_heldout": 0}
    counts |= {f"rows_{name}": int(count) for name, count in splits.iter_rows()}
    frames = {asset: rows, **composed.frames}
    written = write_exports(house, asset, frames, made.notes, chosen=composed.chosen)
    notes = written | {
        "behind": found.behind, "twins": found.twins, "held": found.held, "editions": editions,
        "teachers": {
            key: words
            for key in ready
            if (words := teacher_words(lake.receipt("instruction_pairs", key)))
        },
        **made.notes,
    }  # fmt: skip
    how = {"format": fmt, "order": house.settings.mix.order}
    key = render.dataset_id(rows.narrow(["example_id", "split"]), how)
    notes |= write_page(house.settings, asset, key, frames, counts, notes)
    return Made(key, frames, counts, notes)


def _sharegpt_make(house: House, _: str) -> Made:
    return _set_make("sharegpt", "sharegpt_set", house)


def _alpaca_make(house: House, _: str) -> Made:
    return _set_make("alpaca", "alpaca_set", house)


STAGES: dict[str, Stage] = {
    "raw_books": Stage("booktune_assets.books.reader", ("reading",), _raw_inputs, _raw_make),
    "sections": Stage("booktune_assets.books.sections", (), _sections_inputs, _sections_make),
    "concept_graph": Stage(
        "booktune_assets.concepts.graph", ("concepts",), _concept_inputs, _concept_make
    ),
    "instruction_pairs": Stage(
        "booktune_assets.pairs.extract", ("pairs",), _pairs_inputs, _pairs_make
    ),
    "sharegpt_set": Stage(
        "booktune_assets.pairs.render", SET_SETTINGS, _set_inputs, _sharegpt_make, mend_exports
    ),
    "alpaca_set": Stage(
        "booktune_assets.pairs.render", SET_SETTINGS, _set_inputs, _alpaca_make, mend_exports
    ),
}
