"""What publishers set around and into listings of EPUBs: bars, arrows, circles, insets; switches."""

# ruff: noqa: E501 (bodies of pages, one element a line)

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.blocks import CODE_KINDS, Limits, Parsed
from booktune_assets.books.formats import parse
from booktune_assets.books.ledger import DROPPED, MOVED, REPAIRS
from booktune_assets.books.markdown import parse_text
from booktune_assets_tests.books.makers import ERLANG, MODULE, SESSION, epub
from booktune_assets_tests.books.publishers import each, hard, soft

Read = Callable[[Path], Parsed]
WORDS = "Words that say what comes next, as long as a paragraph is."
P = f"<p>{WORDS}</p>"
CODE = soft(MODULE)
LINES = MODULE.split("\n")
LONG = """defmodule Long do
  def run(first, second, third, fourth), do: [first, second, third, fourth]

  def walk(list) do
    Enum.map(list, fn {key, value} -> {String.to_atom(key), String.trim(value), :ok} end)
  end
end"""
TYPED = "iex> Enum.map([first: 1, second: 2, third: 3], fn {key, value} -> {value, key} end)\n[{1, :first}]"
NS = "xmlns:epub='http://www.idpf.org/2007/ops'"


def book(path: Path, body: str, css: str = "") -> Path:
    return epub(
        path, {"c.xhtml": f"<h1>T</h1>{P}{body}{P}"}, extra={"OEBPS/s.css": css},
        manifest='<item id="css" href="s.css" media-type="text/css"/>',
    )  # fmt: skip


def off(path: Path, *repairs: str) -> Parsed:
    return parse(path, Limits(repairs_off=repairs), lambda done, total: None)


def code_of(parsed: Parsed) -> list[str]:
    assert [(one.lost, one.doubled) for one in parsed.pages] == [(0, 0)] * len(parsed.pages)
    return [one.text for one in parsed.blocks if one.kind in CODE_KINDS]


def trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n"))


def inner(parsed: Parsed) -> list[tuple[str, str]]:
    """The blocks between the first and the last paragraph."""
    code_of(parsed)
    return [(one.kind, one.text) for one in parsed.blocks][2:-1]


def wrapped(
    code: str, width: int = 56, trail: str = "", lead: str = "", room: str | None = ""
) -> str:
    """Lines broken at spaces, with marks; no ``room``: set in as their line is."""
    out: list[str] = []
    for whole in code.split("\n"):
        line, inset = whole, " " * (len(whole) - len(whole.lstrip()))
        while len(line) > width and (cut := line.rfind(" ", 0, width)) > len(inset):
            out.append(line[:cut] + trail)
            line = (inset if room is None else room) + lead + line[cut + 1 :]
        out.append(line)
    return "\n".join(out)


@pytest.mark.parametrize("mark", ["\u21b5", "\u21a9", "\u23ce", "\u21b5\ufe0e"])
@pytest.mark.parametrize("room", [" ", ""])
def test_arrows_at_the_ends_of_lines(tmp_path: Path, read: Read, mark: str, room: str) -> None:
    path = book(
        tmp_path / "b.epub",
        f"<pre>{soft(wrapped(LONG, trail=room + mark))}</pre>{P}<pre>{CODE}</pre>",
    )
    parsed = read(path)
    assert code_of(parsed) == [LONG, MODULE]
    made = [one for one in parsed.changes if one["kind"] == "wrap_marks"]
    assert len(made) == 2 and made[0]["after"] in LONG.split("\n") and made[0]["block"] == 2
    assert code_of(off(path, "wrap_marks"))[0] == wrapped(LONG, trail=room + mark)


