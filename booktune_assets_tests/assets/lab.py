"""A house with toy stages: what the Dagster layer does with outcomes, without any domain rule.

The stages read one Markdown file and publish small frames that keep the real contracts, so that
receipts, reuse, metadata and checks are the real ones. A file that starts with ``BAD`` cannot be
read; one that starts with ``DOWN`` meets a service that does not answer.
"""

import hashlib
from pathlib import Path

import polars as pl
import pytest

from booktune_assets.chain import books as chain_books
from booktune_assets.chain.house import House, Made, Stage, fact
from booktune_assets.errors import BookError, Code, ServiceDown
from booktune_assets.ids import make_id
from booktune_assets.lake import replaced
from booktune_assets.schemas import tables_of
from booktune_assets_tests.builders import PLAIN_PAIR, plain_example

calls: list[tuple[str, str]] = []


def _frames(asset: str, **rows: list[dict[str, object]]) -> dict[str, pl.DataFrame]:
    return {table.name: table.frame(rows.get(table.name, [])) for table in tables_of(asset)}


def _raw(house: House, key: str) -> Made:
    calls.append(("raw_books", key))
    text = house.shelf.book(key).path.read_text()
    if text.startswith("BAD"):
        raise BookError(Code.DAMAGED_FILE, "Get the file again", book=key)
    if text.startswith("DOWN"):
        raise ServiceDown(Code.DISK, "Free space", book=key)
    sha = hashlib.sha256(text.encode()).hexdigest()
    block = make_id("blk", key, text)
    frames = _frames(
        "raw_books",
        raw_books=[
            {
                "book_id": key,
                "title": key,
                "authors": [],
                "licence": "MIT",
                "format": "md",
                "file_name": f"{key}.md",
                "file_sha256": sha,
                "file_bytes": len(text),
                "content_sha256": sha,
                "pages": 1,
                "blocks": 1,
                "chars": len(text),
                "reader": "toy 1",
                "warnings": [],
            }
        ],
        raw_books__pages=[
            {
                "book_id": key,
                "page": 1,
                "chars": len("".join(text.split())),
                "kept": len("".join(text.split())),
                "furniture": 0,
                **dict.fromkeys(("moved", "repaired", "lost", "doubled"), 0),
                "status": "ok",
            }
        ],
        raw_books__blocks=[
            {
                "block_id": block,
                "book_id": key,
                "ordinal": 0,
                "kind": "prose",
                "lang": "",
                "text": text,
            }
        ],
        raw_books__spans=[
            {
                "block_id": block,
                "part": 0,
                "book_id": key,
                "href": key,
                "char_start": 0,
                "char_end": len(text),
            }
        ],
    )
    return Made(key, frames, {"rows": 1, "blocks": 1}, {"content_sha256": sha})


def _sections(house: House, key: str) -> Made:
    calls.append(("sections", key))
    block = house.lake.read("raw_books__blocks", key).row(0, named=True)
    text, section = block["text"], make_id("sec", key, block["text"])
    place = {"block_id": block["block_id"], "section_id": section, "book_id": key}
    span = {"char_start": 0, "char_end": len(text)}
    frames = _frames(
        "sections",
        sections=[
            {
                "section_id": section,
                "book_id": key,
                "ordinal": 0,
                "level": 1,
                "title": key,
                "title_path": [key],
                "role": "body",
                "kind": "chapter",
                "text": text,
                "chars": len(text),
                "code_chars": 0,
                "href": key,
            }
        ],
        sections__blocks=[dict(**place, ordinal=0, kind="prose", lang="", text=text, **span)],
        sections__spans=[dict(**place, part=0, file_sha256="0" * 64, href=key, **span)],
        sections__units=[
            {
                "unit_id": (unit := make_id("unit", key, text)),
                "book_id": key,
                "section_id": section,
                "ordinal": 0,
                "group_id": unit,
                "part": 0,
                "parts": 1,
                "text": text,
                "chars": len(text),
                "code_chars": 0,
            }
        ],
        sections__pieces=[{"unit_id": unit, "ordinal": 0, **place, **span}],
    )
    return Made(key, frames, {"rows": 1})


