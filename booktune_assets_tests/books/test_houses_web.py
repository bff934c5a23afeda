"""What houses and converters write into EPUBs: permalinks, typed lists, counted lists of code."""

from collections.abc import Callable
from pathlib import Path

from booktune_assets.books.blocks import Parsed
from booktune_assets.books.frames import Facts, into_frames
from booktune_assets.books.sections import into_sections
from booktune_assets_tests.books.makers import epub

Read = Callable[[Path], Parsed]
MONO = 'style="font-family: Consolas, monospace"'


def told(tmp_path: Path, read: Read, body: str) -> list[tuple[str, str]]:
    parsed = read(epub(tmp_path / "b.epub", {"c.xhtml": f"<h1>Tides</h1>{body}"}))
    assert not any(page.lost or page.doubled for page in parsed.pages)
    return [(one.kind, one.text) for one in parsed.blocks[1:]]


def test_an_address_behind_a_term_makes_its_meaning_no_note(tmp_path: Path, read: Read) -> None:
    body = (
        '<dl class="glossary"><dt id="term-tide">tide<a class="headerlink" href="#term-tide">'
        "\u00b6</a></dt><dd><p>Water that comes and goes.</p></dd></dl>"
    )
    assert told(tmp_path, read, body) == [
        ("list", "tide"), ("list", "Water that comes and goes."),
    ]  # fmt: skip


def test_the_mark_of_a_paragraph_below_lines_of_code_is_its_own(tmp_path: Path, read: Read) -> None:
    body = (
        f"<p {MONO}>x = 1</p><p {MONO}>y = 2<sup><a href='#n2' id='r2'>2</a></sup></p>"
        "<p>Boats go<sup><a href='#n1' id='r1'>1</a></sup>.</p>"
        "<p><a href='#r1' id='n1'>[1]</a> One.</p><p><a href='#r2' id='n2'>[2]</a> Two.</p>"
    )
    assert told(tmp_path, read, body) == [
        ("code", "x = 1\ny = 2"), ("footnote", "Two."), ("prose", "Boats go."),
        ("footnote", "One."),
    ]  # fmt: skip


def test_paragraphs_that_are_named_items_are_a_list(tmp_path: Path, read: Read) -> None:
    body = (
        '<p class="Bullet-List">\u2022\u2003One</p>'
        '<p class="MsoListParagraphCxSpLast">\u00b7 Two</p>'
        '<p class="Num-List-First">Three</p><p>\u2022 Four</p><p class="listing-title">Five</p>'
        '<div class="ordered-list"><p>Six.</p><pre>x = 1</pre></div>'
    )
    assert told(tmp_path, read, body)[:4] == [
        ("list", "One"), ("list", "Two"), ("list", "Three"), ("list", "Four"),
    ]  # fmt: skip
    assert [kind for kind, _ in told(tmp_path, read, body)[4:]] == ["caption", "prose", "code"]


def test_a_list_that_counts_lines_is_a_listing(tmp_path: Path, read: Read) -> None:
    body = (
        '<ol class="linenums"><li class="L0"><code>def a do</code></li>'
        '<li class="L1"><code>&#160;&#160;1</code></li><li class="L2"><code>end</code></li></ol>'
        "<ol><li><code>first</code></li><li><code>last</code></li></ol>"
        '<p class="HTMLPreformatted">mix test</p>'
    )
    assert told(tmp_path, read, body) == [
        ("code", "def a do\n  1\nend"), ("list", "first"), ("list", "last"), ("code", "mix test"),
    ]  # fmt: skip