@pytest.mark.parametrize("mark", ["\u27a5", "\u21aa", "\u21b3", "\u2937"])
@pytest.mark.parametrize(("gap", "room"), [(" ", "    "), ("", ""), (" ", None)])
def test_arrows_at_the_beginnings_of_lines(
    tmp_path: Path, read: Read, mark: str, gap: str, room: str | None
) -> None:
    rows = soft(wrapped(LONG, lead=mark + gap, room=room))
    assert code_of(read(book(tmp_path / "a.epub", f"<pre>{rows}</pre>"))) == [LONG]
    lines = each(
        wrapped(LONG, lead=mark + gap, room=room), "<p class='programlisting'>", "</p>", "&#160;"
    )
    assert code_of(read(book(tmp_path / "b.epub", lines))) == [LONG]
    typed = soft(wrapped(TYPED, lead=mark + gap, room=room))
    assert code_of(read(book(tmp_path / "c.epub", f"<pre>{typed}</pre>"))) == [TYPED]


def test_a_picture_of_an_arrow(tmp_path: Path, read: Read) -> None:
    rows = soft(wrapped(LONG, lead="@@", room=None)).replace(
        "@@", "<img src='x/continuation.png' alt=''/> "
    )
    assert code_of(read(book(tmp_path / "b.epub", f"<pre>{rows}</pre>"))) == [LONG]


@pytest.mark.parametrize(
    "code",
    ['arrows = ["\u21b5", "\u27a5"]\nIO.puts "press \u21b5"\n# press \u21b5\nx = 1', "iex> show()\n\u21b3 one\n\u21b3 two\n:ok",
     "$ tree\n\u21b3 lib\n\u21b3 test", "# \u21aa here\nx = 1\n# \u21aa there\ny = 2"],
)  # fmt: skip
def test_arrows_that_are_meant_stay(tmp_path: Path, read: Read, code: str) -> None:
    assert code_of(read(book(tmp_path / "b.epub", f"<pre>{soft(code)}</pre>"))) == [code]


def test_arrows_in_markdown(tmp_path: Path) -> None:
    text = f"# T\n\n```elixir\n{wrapped(LONG, trail=' ' + chr(0x21A9))}\n```\n"
    assert code_of(parse_text(text.encode(), "md", "b.md")) == [LONG]


BARS = {
    "button": f"<div class='code-header'><span>Elixir</span><button>Copy code</button></div><pre><code>{CODE}</code></pre>",
    "prism": f"<div class='code-toolbar'><pre><code>{CODE}</code></pre><div class='toolbar'><div class='toolbar-item'><span>Elixir</span></div><div class='toolbar-item'><button>Copy</button></div></div></div>",
    "named": f"<p class='code-lang'>Elixir</p><pre><code>{CODE}</code></pre>",
    "span": f"<div class='highlight'><span class='lang-label'>elixir</span><pre><code>{CODE}</code></pre></div>",
    "link": f"<div class='listing'><a class='copy-button' href='#'>Copy</a><pre>{CODE}</pre></div>",
    "plain": f"<p>Copy</p><pre>{CODE}</pre>",
    "words": f"<div class='code-block'><div class='code-tools'><span>Copy</span><span>Explain</span></div><pre>{CODE}</pre></div>",
    "inside": f"<pre><div class='bar'><div>elixir</div><div><span>Copy code</span></div></div><div><code>{CODE}</code></div></pre>",
    "shiki": f"<pre class='shiki'><div class='language-id'>elixir</div><div><code>{CODE}</code></div></pre>",
    "lines": "<div class='codehead'>elixir</div>"
    + each(MODULE, "<p class='code'>", "</p>", "&#160;"),
}


@pytest.mark.parametrize("name", BARS)
def test_bars_at_listings_are_no_text(tmp_path: Path, read: Read, name: str) -> None:
    parsed = read(book(tmp_path / "b.epub", BARS[name]))
    assert inner(parsed) == [("code", MODULE)]
    assert parsed.blocks[2].lang == "elixir"
    assert {one["kind"] for one in parsed.changes} <= {"mark", "hidden", "glyphs"}


