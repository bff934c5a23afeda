"""Marks of Markdown dialects: no words of the book, and what they say of code is heard."""

# ruff: noqa: E501 (sources stand as they are written)

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.books.blocks import Block, Page, Parsed
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.markdown import blocks_of
from booktune_assets_tests.books.makers import ERLANG, MODULE


def account(source: str) -> tuple[list[Block], Page]:
    ledger, page = Ledger(), Page(1)
    blocks = blocks_of(source, None, ledger, Parsed("md"))
    ledger.settle(blocks, [page])
    return blocks, page


def shown(source: str) -> list[tuple[str, str, str]]:
    """Kind, language and text of each block; nothing may be lost or doubled."""
    blocks, page = account(source)
    assert (page.lost, page.doubled) == (0, 0)
    return [(block.kind, block.lang, block.text) for block in blocks]


def below(code: str, room: str) -> str:
    return "\n".join(room + line if line else "" for line in code.split("\n"))


@pytest.mark.parametrize(
    ("opens", "closes"),
    [
        ("{% highlight elixir %}", "{% endhighlight %}"),
        ("{%- highlight elixir linenos -%}", "{%- endhighlight -%}"),
        ('{{< highlight elixir "linenos=table,hl_lines=1" >}}', "{{< /highlight >}}"),
        ("{{< highlight elixir >}}", "{{</ highlight >}}"),
    ],
)
def test_listings_of_jekyll_and_hugo(opens: str, closes: str) -> None:
    code = f"# no heading\n{MODULE}\n\n\n- no = :list"
    assert shown(f"Words\n{opens}\n{code}\n{closes}\nMore\n") == [
        ("prose", "", "Words"), ("code", "elixir", code), ("prose", "", "More"),
    ]  # fmt: skip


def test_a_listing_that_never_ends_is_none() -> None:
    assert shown("{% highlight elixir %}\n\nWords.\n") == [("prose", "", "Words.")]


def test_tags_on_lines_of_their_own_are_no_text() -> None:
    source = (
        '{% include toc.html %}\n\nWords with {% x %} inside.\n{% raw %}\n```heex\n<p>{{ @a }}</p>\n```\n'
        '{% endraw %}\n\n{{< figure src="x.png" >}}\n'
    )  # fmt: skip
    assert shown(source) == [
        ("prose", "", "Words with {% x %} inside."), ("code", "elixir", "<p>{{ @a }}</p>"),
    ]  # fmt: skip


def test_attributes_of_markua_speak_of_the_code_below() -> None:
    source = (
        "{mainmatter}\n\n{class: part}\n# Tides\n\n## Ebb {#ebb}\n\n"
        f'{{lang=elixir,line-numbers=off,title="tide.ex"}}\n~~~~~~~~\n{MODULE}\n~~~~~~~~\n\n'
        f'{{format: erlang, caption: "A server"}}\n```\n{ERLANG}\n```\n\n'
        "{lang=text}\n    one of the words here\n      two\n\n{pagebreak}\n\n{id: below, width: 50%}\nWords.\n\n<<[A file](code/a.ex)\n"
    )  # fmt: skip
    assert shown(source) == [
        ("heading", "", "Tides"), ("heading", "", "Ebb"), ("caption", "", "tide.ex"),
        ("code", "elixir", MODULE), ("caption", "", "A server"), ("code", "erlang", ERLANG),
        ("code", "other", "one of the words here\n  two"), ("prose", "", "Words."),
    ]  # fmt: skip
    assert [block.level for block in account(source)[0][:2]] == [0, 2]


def test_asides_of_markua_hold_what_texts_hold() -> None:
    source = (
        f"A> ## Why\nA>\nA> Two\nA> lines, [one][r].\nA>\nA> ```elixir\n{below(MODULE, 'A> ').replace(chr(10) * 2, chr(10) + 'A>' + chr(10))}\nA> ```\n\n"
        "W> Mind it.\n\n{blurb, class: tip}\nDo it.\n\n- so\n{/blurb}\n\n{aside}\nSide.\n{/aside}\nAfter.\n\n[r]: http://x.example\n"
    )  # fmt: skip
    assert shown(source) == [
        ("callout", "", "Why"), ("callout", "", "Two lines, one."), ("code", "elixir", MODULE),
        ("callout", "", "Mind it."), ("callout", "", "Do it."), ("list", "", "so"),
        ("callout", "", "Side."), ("prose", "", "After."),
    ]  # fmt: skip


def test_tabs_of_mkdocs() -> None:
    source = (
        f'=== "Elixir"\n\n    Words.\n\n    ```elixir title="a.ex" linenums="1"\n{below(MODULE, "    ")}\n    ```\n\n'
        f'=== "The other way"\n    ```erlang\n{below(ERLANG, "    ")}\n    ```\n\nAfter.\n{{: .lead }}\n'
    )  # fmt: skip
    assert shown(source) == [
        ("prose", "", "Words."), ("caption", "", "a.ex"), ("code", "elixir", MODULE),
        ("caption", "", "The other way"),
        ("code", "erlang", ERLANG), ("prose", "", "After."),
    ]  # fmt: skip


