"""A decision is about an exchange: alone, in a lesson and behind passages it is the same one."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from booktune_assets.chain.house import SET_STAGES, House
from booktune_assets.pairs.held import Change, carried, changes, exchanges_in, holding
from booktune_assets.pairs.wording import BANK
from booktune_assets.review.decisions import Decision, Decisions
from booktune_assets_tests.review.shelf import FORMS, SESSION, copied, sets, shelf

GATE = "A gate is a wall of timber that turns on a post. A gate holds"
SINGLE, LESSON, RETRIEVED = "define", "lesson", "retrieved"


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> House:
    # nothing is held out: rows behind passages of the other side go for that, whatever is decided
    return shelf(tmp_path_factory.mktemp("harbour") / "home", FORMS, heldout_percent=0)


@pytest.fixture
def house(harbour: House, tmp_path: Path) -> House:
    return copied(harbour, tmp_path / "home")


def answers(house: House) -> Iterator[tuple[str, str, str]]:
    """Pair, set and every answer of both sets."""
    for asset in SET_STAGES:
        frame = house.lake.read(asset, house.lake.current_key(asset) or "")
        for row in frame.iter_rows(named=True):
            if "conversations" in row:
                told = [one["value"] for one in row["conversations"] if one["from"] == "gpt"]
            else:
                told = [row["output"]]
            yield from ((row["pair_id"], asset, text) for text in told)


def forms(house: House, begins: str) -> dict[str, str]:
    """Family to pair of all that gives an answer that begins so, in the lake."""
    frame = house.lake.read("instruction_pairs", "tides")
    return {
        row["family"]: row["pair_id"]
        for row in frame.iter_rows(named=True)
        if any(turn["content"].startswith(begins) for turn in row["turns"][1::2])
    }


def dropped(house: House) -> dict[str, str]:
    key = house.lake.current_key("sharegpt_set") or ""
    frame = house.lake.read("sharegpt_set__dropped", key).filter(pl.col("gate") == "review")
    return dict(frame.select("pair_id", "reason").iter_rows())


@pytest.mark.parametrize("form", [SINGLE, LESSON, RETRIEVED])
def test_what_is_rejected_in_one_form_is_in_no_row_of_any(house: House, form: str) -> None:
    known = forms(house, GATE)
    assert known.keys() == {SINGLE, LESSON, RETRIEVED}
    assert any(text.startswith(GATE) for *_, text in answers(house))
    Decisions(house.settings).put(Decision(known[form], "tides", "reject"))
    sets(house)
    left = list(answers(house))
    assert len(left) > 10 and not [one for one in left if one[2].startswith(GATE)]
    gone = dropped(house)
    assert gone[known[form]] == "rejected"
    others = {pair for family, pair in known.items() if family != form}
    assert {gone[pair] for pair in others} == {"rejected_in_another_form"}


def test_of_a_rejected_lesson_no_exchange_comes_in_alone(house: House) -> None:
    lesson = forms(house, GATE)[LESSON]
    Decisions(house.settings).put(Decision(lesson, "tides", "reject"))
    sets(house)
    assert not [one for one in answers(house) if one[2] == "```elixir\nlevel + 2\n```"]


def test_a_rejected_question_is_not_asked_of_passages_without_the_answer(house: House) -> None:
    pairs = house.lake.read("instruction_pairs", "tides")
    said = pl.col("turns").list.last().struct.field("content")
    nothing = [words.split("{")[0] for words in BANK["retrieved_nothing"]]
    silent = pairs.filter(
        pl.col("family") == RETRIEVED,
        pl.any_horizontal(said.str.starts_with(words) for words in nothing),
    )
    asked = silent["turns"][0][0]["content"]
    (alone,) = (
        row["pair_id"]
        for row in pairs.filter(pl.col("family") == SINGLE).iter_rows(named=True)
        if row["turns"][0]["content"] in asked
    )
    Decisions(house.settings).put(Decision(alone, "tides", "reject"))
    sets(house)
    assert silent["pair_id"][0] in dropped(house)
    Decisions(house.settings).take_back([alone])
    Decisions(house.settings).put(Decision(silent["pair_id"][0], "tides", "reject"))
    sets(house)
    assert set(dropped(house)) == {silent["pair_id"][0]}  # the answer was not rejected


@pytest.mark.parametrize("form", [SINGLE, LESSON, RETRIEVED])
def test_an_edit_is_carried_to_the_other_forms(house: House, form: str) -> None:
    known, new = forms(house, GATE), "A gate shuts a lock, and swings on a post of oak."
    pairs = house.lake.read("instruction_pairs", "tides")
    turns = pairs.filter(pl.col("pair_id") == known[form])["turns"][0].to_list()
    said = [(turn["role"], turn["content"]) for turn in turns]
    told = said[1][1]
    old = told.split("\n\n", maxsplit=1)[0] if form == RETRIEVED else told
    said[1] = ("assistant", told.replace(old, new))
    Decisions(house.settings).put(Decision(known[form], "tides", "edit", tuple(said)))
    sets(house)
    left = list(answers(house))
    assert not [one for one in left if one[2].startswith(GATE)]
    assert {pair for pair, _, text in left if text.startswith(new)} & set(known.values())
    assert not dropped(house)  # all forms say it in the new words
    for asset in SET_STAGES:
        frame = house.lake.read(asset, house.lake.current_key(asset) or "")
        own = frame.filter(pl.col("pair_id").is_in(list(known.values())))
        assert set(own["review"]) == {"edited"}


def test_an_edit_that_cannot_be_carried_takes_the_other_form_out(house: House) -> None:
    known = forms(house, GATE)
    pairs = house.lake.read("instruction_pairs", "tides")
    turns = pairs.filter(pl.col("pair_id") == known[RETRIEVED])["turns"][0].to_list()
    said = (("user", "What is a gate, and what of it?"), ("assistant", turns[1]["content"] + " !"))
    Decisions(house.settings).put(Decision(known[RETRIEVED], "tides", "edit", said))
    sets(house)
    gone = dropped(house)
    assert {gone[known[SINGLE]], gone[known[LESSON]]} == {"edited_in_another_form"}


def _talk(*said: str) -> list[dict[str, str]]:
    roles = ("user", "assistant") * (len(said) // 2)
    return [{"role": role, "content": text} for role, text in zip(roles, said, strict=True)]


def test_words_around_an_exchange_are_not_its_own() -> None:
    asked, told = "What is a gate?", "A wall."
    (alone,) = exchanges_in("define", _talk(asked, told))
    lesson = exchanges_in("lesson", _talk("First?", "Yes.", f"Thanks. {asked}", told))
    (behind,) = exchanges_in(
        "retrieved", _talk(f"[1] A\n\nText.\n\n{asked}", f"{told}\n\nSee passage [12].")
    )
    assert lesson[1] == alone and behind.answer == alone.answer
    (none,) = exchanges_in("retrieved", _talk(f"[1] A\n\n{asked}", "None covers that."))
    assert none.open and not behind.open
    turns = pl.Series([_talk(asked, told), _talk(asked, f"{told}\n\nSee passage [1]."),
                       _talk(asked, f"{told} See passage [1].")])  # fmt: skip
    assert holding(turns, [told]).to_list() == [True, True, False]


def test_changes_and_where_they_go() -> None:
    before, after = _talk("A?", "1", "Thanks. B?", "2"), _talk("A?", "1", "Thanks. C?", "3")
    (one,) = changes("lesson", before, after)
    assert one == Change("B?", "2", "C?", "3")
    moved = carried("retrieved", _talk("Text B?\n\nB?", "2\n\nSee passage [1]."), [one])
    assert [turn["content"] for turn in moved] == ["Text B?\n\nC?", "3\n\nSee passage [1]."]
    assert carried("define", _talk("D?", "2"), [one]) == _talk("D?", "2")
    known, place = _talk("B?", "2"), "\n\nSee passage [1]."
    (other,) = changes(
        "retrieved", _talk("Text\n\nB?", f"2{place}"), _talk("Text\n\nE?", f"2{place}"), known
    )
    assert other == Change("B?", "2", "E?", "2")
    assert changes("retrieved", _talk("Text\n\nB?", "2"), _talk("New\n\nE?", "2"), known) == []


def test_words_around_each_exchange_of_a_walk_are_not_its_own() -> None:
    asked = ("What is a lock?", "What is a gate, in Elixir?", "Write it.\n\n```elixir\n1\n```")
    told = ("A chamber.", "A wall.", "```elixir\n2\n```")
    alone = [one for pair in zip(asked, told, strict=True)
             for one in exchanges_in("define", _talk(*pair))]  # fmt: skip
    blanks = {"name": "the `Gate.Lock`", "other": "keyword lists"}
    for first, following, use in zip(
        BANK["path_first"], BANK["path_next"], BANK["path_use"], strict=True
    ):
        words = [
            bank.format(question=question, **blanks)
            for bank, question in zip((first, following, use), asked, strict=True)
        ]
        walk = _talk(words[0], told[0], words[1], told[1], words[2], told[2])
        assert exchanges_in("path_lesson", walk) == alone
        after = [dict(turn) for turn in walk]
        after[3]["content"] = "A door."
        (one,) = changes("path_lesson", walk, after)
        assert one == Change(asked[1], "A wall.", asked[1], "A door.")
        assert carried("define", _talk(asked[1], told[1]), [one]) == _talk(asked[1], "A door.")
        back = Change(asked[2], told[2], asked[2], "```elixir\n3\n```")
        assert carried("path_lesson", walk, [back])[5]["content"] == "```elixir\n3\n```"


@pytest.fixture(scope="module")
def quay(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A harbour where one value is asked alone, in a lesson and in a session."""
    return shelf(tmp_path_factory.mktemp("quay") / "home", FORMS + SESSION, heldout_percent=0)


