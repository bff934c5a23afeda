"""Markdown and Livebook: by a parser, with addresses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.books.blocks import CODE_KINDS, Parsed
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


CODE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=60
)


@settings(max_examples=80, deadline=None)
@given(st.lists(CODE, min_size=1, max_size=6))
def test_fenced_code_comes_out_as_it_went_in(lines: list[str]) -> None:
    text = "\n".join(line.replace("`", "'") for line in lines)
    found = [b.text for b in blocks_of(f"# T\n\n```elixir\n{text}\n```\n") if b.kind in CODE_KINDS]
    assert found == ([text] if text.strip() else [])


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_without_failing(text: str) -> None:
    for block in blocks_of(text):
        assert block.text.strip()
        assert block.places[0].end == len(block.text)
