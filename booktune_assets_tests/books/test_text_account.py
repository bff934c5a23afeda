"""Listings of any dress: nothing is lost or doubled, and no repair is made that is off."""

# ruff: noqa: E501 (what may stand in a page, in one line)

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.books.blocks import Page, Parsed
from booktune_assets.books.html import parse_page
from booktune_assets.books.htmlcode import code_of, set_in
from booktune_assets.books.lang import name_languages
from booktune_assets.books.ledger import REPAIRS, Ledger
from booktune_assets.books.repair import mend_code
from booktune_assets.books.styles import Styles, read_styles
from booktune_assets.books.textmarks import take_text_marks
from booktune_assets.books.textnumbers import take_text_numbers
from booktune_assets.books.textwraps import take_text_wraps
from booktune_assets.books.walker import Walker
from booktune_assets_tests.books.makers import page

INSETS = ".i1{margin-left:2em} .i2{margin-left:4em} .code{white-space:pre}"
TAGS = st.sampled_from(
    [
        "p",
        "div",
        "pre",
        "code",
        "span",
        "a",
        "li",
        "ol",
        "table",
        "tr",
        "td",
        "h2",
        "small",
        "button",
        "br",
    ]
)
NAMES = st.sampled_from(["", "code", "code-header", "lang-label", "copy", "lineno", "conum", "sidenote", "footnote", "sr-only",
                         "cell-output", "i1", "i2", "toolbar"])  # fmt: skip
PIECES = st.lists(
    st.sampled_from(["Copy", "Elixir", "a.ex", " ", "\n", "\u21a9", "\u27a5 ", "\u2776", "x = [1,", "2]", "\u2192", "\u25b6 ", "  ",
                     "\u00a0", "\u2003", "\u2014sup", "mix a", "# leanpub-start-insert\n", "iex&gt; 1", "(1)", "1"]), max_size=5,
).map("".join)  # fmt: skip
TREES = st.recursive(
    PIECES,
    lambda inner: st.tuples(TAGS, NAMES, st.lists(inner, max_size=4)).map(
        lambda made: f'<{made[0]} class="{made[1]}">{"".join(made[2])}</{made[0]}>'
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(TREES, max_size=4).map("".join), st.sets(st.sampled_from(sorted(REPAIRS))))
def test_any_dress_keeps_the_account(body: str, without: set[str]) -> None:
    root, _ = parse_page(page(body).encode())
    parsed, ledger, pages = Parsed("epub"), Ledger(frozenset(without)), [Page(1)]
    styles = read_styles([INSETS])
    walker = Walker("d", parsed, ledger, 1, styles)
    walker.run(next(one for one in root.iter() if str(one.tag).endswith("body")))
    blocks = walker.blocks
    ledger.settle(blocks, pages)
    take_text_numbers(blocks, ledger)
    take_text_marks(blocks, ledger)
    name_languages(blocks)
    take_text_wraps(blocks, ledger)
    mend_code(blocks, ledger)
    ledger.check(blocks, pages)
    assert (pages[0].lost, pages[0].doubled) == (0, 0)
    assert not {change.kind for change in ledger.changes} & without
    assert all(0 <= one.places[0].start <= one.places[0].end <= len(one.text) for one in blocks)


def test_a_listing_of_many_rows_is_read_in_one_pass() -> None:
    rows = "".join(f"<div style='margin-left:{n % 5}em'>x = {n}</div>" for n in range(60_000))
    root, _ = parse_page(page(f"<pre>{rows}</pre>").encode())
    pre = next(one for one in root.iter() if str(one.tag).endswith("pre"))
    code = code_of(pre, Styles())
    assert len(set_in(code)) == 48_000 and code.text.count("\n") == 59_999
    assert code.text.split("\n")[4] == " " * 8 + "x = 4"
