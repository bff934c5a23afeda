"""Identity of sections: what a layout does may not move it, what a writer does must."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.books.identity import normalised, prints_of, prose_id, same_text

Kinded = list[tuple[str, str]]
WORDS = st.text("abcdefgh .", min_size=1, max_size=30).filter(lambda text: text.strip(" ."))

SECTION: Kinded = [
    ("heading", "Waiting for news"),
    ("prose", "A process waits until a message comes. It may wait for ever."),
    ("code", "receive do\n  news -> news\nend"),
    ("prose", "That is not always wise."),
    ("table", "a | b"),
]


def test_what_a_layout_does_moves_no_id() -> None:
    other: Kinded = [
        ("heading", "WAITING FOR NEWS"),
        ("prose", "A process waits until"),
        ("prose", "a mes-\nsage comes. It may wait for ever."),
        ("table", "a | b"),
        ("code", "receive do\n  news -> news"),
        ("code", "\nend\n"),
        ("callout", "That is not always wise."),
        ("running_head", "12"),
    ]
    assert prose_id(other) == prose_id(SECTION)
    assert same_text(other) == same_text(SECTION)


def test_what_a_writer_does_moves_it() -> None:
    for place, text in (
        (1, "A process waits."),
        (2, "receive do\nnews -> news\nend"),
        (4, "a | c"),
    ):
        changed = [*SECTION]
        changed[place] = (SECTION[place][0], text)
        assert same_text(changed) != same_text(SECTION)
        assert (prose_id(changed) != prose_id(SECTION)) == (SECTION[place][0] == "prose")


@given(st.lists(WORDS, min_size=1, max_size=6), st.data())
def test_a_paragraph_may_be_split_anywhere_between_words(
    words: list[str], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(words)))
    whole: Kinded = [("prose", " ".join(words))]
    parts: Kinded = [("prose", " ".join(words[:at])), ("prose", " ".join(words[at:]))]
    assert prose_id(whole) == prose_id(parts)


def test_bullets_and_numbers_of_items_do_not_count() -> None:
    texts = ["Open the file", "\u2022 Open the file", "1. Open the file", "b) Open the file"]
    kinds = ("list", "exercise", "answer")  # an exercise of an EPUB may have its number as text
    assert len({normalised(kind, text) for kind in kinds for text in texts}) == 1
    assert normalised("prose", "1. Open the file") != normalised("prose", "Open the file")


def test_empty_cells_at_the_end_of_a_row_are_not_drawn() -> None:
    assert normalised("table", "a | b\nc |") == normalised("table", "a | b |\nc")
    assert normalised("table", "a | b") != normalised("table", "a b")


def test_prints_name_sentences_and_listings_alike_in_every_book() -> None:
    found = {one.print_id: one for one in prints_of(SECTION)}
    assert sorted(one.kind for one in found.values()) == ["code", "prose"]  # short ones say nothing
    again = [("list", "- It may wait. A process waits until a message comes."), *SECTION[2:3]]
    assert {one.print_id for one in prints_of(again)} == set(found)


def test_a_section_without_prose_has_no_prose_id() -> None:
    assert prose_id([("code", "x = 1"), ("table", "a")]) is None
