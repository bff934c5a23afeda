"""Seldom forms of notes: on notes, within code, as linked words, with text right below the last."""

from collections.abc import Callable
from pathlib import Path

from booktune_assets.books.blocks import Parsed
from booktune_assets_tests.books.makers import epub

Read = Callable[[Path], Parsed]
W = "<h2>More</h2><p>Fog comes.</p><h2>Notes</h2>"


def told(parsed: Parsed) -> list[tuple[str, str]]:
    assert not any(page.lost or page.doubled for page in parsed.pages)
    return [(one.kind, one.text) for one in parsed.blocks]


def test_a_note_on_a_note_comes_behind_that_one(tmp_path: Path, read: Read) -> None:
    typed = (
        '<h1>Tides</h1><p>Boats<a href="#a" class="footnote-ref" id="ra"><sup>1</sup></a> go.</p>'
        '<h2>More</h2><p>Fog.</p><section class="footnotes"><ol>'
        '<li id="a"><p>A note<a href="#b" class="footnote-ref" id="rb"><sup>2</sup></a>.'
        '<a href="#ra" class="footnote-back">\u21a9</a></p></li>'
        '<li id="b"><p>On it.<a href="#rb" class="footnote-back">\u21a9</a></p></li></ol></section>'
    )
    plain = (
        '<h1>Tides</h1><p>Boats<sup><a id="ra" href="#a">1</a></sup> go.</p>'
        "<h2>More</h2><p>Fog.</p><h2>Notes</h2>"
        '<p><a id="a" href="#ra">1</a>. A note<sup><a id="rb" href="#b">2</a></sup>.'
        '</p><p><a id="b" href="#rb">2</a>. On it.</p>'
    )
    for body in (typed, plain):
        assert told(read(epub(tmp_path / "b.epub", {"c.xhtml": body}))) == [
            ("heading", "Tides"), ("prose", "Boats go."), ("footnote", "A note."),
            ("footnote", "On it."), ("heading", "More"), ("prose", "Fog."),
        ]  # fmt: skip


