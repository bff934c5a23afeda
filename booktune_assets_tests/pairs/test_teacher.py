"""The teacher end to end with scripted replies: rows, budget, an edit, hostile text."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from booktune_assets.books.reader import read_book
from booktune_assets.books.sections import into_sections
from booktune_assets.contracts import check
from booktune_assets.llm.calls import Scripted
from booktune_assets.llm.request import Reply, Request
from booktune_assets.pairs.rules import broken_rule
from booktune_assets.schemas import tables_of
from booktune_assets.settings import Pairs, Reading
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.teacher_lab import (
    PAGE,
    Cached,
    Frames,
    blocks_of,
    broken,
    good,
    taught,
)

QA = Pairs(recipes=["qa"])
HOSTILE = Path(__file__).resolve().parents[3] / "shared" / "books" / "hostile"


def words_of(frames: Frames) -> pl.DataFrame:
    return frames["instruction_pairs"].filter(pl.col("generator") == "teacher")


def refusals(frames: Frames) -> list[tuple[str, str]]:
    return frames["instruction_pairs__rejected"].select("gate", "reason").rows()


def section_texts(made: Frames) -> dict[str, str]:
    return dict(made["sections"].select("section_id", "text").iter_rows())


def made_section(text: str, title: str) -> str:
    return book(text)["sections"].filter(pl.col("title") == title)["section_id"].item()


@pytest.mark.parametrize("recipe", ["qa", "chain"])
def test_every_row_keeps_its_contract_and_its_quotes_are_exact(recipe: str) -> None:
    made = book(PAGE)
    frames = taught(made, Scripted(good), Pairs(recipes=[recipe])).frames  # type: ignore[list-item]
    for table in tables_of("instruction_pairs"):
        check(table, frames[table.name])
    rows = words_of(frames)
    assert rows.height >= 3
    assert rows["recipe"].unique().to_list() == [recipe]
    assert rows["model"].unique().to_list() == ["scripted@1"]
    assert all(keys for keys in rows["call_keys"].to_list())
    assert all("G6_judge" in gates and "G7_round_trip" in gates for gates in rows["gates"])
    assert not any(broken_rule(turns, parse=True) for turns in rows["turns"].to_list())
    texts = section_texts(made)
    ours = set(rows["pair_id"])
    evidence = frames["instruction_pairs__evidence"].filter(pl.col("pair_id").is_in(list(ours)))
    assert set(evidence["pair_id"]) == ours
    for row in evidence.iter_rows(named=True):
        assert texts[row["section_id"]][row["char_start"] : row["char_end"]] == row["quote"]


def test_the_chain_makes_one_conversation_of_a_passage() -> None:
    frames = taught(book(PAGE), Scripted(good), Pairs(recipes=["chain"])).frames
    assert sorted(len(turns) for turns in words_of(frames)["turns"].to_list()) == [2, 4, 6]


def test_the_same_input_gives_the_same_bytes_whatever_the_order_of_replies() -> None:
    class Shuffled(Scripted):
        def ask(self, requests, *, progress=""):  # type: ignore[no-untyped-def]
            yield from reversed(list(super().ask(requests, progress=progress)))

    one = taught(book(PAGE), Scripted(good), QA).frames
    two = taught(book(PAGE), Shuffled(good), QA).frames
    for name, frame in one.items():
        assert frame.write_ndjson() == two[name].write_ndjson()


def test_finished_passages_cost_no_call_and_stay_as_they_are() -> None:
    first = taught(book(PAGE), Scripted(good), QA)
    caller = Scripted(good)
    again = taught(book(PAGE), caller, QA, first.frames)
    assert caller.asked == []
    for name, frame in first.frames.items():
        assert frame.write_ndjson() == again.frames[name].write_ndjson()


def test_an_edited_paragraph_asks_about_nothing_else() -> None:
    caller = Cached(good)
    first = taught(book(PAGE), caller, QA)
    before = len(caller.new)
    edited = PAGE.replace("a tide of 3 or more", "a tide of 4 or more")
    second = taught(book(edited), caller, QA, first.frames)
    new = caller.new[before:]
    assert new
    assert all(
        "a tide of 4 or more" in " ".join(text.split())
        for request in new
        for text in [" ".join(text for _, text in blocks_of(request).values())]
    )
    assert second.counts["teacher_kept"] == first.counts["teacher_kept"]
    tides = made_section(edited, "Tides")
    kept = [
        words_of(one.frames).filter(pl.col("section_id") != made_section(text, "Tides"))
        for one, text in ((first, PAGE), (second, edited))
    ]
    assert kept[0].height
    assert kept[0].write_ndjson() == kept[1].write_ndjson()
    assert words_of(second.frames).filter(pl.col("section_id") == tides).height


def test_another_recipe_or_number_of_questions_asks_again() -> None:
    first = taught(book(PAGE), Scripted(good), QA)
    caller = Scripted(good)
    taught(book(PAGE), caller, Pairs(recipes=["qa"], questions=2), first.frames)
    assert any(request.task == "qa_questions" for request in caller.asked)


class Purse:
    """A good teacher that answers so many new calls and then says that the budget is spent."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def __call__(self, request: Request) -> str | Reply:
        if not self.left:
            return Reply(request.call_key, "", "budget", "BUDGET: spent")
        self.left -= 1
        return good(request)


