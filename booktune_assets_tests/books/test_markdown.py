"""Markdown and Livebook: by a parser, with addresses."""

# ruff: noqa: E501 (lines of notebooks stand as they are written)

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from booktune_assets.books.blocks import CODE_KINDS, Block, Limits, Page, Parsed
from booktune_assets.books.formats import parse
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.markdown import blocks_of
from booktune_assets_tests.books.makers import ERLANG, MODULE, SESSION

Read = Callable[[Path], Parsed]

BOOK = f"""---
title: "A Harbour"
author: Ann, Bob
license: CC0-1.0
---

# 1 Tides {{#tides}}

Some `code` in
prose, and **bold**.

```elixir
# this is not a heading
{MODULE}
```

## Shells

- one
- two

  ```elixir
  inside = 1
  ```

```
{SESSION}
```

| a | b |
| - | - |
| 1 | 2 |

## Shells

```erlang
{ERLANG}
```
"""


def test_blocks_of_a_book(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "b.md"
    path.write_text(BOOK)
    parsed = read(path)
    assert (parsed.title, parsed.authors, parsed.licence) == (
        "A Harbour",
        ["Ann", "Bob"],
        "CC0-1.0",
    )
    assert [(b.kind, b.lang) for b in parsed.blocks] == [
        ("heading", ""), ("prose", ""), ("code", "elixir"), ("heading", ""), ("list", ""),
        ("list", ""), ("code", "elixir"), ("iex", "iex"), ("table", ""),
        ("heading", ""), ("code", "erlang"),
    ]  # fmt: skip
    assert (parsed.blocks[0].number, parsed.blocks[0].text) == ("1", "Tides")
    assert parsed.blocks[1].text == "Some code in prose, and bold."
    assert parsed.blocks[2].text == f"# this is not a heading\n{MODULE}"
    assert parsed.blocks[6].text == "inside = 1"
    hrefs = [b.places[0].href for b in parsed.blocks if b.kind == "heading"]
    assert hrefs == ["#tides", "#shells", "#shells-1"]


def test_livebook_outputs(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "b.livemd"
    path.write_text(
        "# Title\n\n## Section\n\n```elixir\n1 + 1\n```\n\n"
        '<!-- livebook:{"output":true} -->\n\n```\n2\n```\n'
    )
    parsed = read(path)
    assert parsed.format == "livemd"
    assert [(b.kind, b.lang, b.text) for b in parsed.blocks[2:]] == [
        ("code", "elixir", "1 + 1"), ("output", "output", "2"),
    ]  # fmt: skip


RICH = """Title
=====

Sub [link](http://x.example) & \\*stars\\* &amp; ~~gone~~
---

Text[^1] and more.

[^1]: A note *here*.

    ```elixir
    note_code()
    ```

[^unused]: Never used.

~~~~elixir
```
inner
```
~~~~

- item

  ~~~erlang
  f() ->
      ok.
  ~~~

  > quoted
  > ```elixir
  > q = 1
  > ```

      indented = 1

      more = 2

> #### Take care {: .warning}
>
> Words.
>
> - one

> [!NOTE]
> Alert text

> Just a quote

!!! tip "Title here"
    Tip text

    ```elixir
    tip()
    ```

::: warning Beware
Container text
:::

```{note}
Myst note
```

~~~~exercism/caution
Careful with `x`
```elixir
c = 1
```
~~~~

<details>
<summary>Sum</summary>

```elixir
hid = 1
```

</details>

<div class="warning">
<p>Html <b>text</b></p>
<pre><code class="language-elixir">a &lt; b
  c
</code></pre>
</div>

![A tide](images/tide.png "The tide")

| a | b |
|---|---|
| `x` | 2 |

<h2 align="center">Html heading</h2>

```elixir
after = 1
```
"""


def test_what_authors_use_beside_commonmark(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "b.md"
    path.write_text(RICH)
    parsed = read(path)
    assert [(b.kind, b.text) for b in parsed.blocks] == [
        ("heading", "Title"), ("heading", "Sub link & *stars* & gone"), ("prose", "Text and more."),
        ("footnote", "A note here."), ("code", "note_code()"), ("footnote", "Never used."),
        ("code", "```\ninner\n```"), ("list", "item"), ("code", "f() ->\n    ok."),
        ("list", "quoted"), ("code", "q = 1"), ("code", "indented = 1\n\nmore = 2"),
        ("callout", "Take care"), ("callout", "Words."), ("list", "one"), ("callout", "Alert text"),
        ("prose", "Just a quote"), ("callout", "Title here"), ("callout", "Tip text"),
        ("code", "tip()"), ("callout", "Beware"), ("callout", "Container text"),
        ("callout", "Myst note"), ("callout", "Careful with x"), ("code", "c = 1"),
        ("prose", "Sum"), ("code", "hid = 1"), ("callout", "Html text"), ("code", "a < b\n  c"),
        ("figure", "A tide"), ("caption", "The tide"), ("table", "a | b\nx | 2"),
        ("heading", "Html heading"), ("code", "after = 1"),
    ]  # fmt: skip
    assert [b.level for b in parsed.blocks if b.kind == "heading"] == [1, 2, 2]
    assert [(one.lost, one.doubled) for one in parsed.pages] == [(0, 0)]


CALLOUTS = (
    "**Note**\nMind it.", "**Warning:** mind it.", "[!NOTE]\nMind it.", "**Tip** Mind it.",
    "#### Take care {: .info}\n\nMind it.", "__Important note:__ mind it.", "*Hint* \u2014 mind it.",
    ":warning: **Danger**\nMind it.", "\u26a0\ufe0f Mind it.", "Note: mind it.", "**Caution**\n\nMind it.",
)  # fmt: skip
QUOTES = (
    "Note that it came in.", "**Do not** mind it.", "Words, and **Note**: later.",
    "**The harbour master**\nsaid so.", "*Warning signs of the sea* is a book.",
)  # fmt: skip


def quoted(text: str) -> list[Block]:
    return blocks_of("".join(f"> {line}".rstrip() + "\n" for line in text.split("\n")))


@pytest.mark.parametrize("text", CALLOUTS)
def test_a_quotation_that_begins_with_a_label_is_a_callout(text: str) -> None:
    found = quoted(text)
    assert {b.kind for b in found} == {"callout"} and "ind it." in found[-1].text


@pytest.mark.parametrize("text", QUOTES)
def test_what_somebody_said_is_none(text: str) -> None:
    assert {b.kind for b in quoted(text)} == {"prose"}


@pytest.mark.parametrize(
    ("top", "title", "authors"),
    [
        ("---\ntitle: 'A: b'\nauthors:\n  - Ann\n  - name: Bob\n---\n", "A: b", ["Ann", "Bob"]),
        ('+++\ntitle = "A"\nauthor = "Ann, Bob"\n+++\n', "A", ["Ann", "Bob"]),
        ("---\ntitle: [broken\nauthor: Ann\n---\n", "[broken", ["Ann"]),
        ("---\na: &a [x]\nb: [*a, *a]\n---\n", "", []),
        ("---\n\nWords after a rule\n\n---\n", "", []),
    ],
)
def test_front_matter(tmp_path: Path, read: Read, top: str, title: str, authors: list[str]) -> None:
    path = tmp_path / "b.md"
    path.write_text(f"{top}\n# Head\n\nBody.\n")
    parsed = read(path)
    assert (parsed.title, parsed.authors) == (title, authors)
    assert [b.text for b in parsed.blocks][-2:] == ["Head", "Body."]
    assert ("Words after a rule" in top) == (
        "Words after a rule" in [b.text for b in parsed.blocks]
    )


def test_a_menu_in_html_is_no_text(tmp_path: Path, read: Read) -> None:
    links = "".join(f'<a href="c{n}.livemd">Chapter {n}</a>' for n in range(4))
    path = tmp_path / "b.md"
    path.write_text(f"# T\n\n<div>{links}</div>\n\nWords.\n")
    parsed = read(path)
    assert [b.text for b in parsed.blocks] == ["T", "Words."]
    assert [c["kind"] for c in parsed.changes] == ["furniture"]
    assert [(one.lost, one.doubled) for one in parsed.pages] == [(0, 0)]


LIVE = """<!-- livebook:{"persist_outputs":true,"app_settings":{"slug":"x"},"file_entries":[{"name":"a.png","type":"attachment"}]} -->

# A Notebook

```elixir
Mix.install([:kino])
```

## One

Words.

<!-- livebook:{"break_markdown":true} -->

More words.

<!-- livebook:{"force_markdown":true} -->

```elixir
not_a_cell
```

![](files/a.png)

<!-- livebook:{"reevaluate_automatically":true} -->

```elixir
IO.puts("x")
1
```

<!-- livebook:{"output":true} -->

```
x
```

<!-- livebook:{"output":true} -->

```vega-lite
{}
```

<!-- livebook:{"branch_parent_index":0} -->

## Two

<!-- livebook:{"attrs":"e30","chunks":null,"kind":"Elixir.KinoDB.ConnectionCell","livebook_object":"smart_cell"} -->

```elixir
conn = 1
```

```erlang
X = 1.
```

<!-- a word of the author -->

<!-- livebook:{broken} -->

<!-- livebook:{"offset":123,"stamp":"abc"} -->
"""


def test_every_mark_of_a_notebook_is_counted(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "b.livemd"
    path.write_text(LIVE)
    parsed = read(path)
    assert [(b.kind, b.lang, b.text) for b in parsed.blocks if b.kind in CODE_KINDS] == [
        ("code", "elixir", "Mix.install([:kino])"), ("code", "elixir", "not_a_cell"),
        ("code", "elixir", 'IO.puts("x")\n1'), ("output", "output", "x"), ("output", "output", "{}"),
        ("code", "elixir", "conn = 1"), ("code", "erlang", "X = 1."),
    ]  # fmt: skip
    assert parsed.counts == {
        "figures": 0, "pictures_missing": 1, "notebook_settings": 1, "attachments": 1, "markdown_breaks": 1, "forced_markdown": 1,
        "cell_settings": 1, "branches": 1, "smart_cells": 1, "comments": 1, "broken_marks": 1,
        "stamps": 1, "outputs": 2, "setup_cells": 1, "images": 1,
    }  # fmt: skip
    assert [b.text for b in parsed.blocks if b.kind == "figure"] == ["a.png"]
    assert sum(c["kind"] == "hidden" for c in parsed.changes) == 11
    assert [(one.lost, one.doubled) for one in parsed.pages] == [(0, 0)]


CODE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=60
)


@settings(max_examples=80, deadline=None)
@given(st.lists(CODE, min_size=1, max_size=6))
def test_fenced_code_comes_out_as_it_went_in(lines: list[str]) -> None:
    text = "\n".join(line.replace("`", "'") for line in lines)
    found = [b.text for b in blocks_of(f"# T\n\n```elixir\n{text}\n```\n") if b.kind in CODE_KINDS]
    assert found == ([text] if text.strip() else [])


PIECES = st.sampled_from([
    "# A\n", "text ", "\n\n", "> ", "- ", "```elixir\n", "```\n", "[^1]", "[^1]: note\n", "::: tip x\n", ":::\n",
    "!!! note\n    in\n", "~~~{tip} T\n", "~~~\n", "<div class='note'>\n", "</div>\n", "<!-- c -->\n", "| a | b |\n",
    "|---|---|\n", "![x](y.png)\n", ": def\n", "`c`", "&amp;", "\\*", "[!NOTE]\n", "<b>h</b>", "    ",
])  # fmt: skip
MARKUP = st.lists(PIECES, max_size=25).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300) | MARKUP)
@example(">:::0\n>")
def test_any_text_keeps_its_account(text: str) -> None:
    ledger, pages = Ledger(), [Page(1)]
    blocks = blocks_of(text, None, ledger)
    for block in blocks:
        assert block.text.strip()
        assert block.places[0].end == len(block.text)
    ledger.settle(blocks, pages)
    assert (pages[0].lost, pages[0].doubled) == (0, 0)


CURLED = """# Quotes

```elixir
name = “Ann”
```

```elixir
quoted = "she said “hi”"
```

```elixir
greet(:ann) # a remark
```

```iex
iex> String.length(“tide”)
4
```

```erlang
hello() -> “hi”.
```

```output
“as it is”
```
"""


@pytest.mark.parametrize("suffix", [".md", ".livemd"])
def test_quotes_in_code_are_mended_where_the_grammar_refuses_them(
    tmp_path: Path, read: Read, suffix: str
) -> None:
    path = tmp_path / f"curled{suffix}"
    path.write_text(CURLED, encoding="utf-8")
    parsed = read(path)
    assert [block.text for block in parsed.blocks if block.kind in CODE_KINDS] == [
        'name = "Ann"', 'quoted = "she said “hi”"', "greet(:ann) # a remark",
        'iex> String.length("tide")\n4', 'hello() -> "hi".', "“as it is”",
    ]  # fmt: skip
    assert sum(change["kind"] == "quotes" for change in parsed.changes) == 3
    assert [(page.lost, page.doubled) for page in parsed.pages] == [(0, 0)]


def test_quotes_in_code_stay_where_the_repair_is_off(tmp_path: Path) -> None:
    path = tmp_path / "curled.md"
    path.write_text(CURLED, encoding="utf-8")
    parsed = parse(path, Limits(repairs_off=("quotes",)), lambda done, total: None)
    assert "name = “Ann”" in [block.text for block in parsed.blocks]
