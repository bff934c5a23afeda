"""Notebooks: what is written is what Livebook's rules ask for, and reads back as what it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from booktune_assets.books.blocks import Block, Limits, Parsed, Place
from booktune_assets.books.formats import parse
from booktune_assets.books.frames import Facts, into_frames
from booktune_assets.books.markdown import blocks_of, parse_text
from booktune_assets.books.notebook import (
    Notebook,
    find_section,
    into_notebook,
    labelled_in,
    plain_words,
    written_in,
)
from booktune_assets.books.sections import into_sections
from booktune_assets.books.sessions import Turn, split_session
from booktune_assets.cli import cli
from booktune_assets.errors import BookError, Code
from booktune_assets_tests.books.figure_makers import picture
from booktune_assets_tests.books.makers import ERLANG, MODULE, SESSION, epub

Read = Callable[[Path], Parsed]
OUTPUT = '<!-- livebook:{"output":true} -->'


def frames_of(
    blocks: list[Block], title: str = "A Book"
) -> tuple[dict[str, object], dict[str, pl.DataFrame]]:
    """The row of ``raw_books`` and the frames of ``sections`` of some blocks."""
    for block in blocks:
        block.places = [Place(0, len(block.text), href="#x")]
    parsed = Parsed("md", title=title, blocks=blocks)
    raw = into_frames(parsed.as_plain(), Facts("b", Path("b.md"), "0" * 64, 1, "raw_books.0"))
    row = raw["raw_books"].row(0, named=True)
    return row, into_sections("b", "0" * 64, raw["raw_books__blocks"], raw["raw_books__spans"])


def notebook(blocks: list[Block], section: str | None = None) -> Notebook:
    row, frames = frames_of(blocks)
    wanted = find_section(frames["sections"], section) if section else None
    return into_notebook(row, frames["sections"], frames["sections__blocks"], wanted)


def head(text: str, level: int) -> Block:
    return Block("heading", text, level=level)


def test_a_book_as_livebook_takes_it() -> None:
    made = notebook([
        head("Tides", 1), Block("prose", "Some *words* and `code`."),
        Block("code", MODULE, lang="elixir"),
        head("Deep", 2), Block("code", "$ mix test", lang="shell"),
        Block("code", ERLANG, lang="erlang"),
        Block("output", "false", lang="output"), Block("list", "one"), Block("list", "two"),
        head("Boats", 1), Block("callout", "Mind it."),
        Block("table", "a | b\n1 | x|y\n\\| | s \\| t"),
    ])  # fmt: skip
    lines = made.text.split("\n")
    assert [line for line in lines if line.startswith("# ")] == ["# A Book"]
    assert [line for line in lines if re.match(r"##+ ", line)] == [
        "## Tides",
        "### Deep",
        "## Boats",
    ]
    assert f"```elixir\n{MODULE}\n```" in made.text and f"```erlang\n{ERLANG}\n```" in made.text
    assert f"```\n\n{OUTPUT}\n\n```\nfalse\n```" in made.text
    assert "```shell\n$ mix test\n```" in made.text and "* one\n* two" in made.text
    assert "Some \\*words\\* and \\`code\\`." in made.text and "> Mind it." in made.text
    assert "| a | b |\n| --- | --- |\n| 1 | x&#124;y |\n| &#124; | s &#124; t |" in made.text
    assert (made.sections, made.cells, made.outputs) == (2, 2, 1)
    assert made.text.count('"section": "sec_') == 3 and made.text.startswith("<!-- booktune:")


def test_a_section_alone_names_the_notebook() -> None:
    blocks = [
        head("Tides", 1), head("High", 2), Block("code", "a = 1", lang="elixir"),
        head("Low", 2), head("Lower", 3), Block("code", "b = 2", lang="elixir"), head("Boats", 1),
    ]  # fmt: skip
    made = notebook(blocks, "Low")
    found = [(b.level, b.text) for b in blocks_of(made.text) if b.kind == "heading"]
    assert found == [(1, "Low"), (2, "Lower")] and made.cells == 1
    with pytest.raises(BookError) as caught:
        notebook(blocks, "ow")
    assert caught.value.code is Code.UNKNOWN_SECTION and "It fits 2" in str(caught.value)
    with pytest.raises(BookError, match="UNKNOWN_SECTION"):
        notebook(blocks, "Nothing like that")


def test_a_part_keeps_its_name() -> None:
    recap = Block("heading", "Recap", level=1, number="2", label="part")
    made = notebook([head("Tides", 1), recap, Block("prose", "x"), head("Boats", 1)])
    assert "\n## Part 2: Recap\n" in made.text


def test_a_session_becomes_cells_with_outputs() -> None:
    made = notebook([head("T", 1), Block("iex", SESSION, lang="iex")])
    assert (made.cells, made.outputs) == (2, 2) and "iex>" not in made.text
    assert f"```elixir\nTide.high?(4)\n```\n\n{OUTPUT}\n\n```\ntrue\n```" in made.text
    erl = notebook([head("T", 1), Block("erl_shell", "1> X = 3,\n.. X + 1.\n4", lang="erl_shell")])
    assert f"```erlang\nX = 3,\nX + 1.\n```\n\n{OUTPUT}\n\n```\n4\n```" in erl.text


def test_sessions_lose_nothing_but_prompts() -> None:
    text = (
        "# first\niex(1)> 1 +\n...(1)> 1\n2\n\n# and\niex> defmodule A do\n  def x, do: 1\nend\n"
        "{:module, A}\niex> x\n** (CompileError) no x"
    )
    assert split_session(text, "iex") == [
        Turn("# first\n1 +\n1", "2"),
        Turn("# and\ndefmodule A do\n  def x, do: 1\nend", "{:module, A}"),
        Turn("x", "** (CompileError) no x"),
    ]
    shown = "iex> self()\n#PID<0.1.0>\n# and\niex> f\n#Function<1.2/3 in a>"
    assert split_session(shown, "iex") == [
        Turn("self()", "#PID<0.1.0>"),
        Turn("# and\nf", "#Function<1.2/3 in a>"),
    ]
    assert split_session("Erlang/OTP 25\niex> 1\n1", "iex") is None  # what stands above is no code
    kept = notebook([head("T", 1), Block("iex", "Erlang/OTP 25\niex> 1\n1", lang="iex")])
    assert "```text\nErlang/OTP 25\niex> 1\n1\n```" in kept.text and kept.cells == 0


def test_a_remark_cannot_be_ended_by_the_book() -> None:
    row, frames = frames_of([head("T", 1), Block("prose", "x")], title="A --> B <!-- C")
    text = into_notebook(row, frames["sections"], frames["sections__blocks"]).text
    remark = text.split("\n")[0]
    assert remark.count("-->") == 1 and "--" not in remark[4:-3]


SOURCE_TEXT = """# Harbour `Tide.high?/1`

