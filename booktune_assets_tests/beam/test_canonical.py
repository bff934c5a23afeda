"""Which listings are one, and which only look alike."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.beam.canonical import canonical, canonical_hash

NAMES = st.from_regex(r"[a-z][a-z_]{0,5}[0-9]", fullmatch=True)
CAPITALS = st.from_regex(r"[A-Z][a-z]{0,5}[0-9]", fullmatch=True)

ELIXIR = """
def total({list}, %{{step: {step}}} = {opts}, {extra} \\\\ 1) when {step} > 0 do
  {sum} = Enum.reduce({list}, 0, fn {item}, {acc} -> {acc} + {item} * {step} end)
  for {each} <- {list}, do: IO.puts("#{{{each}}} of #{{{sum}}}")
  case {opts} do
    %{{limit: {limit}}} when {limit} < {sum} -> {limit}
    _ -> {sum} + {extra}
  end
end
"""
ERLANG = """
total([{list} | {rest}], {acc}) when {list} > 0 ->
    {more} = {acc} + {list},
    total({rest}, {more});
total([], {acc}) -> {acc}.
"""
E_SLOTS = ("list", "step", "opts", "extra", "sum", "item", "acc", "each", "limit")
R_SLOTS = ("list", "rest", "acc", "more")


@settings(max_examples=40, deadline=None)
@given(st.lists(NAMES, min_size=9, max_size=9, unique=True),
       st.lists(NAMES, min_size=9, max_size=9, unique=True))  # fmt: skip
def test_renamed_variables_are_the_same_elixir(one: list[str], other: list[str]) -> None:
    left, right = (
        ELIXIR.format(**dict(zip(E_SLOTS, names, strict=True))) for names in (one, other)
    )
    assert canonical(left, "elixir") == canonical(right, "elixir")


@settings(max_examples=40, deadline=None)
@given(st.lists(CAPITALS, min_size=4, max_size=4, unique=True),
       st.lists(CAPITALS, min_size=4, max_size=4, unique=True))  # fmt: skip
def test_renamed_variables_are_the_same_erlang(one: list[str], other: list[str]) -> None:
    left, right = (
        ERLANG.format(**dict(zip(R_SLOTS, names, strict=True))) for names in (one, other)
    )
    assert canonical(left, "erlang") == canonical(right, "erlang")


@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES, min_size=9, max_size=9, unique=True), st.integers(0, 4), st.integers(0, 4))
def test_one_variable_for_another_is_another_program(
    names: list[str], taken: int, instead: int
) -> None:
    slots = dict(zip(E_SLOTS, names, strict=True))  # the first five are names of the whole clause
    mixed = {**slots, E_SLOTS[taken]: names[instead]}
    same = canonical(ELIXIR.format(**slots), "elixir") == canonical(
        ELIXIR.format(**mixed), "elixir"
    )
    assert same == (taken == instead)


@pytest.mark.parametrize(
    ("lang", "left", "right"),
    [
        ("elixir", "x = 1 # one\ny = x", "a   = 1\n\n\nb = a"),
        ("elixir", '@doc "adds"\ndef add(a, b), do: a + b', "def add(x, y), do: x + y"),
        ("elixir", 'def add(a, b) do\n  a + b\nend\n@moduledoc """\nlong\n"""',
         "def add(a, b) do\n  a +\n    b\nend"),
        ("elixir", "def f(a), do: a\ndef g(a), do: a", "def f(a), do: a\ndef g(b), do: b"),
        ("elixir", "{:ok, pid} = start()\nsend(pid, ^pid)", "{:ok, p} = start()\nsend(p, ^p)"),
        ("erlang", "f(X) -> X. % same", "f(Y) ->\n    Y."),
        ("erlang", '-doc "text".\nf(X) -> X.', "f(Q) -> Q."),
    ],
)  # fmt: skip
def test_what_says_nothing_to_the_machine(lang: str, left: str, right: str) -> None:
    assert canonical_hash(left, lang) == canonical_hash(right, lang)


@pytest.mark.parametrize(
    ("lang", "left", "right"),
    [
        ("elixir", "x = 1", "x = 2"),
        ("elixir", "Enum.map(l, f)", "Enum.each(l, f)"),
        ("elixir", "x = 1\nx + 1", "x = 1\nx - 1"),
        ("elixir", "%{a: 1}", "%{b: 1}"),
        ("elixir", "helper", "other"),  # bound nowhere: a call, or a name of earlier
        ("elixir", "def f(a), do: a", "def g(a), do: a"),
        ("elixir", "defp f(a), do: a", "def f(a), do: a"),
        ("elixir", "fn a, b -> a - b end", "fn a, b -> b - a end"),
        ("elixir", "fn ^a -> a end", "fn a -> a end"),
        ("elixir", ":ok", ":error"),
        ("elixir", '"a b"', '"a  b"'),
        ("elixir", "@spec f(integer) :: atom", "@spec f(atom) :: atom"),
        ("erlang", "f(X, Y) -> X - Y.", "f(X, Y) -> Y - X."),
        ("erlang", "f(X) -> X.", "g(X) -> X."),
        ("erlang", "f(_, X) -> X.", "f(X, _) -> X."),
        ("erlang", "f() -> ?MAX.", "f() -> ?MIN."),
        ("iex", "iex> 1 + 1\n2", "iex> 1 + 1\n3"),
    ],
)
def test_what_another_program_is(lang: str, left: str, right: str) -> None:
    assert canonical_hash(left, lang) != canonical_hash(right, lang)


def test_what_does_not_parse_is_compared_as_it_is_written() -> None:
    assert canonical("def f(a, do", "elixir") == "def f(a, do"
    assert canonical("x  =\n 1", "other") == "x = 1"


def test_deep_nests_end() -> None:
    deep = "[" * 5000 + "1" + "]" * 5000
    assert canonical(deep, "elixir") == deep