def test_so_it_does_in_markdown(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "b.md"
    path.write_text(
        "# Tides\n\nBoats go[^a] by `x[^b]`.\n\n## More\n\nFog.\n\n[^a]: A note.[^b]\n"
        "\n[^b]: On it.[^c]\n\n[^c]: On that.\n"
    )
    assert told(read(path)) == [
        ("heading", "Tides"), ("prose", "Boats go by x[^b]."), ("footnote", "A note."),
        ("footnote", "On it."), ("footnote", "On that."), ("heading", "More"), ("prose", "Fog."),
    ]  # fmt: skip


def test_marks_in_listings_have_their_notes_behind_these(tmp_path: Path, read: Read) -> None:
    body = (
        '<h1>Tides</h1><p>Look:</p><pre>def a, do: 1 <a href="#fn2" class="noteref">2</a>\n'
        'x = 1<sup><a href="#n3" id="r3">3</a></sup>\n</pre><p>Then.</p>'
        f'{W}<p id="fn2" class="footnote">2 Boats.</p><p id="n3"><a href="#r3">3</a>. Fog.</p>'
    )
    assert told(read(epub(tmp_path / "b.epub", {"c.xhtml": body}))) == [
        ("heading", "Tides"), ("prose", "Look:"), ("code", "def a, do: 1\nx = 1"),
        ("footnote", "Boats."), ("footnote", "Fog."), ("prose", "Then."), ("heading", "More"),
        ("prose", "Fog comes."),
    ]  # fmt: skip


def test_a_link_within_code_is_no_mark(tmp_path: Path, read: Read) -> None:
    body = (
        '<h1>Tides</h1><p>Ask <code>elem(tide, <a href="#n" id="r">1</a>)</code> for it.</p>'
        f'{W}<p id="n"><a href="#r">1</a> The second.</p>'
    )
    found = told(read(epub(tmp_path / "b.epub", {"c.xhtml": body})))
    assert found[1] == ("prose", "Ask elem(tide, 1) for it.")
    assert found[-1] == ("prose", "1 The second.")


def test_text_below_the_last_note_is_none(tmp_path: Path, read: Read) -> None:
    body = (
        '<h1>Tides</h1><p>Boats<sup><a id="r1" href="#n1">1</a></sup> go.'
        ' Cats<sup><a id="r2" href="#n2">2</a></sup> stay.</p>'
        f'{W}<p id="n1"><a href="#r1">1</a>. A note.</p><p>It goes on.</p>'
        '<p id="n2"><a href="#r2">2</a>. Two.</p><p>The harbour is old.</p>'
    )
    assert told(read(epub(tmp_path / "b.epub", {"c.xhtml": body}))) == [
        ("heading", "Tides"), ("prose", "Boats go. Cats stay."), ("footnote", "A note."),
        ("footnote", "It goes on."), ("footnote", "Two."), ("heading", "More"),
        ("prose", "Fog comes."), ("heading", "Notes"), ("prose", "The harbour is old."),
    ]  # fmt: skip


def test_marks_that_are_linked_words(tmp_path: Path, read: Read) -> None:
    body = (
        '<h1>Tides</h1><p>Boats go <a href="#n1" id="r1">Note 1</a>. Cats'
        ' (<a href="#n2" id="r2">note 2</a>) stay [<a href="#n3" id="r3">Footnote 3</a>].</p>'
        '<p>Fog, see <a href="#n4" id="r4">Note 4</a>.</p>'
        '<p>Ebb<a href="#n5" epub:type="noteref">Note 5</a>.</p>'
        f'{W}<p id="n1"><a href="#r1">Note 1</a>: One.</p><p id="n2"><a href="#r2">2.</a> Two.</p>'
        '<p id="n3">Three. <a href="#r3">Back</a></p><p id="n4"><a href="#r4">4</a> Four.</p>'
        '<aside id="n5" epub:type="footnote"><p>Five.</p></aside>'
    ).replace("epub:type", 'xmlns:epub="http://www.idpf.org/2007/ops" epub:type')
    assert told(read(epub(tmp_path / "b.epub", {"c.xhtml": body}))) == [
        ("heading", "Tides"), ("prose", "Boats go. Cats stay."), ("footnote", "One."),
        ("footnote", "Two."), ("footnote", "Three."), ("prose", "Fog, see Note 4."),
        ("prose", "Ebb."), ("footnote", "Five."), ("heading", "More"), ("prose", "Fog comes."),
        ("heading", "Notes"), ("prose", "4 Four."),
    ]  # fmt: skip


def test_notes_of_a_paragraph_keep_their_order(tmp_path: Path, read: Read) -> None:
    body = (
        '<h1>Tides</h1><p>Boats [<a href="#n1" id="r1">1</a>] go [<a href="#n2" id="r2">2</a>].</p>'
        f'{W}<p id="n1"><a href="#r1">1</a> One.</p><p id="n2"><a href="#r2">2</a> Two.</p>'
    )
    found = told(read(epub(tmp_path / "b.epub", {"c.xhtml": body})))
    assert found[1:4] == [("prose", "Boats go."), ("footnote", "One."), ("footnote", "Two.")]


def test_words_that_are_typed_as_a_mark_stay(tmp_path: Path, read: Read) -> None:
    body = (
        '<h1>Tides</h1><p>Boats <a href="#a" T="noteref">[Note]</a> go and'
        ' <a href="#b" T="noteref">cats of the harbour</a> stay<a href="#c" T="noteref">iv</a>.'
        '</p><p>Fog.</p><aside id="a" T="footnote"><p>One.</p></aside>'
        '<aside id="b" T="footnote"><p>Two.</p></aside>'
        '<aside id="c" T="footnote"><p>Three.</p></aside>'
    ).replace("T=", 'xmlns:epub="http://www.idpf.org/2007/ops" epub:type=')
    assert told(read(epub(tmp_path / "b.epub", {"c.xhtml": body}))) == [
        ("heading", "Tides"), ("prose", "Boats go and cats of the harbour stay."),
        ("footnote", "One."), ("footnote", "Two."), ("footnote", "Three."), ("prose", "Fog."),
    ]  # fmt: skip


def test_notes_as_calibre_and_word_set_them(tmp_path: Path, read: Read) -> None:
    calibre = (
        '<h1>Tides</h1><p>Boats<sup><a id="r" href="#n">[1]</a></sup> go.</p>'
        "<h2>More</h2><p>Fog.</p>"
        '<dl id="n" class="footnote"><dt>[<a href="#r">\u21901</a>]</dt><dd><p>One.</p></dd></dl>'
    )
    word = (
        '<h1>Tides</h1><p>Boats<a href="#_ftn1" id="_ftnref1"><span>[1]</span></a> go.</p>'
        '<h2>More</h2><p>Fog.</p><div id="ftn1"><p class="MsoFootnoteText">'
        '<a href="#_ftnref1" id="_ftn1">[1]</a> One.</p></div>'
    )
    for body in (calibre, word):
        assert told(read(epub(tmp_path / "b.epub", {"c.xhtml": body}))) == [
            ("heading", "Tides"), ("prose", "Boats go."), ("footnote", "One."), ("heading", "More"),
            ("prose", "Fog."),
        ]  # fmt: skip


def test_raised_signs_that_nothing_links(tmp_path: Path, read: Read) -> None:
    body = (
        "<h1>Tides</h1><p>Boats go.<sup>1</sup> Cats<sup>2</sup>; the 1<sup>st</sup>, 4 km<sup>3"
        "</sup>, x<sup>2</sup>.</p><h2>More</h2><p>Then<sup>*</sup> fog.<sup>3</sup></p>"
        '<p>Ice<sup>9</sup>.</p><div class="footnotes"><p>1. One.</p><p><sup>2</sup> Two.</p>'
        "<p>3. Three.</p><p>* Star.</p></div>"
    )
    assert told(read(epub(tmp_path / "b.epub", {"c.xhtml": body}))) == [
        ("heading", "Tides"), ("prose", "Boats go. Cats; the 1st, 4 km3, x2."),
        ("footnote", "One."), ("footnote", "Two."), ("heading", "More"), ("prose", "Then fog."),
        ("footnote", "Three."), ("footnote", "Star."), ("prose", "Ice9."),
    ]  # fmt: skip


def test_of_two_documents_each_has_its_own(tmp_path: Path, read: Read) -> None:
    one = '<h1>{}</h1><p>Boats go.<sup>1</sup></p><p class="footnote"><sup>1</sup> {}.</p>'
    pages: dict[str, str | bytes] = {
        "a.xhtml": one.format("Tides", "One"), "b.xhtml": one.format("Fog", "Two"),
        "c.xhtml": "<h1>Ebb</h1><p>Cats stay.<sup>1</sup></p>",
    }  # fmt: skip
    found = told(read(epub(tmp_path / "b.epub", pages)))
    assert [text for kind, text in found if kind != "heading"] == [
        "Boats go.", "One.", "Boats go.", "Two.", "Cats stay.1",
    ]  # fmt: skip