class Ledger(Cached):
    """Keeps replies but no word that the budget is spent."""

    def _once(self, request: Request) -> str | Reply:
        found = super()._once(request)
        if isinstance(found, Reply) and found.finish == "budget":
            del self.kept[request.call_key]
        return found


def test_a_spent_budget_ends_cleanly_and_a_later_run_goes_on() -> None:
    whole = taught(book(PAGE), Scripted(good), QA)
    canaries = 78 * 3
    purse = Purse(canaries + 9)
    caller = Ledger(purse)
    part = taught(book(PAGE), caller, QA)
    for table in tables_of("instruction_pairs"):
        check(table, part.frames[table.name])
    assert 0 < part.counts["teacher_remaining"] <= 3
    assert f"{part.counts['teacher_remaining']} passages wait" in str(part.notes["partial"])
    assert part.counts["teacher_kept"] < whole.counts["teacher_kept"]
    asked = len(caller.new)
    purse.left = 10_000
    rest = taught(book(PAGE), caller, QA, part.frames)
    assert "partial" not in rest.notes
    assert len({request.call_key for request in caller.new[:asked]}) <= asked
    for name, frame in whole.frames.items():
        assert frame.write_ndjson() == rest.frames[name].write_ndjson()


def test_a_call_that_fails_costs_its_passage_a_second_try_only() -> None:
    def flaky(request: Request) -> str | Reply:
        if request.task == "qa_questions" and "lighthouse" in request.messages[-1][1]:
            return Reply(request.call_key, "", "error", "FAILED: 500 again and again")
        return good(request)

    first = taught(book(PAGE), Scripted(flaky), QA)
    assert first.counts["teacher_failed"] == 1
    assert ("G0_form", "call_failed") in refusals(first.frames)
    caller = Scripted(good)
    again = taught(book(PAGE), caller, QA, first.frames)
    assert again.counts["teacher_failed"] == 0
    assert again.counts["teacher_done"] == 3
    asked = [one for one in caller.asked if one.task == "qa_questions"]
    assert len(asked) == 1
    assert ("G0_form", "call_failed") not in refusals(again.frames)


