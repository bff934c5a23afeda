"""What a notebook's remarks say is what it is, read again; branches keep their parents."""

from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.blocks import Block, Parsed
from booktune_assets.books.frames import Facts, into_frames
from booktune_assets.books.notebook import into_notebook, labelled_in, written_in
from booktune_assets.books.retold import kind_of_next, remark, remark_of_kind
from booktune_assets.books.sections import into_sections

Read = Callable[[Path], Parsed]


def exported(parsed: Parsed) -> str:
    facts = Facts("b", Path("b.md"), "0" * 64, 1, "raw_books.0")
    raw = into_frames(parsed.as_plain(), facts)
    blocks = raw["raw_books__blocks"]
    made = into_sections("b", "0" * 64, blocks, raw["raw_books__spans"])
    row = raw["raw_books"].row(0, named=True)
    return into_notebook(row, made["sections"], made["sections__blocks"],
                         sources=written_in(blocks), labels=labelled_in(blocks)).text  # fmt: skip


def test_captions_and_notes_come_back_as_what_they_were(tmp_path: Path, read: Read) -> None:
    book = [
        Block("heading", "T", level=1), Block("prose", "The keeper *counts*."),
        Block("caption", "The tide", number="1", label="figure"),
        Block("code", "x = 1", lang="elixir"), Block("caption", "Listing 2: Boats_and_fog"),
        Block("figure", "a lighthouse"), Block("footnote", "Nobody knows -- or cares."),
        Block("prose", "Fog."),
    ]  # fmt: skip
    path = tmp_path / "b.livemd"
    path.write_text(exported(Parsed("md", title="T", blocks=book)))
    again = read(path)
    assert [(one.kind, one.text) for one in again.blocks] == [(one.kind, one.text) for one in book]
    told = next(one for one in again.blocks if one.kind == "caption")
    assert (told.number, told.label) == ("1", "figure")
    assert not any(page.lost or page.doubled for page in again.pages)
    assert exported(again).count("The tide") == 1 and "*Figure 1. The tide*" in exported(again)


def test_a_mark_speaks_of_the_next_paragraph_alone(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "b.livemd"
    output = '<!-- livebook:{"output":true} -->'
    path.write_text(
        f"# T\n\n{remark_of_kind('caption', '')}\n\n```elixir\nx = 1\n```\n\nWords.\n\n"
        f"{output}\n\nMore.\n\n```\n1\n```\n"
    )
    assert [(one.kind, one.text) for one in read(path).blocks] == [
        ("heading", "T"), ("code", "x = 1"), ("prose", "Words."), ("prose", "More."),
        ("output", "1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "comment",
    ["<!-- booktune:{} -->", "<!-- booktune:{x -->", '<!-- booktune:{"kind":"code"} -->',
     "<!-- caption -->", remark({"book": "b", "section": "s"})],
)  # fmt: skip
def test_other_remarks_say_no_kind(comment: str) -> None:
    assert kind_of_next(comment) is None


SETUP = "```elixir\nMix.install([])\n```\n\n"


@pytest.mark.parametrize(
    ("above", "parent", "kept"),
    [
        ("", 0, True), ("", 1, False), (SETUP, 0, True), (SETUP, 1, False),
        ("Words.\n\n", 1, True), ("Words.\n\n", 2, False), (SETUP + SETUP, 1, True),
        (f"{SETUP}Words.\n\n", 1, True), ("### Deep\n\n", 1, True),
        (f"```pyproject.toml\nx = 1\n```\n\n{SETUP}", 1, True),
        (f"{SETUP}```pyproject.toml\nx = 1\n```\n\n", 1, False),
    ],
)  # fmt: skip
def test_what_stands_above_the_first_section_is_one_for_branches(
    tmp_path: Path, read: Read, above: str, parent: int, kept: bool
) -> None:
    """Livebook makes a section of cells below the name, and counts it."""
    path = tmp_path / "b.livemd"
    mark = f'<!-- livebook:{{"branch_parent_index":{parent}}} -->'
    path.write_text(f"# T\n\n{above}## One\n\nWords.\n\n{mark}\n\n## Two\n\nMore.\n")
    assert (f"{mark}\n\n## Two" in exported(read(path))) == kept
