"""Other forms of expressions: each is whole, and says which form it has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.beam.forms_elixir import other_forms
from booktune_assets.beam.grammar import parses

FORMS = {
    '"a" |> String.upcase() |> String.reverse()': (
        "pipeline", 'String.reverse(String.upcase("a"))',
    ),
    'String.reverse(String.upcase("a"))': (
        "nested calls", '"a" |> String.upcase() |> String.reverse()',
    ),
    "Enum.map(list, &(&1 + 1))": ("capture", "Enum.map(list, fn x -> x + 1 end)"),
    "Enum.map(list, &hd/1)": ("capture", "Enum.map(list, fn x -> hd(x) end)"),
    "Enum.map(list, fn x -> hd(x) end)": ("fn", "Enum.map(list, &hd/1)"),
    "Enum.reduce(x, fn a, b -> a + b end)": ("fn", "Enum.reduce(x, &(&1 + &2))"),
    "for n <- [1, 2], do: n * n": ("comprehension", "Enum.map([1, 2], fn n -> n * n end)"),
    '"Ho, #{name}!"': ("interpolation", '"Ho, " <> name <> "!"'),
    "%{a: 1, b: 2}": ("short keys", "%{:a => 1, :b => 2}"),
    "[a: 1]": ("keyword list", "[{:a, 1}]"),
    "~w(sea tide)": ("word list", '["sea", "tide"]'),
    "map[:key]": ("brackets", "Map.get(map, :key)"),
    "if x > 1, do: 2, else: 3": ("one line", "if x > 1 do\n  2\nelse\n  3\nend"),
}  # fmt: skip


@pytest.mark.parametrize("source", FORMS)
def test_form(source: str) -> None:
    kind, text = FORMS[source]
    assert {one.kind: one.text for one in other_forms(source)}[kind] == text


@pytest.mark.parametrize(
    "source",
    ["fun.(1)", "x + 1", "Enum.map(list, fn {a, b} -> a + b end)", "fn -> 1 end", "&1", "[1, 2"],
)
def test_none(source: str) -> None:
    assert not [one for one in other_forms(source) if one.kind in ("fn", "nested calls", "capture")]


@given(st.text(alphabet='fnx &1+()[]->.,|:# "{}', max_size=40))
def test_any_text(source: str) -> None:
    for one in other_forms(source):
        assert parses(one.text, "elixir")
        assert one.text != source


def test_a_long_expression_has_none() -> None:
    assert not other_forms(f"[{', '.join(['%{a: 1}'] * 500)}]")