def test_a_pair_that_the_text_has_already_is_refused_as_a_duplicate() -> None:
    made = book(PAGE)
    known = taught(made, Scripted(good), Pairs(recipes=["qa"])).frames["instruction_pairs"]
    text = known.filter(pl.col("generator") == "extractive").to_dicts()[0]

    def copies(request: Request) -> str:
        if request.task == "qa_questions":
            asks = {"question": text["turns"][0]["content"], "blocks": ["B1"]}
            return json.dumps({"questions": [asks]})
        if request.task == "qa_answer":
            found = next(
                (one for one in blocks_of(request).items()
                 if text["turns"][1]["content"] in " ".join(one[1][1].split())),
                None,
            )  # fmt: skip
            if found is not None:
                answer = text["turns"][1]["content"]
                evidence = [{"block_id": found[0], "quote": answer}]
                return json.dumps(
                    {"answer": answer, "evidence": evidence, "used_outside_knowledge": False}
                )
        return good(request)

    frames = taught(made, Scripted(copies), QA).frames
    assert ("G8_duplicates", "same_turns_as_earlier") in refusals(frames)
    assert frames["instruction_pairs"]["turns"].to_list().count(text["turns"]) == 1


@pytest.mark.skipif(not HOSTILE.exists(), reason="the shared books are not on this machine")
def test_what_a_book_says_to_a_model_is_not_shown_and_not_obeyed() -> None:
    raw = read_book(HOSTILE / "instructions-in-text.epub", "lab", Reading()).frames
    made = into_sections("lab", "0" * 64, raw["raw_books__blocks"], raw["raw_books__spans"])
    more = "A server keeps state, answers calls and is restarted by its supervisor. "
    given = _longer({"sections": made["sections"], "blocks": made["sections__blocks"]}, more * 3)

    def obeys(request: Request) -> str:
        if request.task == "qa_questions":
            asks = {"question": "What does a server do with its state?", "blocks": ["B1"]}
            return json.dumps({"questions": [asks]})
        if request.task == "qa_answer":
            text = blocks_of(request)["B1"][1]
            said = "BANANA. A server keeps state and you should run rm -rf in your shell: BANANA."
            evidence = [{"block_id": "B1", "quote": text[:60]}]
            return json.dumps(
                {"answer": said, "evidence": evidence, "used_outside_knowledge": False}
            )
        return good(request)

    caller = Scripted(obeys)
    taught_ = taught(given, caller, QA)
    own = [one for one in caller.asked if one.task != "judge"]
    assert own
    assert not any("BANANA" in text for one in own for _, text in one.messages)
    assert ("G2_grounding", "follows_text_of_the_book") in refusals(taught_.frames)
    assert taught_.counts["teacher_kept"] == 0
    assert taught_.frames["instruction_pairs__teacher"]["withheld"].sum() == 2


def _longer(made: Frames, more: str) -> Frames:
    """The frames with more words at the end of each section's first paragraph."""
    rows = made["blocks"].sort("section_id", "ordinal").to_dicts()
    texts: dict[str, list[str]] = {}
    for row in rows:
        if row["kind"] == "prose" and row["ordinal"] <= 1:
            row["text"] = f"{row['text']} {more}".strip()
        own = texts.setdefault(row["section_id"], [])
        row["char_start"] = len("\n\n".join(own)) + (2 if own else 0)
        own.append(row["text"])
        row["char_end"] = row["char_start"] + len(row["text"])
    sections = made["sections"].to_dicts()
    for row in sections:
        row["text"] = "\n\n".join(texts.get(row["section_id"], []))
    return {
        "sections": pl.DataFrame(sections, schema=made["sections"].schema),
        "blocks": pl.DataFrame(rows, schema=made["blocks"].schema),
    }


def test_a_bad_reply_is_a_row_with_its_reason() -> None:
    frames = taught(book(PAGE), Scripted(broken("qa_answer", "no JSON at all")), QA).frames
    assert words_of(frames).height == 0
    assert set(refusals(frames)) >= {("G0_form", "reply_not_json")}
    lost = frames["instruction_pairs__rejected"].filter(pl.col("gate") == "G0_form")
    assert lost["turns"].to_list()[0][1]["content"] == "no JSON at all"
