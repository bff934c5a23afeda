"""EPUBs as publishers and converters make them: code exact, notes, captions, titles."""

# ruff: noqa: E501 (pages of publishers, one element a line)

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.books.blocks import CODE_KINDS, Limits, Parsed
from booktune_assets.books.formats import parse
from booktune_assets.books.html import parse_page
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.styles import read_styles
from booktune_assets.books.walker import Walker
from booktune_assets_tests.books.makers import MODULE, epub, page
from booktune_assets_tests.books.publishers import CALIBRE_CSS, SHAPES, hard

Read = Callable[[Path], Parsed]
NAV = "http://www.idpf.org/2007/ops"


def ncx(*points: tuple[str, str]) -> dict[str, str]:
    entries = "".join(
        f'<navPoint id="n{n}"><navLabel><text>{title}</text></navLabel><content src="{href}"/></navPoint>'
        for n, (title, href) in enumerate(points)
    )
    whole = f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{entries}</navMap></ncx>'
    return {"OEBPS/toc.ncx": whole}


NCX = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'


def made(path: Path, body: str, *points: tuple[str, str]) -> Path:
    return epub(
        path, {"c1.xhtml": body},
        extra={"OEBPS/s.css": CALIBRE_CSS, **ncx(*(points or (("Chapter 1: Tides", "c1.xhtml#c1"),)))},
        manifest=f'<item id="css" href="s.css" media-type="text/css"/>{NCX}',
    )  # fmt: skip


def texts(parsed: Parsed, *kinds: str) -> list[str]:
    return [block.text for block in parsed.blocks if block.kind in kinds]


@pytest.mark.parametrize("shape", SHAPES)
def test_code_is_exact_and_nothing_is_lost(tmp_path: Path, read: Read, shape: str) -> None:
    body, wanted = SHAPES[shape]
    parsed = read(made(tmp_path / "b.epub", body))
    assert texts(parsed, *CODE_KINDS) == wanted
    assert [(one.lost, one.doubled) for one in parsed.pages] == [(0, 0)]
    first = next(block for block in parsed.blocks if block.kind == "heading")
    assert (first.text, first.level) == ("Tides", 1)


def test_what_stands_around_the_code(tmp_path: Path, read: Read) -> None:
    got = {name: read(made(tmp_path / f"{name}.epub", body)) for name, (body, _) in SHAPES.items()}
    heads = {
        name: [(b.level, b.number, b.text) for b in one.blocks if b.kind == "heading"]
        for name, one in got.items()
    }
    assert heads["pragmatic"] == [(1, "1", "Tides")]
    assert heads["oreilly"] == [(1, "1", "Tides"), (2, None, "First")]
    assert heads["manning"] == [(1, "1", "Tides"), (2, "1.1", "The tide")]
    assert heads["packt"] == [(1, "1", "Tides"), (2, None, "More")]
    assert heads["calibre"] == [(1, "1", "Tides")]
    assert texts(got["oreilly"], "caption") == ["Example 1-1. A module", "Figure 1-1. The tide"]
    assert texts(got["oreilly"], "callout") == ["Mind it.", "Why tides", "Side words."]
    assert texts(got["oreilly"], "figure") == ["A tide"]
    assert texts(got["manning"], "caption") == ["Listing 1.1 A module", "Figure 1.1 The tide"]
    assert texts(got["manning"], "prose") == ["Words.", "The answer"]
    assert texts(got["leanpub"], "caption", "callout") == ["A file", "A tip."]
    for name in ("oreilly", "manning", "leanpub"):
        assert texts(got[name], "footnote") == ["A note."], name
        assert "Words." in texts(got[name], "prose"), name
    assert texts(got["calibre"], "prose") == ["Words.", "Run x."]


def test_endnotes_that_stand_in_a_file_of_their_own(tmp_path: Path, read: Read) -> None:
    notes = (
        f'<section xmlns:epub="{NAV}" epub:type="endnotes"><ol><li epub:type="endnote" id="e1"><p>'
        'Far away. <a href="c1.xhtml#r1" role="doc-backlink">\u21a9\ufe0e</a></p></li></ol></section>'
    )
    body = f'<h1>T</h1><p xmlns:epub="{NAV}">Here<a epub:type="noteref" id="r1" href="n.xhtml#e1">1</a>.</p>'
    parsed = read(epub(tmp_path / "b.epub", {"c1.xhtml": body, "n.xhtml": notes}))
    assert [(b.kind, b.text, b.places[0].href) for b in parsed.blocks[1:]] == [
        ("prose", "Here.", "OEBPS/c1.xhtml"), ("footnote", "Far away.", "OEBPS/n.xhtml#e1"),
    ]  # fmt: skip


