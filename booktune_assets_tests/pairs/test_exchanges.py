"""An exchange stands alone or in a lesson, and lessons are negatives by their share."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.pairs.exchanges import in_one_place, negative_shares
from booktune_assets.pairs.mix import priority
from booktune_assets.schemas_pairs import PAIR_EVIDENCE, PAIRS
from booktune_assets.settings_sets import Mix
from booktune_assets_tests.builders import PLAIN_PAIR


def answer(name: str) -> str:
    return f"What is said about {name} is long enough to be told from all other answers."


def pair(name: str, family: str, *parts: str, split: str = "train") -> dict[str, object]:
    turns: list[dict[str, str]] = []
    for place, part in enumerate(parts):
        asked = f"What of {part}?"
        turns.append({"role": "user", "content": f"Thanks. {asked}" if place else asked})
        turns.append({"role": "assistant", "content": answer(part)})
    return {**PLAIN_PAIR, "pair_id": name, "book_id": "one", "section_id": "sec_1",
            "family": family, "turns": turns, "split": split}  # fmt: skip


def rows(pairs: pl.DataFrame) -> pl.DataFrame:
    names = pairs["pair_id"].to_list()
    ranks = pl.Series([priority(name, "") for name in names], dtype=pl.UInt64)
    return pairs.select("pair_id", negative=pl.Series(negative_shares(pairs)), priority=ranks)


def shelf(lessons: int, singles: int, negative: int = 0) -> pl.DataFrame:
    """Lessons of two exchanges that stand alone, too, and other single ones."""
    made: list[dict[str, object]] = []
    for number in range(lessons):
        parts = f"a{number}.", f"b{number}."
        made.append(pair(f"l{number}", "lesson", *parts))
        second = "true_false" if number < negative else "define"
        made += [pair(f"x{number}", "define", parts[0]), pair(f"y{number}", second, parts[1])]
    made += [pair(f"s{number}", "define", f"c{number}.") for number in range(singles)]
    return PAIRS.frame(made)


def left(
    pairs: pl.DataFrame, mix: Mix | None = None, evidence: pl.DataFrame | None = None
) -> pl.DataFrame:
    told = PAIR_EVIDENCE.frame([]) if evidence is None else evidence
    gone = in_one_place(pairs, rows(pairs), mix or Mix(), told)
    return pairs.filter(~pl.col("pair_id").is_in(list(gone)))


def test_a_lesson_has_the_share_of_its_exchanges() -> None:
    pairs = shelf(2, 1, negative=1)
    shares = dict(zip(pairs["pair_id"], negative_shares(pairs), strict=True))
    assert (shares["l0"], shares["l1"], shares["y0"], shares["x0"]) == (0.5, 0, 1, 0)
    lone = pairs.filter(pl.col("family") == "lesson")
    assert negative_shares(lone, pairs) == [0.5, 0]


def test_lessons_are_kept_to_the_middle_of_their_band_and_no_exchange_is_lost() -> None:
    pairs = shelf(30, 30)
    stay = left(pairs)
    talks = stay.filter(pl.col("turns").list.len() > 2).height
    assert 0.2 <= talks / stay.height <= 0.27
    free = left(pairs, Mix(turns_low=0, turns_high=0))
    assert "lesson" not in set(free["family"])
    assert free.height == 90


def test_lessons_with_negatives_come_last() -> None:
    stay = left(shelf(30, 30, negative=15))
    kept = {name for name in stay["pair_id"] if name.startswith("l")}
    assert kept
    assert all(int(name[1:]) >= 15 for name in kept)


def test_a_lesson_with_its_own_exchange_is_kept_first_and_sides_are_apart() -> None:
    pairs = shelf(30, 30).filter(pl.col("pair_id") != "x7")
    assert "l7" in set(left(pairs)["pair_id"])
    other = PAIRS.frame([pair("h", "define", "a1.", split="heldout")])
    assert "h" in set(left(pl.concat([shelf(30, 30), other]))["pair_id"])


def results(count: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Sessions of two short results, each asked alone as well in other words, and plain pairs."""
    made: list[dict[str, object]] = []
    quotes: list[dict[str, object]] = []
    for number in range(count):
        one, two = (
            pair(f"a{number}", "predict_output", "x"),
            pair(f"b{number}", "predict_output", "x"),
        )
        talk = pair(f"t{number}", "session", "x", "y")
        told = [f"```\n{number}\n```", f"```\n{number + 1}\n```"]
        one["turns"] = spoken(("What does it give?", told[0]))
        two["turns"] = spoken(("What does this return?", told[1]))
        talk["turns"] = spoken(("And typed first?", told[0]), ("Next line.", told[1]))
        made += [one, two, talk]
        where = [("question", 0), ("answer", 10 * number), ("answer", 10 * number + 5)]
        for name, own in (
            (f"a{number}", where[:2]),
            (f"b{number}", where[::2]),
            (f"t{number}", where),
        ):
            quotes += [quote(name, *one, nth) for nth, one in enumerate(own)]
    made += [pair(f"s{number}", "define", f"c{number}.") for number in range(count)]
    return PAIRS.frame(made), PAIR_EVIDENCE.frame(quotes)