VALUE = '```\n"ships"\n```'


def values(house: House) -> dict[str, str]:
    """Family to pair of what asks for the value; a session does so in words of its own."""
    known = forms(house, VALUE)
    assert known.keys() == {"predict_output", "lesson", "session"}
    return known


@pytest.mark.parametrize("form", ["predict_output", "lesson", "session"])
def test_a_rejected_value_of_a_session_is_in_no_row_of_any_form(
    quay: House, tmp_path: Path, form: str
) -> None:
    house = copied(quay, tmp_path / "home")
    known = values(house)
    Decisions(house.settings).put(Decision(known[form], "tides", "reject"))
    sets(house)
    left = list(answers(house))
    assert len(left) > 10 and not [one for one in left if one[2] == VALUE]
    gone = dropped(house)
    assert gone.pop(known[form]) == "rejected"
    assert set(known.values()) - {known[form]} <= gone.keys()
    assert set(gone.values()) == {"rejected_in_another_form"}


@pytest.mark.parametrize("what", ["question", "answer"])
def test_an_edited_value_of_a_lesson_takes_the_session_out_where_it_says_the_old_one(
    quay: House, tmp_path: Path, what: str
) -> None:
    house = copied(quay, tmp_path / "home")
    known = values(house)
    pairs = house.lake.read("instruction_pairs", "tides")
    turns = pairs.filter(pl.col("pair_id") == known["lesson"])["turns"][0].to_list()
    said = [(turn["role"], turn["content"]) for turn in turns]
    place = [text for _, text in said].index(VALUE)
    if what == "answer":
        said[place] = ("assistant", '```\n"hulls"\n```')
    else:
        asked = said[place - 1][1]
        said[place - 1] = ("user", f"Which string does this make?{asked[asked.index('```') - 2 :]}")
    Decisions(house.settings).put(Decision(known["lesson"], "tides", "edit", tuple(said)))
    sets(house)
    gone = dropped(house)
    stale = known["session"] in gone
    assert stale == (what == "answer"), "other words for the question are no other value"
    assert {text for *_, text in answers(house)} & {VALUE, '```\n"hulls"\n```'}
    assert not (what == "answer" and any(text == VALUE for *_, text in answers(house)))