def test_notes_without_any_class_are_known_by_the_marks_that_lead_there(
    tmp_path: Path, read: Read
) -> None:
    body = '<h1>T</h1><p>One<a href="n.xhtml#fn1">[1]</a> and<sup><a href="n.xhtml#x9">2</a></sup>.</p>'
    notes = (
        '<h1>Notes</h1><p id="fn1"><a href="c1.xhtml#r1">[1]</a> First.</p>'
        '<p id="x9"><a href="c1.xhtml#r2">2</a>. Second.</p><p id="y">2 GB.</p>'
    )
    parsed = read(epub(tmp_path / "b.epub", {"c1.xhtml": body, "n.xhtml": notes}))
    assert [(b.kind, b.text) for b in parsed.blocks] == [
        ("heading", "T"), ("prose", "One and."), ("footnote", "First."), ("footnote", "Second."),
        ("heading", "Notes"), ("prose", "2 GB."),
    ]  # fmt: skip
    assert [(one.lost, one.doubled) for one in parsed.pages] == [(0, 0)] * 2


def test_numbered_headings_are_captions_only_beside_what_they_number(
    tmp_path: Path, read: Read
) -> None:
    body = (
        "<h1>T</h1><h3>Listing 2.1 A module</h3><pre>x = 1</pre><h3>Example 1: Counting</h3><p>Words.</p>"
        '<h2><img src="h.png" alt="Painted Title"/></h2><p>More.</p>'
    )
    parsed = read(epub(tmp_path / "b.epub", {"c.xhtml": body}))
    assert [(b.kind, b.text) for b in parsed.blocks[1:]] == [
        ("caption", "Listing 2.1 A module"), ("code", "x = 1"), ("heading", "Example 1: Counting"),
        ("prose", "Words."), ("heading", "Painted Title"), ("prose", "More."),
    ]  # fmt: skip
    assert [(one.lost, one.doubled) for one in parsed.pages] == [(0, 0)]


def test_covers_title_pages_and_contents_are_no_text(tmp_path: Path, read: Read) -> None:
    links = "".join(f'<p><a href="c{n}.xhtml">Chapter {n}</a></p>' for n in range(1, 7))
    pages: dict[str, str | bytes] = {
        "cover.xhtml": '<div><img src="cover.jpg" alt="Cover"/></div>',
        "title.xhtml": "<h1>A Small Book</h1><p>Ann Author</p>",
        "half.xhtml": f'<section xmlns:epub="{NAV}" epub:type="halftitlepage"><p>Small</p></section>',
        "toc.xhtml": f"<h1>Contents</h1>{links}",
        **{f"c{n}.xhtml": f"<h1>Chapter {n}</h1><p>Words {n}.</p>" for n in range(1, 7)},
    }
    guide = '<reference type="cover" href="cover.xhtml"/>'
    parsed = read(epub(tmp_path / "b.epub", pages, guide=guide))
    assert texts(parsed, "heading") == [f"Chapter {n}" for n in range(1, 7)]
    assert texts(parsed, "prose") == [f"Words {n}." for n in range(1, 7)]
    assert {c["kind"] for c in parsed.changes} == {"title_page", "contents"}
    assert sum(page.lost + page.doubled for page in parsed.pages) == 0


def test_a_chapter_named_like_the_book_is_kept(tmp_path: Path, read: Read) -> None:
    long = "Words that go on. " * 40
    parsed = read(epub(tmp_path / "b.epub", {"c.xhtml": f"<h1>A Small Book</h1><p>{long}</p>"}))
    assert texts(parsed, "heading") == ["A Small Book"]


def test_paragraphs_that_the_contents_name_are_headings_and_those_set_alike(
    tmp_path: Path, read: Read
) -> None:
    body = "".join(
        f'<p class="ct" id="c{n}">Part {n} of the sea</p><p class="x">Words {n}.</p>'
        f'<p class="st" id="s{n}">Section {word}</p><p class="x">More {n}.</p><p class="st">Left {n}</p>'
        for n, word in ((1, "one"), (2, "two"), (3, "three"))
    )
    points = [(f"Part {n} of the sea", f"c1.xhtml#c{n}") for n in (1, 2, 3)]
    points += [
        (f"Section {word}", f"c1.xhtml#s{n}") for n, word in ((1, "one"), (2, "two"), (3, "three"))
    ]
    parsed = read(made(tmp_path / "b.epub", body, *points))
    found = texts(parsed, "heading")
    assert len(found) == 9 and "Left 2" in found
    assert texts(parsed, "prose") == [f"{w} {n}." for n in (1, 2, 3) for w in ("Words", "More")]