def test_files_in_bars_are_captions_and_bars_name_the_language(tmp_path: Path, read: Read) -> None:
    bar = "<div class='code-header'><span class='filename'>config/a.conf</span><span>JSON</span></div><pre>a 1\nb 2</pre>"
    parsed = read(book(tmp_path / "b.epub", bar))
    assert inner(parsed) == [("caption", "config/a.conf"), ("code", "a 1\nb 2")]
    assert parsed.blocks[3].lang == "other"


@pytest.mark.parametrize(
    "body",
    ["<p>Copy the code.</p><pre>x = 1</pre>", "<p>Elixir</p><pre>x = 1</pre>", "<p>Copy</p><p>More.</p>",
     "<pre>x = 1</pre><p><b>Copy</b><i>right</i></p>", "<p>Press <b>Copy</b></p><pre>x = 1</pre>",
     "<div class='code'><button>Copy</button>Words</div><pre>x = 1</pre>"],
)  # fmt: skip
def test_words_at_listings_stay_words(tmp_path: Path, read: Read, body: str) -> None:
    parsed = read(book(tmp_path / "b.epub", body))
    said = "".join("".join(text.split()) for _, text in inner(parsed))
    assert len(said) >= len("Elixirx=1") - 1
    assert not [one for one in parsed.changes if one["kind"] == "mark"]


def insets(form: str) -> str:
    return "".join(f".i{n}{{font-family:Courier;{form % (n * 2)}}}" for n in range(3))


FORMS = ["margin-left:%dem", "margin:0 0 0 %dem", "margin: 1px 0 1px %dpt", "padding-left:%d%%", "margin-left:%dch",
         "margin-inline-start:%din", "text-indent:-2em;margin-left:%d.5em"]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("tag", ["p", "div"])
def test_insets_of_lines_are_a_repair(tmp_path: Path, read: Read, form: str, tag: str) -> None:
    lines = "".join(
        f"<{tag} class='i{(len(line) - len(line.lstrip())) // 2}'>{soft(line.strip()) or '&#160;'}</{tag}>"
        for line in LINES
    )
    body = lines if tag == "p" else f"<div class='code'>{lines}</div>"
    path = book(tmp_path / "b.epub", body, insets(form))
    parsed = read(path)
    assert code_of(parsed) == [MODULE]
    made = [one for one in parsed.changes if one["kind"] == "indents"]
    assert [one["after"] for one in made] == [line for line in LINES if line[:1] == " "]
    assert all(one["block"] == 2 and one["chars"] == 0 for one in made)
    flat = "\n".join(line.strip() for line in LINES)
    assert code_of(off(path, "indents")) == [flat]


def test_rows_in_a_listing_that_their_own_style_sets_in(tmp_path: Path, read: Read) -> None:
    rows = "".join(
        f"<span style='display:block;padding-left:{len(line) - len(line.lstrip())}em'>{soft(line.strip()) or '&#160;'}</span>"
        for line in LINES
    )  # fmt: skip
    assert code_of(read(book(tmp_path / "b.epub", f"<pre>{rows}</pre>"))) == [MODULE]


def circled(shape: str, other: str, *numbers: int) -> str:
    signs = (shape.replace("@", chr(0x2776 + n)) for n in range(len(numbers)))
    return "\n".join(
        (next(signs) if n in numbers else other) + soft(line) for n, line in enumerate(LINES)
    )


@pytest.mark.parametrize(
    ("shape", "other"),
    [("@ ", "  "), ("@", ""), ("<span class='red'>@</span> ", "  "), ("@   ", "    ")],
)
def test_circled_numbers_before_lines(tmp_path: Path, read: Read, shape: str, other: str) -> None:
    path = book(tmp_path / "b.epub", f"<pre>{circled(shape, other, 0, 3)}</pre>")
    parsed = read(path)
    assert "\n".join(line.rstrip() for line in code_of(parsed)[0].split("\n")) == MODULE
    assert "callout_marks" in {one["kind"] for one in parsed.changes}
    assert "\u2776" in code_of(off(path, "callout_marks"))[0]


