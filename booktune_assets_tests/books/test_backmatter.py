"""Index and glossary as data: from blocks, from links, from pages of a PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.books.blocks import Block, Link, Page
from booktune_assets.books.indexpages import is_index
from booktune_assets.books.reader import read_book
from booktune_assets.books.sections import into_sections
from booktune_assets.settings import Reading
from booktune_assets_tests.books.books_lab import Frames, block, book, head, rows, say, titles
from booktune_assets_tests.books.makers import FLOOR, LEFT, MODULE, PdfMaker, epub, paragraph

PAGES = [Page(n, str(n), 400.0, 600.0) for n in range(1, 60)]
BODY = [
    head("Tides", page=3),
    say("The tide is high. " * 40, page=3),
    head("Actors", page=9),
    say("An actor has a mailbox. " * 20, page=9),
    head("Agents", 2, page=9),
    say("An agent keeps state. " * 20, page=9),
]


def index(*entries: str | tuple[int, str]) -> list[tuple[str, str | None, str, str]]:
    """(term, subterm, kind, words) of an index whose items are these texts."""
    items = [(1, one) if isinstance(one, str) else one for one in entries]
    found = [block("list", text, level=level, page=40) for level, text in items]
    return told(book([*copies(BODY), head("Index", page=40), *found], PAGES))


def copies(blocks: list[Block]) -> list[Block]:
    return [Block(b.kind, b.text, b.level, b.number, b.lang, places=b.places) for b in blocks]


def told(frames: Frames) -> list[tuple[str, str | None, str, str]]:
    return [(r["term"], r["subterm"], r["kind"], r["words"]) for r in rows(frames, "index")]


@pytest.mark.parametrize(
    ("text", "term", "pages"),
    [
        ("actors, 3, 5\u20136", "actors", ["3", "5\u20136"]),
        ("actors 3, 5", "actors", ["3", "5"]),
        ("GenServer.call/3, 12", "GenServer.call/3", ["12"]),
        ("lists, linked, 4", "lists, linked", ["4"]),
        ("crew, i, xii", "crew", ["i", "xii"]),
        ("|> operator, 7, 8", "|> operator", ["7", "8"]),
        ("@doc, 31ff.", "@doc", ["31ff."]),
        ("--, 9", "--", ["9"]),
        ("notes, 12n3", "notes", ["12n3"]),
        ("range, 112 - 15", "range", ["112-15"]),
        ("Elixir 1.15, 3; 4", "Elixir 1.15", ["3", "4"]),
        ("<<>>, 8", "<<>>", ["8"]),
    ],
)
def test_an_entry(text: str, term: str, pages: list[str]) -> None:
    assert index(text) == [(term, None, "page", one) for one in pages]


def test_the_style_of_the_index_tells_numbers_of_terms_from_pages() -> None:
    assert index("HTTP 404, 12", "boats, 3")[0] == ("HTTP 404", None, "page", "12")
    assert index("HTTP 404, 12", "boats 3", "tides 4, 5")[0] == ("HTTP", None, "page", "404")


def test_letters_sub_entries_and_see() -> None:
    assert index(
        "A",
        "agents, 9",
        (2, "state of, 9\u201310"),
        (3, "old, 9"),
        (2, "versus tasks, 9"),
        "anchors, see ropes",
        "boats",
        (2, "at night, 3"),
        (2, "see also ships; tides"),
        "B",
        "crew, 4. See also sailors",
    ) == [
        ("agents", None, "page", "9"),
        ("agents", "state of", "page", "9\u201310"),
        ("agents", "state of \u203a old", "page", "9"),
        ("agents", "versus tasks", "page", "9"),
        ("anchors", None, "see", "ropes"),
        ("boats", "at night", "page", "3"),
        ("boats", None, "see_also", "ships"),
        ("boats", None, "see_also", "tides"),
        ("crew", None, "page", "4"),
        ("crew", None, "see_also", "sailors"),
    ]


def test_pages_lead_to_the_section_that_holds_the_term() -> None:
    found = [
        block("list", text, level=1, page=40)
        for text in ("tide, 3", "agent, 9", "ropes, 9", "x, 77")
    ]
    frames = book([*copies(BODY), head("Index", page=40), *found], PAGES)
    name = titles(frames)
    assert [(r["term"], r["page_first"], name[r["section_id"]]) for r in rows(frames, "index")] == [
        ("tide", 3, "Tides"),
        ("agent", 9, "Agents"),
        ("ropes", 9, "Actors"),
        ("x", None, None),
    ]


def test_an_index_of_links(tmp_path: Path) -> None:
    path = epub(
        tmp_path / "b.epub",
        {
            "one.xhtml": f'<h1 id="t">Tides</h1><p>{paragraph(1)}</p>'
            f'<h1 id="b">Boats</h1><p id="p">{paragraph(2)}</p>',
            "index.xhtml": "<h1>Index</h1><h2>B</h2><ul>"
            '<li>boats, <a href="one.xhtml#b">1</a><ul><li>at night, <a href="one.xhtml#p">2</a>, '
            '<a href="one.xhtml#t">3</a></li></ul></li>'
            '<li><a href="one.xhtml#t">tides</a></li>'
            '<li>waves, <a href="one.xhtml#t">Tides</a></li></ul>',
        },
    )
    frames = frames_of(path)
    name = titles(frames)
    assert [
        (r["term"], r["subterm"], r["kind"], r["words"], name[r["section_id"]])
        for r in rows(frames, "index")
    ] == [
        ("boats", None, "page", "1", "Boats"),
        ("boats", "at night", "page", "2", "Boats"),
        ("boats", "at night", "page", "3", "Tides"),
        ("tides", None, "link", "tides", "Tides"),
        ("waves", None, "link", "Tides", "Tides"),
    ]


def frames_of(path: Path) -> Frames:
    raw = read_book(path, "b", Reading()).frames
    parts = (raw[f"raw_books__{name}"] for name in ("blocks", "spans", "pages", "links"))
    return {**raw, **into_sections("b", "0" * 64, *parts)}


ENTRIES = [
    "A",
    "actors, 3, 5\u20136",
    "agents, 2",
    "  and state, 4",
    "  versus others, 1, 3",
    "anchors, see ropes",
    "B",
    "boats, 2\u20134, 6",
    "  at night, 5",
    "Buffer.put/2, 3",
    "berths, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,",
    "    12, 14",
    "C",
    "cargo, 4",
    "  see also boats",
    "crew, i, xii",
    "D",
    "docks, 2",
    "G",
    "GenServer.call/3, 5",
    "  timeouts of, 6",
    "gulls, 1",
    "H",
    "harbour, 1\u20136",
    "I",
    "iex, 2",
    "K",
    "keeper, 3",
    "lamps, 4",
    "letters, 5",
    "message, 2",
    "nets, 4",
]


@pytest.mark.parametrize("outline", [True, False])
@pytest.mark.parametrize("columns", [1, 2])
def test_an_index_of_a_pdf_is_read_column_by_column(
    tmp_path: Path, outline: bool, columns: int
) -> None:
    maker = PdfMaker(tmp_path / "b.pdf", outline=outline)
    for number, name in enumerate(("Tides", "Boats", "Lamps"), start=1):
        maker.heading(f"{number} {name}", 1)
        for part in range(3):
            maker.heading(f"{number}.{part + 1} Part {'abc'[part]} of {name}", 2)
            maker.prose(paragraph(10 * number + part))
            maker.code(MODULE.replace("Tide", f"{name}{part}"))
            maker.prose(paragraph(50 + 10 * number + part))
    maker.heading("Index", 1)
    top, left = maker.y - 10, LEFT
    y = top
    for number, entry in enumerate(ENTRIES):
        if number == len(ENTRIES) // 2 and columns == 2:
            left, y = LEFT + 170, top
        letter = len(entry) == 1
        maker.canvas.setFont("Helvetica-Bold" if letter else "Times-Roman", 10 if letter else 8.5)
        y -= 6 if letter else 0
        maker.canvas.drawString(left + 5 * (len(entry) - len(entry.lstrip())), y, entry.strip())
        y -= 11
    maker.y = FLOOR
    frames = frames_of(maker.save())
    assert told(frames)[:6] == [
        ("actors", None, "page", "3"),
        ("actors", None, "page", "5\u20136"),
        ("agents", None, "page", "2"),
        ("agents", "and state", "page", "4"),
        ("agents", "versus others", "page", "1"),
        ("agents", "versus others", "page", "3"),
    ]
    found = {(term, sub) for term, sub, *_ in told(frames)}
    assert {("GenServer.call/3", "timeouts of"), ("boats", "at night"), ("nets", None)} <= found
    berths = [words for term, _, _, words in told(frames) if term == "berths"]
    assert berths == [*map(str, range(1, 11)), "12", "14"]
    assert ("cargo", None, "see_also", "boats") in told(frames)
    assert (
        frames["raw_books__pages"]["lost"].sum() == frames["raw_books__pages"]["doubled"].sum() == 0
    )
    assert "Index" in titles(frames).values() and "A" not in titles(frames).values()


@pytest.mark.parametrize("columns", [1, 2])
def test_dots_that_lead_to_pages_make_no_contents_of_an_index(tmp_path: Path, columns: int) -> None:
    maker = PdfMaker(tmp_path / "b.pdf", outline=False)
    names = ("Tides", "Boats", "Lamps", "Docks", "Winds", "Stars")
    maker.heading("Contents", 1)
    for number, name in enumerate(names, start=2):
        maker.y -= 14
        led(maker, LEFT, 300, f"{number - 1} {name}", str(number))
    maker.y = FLOOR
    for number, name in enumerate(names, start=1):
        maker.heading(f"{number} {name}", 1)
        maker.prose(paragraph(10 * number))
        maker.prose(paragraph(50 + 10 * number))
    maker.heading("Index", 1)
    top, left = maker.y - 10, LEFT
    maker.y = top
    for number, entry in enumerate(ENTRIES):
        term, comma, pages = entry.strip().partition(", ")
        if not comma or "10" in pages or "12" in pages or "see" in pages:
            continue
        if number >= len(ENTRIES) // 2 and columns == 2 and left == LEFT:
            left, maker.y = LEFT + 160, top
        maker.y -= 12
        led(maker, left + 6 * (entry[0] == " "), left + 140, term, pages)
    maker.y = FLOOR
    frames = frames_of(maker.save())
    found = told(frames)
    assert found[:6] == [
        ("actors", None, "page", "3"),
        ("actors", None, "page", "5\u20136"),
        ("agents", None, "page", "2"),
        ("agents", "and state", "page", "4"),
        ("agents", "versus others", "page", "1"),
        ("agents", "versus others", "page", "3"),
    ]
    assert found[-1] == ("nets", None, "page", "4")
    pages = frames["raw_books__pages"]
    assert pages["lost"].sum() == pages["doubled"].sum() == 0
    blocks = frames["raw_books__blocks"].filter(pl.col("kind") != "running_head")
    said = blocks["text"].to_list()
    assert not any("..." in text or ". . ." in text for text in said)
    assert "1 Tides" not in said and not any("Tides" in text and "2" in text for text in said)


def led(maker: PdfMaker, left: float, right: float, term: str, pages: str) -> None:
    """A term, dots, and pages at the right edge, drawn one by one."""
    font, size = "Times-Roman", 8.5
    maker.canvas.setFont(font, size)
    maker.canvas.drawString(left, maker.y, term)
    wide = maker.canvas.stringWidth(pages, font, size)
    maker.canvas.drawString(right - wide, maker.y, pages)
    start = left + maker.canvas.stringWidth(term, font, size) + 3
    dots = int((right - wide - 5 - start) / maker.canvas.stringWidth(". ", font, size))
    maker.canvas.drawString(start, maker.y, ". " * dots)


@pytest.mark.parametrize(
    ("rows_of_page", "answer"),
    [
        (["actors .... 3, 5", "berths .... 1", "crew ..... 9", "docks ..... 2"], True),
        (["1 Tides .... 3", "2 Boats .... 9", "3 Crew .... 12", "4 Docks .... 20"], False),
        (["Actors .... 3", "Boats .... 9", "Crew .... 12", "Docks .... 20"], False),
        (["Tides .... 9", "Boats .... 3", "Crew .... 12", "Docks .... 1"], False),
        (["actors .... 8 gulls .... 3", "boats .... 2 hulls .... 9", "crew .... 1"], True),
        (["Tides .... 1 Winds .... 9", "Boats .... 3 Stars .... 12", "Docks .... 5"], False),
    ],
)
def test_contents_rise_and_an_index_is_sorted(rows_of_page: list[str], answer: bool) -> None:
    assert is_index(rows_of_page) is answer


def glossary(*blocks: Block) -> list[tuple[str, str]]:
    frames = book([*copies(BODY), head("Glossary"), *blocks])
    return [(row["term"], row["definition"]) for row in rows(frames, "glossary")]


def test_glossaries_of_every_shape() -> None:
    wanted = [("Actor", "Has a mailbox."), ("Tide", "Water that moves.")]
    assert glossary(say("Actor: Has a mailbox."), say("Tide \u2014 Water that moves.")) == wanted
    assert (
        glossary(say("Actor"), say("Has a mailbox."), say("Tide"), say("Water that moves."))
        == wanted
    )
    flat = [
        block("list", text, level=1)
        for text in ("Actor", "Has a mailbox.", "Tide", "Water that moves.")
    ]
    assert glossary(*flat) == wanted
    deep = [
        block("list", text, level=1 + n % 2)
        for n, text in enumerate(("Actor", "Has a mailbox.", "Tide", "Water that moves."))
    ]
    assert glossary(*deep) == wanted
    assert (
        glossary(head("Actor", 2), say("Has a mailbox."), head("Tide", 2), say("Water that moves."))
        == wanted
    )
    table = "Term | Meaning\nActor | Has a mailbox.\nTide | Water that moves."
    assert glossary(say(table, "table")) == wanted
    letters = [
        head("A", 2),
        say("Actor: Has a mailbox."),
        head("T", 2),
        say("Tide: Water that moves."),
    ]
    assert glossary(*letters) == wanted


def test_a_definition_of_two_paragraphs() -> None:
    found = [
        block("list", text, level=level)
        for level, text in (
            (1, "Actor"),
            (2, "Has a mailbox."),
            (2, "It runs."),
            (1, "Tide"),
            (2, "Water."),
        )
    ]
    assert glossary(*found) == [("Actor", "Has a mailbox.\n\nIt runs."), ("Tide", "Water.")]


def test_a_glossary_of_an_epub(tmp_path: Path) -> None:
    body = (
        f"<h1>Tides</h1><p>{paragraph(1)}</p><h1>Glossary</h1><dl><dt>Actor</dt>"
        "<dd><p>Has a mailbox.</p><p>It runs.</p></dd><dt>Tide</dt><dd>Water.</dd></dl>"
    )
    found = rows(frames_of(epub(tmp_path / "b.epub", {"one.xhtml": body})), "glossary")
    assert [(row["term"], row["definition"]) for row in found] == [
        ("Actor", "Has a mailbox.\n\nIt runs."),
        ("Tide", "Water."),
    ]


def test_links_in_an_index_are_entries_and_no_references() -> None:
    entry = block("list", "tides, 3", level=1)
    entry.links = [Link(7, 8, "#t", True, to=0)]
    frames = book([*copies(BODY), head("Index"), entry])
    assert (
        rows(frames, "refs") == []
        and titles(frames)[rows(frames, "index")[0]["section_id"]] == "Tides"
    )


WORDS = st.lists(
    st.sampled_from(
        [
            "a",
            "tides",
            ",",
            "12",
            "5\u20136",
            "see",
            "also",
            "xii",
            ";",
            "(",
            ")",
            "404",
            ".",
            "B",
            "/3",
            "\u2013",
        ]
    ),
    min_size=1,
    max_size=9,
)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), WORDS), max_size=6), st.booleans())
def test_any_entries_give_rows_of_the_contract(
    found: list[tuple[int, list[str]]], lists: bool
) -> None:
    items: list[Any] = [(level, " ".join(words)) for level, words in found]
    for term, sub, kind, words in index(*items):
        assert term.strip() and words and kind in ("page", "see", "see_also", "link")
        assert sub is None or sub
    kind = "list" if lists else "prose"
    for term, said in glossary(*(block(kind, text, level=level) for level, text in items)):
        assert term and said


def test_terms_that_only_type_parted_from_their_meaning() -> None:
    said = ["berth A place where a boat lies.", "mail box Messages wait in it.",
            "GenServer A behaviour for servers."]  # fmt: skip
    chapters = [head("Tides", 1, "1"), say("Water."), head("Boats", 1, "2"), say("Sail " * 30)]
    frames = book([*chapters, head("Glossary", 1), *map(say, said)])
    assert [(row["term"], row["definition"]) for row in rows(frames, "glossary")] == [
        ("berth", "A place where a boat lies."), ("mail box", "Messages wait in it."),
        ("GenServer", "A behaviour for servers."),
    ]  # fmt: skip
    words = book([*chapters, head("Glossary", 1), say("All terms of the book are here."),
                  say("They are explained.")])  # fmt: skip
    assert rows(words, "glossary") == []


@pytest.mark.parametrize("name", ["b.md", "b.epub"])
def test_terms_in_bold_type_need_no_other_sign(tmp_path: Path, name: str) -> None:
    pairs = [("berth", "a place where a boat lies."), ("mail box", "messages wait in it."),
             ("node", "a runtime. They meet."), ("pier", "it stands in water.")]  # fmt: skip
    path = tmp_path / name
    if name.endswith("md"):
        said = [f"**{term}** {text}" for term, text in pairs]
        said[2:] = [" ".join(said[2:])]
        path.write_text("# Tides\n\nWater.\n\n# Glossary\n\n" + "\n\n".join(said) + "\n")
    else:
        said = [f"<b>{term}.</b> {text}" for term, text in pairs]
        said[2:] = [" ".join(said[2:])]
        body = f"<h1>Glossary</h1>{''.join(f'<p>{one}</p>' for one in said)}"
        epub(path, {"a.xhtml": "<h1>Tides</h1><p>Water.</p>", "b.xhtml": body})
    raw = read_book(path, "b", Reading()).frames
    parts = (raw[f"raw_books__{part}"] for part in ("blocks", "spans", "pages", "links"))
    frames = into_sections("b", "0" * 64, *parts)
    assert [(row["term"], row["definition"]) for row in rows(frames, "glossary")] == pairs
