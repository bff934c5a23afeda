"""Licences told from words, the gate, and how much may be copied."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.chain.clean import cleaning
from booktune_assets.pairs.copied import beyond_bounds, copied_runs, copied_shares, longest_run
from booktune_assets.pairs.licences import held, licence_of, printed_licence
from booktune_assets.settings import Pairs, Settings
from booktune_assets.settings_sets import Licences
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.sample import PAGE


@pytest.mark.parametrize(
    ("said", "name", "kind"),
    [
        ("CC-BY-4.0", "CC-BY-4.0", "permissive"),
        ("CC BY 4.0", "CC-BY-4.0", "permissive"),
        ("CC0-1.0", "CC0-1.0", "permissive"),
        ("MIT License, Copyright (c) 2022 Some Academy", "MIT", "permissive"),
        ("Copyright A. Author. ISC License.", "ISC", "permissive"),
        ("Licensed under the Apache License, Version 2.0.", "Apache-2.0", "permissive"),
        ("BSD-2-Clause", "BSD-2-Clause", "permissive"),
        ("Creative Commons Attribution-ShareAlike 4.0 International", "CC-BY-SA-4.0", "sharealike"),
        ("GPL-3.0-or-later", "GPL-3.0-or-later", "sharealike"),
        ("GNU Free Documentation License", "GFDL", "sharealike"),
        ("cc by-nc-sa 3.0", "CC-BY-NC-SA-3.0", "noncommercial"),
        ("https://creativecommons.org/licenses/by-nc/4.0/", "CC-BY-NC-4.0", "noncommercial"),
        ("Creative Commons Attribution Non-Commercial Share Alike 3.0 License",
         "CC-BY-NC-SA-3.0", "noncommercial"),
        ("CC-BY-NC-ND 4.0", "CC-BY-NC-ND-4.0", "noderivatives"),
        ("Apache-2.0 AND CC-BY-NC-4.0", "CC-BY-NC-4.0", "noncommercial"),
        ("Apache-2.0 OR CC-BY-NC-4.0", "Apache-2.0", "permissive"),
        ("LicenseRef-training-permitted", "LicenseRef-training-permitted", "permitted"),
        ("Copyright 2019 MIT Press. All rights reserved.",
         "Copyright 2019 MIT Press. All rights reserved.", "reserved"),
        ("© 2020 A. Author", "© 2020 A. Author", "reserved"),
        ("free for all", "free for all", "unknown"),
        ("a commit by an agent", "a commit by an agent", "unknown"),
        ("", "", "unknown"),
        (None, "", "unknown"),
    ],
)  # fmt: skip
def test_words_name_a_licence(said: str | None, name: str, kind: str) -> None:
    found = licence_of(said)
    assert (found.name, found.kind) == (name, kind)


@given(st.text(max_size=80))
def test_any_words_give_one(said: str) -> None:
    found = licence_of(said)
    assert licence_of(found.name).kind == found.kind  # the name says the same again


def test_the_gate() -> None:
    plain = Licences()
    for said in (
        "MIT",
        "CC-BY-SA-4.0",
        "CC-BY-NC-4.0",
        "CC-BY-ND-4.0",
        "LicenseRef-training-permitted",
    ):
        assert held(licence_of(said), plain) == ""
    assert "none is stated" in held(licence_of(None), plain)
    assert "all rights" in held(licence_of("All rights reserved"), plain)
    assert held(licence_of(None), Licences(unknown="allow")) == ""
    strict = Licences(noncommercial="hold")
    assert held(licence_of("CC-BY-NC-ND-4.0"), strict)
    assert held(licence_of("CC-BY-NC-4.0"), strict)
    assert not held(licence_of("CC-BY-4.0"), strict)
    assert not licence_of("CC-BY-ND-4.0").share


@pytest.mark.parametrize(
    ("paragraphs", "kind"),
    [
        (["A Book\n\nAn Author\n\nCreative Commons Attribution-ShareAlike 4.0"], "sharealike"),
        (["Compiled from pages. Copyright A Team. Licensed under the Apache License 2.0."],
         "permissive"),
        (["This book is licensed under CC BY-NC-SA 4.0. The code is under the MIT License.",
          "MIT License"], "noncommercial"),
        (["Elixir is licensed under the Apache License 2.0."], "unknown"),
        (["Copyright © 2020 A. Author", "All rights reserved. No part of this book may be copied.",
          "The MIT License covers the listings."], "reserved"),
        (["About this book: it is long."], "unknown"),
        ([], "unknown"),
    ],
)  # fmt: skip
def test_what_front_matter_prints(paragraphs: list[str], kind: str) -> None:
    assert licence_of(printed_licence(paragraphs)).kind == kind


def test_runs_of_whole_words() -> None:
    text = "a process keeps its state and answers messages in turn"
    assert longest_run("it keeps its state and then waits", text) == len("keeps its state and")
    assert longest_run(text, text) == len(text)
    assert longest_run("nothing else", text) == 0
    assert longest_run("", text) == 0


@given(
    st.lists(st.sampled_from("abcd"), max_size=12), st.lists(st.sampled_from("abcd"), max_size=12)
)
def test_the_longest_run_is_the_longest(answer: list[str], text: list[str]) -> None:
    flat = " ".join(text)
    runs = [
        " ".join(answer[at:to])
        for at in range(len(answer))
        for to in range(at + 1, len(answer) + 1)
    ]
    wanted = max((len(run) for run in runs if run in flat), default=0)
    assert longest_run(" ".join(answer), flat) == wanted


def test_bounds_on_what_is_copied() -> None:
    made = book(PAGE)
    frames = pairs_of(made, Pairs()).frames
    pairs, evidence = frames["instruction_pairs"], frames["instruction_pairs__evidence"]
    texts = dict(made["sections"].select("section_id", "text").iter_rows())
    chars = {"lab": sum(map(len, texts.values()))}
    runs = copied_runs(pairs, evidence, texts)
    assert set(runs) == set(pairs["pair_id"])
    taught = copied_runs(pairs.with_columns(generator=pl.lit("teacher")), evidence, texts)
    assert all(taught[pair] >= 0.5 * run for pair, run in runs.items())  # two ways to see it
    whole = copied_shares(pairs, evidence, chars)["lab"]
    assert 0.1 < whole < 1
    tight = Licences(run_chars_max=60, book_share_max=0.15)

    def gone(words: str, settings: Licences) -> dict[str, tuple[str, str]]:
        known = {"lab": licence_of(words)}
        return beyond_bounds(pairs, evidence, runs, known, chars, settings, "")

    assert gone("MIT", tight) == {}
    assert gone("All rights reserved", Licences()) == {}
    found = gone("All rights reserved", tight)
    assert {why for why, _ in found.values()} == {"copied_run_too_long", "book_copied_enough"}
    left = pairs.filter(~pl.col("pair_id").is_in(list(found)))
    assert left.height
    assert max(runs[pair] for pair in left["pair_id"]) <= 60
    assert copied_shares(left, evidence, chars)["lab"] <= 0.15


@pytest.mark.parametrize("generator", ["extractive", "teacher"])
def test_a_passage_before_a_question_is_copied_too(generator: str) -> None:
    text = "A quay is a queue of ships. " * 12
    turns = [
        {"role": "user", "content": f"{text}\n\nWhat is a quay?"},
        {"role": "assistant", "content": "A quay is a queue of ships."},
    ]
    pairs = pl.DataFrame({
        "pair_id": ["p"], "book_id": ["lab"], "generator": [generator], "turns": [turns],
    })  # fmt: skip
    evidence = pl.DataFrame({
        "pair_id": ["p", "p"], "ordinal": [0, 1], "section_id": ["s", "s"],
        "role": ["answer", "question"], "char_start": [0, 0], "char_end": [27, len(text)],
    })  # fmt: skip
    assert copied_runs(pairs, evidence, {"s": text}) == {"p": 27}
    runs = copied_runs(pairs, evidence, {"s": text}, whole=True)
    assert runs["p"] >= len(text.strip())
    known, chars = {"lab": licence_of("All rights reserved")}, {"lab": len(text)}
    for settings, why in (
        (Licences(run_chars_max=100), "copied_run_too_long"),
        (Licences(book_share_max=0.5), "book_copied_enough"),
    ):
        found = beyond_bounds(pairs, evidence, runs, known, chars, settings, "")
        assert found["p"][0] == why


def test_a_set_knows_the_rules_of_its_bounds(tmp_path: Path) -> None:
    assert "copied" not in cleaning(Settings(home=tmp_path))
    assert cleaning(Settings(home=tmp_path, licences=Licences(run_chars_max=100)))["copied"]