def _concepts(house: House, key: str) -> Made:
    calls.append(("concept_graph", key))
    section = house.lake.read("sections", key)["section_id"][0]
    row = {
        "concept_id": make_id("con", key, "term"),
        "book_id": key,
        "label": key,
        "kind": "term",
        "aliases": [],
        "evidence": ["heading"],
        "introduced_in": section,
        "order": 0,
        "path": 0,
        "depth": 0,
        "level": 1,
        "mentions": 1,
    }
    return Made(key, _frames("concept_graph", concept_graph=[row]), {"rows": 1})


def _pairs(house: House, key: str) -> Made:
    calls.append(("instruction_pairs", key))
    block = house.lake.read("sections__blocks", key).row(0, named=True)
    pair = make_id("pair", block["section_id"], block["text"])
    turns = [
        {"role": "user", "content": f"What says {key}?"},
        {"role": "assistant", "content": block["text"]},
    ]
    frames = _frames(
        "instruction_pairs",
        instruction_pairs=[
            {
                **PLAIN_PAIR,
                "pair_id": pair,
                "book_id": key,
                "section_id": block["section_id"],
                "family": "define",
                "turns": turns,
                "answer_chars": len(block["text"]),
            }
        ],
        instruction_pairs__evidence=[
            {
                "pair_id": pair,
                "ordinal": 0,
                "book_id": key,
                "section_id": block["section_id"],
                "block_id": block["block_id"],
                "role": "answer",
                "quote": block["text"],
                "char_start": 0,
                "char_end": len(block["text"]),
            }
        ],
    )
    return Made(key, frames, {"rows": 1})


def _set(asset: str, house: House) -> Made:
    calls.append((asset, ""))
    rows = []
    for key in chain_books.ready_books(house).books:
        for pair in house.lake.read("instruction_pairs", key).to_dicts():
            ask, answer = (turn["content"] for turn in pair["turns"])
            said = {
                "sharegpt_set": {
                    "conversations": [
                        {"from": "human", "value": ask},
                        {"from": "gpt", "value": answer},
                    ]
                },
                "alpaca_set": {"instruction": ask, "input": "", "output": answer},
            }[asset]
            rows.append(
                dict(
                    example_id=make_id("ex", asset, pair["pair_id"]),
                    pair_id=pair["pair_id"],
                    book_id=key,
                    split="train",
                    family="define",
                    kind="theory",
                    section_id=pair["section_id"],
                    section_title=key,
                    href=key,
                    also_in=[],
                    **plain_example(pair),
                    **said,
                )
            )
    frames = _frames(asset, **{asset: rows})
    name = make_id("data", *sorted(frames[asset]["example_id"].to_list()))
    return Made(name, frames, {"rows": len(rows)})


def _upstream(table: str):
    return lambda house, key: {table: fact(house, table, key)}


TOY_STAGES = {
    "raw_books": Stage("toy", (), chain_books._raw_inputs, _raw),
    "sections": Stage("toy", (), _upstream("raw_books__blocks"), _sections),
    "concept_graph": Stage("toy", (), _upstream("sections"), _concepts),
    "instruction_pairs": Stage("toy", (), _upstream("sections"), _pairs),
    "sharegpt_set": Stage("toy", (), chain_books._set_inputs, lambda h, _: _set("sharegpt_set", h)),
    "alpaca_set": Stage("toy", (), chain_books._set_inputs, lambda h, _: _set("alpaca_set", h)),
}


def install(patch: pytest.MonkeyPatch) -> None:
    """Put the toy stages where the real ones are looked up."""
    # one version for all: the constant is looked up in this module
    here = {
        name: Stage(f"{__name__}:VERSION", s.settings, s.inputs, s.make)
        for name, s in TOY_STAGES.items()
    }
    patch.setattr(chain_books, "STAGES", here)
    calls.clear()


VERSION = "toy.1"


def write_book(folder: Path, name: str, text: str, changed: int | None = None) -> Path:
    """A book file that looks as if it had been lying there for a while."""
    import os

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.md"
    with replaced(path) as temp:
        temp.write_text(text)
    stamp = changed if changed is not None else 1_700_000_000_000_000_000
    os.utime(path, ns=(stamp, stamp))
    return path
