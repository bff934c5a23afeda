"""Front matter, body, back matter; which level is a chapter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.books.blocks import Parsed
from booktune_assets.books.matter import Head, chapter_level, roles_of
from booktune_assets_tests.books.books_lab import book, head, rows, say
from booktune_assets_tests.books.makers import PdfMaker, epub, paragraph

Read = Callable[[Path], Parsed]


def roles(*found: tuple[str, int] | tuple[str, int, str]) -> list[str]:
    """Roles of sections (title, level, own words)."""
    heads: list[Head] = []
    for title, level, *words in found:
        above = next((n for n in range(len(heads) - 1, -1, -1) if heads[n].level < level), -1)
        text = words[0] if words else "words " * 50
        heads.append(Head(title, level, None, above, f"{title} {text}"))
    return roles_of(heads)


@pytest.mark.parametrize(
    "title",
    [
        "Preface",
        "Foreword",
        "Foreword by Joe",
        "Acknowledgements",
        "Acknowledgments",
        "Dedication",
        "Contents",
        "Table of Contents",
        "List of Figures",
        "Copyright",
        "Copyright \u00a9 2026",
        "Licence",
        "License",
        "Colophon",
        "About the Author",
        "About This Book",
        "Praise for the Book",
        "Also by Ann",
    ],
)
def test_names_at_the_front(title: str) -> None:
    assert roles((title, 1), ("Tides", 1), ("Boats", 1)) == ["front", "body", "body"]


@pytest.mark.parametrize(
    "title",
    [
        "Index",
        "Subject Index",
        "Glossary",
        "Bibliography",
        "References",
        "Further Reading",
        "About the Authors",
        "Colophon",
        "License",
        "Acknowledgments to readers",
        "Errata",
    ],
)
def test_names_at_the_back(title: str) -> None:
    last = roles(("Tides", 1), ("Boats", 1), (title, 1))[-1]
    assert last == ("front" if title.startswith("Ack") else "back")


@pytest.mark.parametrize(
    "title",
    [
        "Indexes and keys",
        "Licensing servers",
        "Contents of a list",
        "References and monitors",
        "Introduction",
        "Praised be pattern matching",
        "Notes on style",
        "Appendix",
        "Answers",
    ],
)
def test_chapters_that_only_sound_like_it(title: str) -> None:
    assert roles(("Tides", 1), (title, 1), ("Boats", 1))[1] == "body"


def test_names_count_only_beside_chapters() -> None:
    found = roles(("Tides", 1), ("References", 2), ("Index", 2), ("Boats", 1), ("License", 2))
    assert set(found) == {"body"}


def test_what_stands_below_goes_along_and_parts_do_not_hide_an_index() -> None:
    found = roles(
        ("Preface", 1),
        ("Who", 2),
        ("Part I", 0),
        ("Tides", 1),
        ("Part II", 0),
        ("Boats", 1),
        ("Index", 0),
        ("A", 1),
    )
    assert found == ["front", "front", "body", "body", "body", "body", "back", "back"]


def test_parts_chapters_and_appendices() -> None:
    frames = book([
        head("Basics", 0, "I"), head("Tides", 1, "1"), head("Low", 2), head("More", 0, "II"),
        head("Boats", 1, "2"), head("Words", 1, "A"), head("Appendix: Maps"),
        head("Letters", 1, "B"),
    ])  # fmt: skip
    assert [row["kind"] for row in rows(frames, "")] == [
        "part", "chapter", "section", "part", "chapter", "appendix", "appendix", "appendix",
    ]  # fmt: skip
    lettered = book([head("One", 1, "A"), head("Two", 1, "B")])
    assert [row["kind"] for row in rows(lettered, "")] == ["chapter", "chapter"]


def test_pages_without_a_name_are_known_by_what_they_say() -> None:
    front = "Ann Author. Copyright 2026. All rights reserved. ISBN 1-2."
    assert roles(("A Small Book", 1, front), ("Tides", 1, "w " * 900), ("Boats", 1, front)) == [
        "front",
        "body",
        "body",
    ]
    frames = book([say("For Joe"), say("Second edition"), head("Tides"), say("w"), head("Boats")])
    assert [row["role"] for row in rows(frames, "")] == ["front", "body", "body"]


@pytest.mark.parametrize(
    ("levels", "wanted"),
    [
        ([], 1),
        ([1, 1, 2], 1),
        ([0, 1, 2, 1], 1),
        ([1, 2, 2, 3], 2),
        ([1, 2, 3], 1),
        ([0, 0], 1),
    ],
)
def test_the_level_of_chapters(levels: list[int], wanted: int) -> None:
    assert chapter_level(levels) == wanted


TITLES = st.sampled_from(
    ["Preface", "Index", "Tides", "License", "References", "Glossary", "Copyright"]
)


@settings(deadline=None)
@given(st.lists(st.tuples(TITLES, st.integers(0, 3)), max_size=12))
def test_every_section_has_a_role_and_children_follow(found: list[tuple[str, int]]) -> None:
    made = roles(*found)
    assert len(made) == len(found) and set(made) <= {"front", "body", "back"}
    for number, (_, level) in enumerate(found):
        above = next((n for n in range(number - 1, -1, -1) if found[n][1] < level), None)
        if above is not None and made[above] != "body":
            assert made[number] == made[above]


def test_the_word_before_a_number_is_kept_in_every_format(tmp_path: Path, read: Read) -> None:
    titles = ["Chapter 1: Tides", "Part 2 \u2014 Recap", "Appendix A: Setup", "Boats"]
    maker = PdfMaker(tmp_path / "b.pdf")
    for number, title in enumerate(titles):
        maker.heading(title, 1)
        maker.prose(paragraph(number))
    maker.save()
    body = "".join(f"<h1>{title}</h1><p>{paragraph(3)}</p>" for title in titles)
    epub(tmp_path / "b.epub", {"one.xhtml": body})
    (tmp_path / "b.md").write_text("".join(f"# {title}\n\n{paragraph(3)}\n\n" for title in titles))
    for name in ("b.pdf", "b.epub", "b.md"):
        parsed = read(tmp_path / name)
        heads = [(b.label, b.number, b.text) for b in parsed.blocks if b.kind == "heading"]
        assert heads == [
            ("chapter", "1", "Tides"), ("part", "2", "Recap"), ("appendix", "A", "Setup"),
            (None, None, "Boats"),
        ], name  # fmt: skip
        taken = [one["before"] for one in parsed.changes if one["kind"] == "heading_number"]
        assert [words.split()[0] for words in taken] == ["Chapter", "Part", "Appendix"], name
        assert not any(page.lost or page.doubled for page in parsed.pages), name