Words with `inline code`, *stress*, a [link](https://a.example/x_y "t") and $x^2 + y_1$.

A [named][tide] one.

[tide]: <https://b.example/>

1. first `a`
2. second

   still second
   * deep [x](y.md)
     - deeper
3. third

7) seven

> Said by **somebody**.

## Cells {#cells}

> [!NOTE]
> Mind `it`.

> #### Careful {: .warning}
>
> Or `not`.

| `a` | b \\| c |
| :-- | ---: |
| *1* | 2 |

<!-- livebook:{"attrs":"e30","chunks":null,"kind":"Elixir.Kino.X","livebook_object":"smart_cell"} -->

```elixir
Kino.x()
```

<!-- livebook:{"reevaluate_automatically":true} -->

```elixir
a = 1
```

<!-- livebook:{"force_markdown":true} -->

```elixir
not_run()
```

```heex
<p>{@x}</p>
```

```json
{"a": 1}
```
"""  # noqa: E501


def exported(parsed: Parsed) -> Notebook:
    """A notebook of a book that was read, by what its author wrote."""
    facts = Facts("b", Path("b.livemd"), "0" * 64, 1, "raw_books.0")
    raw = into_frames(parsed.as_plain(), facts)
    found = into_sections("b", "0" * 64, raw["raw_books__blocks"], raw["raw_books__spans"])
    row, blocks = raw["raw_books"].row(0, named=True), raw["raw_books__blocks"]
    return into_notebook(
        row, found["sections"], found["sections__blocks"], sources=written_in(blocks)
    )


def lines_of(text: str) -> list[str]:
    """Its lines, without remarks of ours and blank ones."""
    return [one for one in text.split("\n") if one.strip() and not one.startswith("<!-- booktune")]


def test_what_its_author_wrote_is_given_back(tmp_path: Path, read: Read) -> None:
    book = tmp_path / "b.livemd"
    book.write_text(SOURCE_TEXT)
    made = exported(read(book))
    wanted = SOURCE_TEXT.replace("{#cells}", "").replace("\n[tide]: <https://b.example/>\n", "")
    wanted = wanted.replace("[named][tide]", "[named](https://b.example/)").replace("\\|", "&#124;")
    wanted = wanted.replace("| :-- | ---: |", "| --- | ---: |").replace(":-- |", ":--- |")
    found = [one.replace("| :---", "| ---") for one in lines_of(made.text)]
    assert found == [one.rstrip() for one in lines_of(wanted)]
    assert (made.cells, made.outputs) == (2, 0)
    (tmp_path / "again.livemd").write_text(made.text)
    assert exported(read(tmp_path / "again.livemd")).text.count("\n") == made.text.count("\n")


def test_setup_cells_and_branches_come_back(tmp_path: Path, read: Read) -> None:
    book = tmp_path / "b.livemd"
    branch = '<!-- livebook:{"branch_parent_index":0} -->'
    book.write_text(
        f"# T\n\n```elixir\nMix.install([])\n```\n\n## One\n\nWords.\n\n{branch}\n\n## Two *a*\n\n"
        '<!-- livebook:{"branch_parent_index":7} -->\n\n## Three\n\nMore.\n'
    )  # fmt: skip
    lines = [one for one in exported(read(book)).text.split("\n") if one.strip()]
    name = lines.index("# T")
    assert lines[name + 1 : name + 4] == ["```elixir", "Mix.install([])", "```"]
    assert all(one.startswith("<!-- booktune:") for one in lines[:name]) and name == 2
    two = lines.index("## Two *a*")
    assert lines[two - 1] == branch and lines[lines.index("## Three") - 1] != branch
    assert not any('"branch_parent_index":7' in one for one in lines)


def test_marks_within_paragraphs_of_an_epub_come_along(tmp_path: Path, read: Read) -> None:
    body = (
        "<h1>Tides</h1><p>Call <code>Enum.map/2</code> or <code>`x`</code> with <em>care</em>, "
        "<strong>never </strong>twice*, see <a href='https://example.org/a_b'>the page</a>.</p>"
        "<ul><li>One <b>bold</b></li><li>Two_plain</li></ul><p>No mark at all.</p>"
    )
    parsed = read(epub(tmp_path / "book.epub", {"c1.xhtml": body}))
    made = exported(parsed).text
    assert (
        "Call `Enum.map/2` or `` `x` `` with *care*, **never** twice\\*, "
        "see [the page](https://example.org/a_b)." in made
    )
    assert "* One **bold**\n* Two_plain" in made and "\n\nNo mark at all." in made
    assert next(b.text for b in parsed.blocks if b.kind == "prose") == (
        "Call Enum.map/2 or `x` with care, never twice*, see the page."
    )


def test_marks_that_markdown_cannot_say_leave_plain_words(tmp_path: Path, read: Read) -> None:
    body = "<h1>Tides</h1><p>A w<em>o</em>rd, <b>a<i>*</i></b><i>b</i> and <em> </em>more.</p>"
    parsed = read(epub(tmp_path / "book.epub", {"c1.xhtml": body}))
    back = parse_text(exported(parsed).text.encode(), "livemd", "b").blocks
    said = [b.text for b in back if b.kind == "prose"]
    assert said == [b.text for b in parsed.blocks if b.kind == "prose"]


def test_what_reads_back_as_something_else_is_not_taken(tmp_path: Path) -> None:
    row, frames = frames_of([head("T", 1), Block("prose", "Just words.")])
    blocks = frames["sections__blocks"]
    ids = dict(blocks.select("text", "block_id").iter_rows())
    lies = {ids["Just words."]: "```elixir\nSystem.halt()\n```", ids["T"]: "T\n\n# U"}
    made = into_notebook(row, frames["sections"], blocks, sources=lies)
    assert "halt" not in made.text and "Just words." in made.text and "# U" not in made.text


def test_shared_notebooks_come_back_as_they_were(shared: Path, read: Read) -> None:
    for file in sorted((shared / "dockyard-livebooks").glob("*.livemd"))[:6]:
        parsed = read(file)
        again = blocks_of(exported(parsed).text)
        left = [b for b in parsed.blocks if b.kind not in ("figure", "output") and b.text.strip()]
        back = [b for b in again if b.kind not in ("figure", "output") and b.text.strip()]
        assert [b.text for b in back] == [b.text for b in left], file.name
        pairs = [
            (new.markup, old.markup) for new, old in zip(back, left, strict=True)
            if old.markup and old.kind in ("prose", "list", "heading", "callout", "table")
        ]  # fmt: skip
        assert len(pairs) > 10
        assert [new for new, _ in pairs] == [old for _, old in pairs], file.name


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)
LINE = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
SOURCE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")),
    min_size=1,
    max_size=30,
)
CODE = st.lists(SOURCE, min_size=1, max_size=4).map("\n".join).filter(str.strip)
BLOCKS = st.lists(
    st.one_of(
        st.tuples(st.just("heading"), LINE, st.integers(1, 4)),
        st.tuples(st.just("code"), CODE, st.sampled_from(["elixir", "erlang"])),
        st.tuples(st.just("prose"), LINE, st.just("")),
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(BLOCKS)
@example([("heading", "#", 1), ("heading", "C #", 2)])
def test_written_and_read_back_it_has_the_same_cells_and_headings(
    found: list[tuple[str, str, object]],
) -> None:
    blocks = [head("Start", 1), head("Other", 1)]
    for kind, text, more in found:
        blocks.append(
            head(text, int(str(more))) if kind == "heading" else Block(kind, text, lang=str(more))
        )
    made = notebook(blocks)
    off = ("glyphs", "quotes")  # the code here is nothing that a grammar takes
    back = parse_text(made.text.encode(), "livemd", "b.livemd", off=off).blocks
    cells = [b.text for b in back if b.kind in ("code", "iex", "erl_shell", "output")]
    assert cells == [text for kind, text, _ in found if kind == "code"]
    titles = ["A Book", "Start", "Other", *(text for kind, text, _ in found if kind == "heading")]
    read = [f"{b.number or ''} {b.text}" for b in back if b.kind == "heading"]
    assert [fold(text) for text in read] == [fold(text) for text in titles]


def fold(text: str) -> str:
    """A printed number is kept apart, with or without its mark."""
    return re.sub(
        r"(?i)^(chapter|part|appendix|section|lesson) ",
        "",
        re.sub(r"[\s.:)\u2014\u2013-]+", " ", text).strip(),
    )


@settings(max_examples=200, deadline=None)
@given(LINE)
def test_words_say_what_they_said(text: str) -> None:
    found = blocks_of(f"{plain_words(text)}\n")
    assert [(b.kind, b.text) for b in found] == [("prose", text)]


def test_the_verb_writes_a_file_that_reads_back(tmp_path: Path, read: Read) -> None:
    book = tmp_path / "harbour.md"
    book.write_text(f"# A Harbour\n\n## Tides\n\n```elixir\n{MODULE}\n```\n\n## Boats\n\nWords.\n")
    home = ["--home", str(tmp_path / "home")]
    done = CliRunner().invoke(cli, [*home, "export", str(book)])
    assert done.exit_code == 0, done.output
    file = tmp_path / "home" / "exports" / "notebooks" / "harbour.livemd"
    assert str(file) in done.output and "2 sections, 1 cells, 0 outputs" in done.output
    parsed = read(file)
    assert parsed.format == "livemd"
    assert [(b.level, b.text) for b in parsed.blocks if b.kind == "heading"] == [
        (1, "A Harbour"), (2, "Tides"), (2, "Boats"),
    ]  # fmt: skip
    assert [b.text for b in parsed.blocks if b.kind == "code"] == [MODULE]
    again = CliRunner().invoke(cli, [*home, "export", str(book), "--section", "boats", "--to", "-"])
    assert again.exit_code == 0 and "# Boats" in again.output and "Tides" not in again.output
    wrong = CliRunner().invoke(cli, [*home, "export", str(book), "--section", "ships"])
    assert wrong.exit_code == 1 and "UNKNOWN_SECTION" in wrong.output
    own = CliRunner().invoke(cli, [*home, "export", str(file), "--to", str(file)])
    assert own.exit_code == 2 and "is the book itself" in own.output


def test_pictures_stand_in_files_beside_the_notebook(tmp_path: Path, read: Read) -> None:
    png = picture((300, 200))
    (tmp_path / "pier one.png").write_bytes(png)
    book = tmp_path / "harbour.md"
    book.write_text(
        "# A Harbour\n\n## Tides\n\nWords.\n\n![The *old* [pier]](pier%20one.png)\n\nMore.\n\n"
        "## Boats\n\nNo picture here.\n"
    )
    home = ["--home", str(tmp_path / "home")]
    file = tmp_path / "out" / "h.livemd"
    done = CliRunner().invoke(cli, [*home, "export", str(book), "--to", str(file)])
    assert done.exit_code == 0 and "1 picture)" in done.output, done.output
    (kept,) = (file.parent / "files").iterdir()
    assert kept.read_bytes() == png and re.fullmatch(r"[\w.-]+\.png", kept.name)
    text = file.read_text()
    entry = f'{{"file_entries":[{{"name":"{kept.name}","type":"attachment"}}]}}'
    assert f"<!-- livebook:{entry} -->\n\n# A Harbour\n" in text  # right before the name
    assert f"Words.\n\n![The old \\[pier\\]](files/{kept.name})\n\nMore." in text
    again = read(file)
    (figure,) = again.figures
    assert figure.alt == "The old [pier]" and figure.fault is None
    assert again.counts["attachments"] == 1
    kinds = [(one.kind, one.text) for one in again.blocks[2:5]]
    assert kinds == [("prose", "Words."), ("figure", ""), ("prose", "More.")]
    section = CliRunner().invoke(
        cli, [*home, "export", str(book), "--section", "boats", "--to", str(tmp_path / "b.livemd")]
    )
    assert section.exit_code == 0 and not (tmp_path / "files").exists()
    piped = CliRunner().invoke(cli, [*home, "export", str(book), "--to", "-"])
    assert piped.exit_code == 0 and "![" not in piped.stdout
    assert "pictures are left out" in piped.stderr


def test_limits_of_the_child_hold_for_notebooks(tmp_path: Path) -> None:
    path = tmp_path / "b.livemd"
    path.write_text("# T\n" + "x" * 1_100_000)
    with pytest.raises(BookError) as caught:
        parse(path, Limits(unpacked_mb=1), lambda done, total: None)
    assert caught.value.code is Code.TOO_LARGE


def test_captions_say_what_the_text_refers_to_and_boxes_stay_apart() -> None:
    told = Block("caption", "The tide", number="1", label="figure")
    printed = Block("caption", "Fig. 2: Boats", number="2", label="figure")
    boxes = [Block("callout", "Take care."), Block("callout", "Your turn")]
    row, frames = frames_of([Block("heading", "T", level=1), told, printed, *boxes])
    blocks = into_frames(
        Parsed("md", title="T", blocks=[Block("heading", "T", level=1), told, printed, *boxes])
        .as_plain(), Facts("b", Path("b.md"), "0" * 64, 1, "raw_books.0"),
    )["raw_books__blocks"]  # fmt: skip
    made = into_notebook(row, frames["sections"], frames["sections__blocks"],
                         labels=labelled_in(blocks))  # fmt: skip
    assert "\n\n*Figure 1. The tide*\n\n" in made.text and "\n\n*Fig. 2: Boats*" in made.text
    assert "> Take care.\n\n> Your turn" in made.text
