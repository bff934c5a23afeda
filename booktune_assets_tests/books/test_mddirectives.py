"""Directives, roles, references and tabs of Markdown dialects: what is text, and what is code."""

# ruff: noqa: E501 (sources stand as they are written)

from __future__ import annotations

import pytest

from booktune_assets.books.blocks import Block
from booktune_assets.books.markdown import parse_text
from booktune_assets_tests.books.test_mddialects import account, shown


def led(source: str) -> list[tuple[str, str, int | None]]:
    block = next(one for one in account(source)[0] if one.kind == "prose")
    return [(block.text[one.start : one.end], one.target, one.to) for one in block.links]


def kinds(source: str) -> list[tuple[str, str]]:
    return [(kind, text) for kind, _, text in shown(source)]


def test_an_exercise_of_myst_is_a_text_with_its_code() -> None:
    source = (
        "````{exercise} Count boats\n:label: ex1\n\nWrite a counter.\n\n```elixir\ns = 1\n```\n````\n\n"
        "````{solution} ex1\n:class: dropdown\nSo:\n\n```elixir\nx = 2\n```\n````\n"
    )
    assert shown(source) == [
        ("callout", "", "Exercise: Count boats"), ("callout", "", "Write a counter."),
        ("code", "elixir", "s = 1"), ("callout", "", "Solution"), ("callout", "", "So:"),
        ("code", "elixir", "x = 2"),
    ]  # fmt: skip


def test_containers_say_titles_and_tasks() -> None:
    assert kinds(":::tip[Look here]\nWords.\n:::\n\n:::{warning} Careful\nMore.\n:::\n") == [
        ("callout", "Look here"), ("callout", "Words."), ("callout", "Careful"),
        ("callout", "More."),
    ]  # fmt: skip
    for opens in ("::: {.exercise #ex-a}", "::: {#exr-count}", ":::{exercise} ex-a"):
        assert kinds(f"{opens}\nWrite one.\n:::\n")[0] == ("callout", "Exercise")
    assert kinds("::: {#sol-count .callout}\nSo.\n:::\n")[0] == ("callout", "Solution")


@pytest.mark.parametrize(
    ("opens", "closes", "told"),
    [
        ('{% hint style="info" %}', "{% endhint %}", []),
        ("{{< hint info >}}", "{{< /hint >}}", []),
        ('{{% notice note %}}', "{{% /notice %}}", []),
        ('{{< admonition type="tip" title="Look" >}}', "{{< /admonition >}}", ["Look"]),
    ],
)  # fmt: skip
def test_boxes_of_gitbook_and_hugo(opens: str, closes: str, told: list[str]) -> None:
    source = f"{opens}\nWords.\n\n```elixir\nx = 1\n```\n{closes}\n\nAfter.\n"
    boxed = [("callout", one) for one in [*told, "Words."]]
    assert kinds(source) == [*boxed, ("code", "x = 1"), ("prose", "After.")]
    assert kinds(f"{opens}\n\nWords.\n") == [("prose", "Words.")]


def test_titles_of_tabs_are_no_sections() -> None:
    tabs = "### Elixir\n\n```elixir\na = 1\n```\n\n### The other\n\n```erlang\nA = 1.\n```\n\n"
    wanted = [("code", "a = 1"), ("caption", "The other"), ("code", "A = 1."), ("heading", "After")]
    assert kinds(f"<!-- tabs-open -->\n\n{tabs}<!-- tabs-close -->\n\n### After\n") == wanted
    assert kinds(f"::: {{.panel-tabset}}\n\n{tabs}:::\n\n### After\n") == wanted


def test_captions_of_listings() -> None:
    for fence, inner in (
        ('elixir title="A listing"', ""), ("{.elixir lst-cap='A listing'}", ""),
        ("{code-block} elixir", ":caption: A listing\n:linenos:\n\n"),
        ("{elixir}", '#| lst-cap: "A listing"\n'),
    ):  # fmt: skip
        assert shown(f"```{fence}\n{inner}x = 1\n```\n") == [
            ("caption", "", "A listing"), ("code", "elixir", "x = 1"),
        ]  # fmt: skip
    table = (
        "| A | B |\n|---|---|\n| 1 | 2 |\n\n: Boats of the year {#tbl-boats}\n\nSee @tbl-boats.\n"
    )
    assert kinds(table)[1] == ("caption", "Boats of the year")
    assert led(table) == [("@tbl-boats", "#tbl-boats", 1)]


