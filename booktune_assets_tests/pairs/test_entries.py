"""Lists of entries: a term and its meaning, asked within the chapter that it belongs to."""

from typing import Any

from booktune_assets.pairs.candidate import View
from booktune_assets.pairs.entries import all_entries, list_entries
from booktune_assets.pairs.gates import BY_READING, refused
from booktune_assets.settings import Pairs

OPTIONS = [
    ":size - the largest number of ferries that a quay takes. See the next chapter.",
    ":lamp - whether the quay is lit at night, which is the default",
    ":name \u2014 the name under which the quay is known to all harbours",
]


def view(items: list[str], title: str = "Options of quays") -> View:
    blocks: list[dict[str, Any]] = []
    place = 0
    for nth, text in enumerate(items):
        blocks.append({
            "block_id": f"b{nth}", "section_id": "s", "kind": "list", "lang": "", "text": text,
            "char_start": place,
        })  # fmt: skip
        place += len(text) + 2
    text = "\n\n".join(items)
    return View("s", title, text, "Elixir", blocks, [], titles=("Harbours", title))


def test_each_entry_is_asked_with_its_chapter_and_quoted() -> None:
    here = view(OPTIONS)
    found = [one for one in list_entries(here) if not one.answer.startswith("The entry is")]
    assert [one.answer.split(":")[1][:4] for one in found] == ["size", "lamp", "name"]
    for one in [*found, all_entries(here, here.blocks)]:
        assert one is not None and "Harbours: Options of quays" in one.question
        assert refused(one, {"s": here.text}, Pairs(), BY_READING) is None
        assert all(here.text[quote.start : quote.end] == quote.text for quote in one.quotes)
    assert found[0].answer == "`:size`: the largest number of ferries that a quay takes."


def test_what_hangs_on_an_item_is_left() -> None:
    here = view(
        [*OPTIONS, ":strategy - one of these:", ":calm - ferries wait for the evening tide"]
    )
    assert len([one for one in list_entries(here) if "The entry is" not in one.answer]) == 3
    assert all_entries(here, here.blocks) is None


def test_other_lists_hold_no_entries() -> None:
    assert not list(list_entries(view(["A ferry - or so they say - crosses the sound twice."])))
    assert not list(list_entries(view(["They cross the sound", "They wait for the tide"])))
    titles = ["RFC 2324: Hyper Text Coffee Pot Control", "RFC 2660: The Secure Transfer Protocol"]
    assert not list(list_entries(view(titles)))
    assert not list(list_entries(view(["Note: a ferry needs a lamp at night", OPTIONS[0]])))


def test_a_heading_that_says_nothing_is_no_topic() -> None:
    here = view(OPTIONS, "Options")
    here.titles = ("Basics", "Options")
    assert not list(list_entries(here))
