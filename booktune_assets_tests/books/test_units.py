"""Units: nothing lost or doubled, code with its words, lengths."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.books.blocks import CODE_KINDS
from booktune_assets.books.units import CHARS_MAX, CHARS_MIN, Unit, into_units
from booktune_assets_tests.books.books_lab import book, code, head, rows, say

KINDS = (
    "heading",
    "prose",
    "list",
    "callout",
    "caption",
    "table",
    "code",
    "iex",
    "output",
    "figure",
)
Row = dict[str, Any]


def row(kind: str, text: str, lang: str = "") -> Row:
    return {"kind": kind, "text": text, "lang": lang}


def sentences(count: int, word: str = "word") -> str:
    return " ".join(
        f"Here {word} number {n} stands in a sentence of its own." for n in range(count)
    )


def module(count: int) -> str:
    body = "\n\n".join(f"  def fun_{n}(x) do\n    x + {n}\n  end" for n in range(count))
    return f"defmodule Long do\n{body}\nend"


def texts(units: list[Unit]) -> list[list[str]]:
    return [[piece.text for piece in unit.pieces] for unit in units]


def made_of(found: list[tuple[str, int, str]], short: int) -> list[Row]:
    """Blocks of these kinds; headings are of one line, every other size is free."""
    made = {"code": lambda n, _: module(n // short + 1), "heading": lambda n, word: f"{word} {n}"}
    return [row(kind, made.get(kind, sentences)(n, word), "elixir") for kind, n, word in found]


BLOCKS = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(1, 60),
        st.sampled_from(["word", "\u03bb\U0001f600", "x"]),
    ),
    max_size=30,
)


@settings(deadline=None)
@given(BLOCKS, st.frozensets(st.integers(0, 29), max_size=4))
def test_every_character_is_in_exactly_one_unit(
    found: list[tuple[str, int, str]], openings: frozenset[int]
) -> None:
    blocks = made_of(found, 2)
    units = into_units(blocks, openings)
    seen = [
        (id(p.block), at) for unit in units for p in unit.pieces for at in range(p.start, p.end)
    ]
    assert seen == [(id(one), at) for one in blocks for at in range(len(one["text"]))]
    for unit in units:
        plain = "".join(piece.text for piece in unit.pieces)
        assert "".join(unit.text.split()) == "".join(plain.split())
        assert (
            unit.pieces[-1].block["kind"] != "heading"
            or unit is units[-1]
            or (all(p.block["kind"] == "heading" for p in unit.pieces))
        )
    for unit in units:
        if unit.chars > CHARS_MAX:  # only what must not be cut is longer
            assert any(piece.block["kind"] in CODE_KINDS for piece in unit.pieces)


@settings(deadline=None)
@given(BLOCKS)
def test_code_is_cut_only_when_it_alone_is_too_long(found: list[tuple[str, int, str]]) -> None:
    blocks = made_of(found, 6)
    home: dict[int, set[int]] = {}
    units = into_units(blocks)
    for number, unit in enumerate(units):
        for piece in unit.pieces:
            home.setdefault(id(piece.block), set()).add(number)
    for run in runs_of(blocks):
        if sum(len(blocks[at]["text"]) for at in run) + 2 * (len(run) - 1) > CHARS_MAX:
            continue  # else whole, whatever stands around it
        together = [home[id(blocks[at])] for at in run]
        assert all(len(one) == 1 for one in together) and len(set(map(min, together))) == 1
        before = blocks[run[0] - 1] if run[0] else None
        if before and before["kind"] in ("prose", "list", "callout"):  # what leads to it
            assert max(home[id(before)]) == min(together[0])
        after = run[-1] + 1
        leads = after + 1 < len(blocks) and blocks[after + 1]["kind"] in (*CODE_KINDS, "caption")
        if after < len(blocks) and blocks[after]["kind"] in ("prose", "list") and not leads:
            assert min(home[id(blocks[after])]) == min(together[0])


def runs_of(blocks: list[Row]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number, one in enumerate(blocks):
        if one["kind"] in CODE_KINDS:
            if number and blocks[number - 1]["kind"] in CODE_KINDS:
                runs[-1].append(number)
            else:
                runs.append([number])
    return runs


def test_paragraphs_fill_units_and_are_cut_between_sentences_only_where_it_helps() -> None:
    plain = [row("prose", sentences(12)) for _ in range(12)]
    units = into_units(plain)
    assert all(CHARS_MIN <= unit.chars <= CHARS_MAX for unit in units[:-1])
    even = [row("prose", "A" + "b" * 848 + ".") for _ in range(8)]
    assert [len(unit.pieces) for unit in into_units(even)] == [2, 2, 2, 2]
    long = into_units([row("prose", sentences(120))])
    assert all(unit.chars <= CHARS_MAX for unit in long)
    assert all(unit.text.rstrip().endswith(".") for unit in long)


def test_a_unit_ends_with_its_section_where_that_costs_nothing() -> None:
    blocks = [
        row("heading", "One"),
        row("prose", "a" * 800),
        row("prose", "b" * 790),
        row("heading", "Two"),
        row("prose", "c" * 200),
        row("prose", "d" * 1400),
    ]
    assert [unit[0] for unit in texts(into_units(blocks))] == ["One", "Two"]


def test_the_last_two_units_of_a_chapter_share_what_there_is() -> None:
    units = into_units([row("prose", "a" * 448 + ".") for _ in range(7)])
    assert [unit.chars for unit in units] == sorted((unit.chars for unit in units), reverse=True)
    assert min(unit.chars for unit in units) >= 1300


def test_a_long_chain_is_cut_before_the_words_that_lead_on() -> None:
    listing = "x = 1\n" * 100
    blocks = [
        row("prose", "Lead in:"),
        row("code", listing, "elixir"),
        row("prose", "Between."),
        row("code", listing, "elixir"),
        row("prose", "Then:"),
        row("code", listing, "elixir"),
        row("prose", "After."),
        row("code", listing, "elixir"),
        row("prose", "End."),
    ]
    assert [unit[0] for unit in texts(into_units(blocks))] == ["Lead in:", "Then:"]


def test_long_code_is_cut_between_functions_and_its_parts_are_linked() -> None:
    frames = book(
        [
            head("A"),
            say("Before it."),
            say("Here it is:"),
            code(module(90)),
            say("After."),
            say("More. " * 30),
            head("B"),
            say("Other."),
        ]
    )
    units = rows(frames, "units")
    parts = [unit for unit in units if unit["parts"] > 1]
    assert len(parts) == parts[0]["parts"] >= 2 and len({one["group_id"] for one in parts}) == 1
    assert [one["part"] for one in parts] == list(range(len(parts)))
    assert parts[0]["group_id"] == parts[0]["unit_id"] and all(
        p["chars"] <= CHARS_MAX for p in parts
    )
    assert "Here it is:" in parts[0]["text"] and "After." in parts[-1]["text"]
    for one in parts[1:]:
        assert one["text"].startswith("  def fun_")
    assert all(one["group_id"] == one["unit_id"] for one in units if one["parts"] == 1)


def test_code_stays_whole_beside_a_paragraph_that_is_too_long() -> None:
    listing = module(36)
    assert len(listing) < CHARS_MAX
    blocks = [row("prose", sentences(60)), row("code", listing, "elixir"), row("prose", "After.")]
    units = into_units(blocks)
    assert [unit.parts for unit in units] == [len(units)] * len(units)
    assert units[-1].text.endswith(f"{listing}\n\nAfter.") and len(units[-1].pieces) >= 3


def test_a_group_whose_words_are_long_stays_whole() -> None:
    blocks = [
        row("prose", sentences(16)),
        row("code", "x = 1\n" * 150, "elixir"),
        row("prose", sentences(14)),
    ]
    assert len(into_units(blocks)) == 1


def test_crumbs_join_a_neighbour_and_short_chapters_stand_alone() -> None:
    part = [row("heading", "Part I"), row("heading", "One"), row("prose", "a" * 1490)]
    assert len(into_units(part, frozenset({0, 1}))) == 1
    two = [
        row("heading", "One"),
        row("prose", "a" * 1100),
        row("heading", "Two"),
        row("prose", "b" * 700),
    ]
    assert len(into_units(two, frozenset({0, 2}))) in (1, 2)
    tall = [
        row("heading", "One"),
        row("prose", "a" * 1100),
        row("heading", "Two"),
        row("prose", "b" * 1400),
    ]
    assert len(into_units(tall, frozenset({0, 2}))) == 2


def test_front_matter_body_and_index_never_share_a_unit() -> None:
    frames = book(
        [
            head("Preface"),
            say("p"),
            head("One"),
            say("o " * 50),
            head("Two"),
            say("t"),
            head("Index"),
            say("i, 1", "list"),
        ]
    )
    role = {row["section_id"]: row["role"] for row in rows(frames, "")}
    homes: dict[str, set[str]] = {}
    for piece in rows(frames, "pieces"):
        homes.setdefault(piece["unit_id"], set()).add(role[piece["section_id"]])
    assert sorted(map(len, homes.values())) == [1, 1, 1]


def test_rows_point_at_the_text_of_sections_and_ids_follow_content() -> None:
    blocks = [
        head("A"),
        say(sentences(60)),
        code(module(80)),
        say("z"),
        head("B"),
        say("same"),
        head("B"),
        say("same"),
    ]
    frames = book(blocks)
    text = dict(frames["sections"].select("section_id", "text").iter_rows())
    parts: dict[str, list[str]] = {}
    for piece in rows(frames, "pieces"):
        own = text[piece["section_id"]][piece["char_start"] : piece["char_end"]]
        parts.setdefault(piece["unit_id"], []).append(own)
    for unit in rows(frames, "units"):
        assert "".join("".join(parts[unit["unit_id"]]).split()) == "".join(unit["text"].split())
        assert unit["chars"] == len(unit["text"])
    assert frames["sections__units"]["unit_id"].n_unique() == frames["sections__units"].height
    total = sum(Counter(unit["chars"] for unit in rows(frames, "units")).elements())
    assert total > 5000 and book(blocks)["sections__units"].equals(frames["sections__units"])


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_and_one_word(count: int) -> None:
    assert texts(into_units([row("prose", "word")] * count)) == [["word"]] * count