def test_arrows_that_point_at_lines(tmp_path: Path, read: Read) -> None:
    rows = "\n".join(("\u25b6 " if n == 3 else "  ") + soft(line) for n, line in enumerate(LINES))
    cells = "".join(
        f"<tr><td class='codeprefix'>{'&#9654;' if n == 3 else '&#8203;'}</td><td class='codeline'>{hard(line) or '&#160;'}</td></tr>"
        for n, line in enumerate(LINES)
    )  # fmt: skip
    path = book(
        tmp_path / "b.epub", f"<pre>{rows}</pre>{P}<table class='processedcode'>{cells}</table>"
    )
    assert [trimmed(one) for one in code_of(read(path))] == [MODULE, MODULE]
    flow = "\u2192 one\n  two\n\u2192 three"
    assert code_of(read(book(tmp_path / "c.epub", f"<pre>{flow}</pre>"))) == [flow]


def test_a_list_that_counts_in_circles_keeps_them(tmp_path: Path, read: Read) -> None:
    assert code_of(read(book(tmp_path / "b.epub", "<pre>\u2776 one\n\u2777 two</pre>"))) == [
        "\u2776 one\n\u2777 two"
    ]


def test_marks_and_numbers_that_mark_up_names_can_stay(tmp_path: Path) -> None:
    marked = CODE.replace(" do\n", " do <i class='conum' data-value='1'></i><b>(1)</b>\n", 1)
    path = book(tmp_path / "a.epub", f"<pre>{marked}</pre>")
    assert code_of(off(path)) == [MODULE]
    assert "(1)" in code_of(off(path, "callout_marks"))[0]
    rows = "\n".join(
        f"<span class='lineno'>{n} </span>{soft(line)}" for n, line in enumerate(LINES, 1)
    )
    path = book(tmp_path / "b.epub", f"<pre>{rows}</pre>")
    assert code_of(off(path)) == [MODULE]
    assert {one["kind"] for one in off(path).changes} == {"line_numbers"}
    assert code_of(off(path, "line_numbers"))[0].startswith("1 defmodule")