def test_words_in_inline_code_alone_are_a_paragraph(tmp_path: Path, read: Read) -> None:
    one = read(
        epub(
            tmp_path / "a.epub", {"c.xhtml": "<h1>T</h1><p><code>mix test</code></p><p>Words.</p>"}
        )
    )
    assert [b.kind for b in one.blocks] == ["heading", "prose", "prose"]
    body = "".join(f"<p><code>{hard(line)}</code></p>" for line in MODULE.split("\n") if line)
    two = read(epub(tmp_path / "b.epub", {"c.xhtml": f"<h1>T</h1>{body}<p>Words.</p>"}))
    assert texts(two, *CODE_KINDS) == [MODULE.replace("\n\n", "\n")]
    alone = "<p>Type</p><p><code>&#160;mix test</code></p><p>Then</p>"
    three = read(epub(tmp_path / "c.epub", {"c.xhtml": "<h1>T</h1>" + (body + alone) * 3}))
    assert texts(three, *CODE_KINDS).count(" mix test") == 3  # this book has no other listings


def test_fixed_spaces_in_strings_are_meant(tmp_path: Path, read: Read) -> None:
    body = '<h1>T</h1><pre class="elixir">left =\u00a0"a\u00a0b"\n\u00a0\u00a0right</pre>'
    parsed = read(epub(tmp_path / "b.epub", {"c.xhtml": body}))
    assert texts(parsed, *CODE_KINDS) == ['left = "a\u00a0b"\n  right']
    assert {c["kind"] for c in parsed.changes} == {"glyphs"}


def test_tables_in_callouts_and_tables_of_words(tmp_path: Path, read: Read) -> None:
    body = (
        '<h1>T</h1><div class="admonitionblock note"><table><tr><td class="icon"><div class="title">Note</div>'
        '</td><td class="content">Mind it.</td></tr></table></div><table><tr><th>a</th></tr><tr><td>1</td></tr>'
        "</table><table><tr><td>1</td><td><code>x = 1</code></td></tr><tr><td>2</td><td><code>y = 2</code></td>"
        "</tr></table>"
    )
    parsed = read(epub(tmp_path / "b.epub", {"c.xhtml": body}))
    assert [(b.kind, b.text) for b in parsed.blocks[1:]] == [
        ("callout", "Mind it."), ("table", "a\n1"), ("code", "x = 1\ny = 2"),
    ]  # fmt: skip


def test_style_sheets_are_bounded_and_forgiving() -> None:
    styles = read_styles(
        iter(["}{ .a{", ".b{font-family:Courier}" * 3, "@media x {.c{display:block}}", "." * 9999])
    )
    assert ".b" in styles.mono
    odd = ["x" * 500_000, "/*" * 200_000, ".a," * 100_000 + "{}", "{" * 200_000]
    assert not read_styles(iter(odd)).mono


TAGS = st.sampled_from(["p", "div", "pre", "code", "span", "a", "li", "ol", "table", "tr", "td", "h2", "aside",
                        "figure", "figcaption", "sup", "br", "img", "section", "blockquote", "b"])  # fmt: skip
CLASSES = st.sampled_from(["", "code", "note", "programlisting", "title", "footnote", "caption", "lineno", "co",
                           "toc", "chapter-title", "Code-First", "figure", "icon", "conum"])  # fmt: skip
TREES = st.recursive(
    st.text("ab1 \n\u00a0\u2776<&", max_size=6).map(lambda t: t.replace("&", "&amp;").replace("<", "&lt;")),
    lambda inner: st.tuples(TAGS, CLASSES, st.lists(inner, max_size=4)).map(
        lambda made: f'<{made[0]} class="{made[1]}">{"".join(made[2])}</{made[0]}>'
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(TREES, max_size=4).map("".join))
def test_any_page_keeps_its_account(body: str) -> None:
    root, _ = parse_page(page(body).encode())
    parsed, ledger = Parsed("epub"), Ledger()
    walker = Walker("d", parsed, ledger, 1)
    walker.run(next(one for one in root.iter() if str(one.tag).endswith("body")))
    from booktune_assets.books.blocks import Page

    pages = [Page(1)]
    ledger.settle(walker.blocks, pages)
    assert (pages[0].lost, pages[0].doubled) == (0, 0)
    assert all(block.text.strip() for block in walker.blocks)


def test_a_page_of_nothing_but_classes_keeps_all(tmp_path: Path) -> None:
    marks = "x # <b class='conum'>1</b>\n" * 20_000 + " " * 200_000 + "\u2776"
    names = " ".join(
        ["code" + "-1" * 400, "a_" * 400, "x-" * 500 + "note", "code" + "1" * 900 + "!"]
    )
    body = "<h1>T</h1>" + f'<p class="{names}">x</p>' * 50 + f"<pre>{marks}</pre>"
    path = epub(tmp_path / "b.epub", {"c.xhtml": body})
    parsed = parse(path, Limits(), lambda done, total: None)
    assert sum(block.text == "x" for block in parsed.blocks) == 50
    assert [(one.lost, one.doubled) for one in parsed.pages] == [(0, 0)]
    assert any(block.text.count("x") == 20_000 for block in parsed.blocks)