def test_letters_of_an_index_stand_below_its_title(tmp_path: Path, read: Read) -> None:
    pages: dict[str, str | bytes] = {
        "c.xhtml": '<section data-type="chapter"><h1>Tides</h1><p>Boats.</p></section>',
        "i.xhtml": '<section data-type="index"><h1>Index</h1><div data-type="index">'
        "<h3>B</h3><ul><li>boats</li></ul><h3>T</h3><ul><li>tides</li></ul></div></section>",
    }
    parsed = read(epub(tmp_path / "b.epub", pages))
    levels = [one.level or 0 for one in parsed.blocks if one.kind == "heading"]
    assert levels[:2] == [1, 1] and all(level > 1 for level in levels[2:])


def test_remarks_on_code_that_a_table_sets_are_a_list(tmp_path: Path, read: Read) -> None:
    sign = '<a href="#c"><span><img src="images/callouts/1.svg" alt="1"/></span></a>'
    body = (
        f'<pre>x = 1 {sign}</pre><div class="calloutlist"><table><tr><td><p>{sign}</p>'
        "</td><td><p>Sets it.</p></td></tr></table></div>"
    )
    assert told(tmp_path, read, body) == [("code", "x = 1"), ("list", "Sets it.")]


def test_cells_of_a_notebook(tmp_path: Path, read: Read) -> None:
    body = (
        '<div class="jp-InputArea"><div class="jp-InputPrompt">In&#160;[1]:</div>'
        "<pre>x = 1</pre></div>"
        '<div class="jp-OutputArea"><div class="jp-OutputPrompt">Out[1]:</div>'
        '<div class="jp-RenderedText"><pre>1</pre></div></div><p class="prompt">Type here.</p>'
    )
    assert told(tmp_path, read, body) == [
        ("code", "x = 1"), ("output", "1"), ("prose", "Type here."),
    ]  # fmt: skip


def test_titles_of_tabs_are_labels(tmp_path: Path, read: Read) -> None:
    body = (
        '<div class="tabbed-set"><input id="a" type="radio"/><label for="a">Elixir</label>'
        '<div><pre>a = 1</pre></div><input id="b" type="radio"/><label for="b">The other</label>'
        '<div><pre>A = 1.</pre></div></div><p>See <a href="#x">Elixir</a>.</p>'
    )
    assert told(tmp_path, read, body) == [
        ("code", "a = 1"), ("caption", "The other"), ("code", "A = 1."), ("prose", "See Elixir."),
    ]  # fmt: skip


def test_quotations_with_a_label_in_bold_are_boxes(tmp_path: Path, read: Read) -> None:
    body = (
        "<blockquote><p><strong>Note:</strong> mind it.</p></blockquote>"
        "<blockquote><p><b>Warning</b>: wind.</p></blockquote>"
        "<blockquote><p><b>Note</b> that it rains.</p></blockquote>"
        "<div class='rmdtip'><p>T.</p></div>"
    )
    assert [kind for kind, _ in told(tmp_path, read, body)] == [
        "callout", "callout", "prose", "callout",
    ]  # fmt: skip


def test_an_index_of_nothing_but_links_is_kept_and_a_list_of_contents_is_not(
    tmp_path: Path, read: Read
) -> None:
    leads = "".join(
        f"<li><a href='c.xhtml#i{n}'>boat {n}</a><ul><li>"
        f"<a href='c.xhtml#i{n}'>big {n}</a></li></ul></li>" for n in range(6)
    )  # fmt: skip
    listed = f"<h1>Index</h1><h2>B</h2><table><tr><td><ul>{leads}</ul></td></tr></table>"
    text = "<h1>Tides</h1><p>Boats.</p>" + "".join(f"<p id='i{n}'>Fog.</p>" for n in range(6))
    pages: dict[str, str | bytes] = {"c.xhtml": text, "i.xhtml": listed}
    parsed = read(epub(tmp_path / "b.epub", pages))
    entries = [(one.text, one.level) for one in parsed.blocks if one.kind == "list"]
    assert entries[:2] == [("boat 0", 1), ("big 0", 2)] and len(entries) == 12
    parsed = read(epub(tmp_path / "b.epub", dict(reversed(pages.items()))))
    assert all(one.kind != "list" for one in parsed.blocks)


