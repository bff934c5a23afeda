"""From a meaning to its entry: where the meaning is of one entry and does not name it."""

from typing import Any

import pytest

from booktune_assets.pairs.candidate import Quote, View
from booktune_assets.pairs.gates import BY_READING, refused
from booktune_assets.pairs.tables import table_rows
from booktune_assets.pairs.which import which_entry
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import frames

TABLE = """Key | Description
berths | How many ships the quay holds at a time
lamp | Whether someone lights up at dusk
pilot | Who guides strangers through the shallows
bell | When visitors are told to leave
flag | Which colour flies in a storm"""


def view(text: str = TABLE) -> View:
    block: dict[str, Any] = {
        "block_id": "b", "section_id": "s", "kind": "table", "lang": "", "text": text,
        "char_start": 0,
    }  # fmt: skip
    return View("s", "Quay options", text, "Erlang", [block], [], subject="Harbour")


def asked(meaning: str, entry: str = "`berths`", others: tuple[str, ...] = ()) -> str:
    quote = Quote("s", "b", 0, len(meaning), meaning, "answer")
    found = which_entry(view(), [quote], "key", entry, meaning, "Quay options", others)
    return found.answer if found else ""


def test_a_meaning_leads_to_its_entry() -> None:
    here = view()
    found = [one for one in table_rows(here) if one.answer.startswith("The key is")]
    assert [one.answer.split("`")[1] for one in found] == [
        "berths",
        "lamp",
        "pilot",
        "bell",
        "flag",
    ]
    assert found[0].answer == "The key is `berths`: how many ships the quay holds at a time."
    for one in found:
        name = one.answer.split("`")[1]
        assert name not in one.question and '"' in one.question and "Harbour" in one.question
        assert refused(one, {"s": TABLE}, Pairs(), BY_READING) is None


@pytest.mark.parametrize(
    ("meaning", "entry"),
    [
        ("How many berths the quay has", "`berths`"),
        ("Ensures that the hold is not empty", "`nonempty`"),
        ("How long it waits for a ship", "`patience`"),
        ("This is the default of all quays here", "`calm`"),
        ("Number of ships", "`berths`"),
        ('What "full" means to a master', "`berths`"),
    ],
)
def test_what_says_the_name_or_leans_is_not_asked(meaning: str, entry: str) -> None:
    assert not asked(meaning, entry)


def test_what_is_nearly_the_meaning_of_another_is_not_asked() -> None:
    meaning = "How many ships the quay holds"
    assert asked(meaning, others=("Whether the quay is lit at night",))
    assert not asked(meaning, others=("How many boats the quay holds",))


def test_each_row_of_a_table_is_a_fact_of_its_own_and_not_one_block() -> None:
    parts = [("prose", "", "Quays are told by a map."), ("table", "", TABLE),
             ("code", "elixir", "IO.puts(1)")]  # fmt: skip
    made = frames("lab", [(1, "Quay options", parts)])
    rows = pairs_of(made).frames["instruction_pairs"].filter(family="define").to_dicts()
    told = [row["turns"][1]["content"] for row in rows]
    assert sum(one.startswith("`") for one in told) == 3  # all that are long enough, not two
    assert sum(one.startswith("The key is") for one in told) == 5
