"""Sets over the chain: licences hold books, the composition is a table, bad rows are named."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from booktune_assets.chain import once as chain_once
from booktune_assets.chain.books import ready_books
from booktune_assets.chain.build import build, state
from booktune_assets.chain.house import SET_STAGES, House
from booktune_assets.chain.licences import why_held
from booktune_assets.cli import cli
from booktune_assets.contracts import check
from booktune_assets.errors import Code
from booktune_assets.pairs import validate
from booktune_assets.schemas import TABLES
from booktune_assets.settings import Settings
from booktune_assets.settings_sets import Licences, Mix
from booktune_assets.settings_training import Training
from booktune_assets_tests.chain.test_books import chain, put, statuses

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
from _books import LICENCE, markdown


def opened(home: Path, **changes: object) -> House:
    settings = Settings(home=home, **changes)  # type: ignore[arg-type]
    settings.books.mkdir(parents=True, exist_ok=True)
    return House.open(settings)


def rows(house: House, asset: str = "sharegpt_set", table: str = "") -> pl.DataFrame:
    outcome = build(asset, None, house)
    assert outcome.error is None, outcome.error
    return house.lake.read(table or asset, outcome.key)


def test_a_book_without_a_licence_is_held_at_sections(tmp_path: Path) -> None:
    house = opened(tmp_path)
    bare = markdown(3).removeprefix(LICENCE)
    path = put(house, "bare.md", bare)
    outcomes = chain(house, "bare")
    assert statuses(outcomes) == ["made"] * 3 + ["failed"]
    error = outcomes[-1].error
    assert error is not None and error.code is Code.LICENCE_HELD
    assert "booktune add FILE --licence" in error.remedy
    assert "none is stated" in ready_books(house).held["bare"]
    blocked = build("sharegpt_set", None, house).error
    assert blocked is not None and "bare" in blocked.remedy

    put(house, "open.md", markdown(4, edited=2))
    chain(house, "open")
    assert set(rows(house)["book_id"]) == {"open"}
    assert any(words.startswith("bare: held at sections") for words in ready_books(house).words())
    said = CliRunner().invoke(cli, ["--home", str(tmp_path), "status"])
    assert "bare: held at sections" in " ".join(said.output.split())

    path.with_name("bare.md.toml").write_text('licence = "CC-BY-SA-4.0"\n')
    assert statuses(chain(house, "bare"))[-1] == "made"
    found = rows(house)
    assert dict(found.select("book_id", "licence").unique().rows()) == {
        "bare": "CC-BY-SA-4.0", "open": "CC0-1.0",
    }  # fmt: skip

    path.with_name("bare.md.toml").write_text('licence = "All rights reserved"\n')
    assert statuses(chain(house, "bare"))[-1] == "failed"  # taken back: it leaves the sets
    assert state("sharegpt_set", None, house) == "stale"
    assert set(rows(house)["book_id"]) == {"open"}
    allowing = opened(tmp_path, licences=Licences(reserved="allow"))
    assert statuses(chain(allowing, "bare"))[-1] in ("made", "reused")
    assert set(rows(allowing)["book_id"]) == {"bare", "open"}
    card = (tmp_path / "exports" / "sharegpt" / "README.md").read_text()
    assert "**Do not publish this set**: bare" in card


def test_a_licence_that_is_printed_in_the_front_matter_counts(tmp_path: Path) -> None:
    house = opened(tmp_path)
    front = "# Copyright\n\nThis book is licensed under the Apache License, Version 2.0.\n\n"
    put(house, "printed.md", front + markdown(3).removeprefix(LICENCE))
    assert statuses(chain(house, "printed")) == ["made"] * 4
    assert set(rows(house)["licence"]) == {"Apache-2.0"}


@pytest.mark.parametrize(
    "ban", ["tdm-reservation: 1\ntdm-policy: https://p.example/t", "licence: NoAI"]
)
def test_a_ban_in_the_file_counts_before_the_licence_that_is_stated(
    tmp_path: Path, ban: str
) -> None:
    house = opened(tmp_path)
    path = put(house, "kept.md", f"---\n{ban}\n---\n\n# Tides\n\nThe keeper counts the boats.\n")
    beside = path.with_name("kept.md.toml")
    beside.write_text('licence = "CC0-1.0"\n')
    assert build("raw_books", "kept", house).error is None
    why = why_held(house.lake, "kept", house.settings.licences)
    assert "it forbids to train" in why and ("https://p.example/t" in why) == ("policy" in ban)
    said = str(house.lake.read("raw_books", "kept")["licence"][0])
    assert said.startswith(("tdm-reservation: 1", "NoAI"))
    beside.write_text('licence = "LicenseRef-training-permitted"\n')
    build("raw_books", "kept", house)
    assert not why_held(house.lake, "kept", house.settings.licences)


def test_the_composition_is_a_table_and_what_it_left_out_too(tmp_path: Path) -> None:
    house = opened(tmp_path, mix=Mix(size=15, order="shuffled"))
    put(house, "shelves.md", markdown(10))
    chain(house, "shelves")
    for asset in SET_STAGES:
        made = rows(house, asset)
        train = made.filter(pl.col("split") == "train")
        assert train.height == 15
        assert sorted(train["curriculum"]) == list(range(15))
        table = check(TABLES[f"{asset}__mix"], rows(house, asset, f"{asset}__mix"))
        bands = table.filter(pl.col("dimension") == "code")
        assert bands["got"].sum() == train["answer_tokens"].sum()
        dropped = rows(house, asset, f"{asset}__dropped").filter(
            pl.col("gate") == "G10_composition"
        )
        assert "size" in set(dropped["reason"])
        assert not set(dropped["pair_id"]) & set(made["pair_id"])
        pairs = house.lake.read("instruction_pairs", "shelves").height
        assert made.height + rows(house, asset, f"{asset}__dropped").height == pairs
    order = [
        json.loads(line)["curriculum"]
        for line in (tmp_path / "exports" / "sharegpt" / "train.jsonl").read_text().splitlines()
    ]
    assert order == sorted(order)
    free = opened(tmp_path, mix=Mix(on=False))
    assert state("sharegpt_set", None, free) == "stale"
    assert rows(free).height > 15


def _every(_: pl.DataFrame, rows: np.ndarray) -> np.ndarray:
    return np.ones(len(rows), dtype=bool)


def test_a_bad_row_is_dropped_by_name_and_never_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = opened(tmp_path, mix=Mix(on=False))
    put(house, "shelves.md", markdown(3))
    chain(house, "shelves")
    question = str(rows(house, "alpaca_set").filter(input="")["instruction"][0])
    real = validate.broken_rule

    def picky(turns: list[dict[str, str]], *, parse: bool = False) -> str:
        return "not_nfc" if turns[0]["content"] == question else real(turns, parse=parse)

    monkeypatch.setattr(validate, "broken_rule", picky)
    monkeypatch.setattr(validate, "unsure", _every)  # columns know nothing of such a rule
    made = rows(house)
    dropped = rows(house, table="sharegpt_set__dropped").filter(pl.col("reason") == "not_nfc")
    assert dropped.height  # the pair, and a lesson that begins with it
    assert set(dropped["gate"]) == {"G0_form"}
    assert not set(dropped["pair_id"]) & set(made["pair_id"])
    asked = json.dumps(question, ensure_ascii=False)
    for form in ("sharegpt", "messages", "prompt_completion"):
        lines = (tmp_path / "exports" / form).glob("*.jsonl")
        assert not any(asked in path.read_text() for path in lines if path.stem != "preference")


def test_a_long_example_is_dropped_by_name_and_no_exchange_stands_twice(tmp_path: Path) -> None:
    house = opened(tmp_path, mix=Mix(per_span=99))
    put(house, "shelves.md", markdown(10))
    chain(house, "shelves")
    made = rows(house)
    answers = [
        (turn["value"], split)
        for turns, split in made.select("conversations", "split").iter_rows()
        for turn in turns
        if turn["from"] == "gpt" and len(turns) > 2
    ]
    lone = made.filter(pl.col("conversations").list.len() == 2)
    alone = {
        (turns[1]["value"], side) for turns, side in lone["conversations", "split"].iter_rows()
    }
    assert answers
    assert not {(text, side) for text, side in answers if len(text) > 80} & alone
    sizes = [sum(len(turn["value"]) for turn in turns) for turns in made["conversations"]]
    small = opened(tmp_path, pairs=house.settings.pairs.model_copy(
        update={"example_chars_max": 500}
    ))  # fmt: skip
    assert max(sizes) > 500
    assert state("sharegpt_set", None, small) == "stale"
    fewer = rows(small)
    assert max(sum(len(t["value"]) for t in turns) for turns in fewer["conversations"]) <= 500
    dropped = rows(small, table="sharegpt_set__dropped")
    told = dropped.filter(pl.col("reason") == "example_too_long")
    assert told.height
    assert set(told["gate"]) == {"G0_form"}


def test_mix_says_what_is_missing_and_checks_a_folder(tmp_path: Path) -> None:
    house = opened(tmp_path)
    put(house, "shelves.md", markdown(3))
    run = CliRunner()
    early = run.invoke(cli, ["--home", str(tmp_path), "mix"])
    assert early.exit_code == 1
    assert "NOT_BUILT" in early.output
    chain(house, "shelves")
    rows(house)
    said = run.invoke(cli, ["--home", str(tmp_path), "mix", "--chapters"])
    assert said.exit_code == 0, said.output
    assert "multi_turn" in said.output
    assert "50,000:" in said.output
    told = json.loads(run.invoke(cli, ["--home", str(tmp_path), "mix", "--json"]).output)
    assert {row["dimension"] for row in told["mix"]} >= {"code", "negatives", "chapter", "level"}
    folder = tmp_path / "exports" / "messages"
    good = run.invoke(cli, ["--home", str(tmp_path), "mix", "--check", str(folder)])
    assert good.output.rstrip().endswith("ok")
    (folder / "train.jsonl").write_text("")
    bad = run.invoke(cli, ["--home", str(tmp_path), "mix", "--check", str(folder)])
    assert bad.exit_code == 1
    assert "BROKEN_SET" in bad.output


def test_what_both_sets_begin_with_is_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = opened(tmp_path)
    put(house, "shelves.md", markdown(6))
    chain(house, "shelves")
    calls: list[int] = []
    real = chain_once.cleaned

    def counted(*given: Any) -> None:
        calls.append(1)
        real(*given)

    monkeypatch.setattr(chain_once, "cleaned", counted)
    first = [rows(house, asset)["pair_id"].to_list() for asset in SET_STAGES]
    assert len(calls) == 1
    fresh = opened(tmp_path / "again")
    put(fresh, "shelves.md", markdown(6))
    chain(fresh, "shelves")
    turned = [rows(fresh, asset)["pair_id"].to_list() for asset in reversed(SET_STAGES)]
    assert len(calls) == 2 and turned[::-1] == first


def test_books_are_learned_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    house = opened(tmp_path, mix=Mix(on=False, order="book"))
    for name, pages in (("zebra", 4), ("apple", 5)):
        put(house, f"{name}.md", markdown(pages).replace("shelf", name))
        chain(house, name)
    made = rows(house).sort("curriculum")
    books = made.filter(pl.col("split") == "train")["book_id"].to_list()
    assert set(books) == {"zebra", "apple"}
    assert books == sorted(books, reverse=True)


def test_the_card_says_whether_the_models_chat_format_was_tried(tmp_path: Path) -> None:
    from booktune_assets.llm.tiny import make_tiny_model

    house = opened(tmp_path / "home", licences=Licences(unknown="allow"))
    put(house, "whole.md", markdown(1, 8))
    chain(house, "whole")
    rows(house)
    card = house.settings.exports / "sharegpt" / "README.md"
    assert "Not checked with gemma3-270m: its files were not on the machine" in card.read_text()
    model = make_tiny_model(tmp_path / "small")
    other = opened(
        tmp_path / "home", licences=Licences(unknown="allow"), training=Training(model=str(model))
    )
    card.unlink()
    assert build("sharegpt_set", None, other).status == "reused"  # its files are written again
    said = card.read_text()
    assert "rows were rendered with the chat format of small: it takes all" in said
    assert str(tmp_path) not in said
    (model / "tokenizer.json").write_text("{")
    card.unlink()
    assert build("sharegpt_set", None, other).status == "reused"
    assert "its tokenizer does not load" in card.read_text()