def test_paragraphs_of_an_index_say_how_deep_they_stand(tmp_path: Path, read: Read) -> None:
    body = '<h2>Index</h2><p class="index1">boat, 3</p><p class="index-level-2">big, 4</p>'
    parsed = read(epub(tmp_path / "b.epub", {"c.xhtml": f"<h1>Tides</h1>{body}"}))
    assert [(one.kind, one.level) for one in parsed.blocks[2:]] == [("list", 1), ("list", 2)]


def test_highlighters_of_browsers(tmp_path: Path, read: Read) -> None:
    rows = '<span aria-hidden="true" class="line-numbers-rows"><span></span><span></span></span>'
    body = (
        f'<pre class="line-numbers"><code>def a do\n  1\nend{rows}</code></pre><p>Prism, above.</p>'
        '<pre class="shiki"><code><span class="line">def b do</span><span class="line">  1</span>'
        '<span class="line"></span><span class="line">end</span></code></pre><p>Shiki.</p>'
        '<pre><span class="line">def c do</span>\n<span class="line">end</span></pre><p>Rouge.</p>'
        '<table><tr><td class="gutter"><div class="line">1</div><div class="line">2</div></td>'
        '<td class="code"><pre>def d,\u2028do: 1</pre></td></tr></table>'
    )
    code = [text for kind, text in told(tmp_path, read, body) if kind == "code"]
    assert code == ["def a do\n  1\nend", "def b do\n  1\n\nend", "def c do\nend", "def d,\ndo: 1"]


def test_first_and_last_lines_by_letters(tmp_path: Path, read: Read) -> None:
    body = (
        '<p class="CodeA">def a do</p><p class="CodeB">&#160; 1</p><p class="CodeC">end</p>'
        '<p class="CodeSingle">b = 2</p><p class="CodeAlong">A walk.</p>'
    )
    assert told(tmp_path, read, body) == [
        ("code", "def a do\n  1\nend"), ("code", "b = 2"), ("prose", "A walk."),
    ]  # fmt: skip


def test_what_mark_up_says_of_a_section_is_its_place(tmp_path: Path, read: Read) -> None:
    typed = (
        '<section epub:type="{}" xmlns:epub="http://www.idpf.org/2007/ops"><h1>{}</h1>{}</section>'
    )
    words = "<p>" + "The keeper counts the boats of the harbour. " * 9 + "</p>"
    said = {
        "Why this book": "preface", "To Ann": "dedication", "Boats": "chapter", "Fog": "chapter",
        "Words of the sea": "glossary", "How it was made": "colophon",
    }  # fmt: skip
    pages: dict[str, str | bytes] = {f"{n}.xhtml": typed.format(kind, title, words)
             for n, (title, kind) in enumerate(said.items())}  # fmt: skip
    parsed = read(epub(tmp_path / "b.epub", pages))
    raw = into_frames(parsed.as_plain(), Facts("b", Path("b.epub"), "0" * 64, 1, "raw_books.0"))
    made = into_sections("b", "0" * 64, raw["raw_books__blocks"], raw["raw_books__spans"])
    assert made["sections"]["role"].to_list() == ["front", "front", "body", "body", "back", "back"]


def test_a_number_that_a_listing_printed_is_no_column_of_numbers(
    tmp_path: Path, read: Read
) -> None:
    body = (
        "<table><tr><th>You type</th><th>It says</th></tr><tr><td><pre>a = 1\nb = 2</pre></td>"
        "<td><pre>2</pre></td></tr></table>"
        "<table><tr><td><pre>1\n2</pre></td><td><pre>c = 3\nd = 4</pre></td></tr></table>"
    )
    found = told(tmp_path, read, body)
    assert [text for kind, text in found if kind != "prose"] == [
        "a = 1\nb = 2", "2", "c = 3\nd = 4",
    ]  # fmt: skip
