"""Notes that an EPUB gathers: each behind the words that its mark stands in, their titles gone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.blocks import Parsed
from booktune_assets_tests.books.makers import epub

Read = Callable[[Path], Parsed]
NS = 'xmlns:epub="http://www.idpf.org/2007/ops"'
W = "<p>The keeper counts the boats of the harbour every evening.</p>"
RAISED = '<sup><a id="r1" href="#n1">1</a></sup>'
TYPED = f'<a {NS} epub:type="noteref" id="r1" href="#n1">1</a>'
# how the mark and the notes below the chapter may be written
SHAPES = {
    "typed": (TYPED, f'<section {NS} epub:type="endnotes"><h2>Notes</h2><ol><li id="n1" '
              'epub:type="endnote"><p>A note. <a href="#r1">Back</a></p></li></ol></section>'),
    "rearnote": (TYPED, f'<h2>Notes</h2><aside {NS} epub:type="rearnote" id="n1"><p>A note.</p>'
                 "</aside>"),
    "plain": (RAISED, '<h2>Notes</h2><p id="n1"><a href="#r1">1</a> A note.</p>'),
    "other words": (RAISED, '<h2>Anmerkungen</h2><p id="n1"><a href="#r1">1</a> A note.</p>'),
    "mutual": ('<a id="r1" href="#n1">[1]</a>', '<hr/>'
               '<p id="n1"><a href="#r1">[1]</a> A note.</p>'),
    "bracketed": ('[<a id="r1" href="#n1">1</a>]', '<p id="n1">[<a href="#r1">1</a>] A note.</p>'),
    "arrow": ('<a id="r1" href="#n1">1</a>',
              '<ol><li id="n1">A note. <a href="#r1">\u21a9</a></li></ol>'),
    "terms": (RAISED, '<h2>Notes</h2><dl><dt id="n1">[<a href="#r1">1</a>]</dt><dd><p>A note.</p>'
              "</dd></dl>"),
    "rows": (RAISED,
             '<table><tr><td id="n1"><a href="#r1">1</a></td><td>A note.</td></tr></table>'),
}  # fmt: skip


def told(parsed: Parsed) -> list[tuple[str, str]]:
    assert not any(one.lost or one.doubled for one in parsed.pages)
    return [(block.kind, block.text) for block in parsed.blocks]


@pytest.mark.parametrize("name", SHAPES)
def test_notes_at_the_end_of_a_chapter(tmp_path: Path, read: Read, name: str) -> None:
    mark, notes = SHAPES[name]
    body = f"<h1>Tides</h1><p>Tides run{mark} high.</p><h2>Boats</h2>{W}{notes}"
    parsed = read(epub(tmp_path / "b.epub", {"c1.xhtml": body, "c2.xhtml": f"<h1>Ebb</h1>{W}"}))
    keeper = ("prose", "The keeper counts the boats of the harbour every evening.")
    assert told(parsed) == [
        ("heading", "Tides"), ("prose", "Tides run high."), ("footnote", "A note."),
        ("heading", "Boats"), keeper, ("heading", "Ebb"), keeper,
    ]  # fmt: skip
    assert parsed.blocks[2].places[0].href == "OEBPS/c1.xhtml#n1"


def test_a_document_of_notes_below_the_names_of_chapters(tmp_path: Path, read: Read) -> None:
    chapter = "<h1>{}</h1><p>Tides run<sup><a id='r' href='n.xhtml#{}'>1</a></sup> high.</p>"
    notes = (
        "<h1>Notes</h1><h2>Tides</h2><p id='a'><a href='c1.xhtml#r'>1</a>. One.</p>"
        "<p>It goes on.</p>"
        "<h2>Ebb</h2><p id='b'><a href='c2.xhtml#r'>1</a>. Two.</p>"
    )
    pages = {"c1.xhtml": chapter.format("Tides", "a"), "c2.xhtml": chapter.format("Ebb", "b")}
    parsed = read(epub(tmp_path / "b.epub", {**pages, "n.xhtml": notes}))
    assert told(parsed) == [
        ("heading", "Tides"), ("prose", "Tides run high."), ("footnote", "One."),
        ("footnote", "It goes on."), ("heading", "Ebb"), ("prose", "Tides run high."),
        ("footnote", "Two."),
    ]  # fmt: skip


def test_links_to_and_fro_that_are_no_notes_stay(tmp_path: Path, read: Read) -> None:
    body = (
        '<h1>Tides</h1><p id="e1"><a href="#a1">1</a>. Count the boats.</p>'
        '<p>See step <a href="#s1">2</a> for more.</p><p id="s1">Lower the flag.</p>'
        '<h2>Answers</h2><p id="a1"><a href="#e1">1</a>. Four.</p>'
    )
    assert told(read(epub(tmp_path / "b.epub", {"c.xhtml": body}))) == [
        ("heading", "Tides"), ("prose", "1. Count the boats."),
        ("prose", "See step 2 for more."), ("prose", "Lower the flag."), ("heading", "Answers"),
        ("answer", "1. Four."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ('Rule <a id="r" href="#n">1</a> comes first.', "Rules"),
        ('They use point <a id="r" href="#n">1</a>.', "Points"),
        ('It was late (see note <a id="r" href="#n">1</a>).', "Notes"),
        ('As Doe <a id="r" href="#n">[1]</a> says.', "Bibliography"),
    ],
)
def test_signs_that_are_words_stay_and_so_does_what_they_lead_to(
    tmp_path: Path, read: Read, text: str, title: str
) -> None:
    sign = "[1]" if "[1]" in text else "1"
    body = (
        f'<h1>Tides</h1><p>{text}</p>{W}<h2>{title}</h2><p id="n"><a href="#r">{sign}</a> It.</p>'
    )
    found = told(read(epub(tmp_path / "b.epub", {"c.xhtml": body})))
    assert [kind for kind, _ in found] == ["heading", "prose", "prose", "heading", "prose"]
    assert sign in found[1][1]
