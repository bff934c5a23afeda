"""Links of the format: the words that carry them and the blocks they lead to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.books.blocks import Block, Parsed
from booktune_assets.books.links import Trail, address
from booktune_assets.books.reader import read_book
from booktune_assets.contracts import check
from booktune_assets.schemas import TABLES
from booktune_assets.settings import Reading
from booktune_assets_tests.books.makers import LEFT, PAGE, PdfMaker, epub, paragraph

Read = Callable[[Path], Parsed]
Found = list[tuple[str, str, bool, str | None]]


def links(parsed: Parsed) -> Found:
    """(words, target, internal?, text of the block it leads to)"""
    return [
        (
            block.text[link.start : link.end],
            link.target,
            link.internal,
            None if link.to is None else parsed.blocks[link.to].text,
        )
        for block in parsed.blocks
        for link in block.links
    ]


def test_epub_links_keep_their_words_and_lead_to_blocks(tmp_path: Path, read: Read) -> None:
    path = epub(tmp_path / "b.epub", {
        "text/one.xhtml": '<h1 id="one">One</h1><p>See  <a href="two.xhtml#deep">the\n <b>deep</b> '
        'part</a>, <a href="#later">below</a>, <a href="two.xhtml">all of two</a> or '
        '<a href="https://beam.example/a?b=1">the web</a>, not <a href="gone.xhtml#x">this</a>.</p>'
        '<p><span id="later"/>Later words.</p>',
        "text/two.xhtml": '<h1>Two</h1><p>Words.</p><h2><span id="deep"/>Deep</h2><p>Ground.</p>'
        '<pre><a href="#l1" id="l1">x = 1</a></pre>',
    })  # fmt: skip
    assert links(read(path)) == [
        ("the deep part", "OEBPS/text/two.xhtml#deep", True, "Deep"),
        ("below", "OEBPS/text/one.xhtml#later", True, "Later words."),
        ("all of two", "OEBPS/text/two.xhtml", True, "Two"),
        ("the web", "https://beam.example/a?b=1", False, None),
        ("this", "OEBPS/text/gone.xhtml#x", False, None),
    ]


def test_a_link_around_paragraphs_is_one_in_each(tmp_path: Path, read: Read) -> None:
    body = '<h1 id="t">T</h1><div>a <a href="#t">b<p>c</p>d</a> e</div>'
    found = links(read(epub(tmp_path / "b.epub", {"one.xhtml": body})))
    assert [(words, text) for words, _, _, text in found] == [("b", "T"), ("c", "T"), ("d", "T")]


def test_a_title_below_lines_of_code_keeps_its_own_anchor(tmp_path: Path, read: Read) -> None:
    """Such lines wait until their listing ends; what comes behind them has anchors of its own."""
    body = (
        '<h1>T</h1><p>See <a href="#deep">deep</a> or <a href="#row">rows</a>.</p>'
        '<p id="row"><code>x = 1</code></p><p><code>y = 2</code></p><h2 id="deep">Deep</h2>'
        "<ul><li><p>Words.</p><p><code>low()</code></p></li></ul><p>Ground.</p>"
    )
    parsed = read(epub(tmp_path / "b.epub", {"one.xhtml": body}))
    assert [(words, text) for words, _, _, text in links(parsed)] == [
        ("deep", "Deep"), ("rows", "x = 1\ny = 2"),
    ]  # fmt: skip
    assert [one.kind for one in parsed.blocks if one.text == "low()"] == ["list"]


def test_markdown_links_lead_to_headings_and_anchors(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "b.md"
    path.write_text(
        "# Tides\n\n See [the *low* one](#low-water) or [here](#spot) or <https://a.example>.\n\n"
        '## Low water\n\n<a id="spot"></a>A spot.\n\n- [next book](other.md#x)\n- [gone](#gone)\n'
    )
    assert links(read(path)) == [
        ("the low one", "#low-water", True, "Low water"),
        ("here", "#spot", True, "A spot."),
        ("https://a.example", "https://a.example", False, None),
        ("next book", "other.md#x", False, None),
        ("gone", "#gone", True, None),
    ]


def linked_pdf(path: Path) -> Path:
    """Three chapters; the first links a word that stands twice, a chapter, and the web."""
    book = PdfMaker(path)
    book.heading("1 Boats", 1)
    line = "A boat is a boat until the tide takes the boat away. More in chapter Tides."
    book.prose(line)

    def over(before: str, words: str) -> tuple[float, float, float, float]:
        start, stop = (
            book.canvas.stringWidth(text, "Times-Roman", 10.5) for text in (before, before + words)
        )
        y = book.y + 8  # the baseline
        return LEFT + start, y - 2, LEFT + stop, y + 9

    book.canvas.linkAbsolute("", "tides", over("A boat is a ", "boat"))
    book.canvas.linkAbsolute("", "low", over(line.partition("chapter")[0], "chapter Tides"))
    book.canvas.linkURL("https://beam.example/x", over("", "A boat"))
    book.canvas.linkURL("https://beam.example/empty", (LEFT, 300, LEFT, 310))
    book.prose(paragraph(1))
    book.heading("2 Tides", 1)
    book.canvas.bookmarkHorizontal("tides", LEFT, PAGE[1] - 60)
    book.prose(paragraph(2))
    book.heading("2.1 Low water", 2)
    book.canvas.bookmarkHorizontal("low", LEFT, book.y + 30)
    book.prose(paragraph(3))
    return book.save()


def test_pdf_links_are_laid_over_their_words(tmp_path: Path, read: Read) -> None:
    parsed = read(linked_pdf(tmp_path / "b.pdf"))
    found = links(parsed)
    assert [(words, internal, to) for words, _, internal, to in found] == [
        ("boat", True, "Tides"), ("chapter Tides", True, "Low water"), ("A boat", False, None),
    ]  # fmt: skip
    holder = next(block for block in parsed.blocks if block.links)
    assert holder.text[: holder.links[0].start] == "A boat is a "  # the second of three
    assert holder.links[0].page == 2 and holder.links[0].y is not None
    assert found[2][1] == "https://beam.example/x"


@pytest.mark.parametrize("name", ["b.pdf", "b.epub"])
def test_links_become_rows_of_the_contract(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "b.pdf":
        linked_pdf(path)
    else:
        body = '<h1 id="a">A</h1><p><a href="#a">up</a> <a href="mailto:x@y.example">y</a></p>'
        epub(path, {"one.xhtml": body})
    frames = read_book(path, "b", Reading()).frames
    rows = check(TABLES["raw_books__links"], frames["raw_books__links"])
    texts = dict(frames["raw_books__blocks"].select("block_id", "text").iter_rows())
    assert set(rows["kind"]) == {"internal", "external"}
    for row in rows.iter_rows(named=True):
        assert texts[row["block_id"]][row["char_start"] : row["char_end"]].strip()
        assert (row["target_block_id"] in texts) == (row["kind"] == "internal")


@pytest.mark.parametrize(("href", "wanted"), [
    ("#a", ("t/one.html#a", True)),
    ("two.html#a%20b", ("t/two.html#a b", True)),
    ("../t/./two.html", ("t/two.html", True)),
    ("../../etc/passwd", ("../etc/passwd", False)),
    ("http://t/two.html", ("http://t/two.html", False)),
    ("//host/two.html", ("//host/two.html", False)),
    ("javascript:alert(1)", ("javascript:alert(1)", False)),
    ("", ("t", False)),
])  # fmt: skip
def test_addresses(href: str, wanted: tuple[str, bool]) -> None:
    assert address(href, "t/one.html", {"t/one.html", "t/two.html"}) == wanted


PIECES = st.lists(st.tuples(st.text(max_size=8), st.booleans()), max_size=12)


@settings(deadline=None)
@given(PIECES)
def test_words_of_links_survive_collapsed_white_space(found: list[tuple[str, bool]]) -> None:
    trail = Trail()
    pieces: list[str] = []
    wanted: list[str] = []
    for text, linked in found:
        if linked:
            mark = trail.open(f"#{len(wanted)}", len(pieces))
            mark.end = len(pieces) + 1
            wanted += ["".join(text.split())] if text.split() else []
        pieces.append(text)
    block = Block("prose", " ".join("".join(pieces).split()))
    made = trail.links(pieces, "d")
    assert ["".join(block.text[one.start : one.end].split()) for one in made] == wanted