def test_figures_and_glossaries_of_myst() -> None:
    source = (
        "```{figure} tide.png\n:alt: A tide\n:name: fig-t\n\nThe *tide* at noon.\n```\n\n"
        "```{glossary}\ntide\n  Water that comes.\n```\n"
    )
    assert kinds(source) == [
        ("figure", "A tide"), ("caption", "The tide at noon."), ("list", "tide"),
        ("list", "Water that comes."),
    ]  # fmt: skip


def test_roles_and_attributes_are_no_words() -> None:
    source = (
        "# Tides {#sec-tides}\n\nSee {ref}`the tides <sec-tides>`, {term}`ebb`, {code}`x = 1`,"
        " `y`{.elixir}, [boats]{.smallcaps} and @sec-tides, \\@ref(sec-tides).\\index{boat}\n"
    )
    assert kinds(source)[1][1] == (
        "See the tides, ebb, x = 1, y, boats and @sec-tides, @ref(sec-tides)."
    )
    assert [(words, to) for words, _, to in led(source)] == [
        ("the tides", 0), ("ebb", None), ("@sec-tides", 0), ("@ref(sec-tides)", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    ["It returns {ok}`x` and `x`{ok, pid}.", "Match ^[a-z]+$ or ^[0-9]{2}.", "Mail jo@sec-x.org.",
     "[a]{b} and {`:ok`, pid}", "The pin ^[x] stays."],
)  # fmt: skip
def test_what_looks_like_them_is_text(line: str) -> None:
    assert kinds(line) == [("prose", line.replace("`", ""))]


def test_notes_in_place_come_behind_their_text() -> None:
    source = (
        "Boats go ^[By `sail`, as a rule.] out.\n\nFog.\n\n| A | B |\n|---|---|\n| 1^[One boat.] | 2 |\n"
        "\n# Tides^[Of the sea.]\n"
    )
    assert kinds(source) == [
        ("prose", "Boats go out."), ("footnote", "By sail, as a rule."), ("prose", "Fog."),
        ("table", "A | B\n1 | 2"), ("footnote", "One boat."), ("heading", "Tides"),
        ("footnote", "Of the sea."),
    ]  # fmt: skip


def test_lines_of_tex_are_no_text() -> None:
    assert kinds("\\newpage\n\nWords.\n\n[[_TOC_]]\n\n\\backmatter\n\n[TOC]\n") == [
        ("prose", "Words.")
    ]


def test_the_blocks_keep_their_markup_where_nothing_was_taken_off() -> None:
    def markup(source: str) -> list[str | None]:
        blocks: list[Block] = account(source)[0]
        return [one.markup for one in blocks]

    assert markup("Words *here*.") == ["Words *here*."]
    assert markup("Words {code}`x`.") == [None]
    assert markup("Words^[Of the sea.].")[0] is None
    assert account("# The `x`{#ex}\n")[0][0].anchor == "ex"


def test_code_in_a_definition_of_pandoc_is_as_it_was() -> None:
    source = "tide\n\n:   Comes.\n\n        def a do\n          1\n        end\n\nebb\n: Goes.\n\n      x = 1\n"
    assert [text for kind, text in kinds(source) if kind == "code"] == [
        "def a do\n  1\nend", "x = 1",
    ]  # fmt: skip


def test_containers_that_only_place_their_text_are_no_boxes() -> None:
    source = (
        ':::: {.columns}\n::: {.column width="40%"}\nLeft.\n:::\n::: {.column}\nRight.\n:::\n::::\n'
    )
    assert kinds(source) == [("prose", "Left."), ("prose", "Right.")]
    assert kinds("::: warning\nWords.\n:::\n\n```{=html}\n<b>raw</b>\n```\n") == [
        ("callout", "Words.")
    ]


def test_title_blocks_of_pandoc() -> None:
    parsed = parse_text(b"% Tides\n% Jo Doe; Ann Poe\n% 2026\n\n# One\n\nA.\n", "md", "b.md")
    assert (parsed.title, parsed.authors) == ("Tides", ["Jo Doe", "Ann Poe"])
    assert [one.text for one in parsed.blocks] == ["One", "A."]
    parsed = parse_text(b"% of boats go\nout at noon.\n", "md", "b.md")
    assert [one.text for one in parsed.blocks] == ["% of boats go out at noon."]