def quote(name: str, role: str, start: int, nth: int) -> dict[str, object]:
    return {"pair_id": name, "ordinal": nth, "book_id": "one", "section_id": "sec_1",
            "block_id": "blk_1", "role": role, "quote": "1", "char_start": start,
            "char_end": start + 1}  # fmt: skip


def spoken(*said: tuple[str, str]) -> list[dict[str, str]]:
    return [
        {"role": role, "content": content}
        for exchange in said
        for role, content in zip(("user", "assistant"), exchange, strict=True)
    ]


def test_a_session_and_its_single_results_stand_once() -> None:
    pairs, quotes = results(20)
    stay = set(left(pairs, evidence=quotes)["pair_id"])
    talks = [number for number in range(20) if f"t{number}" in stay]
    assert 0 < len(talks) < 20  # to the middle of the band, as lessons
    for number in range(20):
        alone = stay & {f"a{number}", f"b{number}"}
        assert len(alone) == (0 if number in talks else 2), number


def test_a_session_repeats_no_result_of_another() -> None:
    pairs, quotes = results(20)
    other = PAIRS.frame([{**pairs.row(2, named=True), "pair_id": "z"}])
    same = quotes.filter(pl.col("pair_id") == "t0").with_columns(pair_id=pl.lit("z"))
    stay = set(left(pl.concat([pairs, other]), Mix(turns_low=1, turns_high=1),
                    pl.concat([quotes, same]))["pair_id"])  # fmt: skip
    assert len(stay & {"z", "t0"}) == 1


def behind(name: str, part: str) -> dict[str, object]:
    """The exchange of ``part`` with passages before it."""
    made = pair(name, "retrieved", part)
    told = f"{answer(part)}\n\nSee passage [2]."
    passages = f"[1] A\n\nOther words.\n\n[2] B\n\n{answer(part)}"
    return {**made, "turns": spoken((f"{passages}\n\nWhat of {part}?", told))}


def test_an_exchange_behind_passages_stands_there_and_not_alone() -> None:
    others = [pair(f"s{number}", "define", f"c{number}.") for number in range(5)]
    silent = behind("q", "c1.")
    silent["turns"][-1]["content"] = "None of these passages covers that."  # pyright: ignore
    pairs = PAIRS.frame([*others, behind("r", "c0."), silent])
    gone = in_one_place(pairs, rows(pairs), Mix(), PAIR_EVIDENCE.frame([]))
    assert gone.keys() == {"s0"}
    assert gone["s0"][0] == "behind_passages"
    apart = PAIRS.frame([*others, behind("r", "c0.") | {"split": "heldout"}])
    assert not in_one_place(apart, rows(apart), Mix(), PAIR_EVIDENCE.frame([]))


def test_an_exchange_is_in_a_lesson_or_behind_passages() -> None:
    more = PAIRS.frame([behind(f"r{number}", f"a{number}.") for number in range(20)])
    pairs = pl.concat([shelf(20, 30), more])
    told = left(pairs)["turns"].to_list()
    said = [
        turn["content"].removesuffix("\n\nSee passage [2].")
        for turns in told
        for turn in turns[1::2]
    ]
    assert len(said) == len(set(said)) == 70  # each once, none lost
    kept = set(left(pairs)["pair_id"])
    lessons = {name[1:] for name in kept if name.startswith("l")}
    assert lessons and {f"r{number}" for number in range(20) if str(number) not in lessons} <= kept
    free = set(left(pairs, Mix(turns_low=0, turns_high=0))["pair_id"])
    assert {f"r{number}" for number in range(20)} <= free
    assert not free & {f"x{number}" for number in range(20)}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 20), st.integers(0, 30), st.integers(0, 20), st.integers(0, 99))
def test_every_answer_stays_once_whatever_the_order(
    lessons: int, singles: int, negative: int, seed: int
) -> None:
    pairs = shelf(lessons, singles, negative)
    stay = left(pairs)
    said = [t["content"] for turns in stay["turns"] for t in turns if t["role"] == "assistant"]
    assert len(said) == len(set(said)) == 2 * lessons + singles
    again = left(pairs.sample(fraction=1, shuffle=True, seed=seed))
    assert set(again["pair_id"]) == set(stay["pair_id"])
