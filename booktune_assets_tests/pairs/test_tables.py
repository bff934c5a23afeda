"""Tables of options and callbacks: an entry, its column, and all entries together."""

from typing import Any

import pytest

from booktune_assets.pairs.candidate import View
from booktune_assets.pairs.gates import BY_READING, refused
from booktune_assets.pairs.tables import table_rows, whole_table
from booktune_assets.settings import Pairs

MEANING = """Constraint | Description
int | Converts a binary value to an integer.
nonempty | Ensures that the binary value is not empty."""
DEFAULTS = """Callback name | Default value
allow_missing_post | true
charsets_provided | skip"""
WIDE = """Option | Type | Meaning
:name | atom | The name under which the harbour is registered
:size | integer | How many berths the harbour has"""


def view(text: str, title: str = "Constraints of routes") -> View:
    block: dict[str, Any] = {
        "block_id": "b", "section_id": "s", "kind": "table", "lang": "", "text": text,
        "char_start": 0,
    }  # fmt: skip
    return View("s", title, text, "Erlang", [block], [], subject="Harbour")


@pytest.mark.parametrize("text", [MEANING, DEFAULTS, WIDE])
def test_every_candidate_passes_the_gates_and_quotes_cells(text: str) -> None:
    here = view(text)
    found = [*table_rows(here), *whole_table(here)]
    assert found
    for one in found:
        assert refused(one, {"s": text}, Pairs(), BY_READING) is None
        assert all(text[quote.start : quote.end] == quote.text for quote in one.quotes)


def test_a_row_is_asked_by_its_entry() -> None:
    first, second = table_rows(view(MEANING))
    assert "constraint `int`" in first.question and "Harbour" in first.question
    assert first.answer == "`int`: Converts a binary value to an integer."
    assert "not empty" in second.answer


def test_a_heading_that_is_half_a_sentence_is_no_name_of_entries() -> None:
    """It asked "what role does the you do `send(pid, msg)` play"."""
    told = "You do | Callback that runs | Value\nsend(pid, msg) | handle_info | {:noreply, s}\n"
    told += "stop(pid) | terminate(reason, state) | anything at all"
    for one in table_rows(view(told)):
        assert "entry `" in one.question
        assert "you do" not in one.question


def test_a_value_is_said_in_a_sentence() -> None:
    first, _ = table_rows(view(DEFAULTS))
    assert "default value" in first.question and "`allow_missing_post`" in first.question
    assert first.answer == "The default value of `allow_missing_post` is `true`."


def test_several_columns_are_all_told() -> None:
    first, _ = table_rows(view(WIDE))
    assert first.answer.split("\n")[1:] == [
        "- Type: atom", "- Meaning: The name under which the harbour is registered",
    ]  # fmt: skip


def test_a_whole_table_is_a_list() -> None:
    (one,) = whole_table(view(MEANING))
    assert "constraints" in one.question and "description" in one.question
    assert one.answer.split("\n")[0] == "- `int`: Converts a binary value to an integer."


@pytest.mark.parametrize(
    "text",
    [
        "fetch!/2 | fetch/2\nfind/2 | find/3\nmap/2 | map/3",  # no head
        "Name | Value\na | 1\na | 2",  # two of one name
        "Name | Description\nThe way in which a harbour is named by its master and his men | x",
        "Name | Description\na | as shown in the next chapter of this book\nb | plain words here",
    ],
)
def test_other_tables_are_left(text: str) -> None:
    assert not list(table_rows(view(text)))
