"""Parts, chapters and appendices on one scale, in every format."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.blocks import Block, Parsed
from booktune_assets.books.parts import settle_parts
from booktune_assets_tests.books.makers import epub

Read = Callable[[Path], Parsed]
WORDS = "Boats come into the harbour at night."


def levels(*found: tuple[str, int, str | None]) -> list[int | None]:
    """Levels of (label and number, level before, title)."""
    blocks: list[Block] = []
    for said, level, title in found:
        label, _, number = said.partition(" ")
        blocks.append(
            Block("heading", title or said, level, number or None, label=label.lower() or None)
        )
    settle_parts(blocks)
    return [one.level for one in blocks]


def test_chapters_below_parts_and_what_stands_beside_parts() -> None:
    assert levels(
        ("", 1, "Preface"), ("", 2, "Readers"), ("Part I", 1, "Quay"), ("Chapter 1", 2, "Tides"),
        ("", 3, "Low"), ("Part II", 1, "Sea"), ("Chapter 2", 2, "Boats"), ("", 1, "Index"),
    ) == [1, 2, 0, 1, 2, 0, 1, 1]  # fmt: skip


def test_a_preface_that_an_outline_puts_beside_the_parts() -> None:
    assert levels(
        ("", 0, "Preface"), ("", 1, "Readers"), ("Part I", 0, "Quay"), ("Chapter 1", 1, "Tides"),
    ) == [1, 2, 0, 1]  # fmt: skip


def test_parts_and_chapters_on_one_level() -> None:
    assert levels(
        ("Part I", 1, "Quay"), ("Chapter 1", 1, "Tides"), ("", 2, "Low"), ("Chapter 2", 1, "Boats"),
    ) == [0, 1, 2, 1]  # fmt: skip


def test_the_title_of_a_book_above_its_parts_and_tags_that_no_heading_has() -> None:
    assert levels(
        ("", 1, "Book"), ("Part 1", 2, "Quay"), ("Chapter 1", 3, "Tides"), ("Part 2", 2, "Sea"),
        ("Chapter 2", 3, "Boats"),
    ) == [0, 0, 1, 0, 1]  # fmt: skip
    assert levels(
        ("Part I", 0, "Quay"), ("Chapter 1", 2, "Tides"), ("", 3, "Low"),
    ) == [0, 1, 2]  # fmt: skip


def test_parts_of_a_tutorial_are_chapters() -> None:
    plain = [("Part 1", 1, "Setup"), ("", 2, "Tools"), ("Part 2", 1, "Routes"), ("", 2, "Paths")]
    assert levels(*plain) == [1, 2, 1, 2]
    anew = [("Part 1", 1, "Setup"), ("1", 2, "A"), ("2", 2, "B"), ("Part 2", 1, "R"), ("1", 2, "C")]
    assert levels(*((said if said.startswith("Part") else f" {said}", n, t)
                    for said, n, t in anew)) == [1, 2, 2, 1, 2]  # fmt: skip


@pytest.mark.parametrize("form", ["md", "epub"])
def test_parts_and_lettered_appendices_of_a_file(tmp_path: Path, read: Read, form: str) -> None:
    heads = [
        (1, "Part I: Quay"), (2, "Chapter 1: Tides"), (3, "1.1 Low"), (2, "Chapter 2: Boats"),
        (2, "A Installing Elixir"), (3, "A.1 On Linux"), (2, "B Tools"),
    ]  # fmt: skip
    path = tmp_path / f"book.{form}"
    if form == "md":
        path.write_text("".join(f"{'#' * level} {text}\n\n{WORDS}\n\n" for level, text in heads))
    else:
        epub(path, {
            f"{n}.xhtml": f"<h{level}>{text}</h{level}><p>{WORDS}</p>"
            for n, (level, text) in enumerate(heads)
        })  # fmt: skip
    parsed = read(path)
    found = [(one.level, one.number, one.text) for one in parsed.blocks if one.kind == "heading"]
    assert found == [
        (0, "I", "Quay"), (1, "1", "Tides"), (2, "1.1", "Low"), (1, "2", "Boats"),
        (1, "A", "Installing Elixir"), (2, "A.1", "On Linux"), (1, "B", "Tools"),
    ]  # fmt: skip
    assert not any(page.lost or page.doubled for page in parsed.pages)


@pytest.mark.skipif(shutil.which("asciidoctor") is None, reason="Asciidoctor is not here")
def test_numbers_that_asciidoctor_gives(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "book.adoc"
    path.write_text(
        "= Book\n:doctype: book\n:sectnums:\n:partnums:\n\n= Quay\n\n== Tides\n\nWater.\n\n"
        "=== Low\n\nLess.\n\n= Sea\n\n== Boats\n\nSail.\n\n[appendix]\n== Tools\n\nA saw.\n"
    )
    parsed = read(path)
    found = [(one.level, one.number, one.text) for one in parsed.blocks if one.kind == "heading"]
    assert found == [
        (0, "I", "Quay"), (1, "1", "Tides"), (2, "1.1", "Low"), (0, "II", "Sea"),
        (1, "2", "Boats"), (1, "A", "Tools"),
    ]  # fmt: skip
    assert not any(page.lost or page.doubled for page in parsed.pages)


def test_a_title_that_begins_with_a_word_of_one_letter_keeps_it(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "book.md"
    heads = ["1 Tides", "2 Boats", "A Tour of Lamps", "Nets"]
    path.write_text("".join(f"# {text}\n\n{WORDS}\n\n" for text in heads))
    texts = [one.text for one in read(path).blocks if one.kind == "heading"]
    assert texts == ["Tides", "Boats", "A Tour of Lamps", "Nets"]


@pytest.mark.parametrize("label", ["Chapter {}", "{}"])
def test_labels_of_an_epub_that_are_paragraphs(tmp_path: Path, read: Read, label: str) -> None:
    path = epub(tmp_path / "a.epub", {
        f"{n}.xhtml": f'<p class="n">{label.format(n)}</p><h1>{title}</h1><p>{WORDS}</p><p>7</p>'
        for n, title in enumerate(("Tides", "Boats"), start=1)
    })  # fmt: skip
    parsed = read(path)
    heads = [(one.number, one.text) for one in parsed.blocks if one.kind == "heading"]
    assert heads == [("1", "Tides"), ("2", "Boats")]
    assert [one.text for one in parsed.blocks if one.kind == "prose"] == [WORDS, "7"] * 2
    assert not any(page.lost or page.doubled for page in parsed.pages)
