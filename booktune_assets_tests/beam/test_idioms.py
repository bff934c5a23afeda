"""Idiomatic twins score above unidiomatic ones."""

from __future__ import annotations

import pytest

from booktune_assets.beam.idiom_findings import FINDINGS
from booktune_assets.beam.idioms import Idiom, idiom_score
from booktune_assets.beam.tree import has_faults, pieces
from booktune_assets_tests.beam.labelled import snippets
from booktune_assets_tests.beam.twins import Fine, fine, twins

PAIRS = [one for pairs in twins().values() for one in pairs]


def test_twins_are_ranked() -> None:
    lost = [
        f"{one.where} {one.name}: {good} {bad}"
        for one in PAIRS
        if (good := idiom_score(one.good, one.lang)).score
        <= (bad := idiom_score(one.bad, one.lang)).score
    ]
    assert len(PAIRS) >= 100
    assert not lost, "\n".join(lost)


def test_twins_have_the_finding_that_is_named_and_no_other() -> None:
    for one in PAIRS:
        assert not idiom_score(one.good, one.lang).findings, one.where
        found = {finding.name for finding in idiom_score(one.bad, one.lang).findings}
        assert found == {one.name}, one.where


@pytest.mark.parametrize("one", fine(), ids=lambda one: one.where)
def test_nothing_is_found_where_there_is_nothing(one: Fine) -> None:
    assert idiom_score(one.text, one.lang).findings == ()


def test_twins_parse_and_cover_every_finding() -> None:
    assert {one.name for one in PAIRS} == set(FINDINGS)
    texts = [(text, one.lang) for one in PAIRS for text in (one.good, one.bad)]
    for text, lang in [*texts, *((one.text, one.lang) for one in fine())]:
        assert not any(has_faults(piece) for piece in pieces(text, lang)), text


def test_findings_name_place_and_remedy() -> None:
    idiom = idiom_score("x = 1\ny = Enum.count(list) > 0\n", "elixir")
    assert [(one.name, one.line, one.span) for one in idiom.findings] == [
        ("length_zero", 2, (10, 30))
    ]
    assert "[]" in idiom.findings[0].instead
    assert 0 < idiom.score < 1


def test_more_is_worse_and_size_makes_up_for_it() -> None:
    bad = "def a(x), do: length(x) == 0\n"
    fine = "".join(f"def f{n}(x), do: x\n" for n in range(60))
    assert idiom_score(bad * 2, "elixir").score < idiom_score(bad, "elixir").score
    assert idiom_score(bad + fine, "elixir").score > idiom_score(bad, "elixir").score


@pytest.mark.parametrize("lang", ["other", "elixir"])
def test_text_without_code_scores_nothing(lang: str) -> None:
    assert idiom_score("" if lang == "elixir" else "x = 1", lang) == Idiom(0.0, ())


def test_scores_stay_in_bounds_on_damaged_text() -> None:
    for one in snippets("tuned"):
        for size in range(0, len(one.text), 17):
            assert 0 <= idiom_score(one.text[:size], one.lang).score <= 1


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("elixir", "def size(%{l: l, r: r}), do: 1 + size(l) + size(r)"),
        ("elixir", "def f(x) do\nif x do\n1\nelse\nif x, do: 2, else: 3\nend\nend"),
        ("elixir", "for i <- 0..9, do: Enum.at(words, 1) + i"),
        ("erlang", "size({_, L, R}) -> 1 + size(L) + size(R)."),
    ],
)
def test_what_only_looks_like_a_finding(lang: str, text: str) -> None:
    assert idiom_score(text, lang).findings == ()


@pytest.mark.parametrize(
    ("lang", "text", "found"),
    [
        ("elixir", "length(l) == 0", True),
        ("elixir", "0 != length(l)", True),
        ("elixir", "Enum.count(l) > 0", True),
        ("elixir", "length(l) >= 1", True),
        ("elixir", "length(l) >= 0", False),
        ("elixir", "l |> length() == 0", True),
        ("elixir", "1 > length(l)", True),
        ("elixir", "length(l) > 1", False),
        ("elixir", "length(l) <= 1", False),
        ("elixir", "1 >= length(l)", False),
        ("elixir", "length(l) == 1", False),
        ("erlang", "f(L) -> length(L) =:= 0.", True),
        ("erlang", "f(L) -> length(L) =/= 0.", True),
        ("erlang", "f(L) -> 1 =< length(L).", True),
        ("erlang", "f(L) -> length(L) < 1.", True),
        ("erlang", "f(L) -> length(L) =:= 1.", False),
        ("erlang", "f(L) -> length(L) > 1.", False),
        ("erlang", "f(L) -> length(L) =< 1.", False),
    ],
)
def test_only_a_question_for_the_empty_list_is_one_for_a_match(
    lang: str, text: str, found: bool
) -> None:
    assert [one.name for one in idiom_score(text, lang).findings] == ["length_zero"] * found


@pytest.mark.parametrize(
    ("lang", "call", "found"),
    [
        ("elixir", "f(acc ++ more, t)", True),
        ("elixir", "f(more ++ acc, t)", False),
        ("elixir", "f(more ++ more ++ acc, t)", False),
        ("elixir", "f(more ++ (acc ++ more), t)", True),
        ("elixir", "f(more ++ [h], t)", True),
        ("elixir", "f(more <> acc, t)", True),  # a binary is copied from either side
        ("erlang", "f(Acc ++ More, T)", True),
        ("erlang", "f(More ++ Acc, T)", False),
        ("erlang", "f(lists:append(Acc, More), T)", True),
        ("erlang", "f(lists:append(More, Acc), T)", False),
    ],
)
def test_what_is_put_before_an_accumulator_is_no_append(lang: str, call: str, found: bool) -> None:
    text = (
        f"def f(acc, []), do: acc\ndef f(acc, [h | t]) do\n  more = g(h)\n  {call}\nend"
        if lang == "elixir"
        else f"f(Acc, []) -> Acc;\nf(Acc, [H | T]) -> More = g(H), {call}."
    )
    named = [one.name for one in idiom_score(text, lang).findings]
    wanted = "concat_in_loop" if "<>" in call else "append_in_loop"
    assert (wanted in named) is found
