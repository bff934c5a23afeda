"""Suites on replies made by hand: what they ask, and what they make of an answer."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from booktune_assets.errors import BookError, Code
from booktune_assets.evaluation.copies import WINDOW, Shelf
from booktune_assets.evaluation.suite import CARDS, Given, card
from booktune_assets.evaluation.suites import NAMES, open_suites
from booktune_assets.evaluation.suites.answers import HeldoutAnswers
from booktune_assets.evaluation.suites.choice import GAP, BookChoice, chosen
from booktune_assets.evaluation.suites.copied import Regurgitation, Verbatim, halves
from booktune_assets.evaluation.suites.retrieval import Retrieval
from booktune_assets.evaluation.suites.texts import GeneralCode, StageDomain, StageGeneral
from booktune_assets.settings import Evaluation

LISTING = "defmodule A do\n  def a, do: 1\n  def b, do: 2\n  def c, do: 3\n  def d, do: 4\nend\n"


def concept(number: int, label: str, definition: str | None, **more: object) -> dict[str, object]:
    return {
        "concept_id": f"con_{number:020x}", "label": label, "kind": "term", "aliases": [],
        "definition": definition, "level": 2, "order": number, "heldout": False, **more,
    }  # fmt: skip


def given(**more: object) -> Given:
    return Given(Evaluation(), **more)  # pyright: ignore[reportArgumentType]


def test_every_suite_has_a_card_and_every_card_a_suite() -> None:
    assert sorted(path.name for path in CARDS.iterdir()) == sorted(NAMES)
    for suite in open_suites():
        assert suite.card is card(suite.card.name)
        assert suite.card.says and suite.card.measures.strip() and suite.card.licence
        assert any(char.isdigit() for char in suite.card.mdd), "a figure, not a promise"
        assert len({one.name for one in suite.card.metrics}) == len(suite.card.metrics)


def test_unknown_suites_are_named() -> None:
    with pytest.raises(BookError) as caught:
        open_suites(["book_sections", "nonsense"])
    assert caught.value.code is Code.BAD_SETTING
    assert [one.card.name for one in open_suites(["verbatim"])] == ["verbatim"]


def test_a_broken_card_names_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = CARDS
    monkeypatch.setattr("booktune_assets.evaluation.suite.CARDS", tmp_path)
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "card.toml").write_text('title = "x"\n')
    with pytest.raises(BookError) as caught:
        card("odd")
    assert caught.value.code is Code.BAD_ROW
    full = (path / "problems" / "card.toml").read_text()
    for told in ("size", "mdd"):  # a card that does not say how far it sees is no card
        (tmp_path / f"no_{told}").mkdir()
        less = re.sub(f'^{told} = ".*"$', f'{told} = " "', full, flags=re.MULTILINE)
        (tmp_path / f"no_{told}" / "card.toml").write_text(less)
        with pytest.raises(BookError, match=told):
            card(f"no_{told}")


def test_passages_of_held_out_documents_take_turns_and_are_one_cluster_each() -> None:
    long = "\n".join(f"line {number} of a long document" for number in range(40))
    documents = [("doc1", long), ("doc2", "short"), ("doc3", long.upper())]
    some = given(stage_texts={"domain": documents}, stage_silent={"domain": "1 of 4 left out"})
    some = replace(some, evaluation=Evaluation(stage_texts=4, text_chars=400))
    suite = StageDomain()
    items = suite.items(some)
    assert [one.item_id for one in items] == ["doc1#0", "doc2#0", "doc3#0", "doc1#1"]
    assert [one.cluster for one in items] == ["doc1", "doc2", "doc3", "doc1"]
    assert long.startswith(items[0].text + "\n" + items[3].text), "cut at the end of a line"
    assert all(len(one.text) <= 400 for one in items) and items[1].text == "short"
    whole = suite.items(replace(some, evaluation=Evaluation(stage_texts=99, text_chars=400)))
    assert min(len(one.text) for one in whole if one.cluster != "doc2") >= 133, "no scraps"
    assert suite.skipped() == "1 of 4 left out"
    silent = StageGeneral()
    assert silent.items(some) == [] and "no texts of a general stage" in silent.skipped()
    assert card("general_text").stand_in and not silent.card.stand_in


def test_what_is_of_one_section_or_source_is_one_cluster() -> None:
    sources = {"p1": "sec_1", "p2": "sec_1", "p3": "sec_2"}
    asked = [(name, f"What is {name}?", f"It is {name}.") for name in sources]
    facts = given(
        questions=asked, trained=asked, sources=sources, books={"sec_1": "a b c"},
        passages=dict.fromkeys(sources, "[1] It is."),
    )  # fmt: skip
    for suite in (HeldoutAnswers(), Regurgitation(), Retrieval()):
        wanted = replace(facts, evaluation=Evaluation(answers=3, regurgitation=3, retrieval=3))
        items = suite.items(wanted)
        rows = suite.score(items, {"base": {item.item_id: ["It is."] for item in items}})
        found = {(row.item_id.partition("#")[0], row.cluster) for row in rows}
        assert found == set(sources.items()), suite.card.name
    (text, *_) = items = GeneralCode().items(Given(Evaluation(general_texts=60)))
    assert text.cluster.startswith("python-") and len({one.cluster for one in items}) < len(items)
    replies = {"base": {one.item_id: [2.0, 3, 9] for one in items}}
    assert {row.cluster for row in GeneralCode().score(items, replies)} == {
        one.cluster for one in items
    }


def test_a_choice_hides_the_name_and_offers_siblings() -> None:
    told = "A supervisor is a process that watches other processes and starts them again."
    concepts = [
        concept(1, "supervisor", told, heldout=True),
        concept(2, "registry", "A registry gives names to processes."),
        concept(3, "task", None),
        concept(4, "process", None),  # the definition names it: no distractor
        concept(5, "agent", None),
        concept(6, "Supervisor.init", None, kind="api"),
        concept(7, "monad", None, level=5),
    ]
    suite = BookChoice()
    (item,) = suite.items(given(concepts=concepts))
    assert "supervisor" not in item.text.lower() and GAP in item.text
    assert sorted(item.options) == ["agent", "registry", "supervisor", "task"]
    right = item.options.index("supervisor")
    cheap = [[9.0, 3, 9] if number == right else [30.0, 3, 9] for number in range(4)]
    (base, tuned) = suite.score([item], {
        "base": {item.item_id: [[30.0, 3, 9] if one[0] == 9.0 else [9.0, 3, 9] for one in cheap]},
        "tuned": {item.item_id: cheap},
    })  # fmt: skip
    assert tuned.score == 100 and tuned.output == "supervisor"
    assert base.score == 0 and base.status == "wrong"
    assert BookChoice().items(given(concepts=concepts[1:])) == []


def test_a_choice_without_figures_counts_for_nobody() -> None:
    assert chosen({"error": "TOO_LONG"}) is None
    assert chosen([[1.0, 1, 1], [float("nan"), 1, 1]]) is None
    assert chosen([[10.0, 2, 20], [4.0, 1, 4]]) == 0  # by byte, not in all


def test_the_verbatim_probe_counts_from_the_start() -> None:
    head, tail = halves(LISTING)
    assert head + tail == LISTING.rstrip("\n")
    assert halves("a\nb\nc\n") == ("", "")
    suite = Verbatim()
    listings = [{"block_id": "blk_1", "section_id": "sec_1", "text": LISTING},
                {"block_id": "blk_2", "section_id": "sec_1", "text": "x = 1"}]  # fmt: skip
    (item,) = suite.items(given(listings=listings))
    assert (item.ask, item.text, item.reference) == ("completion", head, tail)
    replies = {"base": {"blk_1": ["nothing"]}, "tuned": {"blk_1": [tail + "\n\nmore"]}}
    figures = {(one.arm, one.metric): one.score for one in suite.score([item], replies)}
    assert figures == {
        ("base", "given_back"): 0.0, ("base", "whole"): 0.0,
        ("tuned", "given_back"): 100.0, ("tuned", "whole"): 100.0,
    }  # fmt: skip


def test_runs_out_of_books_are_found_to_their_ends() -> None:
    book = "one two three four five six seven eight nine ten"
    shelf = Shelf({"sec_1": book, "sec_2": "five six seven eight nine eleven twelve"})
    length, run, where = shelf.longest("so: three  four five\nsix seven eight nine and more")
    assert (run, where) == ("three four five six seven eight nine", "sec_1")
    assert length == len(run)
    assert shelf.longest("five six seven eight nine eleven")[2] == "sec_2"
    assert shelf.longest(" ".join(book.split()[: WINDOW - 1]))[0] == 0
    assert shelf.longest("") == (0, "", "")


def test_copied_answers_are_over_the_limit() -> None:
    book = " ".join(f"word{number}" for number in range(60))
    suite = Regurgitation()
    items = suite.items(given(trained=[("pair_1", "Q?", "A")], books={"sec_1": book}))
    replies = {"base": {"pair_1": ["I do not know."]}, "tuned": {"pair_1": [f"Well: {book}"]}}
    figures = {(one.arm, one.metric): one.score for one in suite.score(items, replies)}
    assert figures["base", "over_limit"] == 0 and figures["base", "longest_run"] == 0
    assert figures["tuned", "over_limit"] == 100
    assert figures["tuned", "longest_run"] == len(book)
    more = given(trained=[("pair_1", "Q?", "A")], books={"sec_1": book})
    suite.items(replace(more, evaluation=Evaluation(verbatim_chars=len(book))))
    figures = {(one.arm, one.metric): one.score for one in suite.score(items, replies)}
    assert figures["tuned", "over_limit"] == 0, "the setting says how long is too long"


def test_what_passages_bring_is_taken_question_by_question() -> None:
    suite = Retrieval()
    asked = [("p1", "What is a task?", "A task is a process."), ("p2", "What else?", "Nothing.")]
    items = suite.items(given(questions=asked, passages={"p1": "[1] A task is a process."}))
    assert [item.item_id for item in items] == ["p1#bare", "p1#shown"]
    assert items[1].text.startswith("[1] A task")
    replies = {
        arm: {"p1#bare": ["no idea"], "p1#shown": ["A task is a process."]} for arm in ("base",)
    }
    rows = {one.metric: one for one in suite.score(items, replies)}
    assert rows["chrf_shown"].score == pytest.approx(100)
    gain, bare = rows["chrf_gain"].score, rows["chrf_bare"].score
    assert gain is not None and bare is not None
    assert gain == pytest.approx(100 - bare)
    lost = suite.score(items, {"base": {"p1#bare": {"error": "TOO_LONG"}, "p1#shown": ["x"]}})
    assert {one.metric: one.score for one in lost}["chrf_gain"] is None
