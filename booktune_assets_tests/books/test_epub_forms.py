"""EPUBs of valid but seldom forms: where styles, tables and lists alone say what is code."""

# ruff: noqa: E501 (bodies of pages, one element a line)

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.blocks import CODE_KINDS, Limits, Parsed
from booktune_assets.books.formats import parse
from booktune_assets.books.styles import read_styles
from booktune_assets_tests.books.makers import ERLANG, MODULE, SESSION, epub, page
from booktune_assets_tests.books.publishers import each, soft
from booktune_assets_tests.books.test_publishers import NCX, ncx

Read = Callable[[Path], Parsed]
WORDS = "<p>Words that say what comes next, as long as a paragraph is.</p>"
CODE = soft(MODULE)


def flat(code: str, opens: str, closes: str) -> str:
    """A paragraph a line, whose indentation is a class: ``%s`` is the level."""
    lines = [(len(line) - len(line.lstrip(" ")), soft(line.strip())) for line in code.split("\n")]
    return "".join(opens % (room // 2) + (line or "&#160;") + closes for room, line in lines)


def numbered(code: str, shape: str, blank: bool = True) -> str:
    return "\n".join(
        shape.format(n=n, line=soft(line)).rstrip() if line or blank else ""
        for n, line in enumerate(code.split("\n"), 1)
    )


P_X = "<p class='x'>"
TWO = MODULE.replace("Tide", "Ebb")
INSETS = "".join(f".i{n}{{font-family:Courier;margin-left:{n * 1.2}em}}" for n in range(3))
ROWS = "<br/>".join(str(n) for n in range(1, MODULE.count("\n") + 2))
FORMS: dict[str, tuple[str, str, list[str]]] = {
    "descendants": (".lst p{font-family:monospace}",
                    f"<div class='lst'>{each(MODULE, '<p>', '</p>', '&#160;')}</div>", [MODULE]),
    "compound": ("p.x.y, #other{font-family:Courier}", each(MODULE, "<p class='y x'>", "</p>", "&#160;"), [MODULE]),
    "ids": ("#b > p.x{font:9pt 'Courier New',monospace}",
            f"<div id='b'>{each(MODULE, P_X, '</p>', '&#160;')}</div>", [MODULE]),
    "code-alone": ("code.block{white-space:pre;display:block}",
                   f"<code class='block'>{CODE}</code>{WORDS}<p><code class='block'>{soft(TWO)}</code></p>"
                   "<p>With <code>inline</code>.</p>", [MODULE, TWO]),
    "code-in-a-named-box": (".lst code{white-space:pre-wrap}",
                            f"<div class='lst'><code>{CODE}</code></div>{WORDS}<div class='lst'><code>{soft(TWO)}</code></div>"
                            f"{WORDS}<div class='lst'><code>{soft(SESSION)}</code></div>", [MODULE, TWO, SESSION]),
    "own-style": ("", f"<code style='display:block; white-space: pre'>{CODE}</code>", [MODULE]),
    "font": ("", f"<p><font face='Courier New'>{'<br/>'.join(each(MODULE, '', chr(10)).rstrip().split(chr(10)))}</font></p>", [MODULE]),
    "code-broken": ("", f"<code>{'<br/>'.join(each(MODULE, '', chr(10)).rstrip().split(chr(10)))}</code>", [MODULE]),
    "rows-of-spans": (".code > .line{display:block}",
                      "<pre class='code'>" + "".join(f"<span class='line'>{soft(line)}</span>" for line in MODULE.split("\n")) + "</pre>", [MODULE]),
    "list": ("ol.code li{white-space:pre}",
             "<ol class='code'>" + "".join(f"<li><code>{soft(line) or ' '}</code></li>" for line in MODULE.split("\n")) + "</ol>", [MODULE]),
    "insets": (INSETS, flat(MODULE, "<p class='i%d'>", "</p>"), [MODULE]),
    "insets-erlang": (INSETS, flat(ERLANG.replace("    ", "  "), "<p class='i%d'>", "</p>"), [ERLANG]),
    "a-pre-each": ("", "".join(f"<pre>{soft(line)}</pre>\n" if line else "<pre> </pre>" for line in MODULE.split("\n")), [MODULE]),
    "numbers-in-a-cell": ("", f"<table><tr><td>{ROWS}</td><td><pre>{CODE}</pre></td></tr></table>", [MODULE]),
    "numbers": ("", f"<pre>{numbered(MODULE, '{n:2}  {line}')}</pre>{WORDS}<pre>{numbered(TWO, '{n:2}  {line}')}</pre>", [MODULE, TWO]),
    "numbers-left": ("", f"<pre>{numbered(MODULE + chr(10) + TWO, '{n:<2} {line}')}</pre>", [MODULE + "\n" + TWO]),
    "numbers-colon": ("", f"<pre>{numbered(MODULE, '{n}: {line}', blank=False)}</pre>", [MODULE]),
    "numbers-span": ("", f"<pre>{numbered(MODULE, '<span>{n}</span>{line}')}</pre>", [MODULE]),
    "numbers-zero": ("", f"<pre>{numbered(ERLANG, '{n:03} {line}')}</pre>", [ERLANG]),
    "numbers-session": ("", f"<pre>{numbered(SESSION, '{n} {line}')}</pre>{WORDS}<pre>{numbered(SESSION, '{n} {line}')}</pre>", [SESSION, SESSION]),
    "pictures-of-marks": ("", f"<pre>{CODE.replace('true', 'true # <img src=%sc/1.png%s alt=%s1%s/>' % ((chr(34),) * 4))}</pre>", [MODULE]),
}  # fmt: skip


def book(path: Path, css: str, body: str) -> Path:
    return epub(
        path, {"c.xhtml": f"<h1>Tides</h1>{WORDS}{body}{WORDS}"}, extra={"OEBPS/s.css": css},
        manifest='<item id="css" href="s.css" media-type="text/css"/>',
    )  # fmt: skip


def trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n"))


@pytest.mark.parametrize("form", FORMS)
def test_code_of_every_form_is_exact(tmp_path: Path, read: Read, form: str) -> None:
    css, body, wanted = FORMS[form]
    parsed = read(book(tmp_path / "b.epub", css, body))
    assert [trimmed(one.text) for one in parsed.blocks if one.kind in CODE_KINDS] == wanted
    assert [(one.lost, one.doubled) for one in parsed.pages] == [(0, 0)]
    words = [one.text for one in parsed.blocks if one.kind not in CODE_KINDS]
    assert not [text for text in words if not text.startswith(("Words", "Tides", "With"))]


def test_styles_of_one_document_are_its_own(tmp_path: Path, read: Read) -> None:
    lines = each(MODULE, "<p class='x'>", "</p>", "&#160;")
    page = (
        "<html xmlns='http://www.w3.org/1999/xhtml'><head>%s</head><body><h1>T</h1>%s</body></html>"
    )
    style = "<style>.x{font-family:monospace}</style>"
    pages: dict[str, str | bytes] = {
        "a.xhtml": (page % (style, lines)).encode(),
        "b.xhtml": (page % ("", lines)).encode(),
    }
    parsed = read(epub(tmp_path / "b.epub", pages))
    code = [one for one in parsed.blocks if one.kind in CODE_KINDS]
    assert [(one.text, one.places[0].href) for one in code] == [(MODULE, "OEBPS/a.xhtml")]
    assert sum(one.text == "end" for one in parsed.blocks) == 2


@pytest.mark.parametrize(
    "listing",
    ["1 apple\n2 pear\n3 plum\n4 fig\n5 nut\n6 oak\n7 ash", "1. One\n2. Two\n3. Three\n4. Four\n5. Five\n6. Six",
     "1 + 1\n2 + 2\n3 + 3\n4 + 4\n5 + 5\n6 + 6", "1> X = 1.\n1\n2> Y = 2.\n2\n3> X + Y.\n3", "1\n2\n3\n4\n5\n6"],
)  # fmt: skip
def test_lists_that_count_keep_their_numbers(tmp_path: Path, read: Read, listing: str) -> None:
    parsed = read(book(tmp_path / "b.epub", "", f"<pre>{soft(listing)}</pre>" * 2))
    assert [one.text for one in parsed.blocks if one.kind in CODE_KINDS] == [listing] * 2


def test_numbers_stay_where_the_repair_is_off(tmp_path: Path) -> None:
    path = book(tmp_path / "b.epub", "", f"<pre>{numbered(MODULE, '{n}: {line}')}</pre>")
    parsed = parse(path, Limits(repairs_off=("line_numbers",)), lambda done, total: None)
    assert next(one.text for one in parsed.blocks if one.kind == "code").startswith("1: defm")
    kept = parse(path, Limits(), lambda done, total: None)
    assert sum(one["kind"] == "line_numbers" for one in kept.changes) == MODULE.count("\n") + 1


def test_listings_of_one_line_that_stand_together_stay_apart(tmp_path: Path, read: Read) -> None:
    parsed = read(
        book(tmp_path / "b.epub", "", "<pre>mix new a</pre><pre>cd a</pre><pre>mix test</pre>")
    )
    assert sum(one.kind in CODE_KINDS for one in parsed.blocks) == 3


def test_sections_that_all_begin_with_the_first_tag(tmp_path: Path, read: Read) -> None:
    body = (
        f"<section epub:type='chapter'><header><h1>Tides</h1></header>{WORDS}<section><h1>Ebb</h1>{WORDS}"
        f"<section><h1>Deep</h1>{WORDS}</section></section><section><h1>Flow</h1>{WORDS}</section></section>"
    )  # fmt: skip
    parsed = read(epub(tmp_path / "b.epub", {"c.xhtml": body}))
    heads = [(one.text, one.level) for one in parsed.blocks if one.kind == "heading"]
    assert heads == [("Tides", 1), ("Ebb", 2), ("Deep", 3), ("Flow", 2)]


def test_sections_of_a_document_that_has_its_title_above_them(tmp_path: Path, read: Read) -> None:
    body = (
        f"<h1>Tide</h1><section id='moduledoc'>{WORDS}<h2>Examples</h2>{WORDS}</section><section id='functions'><h1>Functions</h1>"
        f"<div><section class='detail'><div><h1>level()</h1></div>{WORDS}</section></div></section>"
    )  # fmt: skip
    parsed = read(epub(tmp_path / "b.epub", {"c.xhtml": body, "d.xhtml": body}))
    heads = [(one.text, one.level) for one in parsed.blocks if one.kind == "heading"]
    assert heads == [("Tide", 1), ("Examples", 2), ("Functions", 2), ("level()", 3)] * 2


def test_roles_make_headings(tmp_path: Path, read: Read) -> None:
    body = f"<div role='heading' aria-level='1'>Tides</div>{WORDS}<p role='heading' aria-level='2'>Ebb</p>{WORDS}"
    parsed = read(epub(tmp_path / "b.epub", {"c.xhtml": body}))
    assert [(b.text, b.level) for b in parsed.blocks if b.kind == "heading"] == [
        ("Tides", 1),
        ("Ebb", 2),
    ]


def test_contents_tell_levels_of_a_book_without_the_first_tag(tmp_path: Path, read: Read) -> None:
    body = f"<h2 id='a'>Tides</h2>{WORDS}<h2 id='b'>Ebb</h2>{WORDS}<h2 id='c'>Boats</h2>{WORDS}"
    extra = ncx(("Tides", "c.xhtml#a"), ("Ebb", "c.xhtml#b"), ("Boats", "c.xhtml#c"))
    nested = {
        name: text.replace("</navPoint><navPoint", "<navPoint", 1).replace("</navPoint>", "</navPoint></navPoint>", 1)
        for name, text in extra.items()
    }  # fmt: skip
    parsed = read(epub(tmp_path / "b.epub", {"c.xhtml": body}, extra=nested, manifest=NCX))
    assert [b.level for b in parsed.blocks if b.kind == "heading"] == [1, 2, 1]


def test_formulas_are_text(tmp_path: Path, read: Read) -> None:
    body = "<h1>T</h1><p>So <math><mi>a</mi><mo>=</mo><mn>2</mn><annotation>x</annotation></math> holds.</p>"
    parsed = read(epub(tmp_path / "b.epub", {"c.xhtml": body}))
    assert parsed.blocks[1].text == "So a=2 holds."


def test_selectors_that_are_not_understood_are_left_out() -> None:
    odd = "a:hover,.x::before,[x],.a + .b,.a ~ .b,> .c,.d >,pre,p code,*,.e > > .f,*|p{font-family:Courier}"
    assert not read_styles([odd]).mono
    assert len(read_styles([".a .b,.a>.b,p.x.y,#i *.c,.a *{font-family:Courier}"]).mono) == 4


def test_a_note_whose_anchor_stands_in_its_text_is_one(tmp_path: Path) -> None:
    """No class and no type says so, only the mark that leads to it."""
    body = (
        '<p>Low<a id="r1"></a><sup><a href="#f1">1</a></sup> or high<a href="#f2" id="r2">*</a>.</p>'
        '<p><a id="f1"></a><a href="#r1">1</a> Of water.</p><p><a href="#r2" id="f2">*</a> Of wind.</p>'
        "<p>On.</p>"
    )
    path = epub(tmp_path / "b.epub", {"one.xhtml": f"<h1>T</h1>{body}"})
    blocks = parse(path, Limits(), lambda done, total: None).blocks
    assert [(one.kind, one.text) for one in blocks[1:]] == [
        ("prose", "Low or high."), ("footnote", "Of water."), ("footnote", "Of wind."),
        ("prose", "On."),
    ]  # fmt: skip


def test_a_style_sheet_that_the_manifest_forgot_is_read_from_the_archive(
    tmp_path: Path, read: Read
) -> None:
    lines = "".join(f"<p class='k7'>{line}</p>" for line in ("def a do", "  1", "end"))
    whole = page(f"<h1>T</h1><p>Words of the keeper.</p>{lines}")

    def kinds(href: str, css: str = "OEBPS/css/my book.css") -> list[str]:
        linked = f'<link rel="stylesheet" type="text/css" href="{href}"/>'
        pages: dict[str, str | bytes] = {
            "text/c.xhtml": whole.replace("</head>", f"{linked}</head>").encode()
        }
        sheet = {css: ".k7 { font-family: Courier; white-space: pre }"}
        made = epub(tmp_path / "b.epub", pages, extra=sheet)
        return [block.kind for block in read(made).blocks]

    assert kinds("../css/my%20book.css") == ["heading", "prose", "code"]
    words = ["heading", *["prose"] * 4]
    assert kinds("../css/other.css") == words
    assert kinds("../../../css/my book.css") == kinds("https://e.example/css/my book.css") == words


SET = ".k7 { font-family: Courier; white-space: pre }"


@pytest.mark.parametrize(
    ("linked", "sheets", "code"),
    [
        ('rel="stylesheet" media="print"', {"a.css": SET}, False),
        ('rel="stylesheet" media="screen, print"', {"a.css": SET}, True),
        ('rel="alternate stylesheet"', {"a.css": SET}, False),
        ('rel="stylesheet"', {"a.css": '@import "b.css";', "b.css": SET}, True),
        ('rel="stylesheet"', {"a.css": "@import url(b.css) print;", "b.css": SET}, False),
        ('rel="stylesheet"', {"a.css": "@import 'a.css';"}, False),
        ('rel="stylesheet"', {"a.css": f"@media print {{ p {{ color: red }} {SET} }}"}, False),
        ('rel="stylesheet"', {"a.css": f"@media print {{ p {{ color: red }} }} {SET}"}, True),
        ('rel="stylesheet"', {"a.css": f"@media amzn-kf8 {{ {SET} }}"}, True),
    ],
)
def test_what_style_sheets_say_of_paper_tells_no_code(
    tmp_path: Path, read: Read, linked: str, sheets: dict[str, str], code: bool
) -> None:
    whole = page("<h1>T</h1><p>Words.</p><p class='k7'>def a do</p><p class='k7'>end</p>")
    whole = whole.replace("</head>", f'<link {linked} href="a.css"/></head>')
    extra = {f"OEBPS/{name}": text for name, text in sheets.items()}
    made = epub(tmp_path / "b.epub", {"c.xhtml": whole.encode()}, extra=extra)
    assert ("code" in [block.kind for block in read(made).blocks]) == code


def test_what_other_machines_hide_is_in_sight(tmp_path: Path, read: Read) -> None:
    sheet = "@media amzn-mobi { .k7 { display: none } }"
    whole = page("<h1>T</h1><p class='k7'>Words.</p>")
    whole = whole.replace("</head>", f"<style>{sheet}</style></head>")
    assert not read(epub(tmp_path / "b.epub", {"c.xhtml": whole.encode()})).warnings
