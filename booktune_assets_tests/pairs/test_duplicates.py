"""Gate G8: what is the same pair, and which one stays."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.pairs.duplicates import clusters_of, without_duplicates
from booktune_assets_tests.pairs.rows import code, evidence, frame, pair

LONG = (
    "A supervisor is a process that watches other processes, its children, and starts them again "
    "when they end, each by the strategy that it was given when it was started."
)
SUM = "def total(list) do\n  Enum.reduce(list, 0, fn item, acc -> item + acc end)\nend"
OTHER = SUM.replace("list", "numbers").replace("item", "n") + "  # adds"


def _dropped(*rows: dict[str, object], **more: object) -> dict[str, tuple[str, str | None]]:
    pairs = frame(*rows)
    kept, dropped = without_duplicates(pairs, evidence(pairs), **more)  # type: ignore[arg-type]
    assert kept.height + len(dropped) == pairs.height
    assert set(kept["pair_id"]) | {row["pair_id"] for row in dropped} == set(pairs["pair_id"])
    assert all(row["gate"] == "G8_duplicates" for row in dropped)
    assert all(row["other"] in set(pairs["pair_id"]) for row in dropped)
    return {row["pair_id"]: (row["reason"], row["other"]) for row in dropped}


def _id(number: int) -> str:
    return f"pair_{number:020x}"


def test_white_space_and_composed_letters_are_no_difference() -> None:
    found = _dropped(
        pair(1, "What is a caf\u00e9 process  here?", LONG),
        pair(2, "What is a cafe\u0301 process here?", LONG.replace(" is", "\nis")),
        pair(3, "What is a tuple?", "A tuple is a fixed group of values, side by side in memory."),
    )
    assert found == {_id(2): ("same_text", _id(1))}


def test_renamed_variables_and_comments_are_no_difference() -> None:
    found = _dropped(
        pair(1, "Write a function that adds.", code(SUM), family="write_code"),
        pair(2, "Write a function that adds.", code(OTHER), family="write_code"),
        pair(3, "Write a function that adds.", code(SUM.replace("+", "*")), family="write_code",
             concept_ids=["con_product"]),
        pair(4, "Write a function that adds.", code(SUM), family="write_code",
             concept_ids=["con_other"], verification="tested"),
    )  # fmt: skip
    assert found[_id(1)] == ("same_text", _id(4))
    assert found[_id(2)] == ("same_text", _id(4))
    assert _id(3) not in found or found[_id(3)][0] != "same_text"


def test_one_expression_for_another_is_another_question() -> None:
    ask = "I type this into the Elixir shell. What does the shell print?"
    found = _dropped(
        pair(1, f"{ask}\n\n{code('10 / 2')}", code("5.0", "other"), family="predict_output"),
        pair(2, f"{ask}\n\n{code('2 === 2.0')}", code("false", "other"), family="predict_output"),
    )
    assert found == {}


def test_near_questions_count_on_one_concept_only() -> None:
    asked = "How does a supervisor of Elixir decide which of its children it has to start again"
    same = {"concept_ids": ["con_supervisor"]}
    answers = ("By its strategy, which is given at the start.", "It looks at the order of starts.")
    near = _dropped(
        pair(1, f"{asked}?", answers[0], **same), pair(2, f"{asked} and when?", answers[1], **same)
    )
    assert near == {_id(1): ("near_question", _id(2))} or near == {
        _id(2): ("near_question", _id(1))
    }
    apart = _dropped(
        pair(1, f"{asked}?", answers[0], **same),
        pair(2, f"{asked} and when?", answers[1], concept_ids=["con_other"]),
    )
    assert apart == {}


def test_one_listing_in_two_families_is_two_exercises() -> None:
    long = "\n\n".join(SUM.replace("total", f"total_{n}") for n in range(4))
    found = _dropped(
        pair(1, f"Explain this.\n\n{code(long)}", LONG, family="explain_code"),
        pair(2, f"What does it print?\n\n{code(long)}", "It prints 6.", family="predict_output"),
        pair(3, f"Explain that.\n\n{code(long)}", LONG + " So.", family="explain_code"),
    )
    assert set(found) == {_id(3)}


def test_the_strongest_stays() -> None:
    text = "What is a supervisor in Elixir and what does it do all day?"
    rows = [
        pair(1, text, LONG, verification="none"),
        pair(2, text, LONG + " Yes.", verification="executed"),
        pair(3, text, LONG, verification="executed"),
        pair(4, text, LONG, verification="executed"),
    ]
    found = _dropped(*rows)
    assert {other for _, other in found.values()} == {_id(3)}  # checked, shorter, first by id
    pairs = frame(*rows)
    half = {_id(3): (0, 40)}  # its quote covers a quarter of the answer
    kept, _ = without_duplicates(pairs, evidence(pairs, half))
    assert kept["pair_id"].to_list() == [_id(4)]


def test_a_quote_is_asked_about_three_times() -> None:
    questions = ("What is meant by a supervisor?", "Who starts children again, and how?",
                 "Name the process that watches.", "Which strategy is used by it?",
                 "Why are children watched at all?")  # fmt: skip
    answers = [f"{word} {LONG.split(',')[at % 3]}" for at, word in enumerate("abcde")]
    rows = [
        pair(n, q, a, section_id="sec_1", answer_chars=50, concept_ids=[f"con_{n}"])
        for n, (q, a) in enumerate(zip(questions, answers, strict=True))
    ]
    found = _dropped(*rows)
    assert [reason for reason, _ in found.values()] == ["span_used_enough"] * 2
    assert len(_dropped(*rows, paraphrases=1)) == 4
    assert _dropped(*rows, paraphrases=9) == {}


TEXTS = st.sampled_from(
    [LONG, LONG + " Indeed.", LONG.replace("watches", "sees"), "A tuple is fixed and small.",
     f"Like so:\n\n{code(SUM)}", f"Like so:\n\n{code(OTHER)}", "An atom is its own name, ever."]
)  # fmt: skip
ASKED = st.sampled_from(["What is it?", "What is it then?", "Which one is it, in a word?"])
ROWS = st.lists(
    st.tuples(ASKED, TEXTS, st.sampled_from(["define", "explain_code"]),
              st.sampled_from([[], ["con_a"], ["con_a", "con_b"]]),
              st.sampled_from(["none", "parsed", "executed"])),
    min_size=1, max_size=9,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_order_of_rows_is_nothing_and_one_of_each_cluster_stays(rows: list, say: object) -> None:
    made = [
        pair(n, q, a, family=f, concept_ids=c, verification=v)
        for n, (q, a, f, c, v) in enumerate(rows)
    ]
    pairs = frame(*made)
    kept, dropped = without_duplicates(pairs, evidence(pairs), paraphrases=99)
    say.shuffle(made)  # type: ignore[attr-defined]
    mixed = frame(*made)
    again, dropped_again = without_duplicates(
        mixed, evidence(mixed).sample(fraction=1, shuffle=True, seed=3), paraphrases=99
    )
    assert set(again["pair_id"]) == set(kept["pair_id"])
    assert dropped == dropped_again
    clusters, _ = clusters_of(pairs.sort("pair_id"))
    names = dict(zip(pairs.sort("pair_id")["pair_id"], clusters.tolist(), strict=True))
    stayed = [names[one] for one in kept["pair_id"]]
    assert sorted(stayed) == sorted(set(names.values()))  # one of each, and none without
    assert without_duplicates(kept, evidence(kept), paraphrases=99)[1] == []


@pytest.mark.parametrize("rows", [[], [pair(1, "What is a tuple?", "A fixed group of values.")]])
def test_few_rows(rows: list[dict[str, object]]) -> None:
    pairs = frame(*rows)
    kept, dropped = without_duplicates(pairs, evidence(pairs))
    assert kept.equals(pairs)
    assert dropped == []


def test_roles_and_order_are_kept() -> None:
    found = _dropped(
        pair(1, "It is a supervisor.", "What restarts children?"),
        pair(2, "What restarts children?", "It is a supervisor."),
    )
    assert all(reason != "same_text" for reason, _ in found.values())


def test_a_program_under_other_names_is_near_whatever_asks_for_it() -> None:
    found = _dropped(
        pair(1, f"Define a function that adds a list.\n\n{code('total([1, 2])')}", code(SUM)),
        pair(2, f"Define a function that adds lists.\n\n{code('total([1, 2])')}", code(OTHER)),
    )
    assert found == {_id(2): ("near_text", _id(1))}
