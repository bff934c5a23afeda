"""What rests on a page, what became of a pair that is in no set, and what the verbs print."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from booktune_assets.cli import cli
from booktune_assets.errors import BookError, Code
from booktune_assets.lake import Lake
from booktune_assets.lineage import trace
from booktune_assets.lineage_page import page_trace
from booktune_assets.schemas import tables_of
from booktune_assets.settings import Settings
from booktune_assets_tests.builders import MiniBook, build_home, publish_book, publish_sets


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return build_home(tmp_path_factory.mktemp("home"), "alpha", "beta-epub", models=False)


def call(settings: Settings, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--home", str(settings.home), *words])


def test_a_page_names_the_examples_that_rest_on_it(settings: Settings) -> None:
    found = page_trace(settings, "alpha:2")
    (pair,) = found.pairs
    assert (pair.family, pair.quotes, pair.elsewhere) == ("explain_code", 2, False)
    assert len(found.examples) == 2  # one in each set
    for name in found.examples:
        assert trace(settings, name).pages == [2]


def test_a_part_names_them_too_with_or_without_its_anchor(settings: Settings) -> None:
    whole = page_trace(settings, "beta-epub:text/part1.xhtml#s1")
    assert whole.pairs == page_trace(settings, "beta-epub:text/part1.xhtml").pairs
    assert len(whole.examples) == 2


def test_all_pages_together_name_every_example(settings: Settings) -> None:
    lake = Lake(settings.lake)
    named = {name for page in (1, 2, 3) for name in page_trace(settings, f"alpha:{page}").examples}
    frames = [lake.read(one, lake.current_key(one) or "") for one in ("sharegpt_set", "alpaca_set")]
    assert named == {
        name for frame in frames for name in frame.filter(frame["book_id"] == "alpha")["example_id"]
    }


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("nothing:1", Code.UNKNOWN_BOOK), ("alpha", Code.UNKNOWN_PAGE), ("alpha:9",
        Code.UNKNOWN_PAGE), ("alpha:x", Code.UNKNOWN_PAGE), ("beta-epub:1", Code.UNKNOWN_PAGE),
    ],
)  # fmt: skip
def test_a_page_that_is_not_there_says_so(settings: Settings, where: str, code: Code) -> None:
    with pytest.raises(BookError) as problem:
        page_trace(settings, where)
    assert problem.value.code is code


def test_a_refused_candidate_names_gate_and_reason(settings: Settings) -> None:
    lake = Lake(settings.lake)
    row = lake.read("instruction_pairs__rejected", "alpha").row(0, named=True)
    found = trace(settings, row["candidate_id"])
    assert found.refused == ("length", "too_short")
    assert found.turns and found.quotes == () and found.making is None
    assert found.section_path[0] == "Concurrency"
    told = call(settings, "trace", row["candidate_id"], "--no-crops").output
    assert "refused   length  too_short" in told and "section   Concurrency" in told


def test_a_pair_that_a_set_left_out_says_why(tmp_path: Path) -> None:
    settings = build_home(tmp_path, models=False)
    lake = Lake(settings.lake)
    key = lake.current_key("sharegpt_set") or ""
    rows = lake.read("sharegpt_set", key)
    pair, other = rows["pair_id"][0], rows["pair_id"][1]
    frames = {table.name: table.frame([]) for table in tables_of("sharegpt_set")}
    frames["sharegpt_set"] = rows.filter(rows["pair_id"] != pair)
    dropped = next(table for table in tables_of("sharegpt_set") if table.name.endswith("dropped"))
    frames[dropped.name] = dropped.frame([{
        "pair_id": pair, "book_id": "alpha", "family": "define", "gate": "G8_duplicates",
        "reason": "near", "other": other, "detail": "two of three words",
    }])  # fmt: skip
    lake.publish("sharegpt_set", key, frames, code_version="sets.1")
    found = trace(settings, pair)
    assert [(one.set, one.gate, one.other) for one in found.aside] == [
        ("sharegpt_set", "G8_duplicates", other)
    ]
    words = call(settings, "trace", pair, "--no-crops").output
    assert f"left out  of sharegpt_set: G8_duplicates near  ({other}): two of three words" in words
    (row,) = page_trace(settings, "alpha:1").pairs
    assert row.gate == "G8_duplicates near" and len(row.examples) == 1


def test_trace_says_who_worded_it_and_what_it_needs(tmp_path: Path) -> None:
    settings, book = Settings(home=tmp_path), MiniBook("alpha")
    first, second = (row["concept_id"] for row in book.rows["concept_graph"][:2])
    book.rows["instruction_pairs"][1] |= {
        "generator": "teacher", "recipe": "qa", "model": "small@r1", "call_keys": ["k1", "k2"],
        "gates": ["G0_form", "G6_judge"], "verification": "tested", "level": 3,
        "verified_by": "elixir 1.14, prompts qa.2", "answer_tokens": 40, "code_tokens": 12,
        "concept_ids": [second], "prereq_ids": [first],
    }  # fmt: skip
    publish_book(Lake(settings.lake), book)
    publish_sets(Lake(settings.lake))
    pair = str(book.rows["instruction_pairs"][1]["pair_id"])
    told = call(settings, "trace", pair, "--no-crops").output
    for words in (
        "worded by teacher, rules 1, instruction_pairs.1, recipe qa", "model     small@r1",
        "call      k2", "gates     G0_form G6_judge", "checked   tested  (elixir 1.14, prompts",
        "level     3 of 5, 40 answer tokens, 12 of them code", "concepts  process alpha1",
        "needs     process alpha0", "box       72.0 72.0 300.0 120.0 pt", "licence   CC-BY-4.0",
    ):  # fmt: skip
        assert words in told, words
    made = json.loads(call(settings, "trace", pair, "--no-crops", "--json").output)["making"]
    assert made["prerequisites"] == ["process alpha0"]


def test_the_verb_says_what_rests_on_a_page(settings: Settings) -> None:
    told = call(settings, "trace", "--page", "alpha:2")
    assert told.exit_code == 0
    assert (
        "alpha, page 2: 2 examples of 1 pairs rest on it, 1 of the pairs on nothing" in told.output
    )
    found = json.loads(call(settings, "trace", "--page", "alpha:2", "--json").output)
    assert len(found["examples"]) == 2
    for wrong in ([], ["ex_1", "--page", "alpha:2"]):
        assert call(settings, "trace", *wrong).exit_code == 2


def test_dataset_writes_and_lists_the_pages(settings: Settings, tmp_path: Path) -> None:
    found = json.loads(call(settings, "dataset", "--json").output)
    assert [one["asset"] for one in found] == ["sharegpt_set", "alpaca_set"]
    assert all(Path(one["page"]).read_text().startswith("<!doctype html>") for one in found)
    assert found[0]["page"] in call(settings, "status", "--json").output
    nothing = call(Settings(home=tmp_path), "dataset")
    assert nothing.exit_code == 1 and "booktune run" in nothing.output
    assert json.loads(call(settings, "review", "--list").output) == []


def test_trace_shows_what_a_teacher_was_asked_and_what_judges_said(tmp_path: Path) -> None:
    from booktune_assets.lineage_calls import calls_of
    from booktune_assets.llm.budget import Cost
    from booktune_assets.llm.cache import Cache, Ended
    from booktune_assets.llm.request import Request
    from booktune_assets.llm.wire import Raw

    settings, book = Settings(home=tmp_path), MiniBook("alpha")
    request = Request((("user", "Ask about the tide table"),), model="small", revision="r1")
    cache = Cache(settings.calls)
    cache.keep(
        [Ended(request, 0.1, Raw('{"question": "When?"}', "stop", 3, 4))], service="s", budget="b",
        cost=Cost(),
    )  # fmt: skip
    cache.close()
    refused = book.rows["instruction_pairs__rejected"][0]
    refused |= {"gate": "G6_judge", "reason": "sentence_not_supported"}
    name, section = refused["candidate_id"], refused["section_id"]
    book.rows["instruction_pairs__teacher"] = [{
        "unit_id": "passage_" + "0" * 20, "recipe": "qa", "book_id": "alpha", "section_id": section,
        "input_digest": "d", "status": "done", "withheld": 0, "kept": 0, "rejected": 1,
        "pair_ids": [], "candidate_ids": [name], "call_keys": [request.call_key, "gone"],
    }]  # fmt: skip
    book.rows["instruction_pairs__verdicts"] = [{
        "candidate_id": name, "ordinal": 0, "book_id": "alpha", "section_id": section,
        "judge": "judge@r2", "prompt": "support.1", "sentence": "The tide is red.", "votes": 0,
        "asked": 3, "supported": False, "applied": True, "call_keys": [],
    }]  # fmt: skip
    publish_book(Lake(settings.lake), book)
    told = call(settings, "trace", name, "--no-crops").output
    for words in (
        "refused   G6_judge  sentence_not_supported", f"call      {request.call_key}",
        "model     small@r1", "prompt    user: Ask about the tide table",
        'reply     {"question": "When?"}', "call      gone",
        "the cache of calls has its words no more",
        "judged    not supported, 0 of 3 votes: The tide is red.", "by        judge@r2, support.1",
    ):  # fmt: skip
        assert words in told, words
    settings.calls.unlink()
    assert [one.prompt for one in calls_of(settings, ["a"])] == [None]
    assert not settings.calls.exists()  # looking makes nothing
