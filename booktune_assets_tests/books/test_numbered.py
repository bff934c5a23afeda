"""Titles in text size that only their numbers make sure, in books without an outline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pymupdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booktune_assets.books.blocks import Parsed
from booktune_assets.books.counted import counting, is_counted

Read = Callable[[Path], Parsed]
TEXT = "Words of prose that stand below the titles of a small paper about tides and ships,"
WIDTH, LEFT = 420, 40
Line = tuple[str, str, float, bool]  # text, font, room above, centred


def title(text: str, font: str = "tiro", room: float = 26, *, middle: bool = False) -> Line:
    return text, font, room, middle


def prose(rows: int = 4) -> list[Line]:
    texts = [*[TEXT] * (rows - 1), "of which there are many."]
    return [(text, "tiro", 16 if not n else 12, False) for n, text in enumerate(texts)]


def code(rows: int = 3) -> list[Line]:
    return [(f"{n}  x = send(pid, {n})", "cour", 12, False) for n in range(1, rows + 1)]


def sheets(path: Path, *pages: Sequence[Line]) -> Path:
    """A PDF without an outline, of one page for each of ``pages``."""
    with pymupdf.open() as document:
        for number, lines in enumerate(pages):  # none of them is a running head
            page, y = document.new_page(width=WIDTH, height=595), 40.0
            for text, font, room, middle in (*prose(3 + number), *lines, *prose(7 - number)):
                y += room
                wide = pymupdf.get_text_length(text, font, 10)
                column = pymupdf.get_text_length(TEXT, "tiro", 10)
                x = LEFT + (column - wide) / 2 if middle else LEFT
                page.insert_text((x, y), text, fontname=font, fontsize=10)
        document.save(path)
    return path


def heads(parsed: Parsed) -> list[tuple[str, int | None, str | None]]:
    return [(b.text, b.level, b.number) for b in parsed.blocks if b.kind == "heading"]


def roman(sign: str, name: str) -> list[Line]:
    return [
        title(f"{sign}. {name.upper()}", middle=True),
        title("A. What it is", "tiit", 16), *prose(),
        title("B. How it is made", "tiit"), *prose(),
    ]  # fmt: skip


def test_small_capitals_and_italics_that_count_are_titles(tmp_path: Path, read: Read) -> None:
    made = sheets(tmp_path / "a.pdf", roman("I", "Tides"), roman("II", "Ships of oak"),
                  roman("III", "Moons"))  # fmt: skip
    below = [("What it is", 2, "A"), ("How it is made", 2, "B")]
    assert heads(read(made)) == [
        ("TIDES", 1, "I"), *below, ("SHIPS OF OAK", 1, "II"), *below, ("MOONS", 1, "III"), *below,
    ]  # fmt: skip


@pytest.mark.parametrize("shown", [str, str.upper], ids=["centred", "capitals"])
def test_a_title_goes_on_in_the_next_row(
    tmp_path: Path, read: Read, shown: Callable[[str], str]
) -> None:
    def named(text: str, room: float = 26) -> Line:
        return title(shown(text), room=room, middle=True)

    made = sheets(
        tmp_path / "a.pdf", [named("I. Tides"), *prose()],
        [named("II. Ships and what"), named("of all they carry", room=12), *prose()],
        [named("III. Moons"), *prose()],
    )  # fmt: skip
    texts = [text.casefold() for text, _, _ in heads(read(made))]
    assert texts == ["tides", "ships and what of all they carry", "moons"]


def test_capitals_that_digits_count_are_titles(tmp_path: Path, read: Read) -> None:
    names = ("TIDES", "SHIPS", "MOONS")
    made = sheets(
        tmp_path / "a.pdf", *([title(f"{n}. {name}"), *prose()] for n, name in enumerate(names, 1))
    )
    assert heads(read(made)) == [(name, 1, str(n)) for n, name in enumerate(names, 1)]


def test_titles_that_are_centred_and_counted(tmp_path: Path, read: Read) -> None:
    names = ("The tides", "The ships", "The moons")
    made = sheets(
        tmp_path / "a.pdf",
        *([title(f"{n}. {name}", middle=True), *prose()] for n, name in enumerate(names, 1)),
    )
    assert heads(read(made)) == [(name, 1, str(n)) for n, name in enumerate(names, 1)]


def _each(*lines: Sequence[Line]) -> list[list[Line]]:
    return [list(page) for page in lines]


@pytest.mark.parametrize(
    "pages",
    [
        _each(*([title(f"{n}. Take the oars", room=20), *prose()] for n in range(1, 5))),
        _each(*([title(f"{n}. Oars {n}", "tiit", 20) for n in (at, at + 1, at + 2)]
                for at in (1, 4))),
        _each(*([line for n in (at, at + 1, at + 2)
                 for line in (title(f"{n}. Find tide {n}", "tiit"), *prose())] for at in (1, 4))),
        _each(*([title(f"Figure {n}. A TIDE", middle=True), *prose()] for n in range(1, 5))),
        _each(*[code()] * 4),
        _each(*([title(f"{n}. NO, {n}", room=20) for n in (at, at + 1, at + 2)] for at in (1, 4))),
        _each(*([title(f"{n}. TIDES", room=12), *prose()] for n in range(1, 5))),
        _each(*([title(f"{s}. TIDE"), *prose()] for s in ("I", "II", "III", "V", "VII", "IX"))),
        _each(*([title(f"{s}. TIDE", middle=True), *prose()] for s in ("I", "II", "MM"))),
        _each([title("I. TIDE"), *prose(), title("A. TIDE"), *prose()],
              [title("II. TIDE"), *prose()]),
        _each(*([title(f"{s}. Tides", room=26), *prose()] for s in ("I", "II", "III"))),
        _each([title("I. TIDES"), *prose()], [title("II. Ships", "tiit"), *prose()],
              [title("III. Moons", middle=True), *prose()]),
        _each(*([title(f"{n}. DOE, J., TIDES {n}0.", room=20), *prose(2)] for n in range(1, 7))),
    ],
    ids=["items", "italic-items", "exercises", "captions", "code", "answers", "no-air", "gaps",
         "two", "too-few", "text-type", "unlike", "books"],
)  # fmt: skip
def test_what_counts_and_is_no_title_stays(
    tmp_path: Path, read: Read, pages: list[list[Line]]
) -> None:
    assert not heads(read(sheets(tmp_path / "a.pdf", *pages)))


def test_counting_begins_at_one_and_leaves_nothing_out() -> None:
    assert counting(["I. A", "A. B", "B. C", "II. D", "A. E"]) == [
        ("roman", 1), ("letter", 1), ("letter", 2), ("roman", 2), ("letter", 1),
    ]  # fmt: skip
    assert counting(["II. A", "III. B"]) == [("", 0), ("", 0)]
    assert is_counted("XIV. Sails") and not is_counted("Sails")


SIGNS = st.sampled_from(["I. TIDES", "II. SHIPS", "III. MOONS", "A. Oars", "B. Sails", "1. HULLS",
                         "2. Ropes", "1) Cloth: blue", "IV. A long one with no end"])  # fmt: skip
LINES = st.lists(
    st.one_of(
        st.builds(title, SIGNS, st.sampled_from(["tiro", "tiit", "tibo"]),
                  st.sampled_from([12.0, 26.0]), middle=st.booleans()).map(lambda one: [one]),
        st.just(prose()), st.just(code()),
    ), max_size=6,
)  # fmt: skip


@settings(max_examples=25, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(pages=st.lists(LINES, min_size=2, max_size=4))
def test_no_character_is_lost_or_doubled(
    tmp_path: Path, read: Read, pages: list[list[list[Line]]]
) -> None:
    made = tmp_path / "any.pdf"
    made.unlink(missing_ok=True)
    parsed = read(sheets(made, *([line for group in page for line in group] for page in pages)))
    assert [(one.lost, one.doubled) for one in parsed.pages] == [(0, 0)] * len(pages)
