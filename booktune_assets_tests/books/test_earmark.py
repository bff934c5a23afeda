"""What Livebook's reader of Markdown would lose or run is written so that it does not.

What it does was found with its own sources (``docs/why/notebooks.md``); what stands here is what
a notebook then has to say.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from booktune_assets.books.blocks import Block
from booktune_assets.books.earmark import coded, flowed, inlined, tabled, tail_of
from booktune_assets.books.markdown import blocks_of, parse_text
from booktune_assets_tests.books.test_notebook import Read, exported, head, lines_of, notebook


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("chapter\n12. Then", "chapter 12. Then"),
        ("words\n{:ok, pid}", "words {:ok, pid}"),
        ("words  \n<b>more</b> of it", "words <b>more</b> of it"),
        ("words\\\n<!-- a --> b", "words <!-- a --> b"),
        ("a | b\nc | d", "a | b c | d"),
        ("see\n[note]: below", "see [note]: below"),
        ("two\nlines, `code\nover` them", "two\nlines, `code\nover` them"),
        ("> two\n> lines\n> 3. here\n>\n> on", "> two\n> lines 3. here\n>\n> on"),
        ("* an item\n  goes on", "* an item\n  goes on"),
        ("  - deep\n    goes on", "  - deep\n    goes on"),
        ("a `` code ` with `` one", "a `` code ` with `` one"),
        ("an \\` escaped one", "an \\` escaped one"),
        ("<https://a.example/b> leads", "<https://a.example/b> leads"),
        ("a stray ` quote", None),
        ("1. a stray ` quote", None),
        ("<kbd>Ctrl</kbd> opens it", None),
        ("{:ok, pid}", None),
        ("1. ===", None),
        ("> {:ok, pid}", None),
        ("#### Of {:ok, pid}", None),
        ("[a] and [b]: c", None),
        ("[a] and\n[b]: c", None),
        ("[a] and [b]: c d", "[a] and [b]: c d"),
    ],
)
def test_each_line_of_a_paragraph_stays_one(written: str, kept: str | None) -> None:
    assert flowed(written) == kept


def test_links_say_where_they_lead() -> None:
    source = (
        "A [named][x], a [X][], a [ x ], `[x]`, \\[x], [x](own) and [y].\n\n"
        '[X]: <https://a.example/> "Its (title)"'
    )
    target = '(https://a.example/ "Its (title)")'
    assert inlined(source) == (
        f"A [named]{target}, a [X]{target}, a [ x ]{target}, `[x]`, \\[x], [x](own) and [y]."
    )
    item = "- see [a b][c]\n\n  [C]: <d(e)>\n\n  and on"
    assert inlined(item) == "- see [a b](<d(e)>)\n\n  and on"
    assert inlined("[none][here]") == "[none][here]"


def test_bars_in_tables_are_no_bars() -> None:
    table = "| op | b |\n| :---: | :---: |\n| `a \\|> b` | `c` \\| d |"
    assert tabled(table) == (
        "| op | b |\n| :---: | :---: |\n| <code>a &#124;&gt; b</code> | `c` &#124; d |"
    )
    narrow = tabled("| a | b |\n| :---: | ---: |\n| 1 | 2 |")
    assert narrow == "| a | b |\n| --- | ---: |\n| 1 | 2 |"
    assert tabled("| a |  |\n| ---: | ---: |") == "| a |  |\n| ---: | --- |"


def test_ends_of_headings_are_text() -> None:
    titles = ["C#", "Of {:ok, pid}", "Sharp #", "`a` and F#", "__using__ {:a, 1}"]
    titles += ["Plain {x}", "{:a}"]
    made = notebook([head("Start", 1), *(head(title, 1) for title in titles), head("F#", 2)])
    lines = [line for line in lines_of(made.text) if line.startswith("#")][2:]
    assert lines == [
        "## `C#`", "## Of `{:ok, pid}`", "## Sharp `#`", "## \\`a\\` and `F#`",
        "## `__using__` `{:a, 1}`", "## Plain {x}", "## `{:a}`",
        "### `F#`",
    ]  # fmt: skip
    assert all(tail_of(line) == len(line) for line in lines)
    back = [block.text for block in blocks_of(made.text) if block.kind == "heading"]
    assert back[2:] == [*titles, "F#"]
    assert coded("`a`#") == "`` `a`# ``"


def test_only_what_a_book_has_of_elixir_and_erlang_is_run(tmp_path: Path, read: Read) -> None:
    book = tmp_path / "b.md"
    book.write_text(
        "# T\n\n## S\n\n{:ok, 1}\n\n```python\nprint(1)\n```\n\n"
        "```pyproject.toml\n[project]\n```\n\n"
        '```json title="a b"\n{}\n```\n\nA ` b.\n\n```elixir title="x y"\na = 1\n```\n\nAnd ` c.\n'
    )
    made = exported(read(book))
    assert lines_of(made.text)[2:] == [
        "\\{:ok, 1}", "```py", "print(1)", "```", "```toml", "[project]", "```", "*a b*",
        "```json", "{}", "```", "A \\` b.", "*x y*", "```elixir", "a = 1", "```", "And \\` c.",
    ]  # fmt: skip
    assert made.cells == 1
    again = exported(parse_text(made.text.encode(), "livemd", "b.livemd"))
    assert lines_of(again.text) == lines_of(made.text)


def test_python_of_a_notebook_stays_a_cell(tmp_path: Path, read: Read) -> None:
    book = tmp_path / "b.livemd"
    output = '<!-- livebook:{"output":true} -->\n\n```\n1\n```'
    cells = f"```python\nprint(1)\n```\n\n{output}\n"
    book.write_text(f"# T\n\n```elixir\na\n```\n\n```pyproject.toml\n[p]\n```\n\n## S\n\n{cells}")
    made = exported(read(book))
    assert (made.cells, made.outputs) == (3, 1) and made.text.endswith(cells)


def test_outputs_outlive_the_first_save() -> None:
    made = notebook([head("T", 1), Block("iex", "iex> 1 + 1\n2", lang="iex")])
    kept = '<!-- livebook:{"persist_outputs":true} -->\n\n# T\n\n<!-- booktune:'
    assert kept in made.text  # and the cell is none of setup, whose output is never saved
    assert "persist_outputs" not in notebook([head("T", 1), Block("prose", "x")]).text


def test_a_mark_of_what_is_only_shown_is_one_that_livebook_knows(
    tmp_path: Path, read: Read
) -> None:
    book = tmp_path / "b.livemd"
    mark = '<!-- livebook:{"force_markdown": true, "x": 1} -->'
    book.write_text(f"# T\n\n## S\n\n{mark}\n\n```elixir\nnot_run()\n```\n")
    made = exported(read(book))
    assert '<!-- livebook:{"force_markdown":true} -->\n\n```elixir\nnot_run()' in made.text
    assert mark not in made.text and made.cells == 0


def test_words_of_plain_books_that_look_like_attributes_stay() -> None:
    made = notebook([head("T", 1), Block("prose", "{:error, :enoent}")])
    assert "\n\\{:error, :enoent}" in made.text