@pytest.mark.parametrize("space", ["\u2002", "&ensp;", "\u2003"])
def test_wide_spaces_set_code_in(tmp_path: Path, read: Read, space: str) -> None:
    rooms = ((len(line) - len(line.lstrip())) // (2 if space == "\u2003" else 1) for line in LINES)
    rows = "\n".join(
        space * room + soft(line.lstrip()) for room, line in zip(rooms, LINES, strict=True)
    )
    assert code_of(read(book(tmp_path / "b.epub", f"<pre>{rows}</pre>"))) == [MODULE]


def test_lines_for_the_tool_that_shows_a_listing(tmp_path: Path, read: Read) -> None:
    rows = [LINES[0], "# leanpub-start-insert", *LINES[1:5], "# leanpub-end-insert", *LINES[5:]]
    path = book(tmp_path / "b.epub", f"<pre>{soft(chr(10).join(rows))}</pre>")
    parsed = read(path)
    assert code_of(parsed) == [MODULE]
    assert sum(one["kind"] == "hidden_lines" for one in parsed.changes) == 2
    assert code_of(off(path, "hidden_lines")) == ["\n".join(rows)]
    text = f"# T\n\n```{{code-block}} elixir\n:linenos:\n\n{MODULE}\n```\n\n```erlang\n{{% raw %}}\n{ERLANG}\n{{% endraw %}}\n```\n"
    assert code_of(parse_text(text.encode(), "md", "b.md")) == [MODULE, ERLANG]
    kept = code_of(parse_text(text.encode(), "md", "b.md", off=("hidden_lines",)))
    assert kept[0].startswith(":linenos:") and kept[1].startswith("{% raw %}")


NOTES = {
    "htmlbook": "<p>Words<span data-type='footnote'>A note here.</span> go on.</p>",
    "tufte": "<p>Words<span class='sidenote'>A note <em>here</em>.</span> go on.</p>",
    "epub": f"<p>Words<span {NS} epub:type='footnote'>A note here.</span> go on.</p>",
}


@pytest.mark.parametrize("name", NOTES)
def test_notes_within_a_paragraph(tmp_path: Path, read: Read, name: str) -> None:
    parsed = read(book(tmp_path / "b.epub", NOTES[name]))
    assert inner(parsed) == [("prose", "Words go on."), ("footnote", "A note here.")]


def test_notes_of_sphinx(tmp_path: Path, read: Read) -> None:
    notes = (
        "<p class='rubric'>Footnotes</p><aside class='footnote-list brackets'><aside class='footnote brackets' id='f1' role='doc-footnote'>"
        "<span class='label'>[<a role='doc-backlink' href='#id1'>1</a>]</span><p>New note.</p></aside></aside>"
        "<table class='docutils footnote' id='id3'><tbody><tr><td class='label'><a class='fn-backref' href='#id9'>[2]</a></td><td>Old note.</td></tr></tbody></table>"
    )
    assert inner(read(book(tmp_path / "b.epub", notes))) == [
        ("footnote", "New note."),
        ("footnote", "Old note."),
    ]


def test_cells_of_quarto_and_words_for_screen_readers(tmp_path: Path, read: Read) -> None:
    body = (
        f"<div class='cell'><div class='sourceCode cell-code'><pre><code class='sourceCode elixir'>{CODE}</code></pre></div>"
        "<div class='cell-output cell-output-stdout'><pre><code>:ok</code></pre></div></div><div class='callout callout-note'>"
        f"<div class='callout-title'><span class='screen-reader-only'>Note</span>Mind</div><p>Do it.</p></div><pre>{soft(SESSION)}</pre>"
    )
    assert inner(read(book(tmp_path / "b.epub", body))) == [
        ("code", MODULE), ("output", ":ok"), ("callout", "Mind"), ("callout", "Do it."), ("iex", SESSION),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("drawn", "typed"),
    [("mix new a \u2014sup\nmix test \u2013\u2013trace", "mix new a --sup\nmix test --trace"),
     ('elixir \u2013e "1 \u2013 2"', 'elixir -e "1 \u2013 2"'), ("$ erl \u2013sname a", "$ erl -sname a"),
     ("defmodule A do\n  def f(x), do: fn y \u2192 x \u2013 y end # a \u2192 b\nend",
      "defmodule A do\n  def f(x), do: fn y -> x - y end # a \u2192 b\nend"),
     ("-module(a).\nf(X) when X \u2264 3 \u2192 X.", "-module(a).\nf(X) when X =< 3 -> X."),
     ("iex> if 1 \u2260 2, do: \"a \u2192 b\"\n\"a \u2192 b\"", "iex> if 1 != 2, do: \"a \u2192 b\"\n\"a \u2192 b\""),
     ("defmodule A do\n  # a \u2192 b \u2013 c\nend", "defmodule A do\n  # a \u2192 b \u2013 c\nend")],
)  # fmt: skip
def test_dashes_and_arrows_that_a_typographer_drew(
    tmp_path: Path, read: Read, drawn: str, typed: str
) -> None:
    parsed = read(book(tmp_path / "b.epub", f"<pre>{soft(drawn)}</pre>"))
    assert code_of(parsed) == [typed]
    assert (drawn == typed) == (not parsed.changes)


def test_items_of_inline_code_are_no_lines_of_a_listing(tmp_path: Path, read: Read) -> None:
    items = "".join(f"<li><p><code>{name}()</code></p></li>" for name in ("list", "map", "any"))
    assert [kind for kind, _ in inner(read(book(tmp_path / "b.epub", f"<ul>{items}</ul>")))] == [
        "list"
    ] * 3


def test_notes_of_the_same_words_are_one_each_without_their_typed_numbers(
    tmp_path: Path, read: Read
) -> None:
    marks = "".join(
        f"<p>Text {n}<a {NS} epub:type='noteref' href='#fn{n}'>{n}</a>.</p>" for n in (1, 2, 3)
    )
    notes = "".join(
        f"<aside {NS} epub:type='footnote' id='fn{n}'><p>{n}. See the docs.</p></aside>"
        for n in (1, 2, 3)
    )
    parsed = read(book(tmp_path / "b.epub", marks + notes))
    assert [text for kind, text in inner(parsed) if kind == "footnote"] == ["See the docs."] * 3
    year = f"<aside {NS} epub:type='footnote' id='fn9'><p>2. He said so.</p></aside>"
    assert inner(read(book(tmp_path / "c.epub", year))) == [("footnote", "2. He said so.")]


def test_numbers_and_anchors_in_headings(tmp_path: Path, read: Read) -> None:
    body = (
        f"<h1><span class='num'>1</span><span>Tides</span></h1>{P}<h2>Ebb<a class='anchor' href='#ebb'>#</a></h2>{P}"
        f"<h2><span>F</span><span>low</span></h2>{P}<h2><span>3</span><span>D</span> charts</h2>{P}<h2><span>2.1</span><b>Deep</b></h2>{P}"
    )
    parsed = read(epub(tmp_path / "b.epub", {"c.xhtml": body}))
    assert [(one.number, one.text) for one in parsed.blocks if one.kind == "heading"] == [
        ("1", "Tides"), (None, "Ebb"), (None, "Flow"), (None, "3D charts"), ("2.1", "Deep"),
    ]  # fmt: skip


def test_columns_of_numbers_can_stay(tmp_path: Path) -> None:
    numbers = "\n".join(map(str, range(1, len(LINES) + 1)))
    for cell in ("<td class='linenos'>", "<td>"):
        table = f"<table><tr>{cell}<pre>{numbers}</pre></td><td><pre>{CODE}</pre></td></tr></table>"
        path = book(tmp_path / "b.epub", table)
        assert code_of(off(path)) == [MODULE]
        assert [one["kind"] for one in off(path).changes] == ["line_numbers"]
        assert code_of(off(path, "line_numbers")) == [numbers, MODULE]


def test_no_repair_is_made_when_all_are_off(tmp_path: Path) -> None:
    body = (
        "".join(BARS.values())
        + f"<pre>{soft(wrapped(LONG, trail=' ' + chr(0x21A9)))}</pre><pre>{circled('@ ', '  ', 1)}</pre>"
    )
    body += (
        f"<pre>mix new a \u2014sup</pre><pre>IO.puts \u201ca\u201d</pre><pre>{numbers_of(MODULE)}</pre>"
        * 3
    )
    parsed = off(book(tmp_path / "b.epub", body, insets("margin-left:%dem")), *REPAIRS)
    code_of(parsed)
    assert {one["kind"] for one in parsed.changes} <= {*DROPPED, *MOVED}


def numbers_of(code: str) -> str:
    return "\n".join(f"{n}: {soft(line)}" for n, line in enumerate(code.split("\n"), 1))


def test_a_number_in_a_cell_beside_code_stays(tmp_path: Path, read: Read) -> None:
    table = "<table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td><div><pre>y = 2\nz</pre></div></td></tr></table>"
    said = inner(read(book(tmp_path / "b.epub", table)))
    assert said == [("prose", "a"), ("prose", "b"), ("prose", "1"), ("code", "y = 2\nz")]


def test_captions_within_a_box_of_code_and_titles_of_notes(tmp_path: Path, read: Read) -> None:
    lines = each(MODULE, "<div class='FixedLine'>", "</div>")
    body = (
        f"<div class='ProgramCode'><div class='LineGroup'>{lines}</div><div class='Caption'><div class='CaptionContent'>"
        "<span class='CaptionNumber'>Listing 1-1</span> A module</div></div></div>"
        "<aside class='FootnoteSection footnotes'><div class='Heading'>Footnotes</div><p>A note.</p></aside>"
    )
    assert inner(read(book(tmp_path / "b.epub", body))) == [
        ("code", MODULE), ("caption", "Listing 1-1 A module"), ("footnote", "A note."),
    ]  # fmt: skip