def test_attributes_of_kramdown_are_no_text() -> None:
    source = (
        f"{{:toc}}\n\nWords.\n{{: .lead #first}}\n\n```\n{MODULE}\n```\n{{: .language-elixir}}\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n{: .table }\n\nMore.\n"
    )  # fmt: skip
    assert shown(source) == [
        ("prose", "", "Words."), ("code", "elixir", MODULE), ("table", "", "a | b\n1 | 2"),
        ("prose", "", "More."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    ["{:ok, value}", "{ok, Value}", "{:error, %{a: 1}}", "{name: 1, other: 2}", "{:reply, x, y}",
     "{a, b}", "{ok}", "=== x", '== "x"', "Z> word", "(a) = b", "<< 1, 2 >>"],
)  # fmt: skip
def test_values_in_a_paragraph_are_words(line: str) -> None:
    assert shown(f"{line}\n")[0][2] == line


def test_directives_for_code() -> None:
    source = (
        f"(tide)=\n# Tides\n\n```{{code-block}} elixir\n:linenos:\n:emphasize-lines: 2\n\n{MODULE}\n```\n\n"
        f"```{{elixir}}\n#| echo: false\n{MODULE}\n```\n\n```{{toctree}}\na\nb\n```\n\n"
        "```{.erlang .numberLines}\nx() -> 1.\n```\n\n::: {.note title=\"Mind\"}\nIt.\n:::\n"
    )  # fmt: skip
    assert shown(source) == [
        ("heading", "", "Tides"), ("code", "elixir", MODULE), ("code", "elixir", MODULE),
        ("code", "erlang", "x() -> 1."), ("callout", "", "Mind"), ("callout", "", "It."),
    ]  # fmt: skip


PIECES = st.sampled_from([
    "{% highlight elixir %}", "{% endhighlight %}", "{% x %}", "{{< highlight c >}}", "{{< /highlight >}}", "{aside}", "{/aside}",
    "A> a", "A>", "A> ```", "A>     x", "W> - b", "> A> q", '=== "Tab"', "    in", "        deep", "{lang=elixir}", "{: .x}",
    "{class: part}", "# h", "```", "```{code-block} c", ":x: y", "words", "", "- item", "  A> in", "<<(a)", "(l)=", "::: n", ":::",
    "\tA> tab", "| a |", "[^1]: A> n", "{title: \"t\"}",
])  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=14).map("\n".join))
def test_any_mix_of_marks_keeps_its_account(source: str) -> None:
    _, page = account(source)
    assert (page.lost, page.doubled) == (0, 0)


@pytest.mark.parametrize(
    "line", ["{% highlight elixir %}", "{aside}", "{{< highlight c >}}", "A> A> A> x"]
)
def test_many_marks_that_never_end_cost_no_square(line: str) -> None:
    from booktune_assets.books import mddialects

    looked = 0
    bare = mddialects._bare  # pyright: ignore[reportPrivateUsage]

    def counted(state: object, number: int) -> str:
        nonlocal looked
        looked += 1
        return bare(state, number)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mddialects, "_bare", counted)
        account(f"{line}\n\n" * 3_000)
    assert looked <= 20_000


def test_scripts_of_mdx_and_includes_of_mdbook_are_no_text() -> None:
    source = (
        "import Tabs from '@theme/Tabs';\nimport Item from '@theme/Item';\n\nWords.\n\n{/* a remark */}\n\n"
        "export const x = 1;\n\n{{#include ../code.ex}}\n\nimport Enum, from the start.\n"
    )  # fmt: skip
    assert [text for _, _, text in shown(source)] == ["Words.", "import Enum, from the start."]


@pytest.mark.parametrize(
    ("info", "lang"),
    [("{#code .elixir .numberLines startFrom=\"10\"}", "elixir"), ("{.numberLines .erlang}", "erlang"),
     ("{.elixir}", "elixir"), ("{ .elixir hl_lines=1 }", "elixir"), ("{elixir}", "elixir"), ("elixir,ignore", "elixir")],
)  # fmt: skip
def test_attributes_name_the_language(info: str, lang: str) -> None:
    assert shown(f"~~~ {info}\nx = 1\n~~~\n") == [("code", lang, "x = 1")]


def test_a_dash_in_braces_says_that_a_title_has_no_number() -> None:
    source = "# Preface {-}\n\n# Chapter Two: Boats {-}\n\n# Lists of {a}\n"
    assert [text for _, _, text in shown(source)] == ["Preface", "Boats", "Lists of {a}"]


def test_a_tuple_at_the_end_of_a_title_is_text() -> None:
    source = '# Gives {:ok, pid}\n\n## Or `{:error, reason}`\n\n## Not {: .toc k="v w"}\n\n## Nor {:#id}\n'
    assert [text for _, _, text in shown(source)] == [
        "Gives {:ok, pid}", "Or {:error, reason}", "Not", "Nor",
    ]  # fmt: skip


def test_notes_come_behind_the_text_of_their_marks() -> None:
    source = (
        "# A\n\nOne.[^a]\n\n```elixir\nx\n```\n\n## B\n\n- Two.[^b]\n- More.\n\nOn.[^a]\n\n# C\n\nEnd.\n\n"
        "[^b]: Nb.\n\n    Again.\n\n[^a]: Na.[^b]\n[^c]: Never.\n"
    )  # fmt: skip
    assert [(kind, text) for kind, _, text in shown(source)] == [
        ("heading", "A"), ("prose", "One."), ("code", "x"), ("footnote", "Na."), ("heading", "B"),
        ("list", "Two."), ("list", "More."), ("footnote", "Nb."), ("footnote", "Again."),
        ("prose", "On."), ("heading", "C"), ("prose", "End."), ("footnote", "Never."),
    ]  # fmt: skip
