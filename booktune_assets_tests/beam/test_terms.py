"""Printed values are compared as values."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from booktune_assets.beam.terms import Dialect, parse_term, same

SAME = [
    ("%{a: 1, b: 2}", "%{b: 2, a: 1}"),
    ("%{:a => 1}", "%{a: 1}"),
    ("'abc'", '~c"abc"'),
    ("[97, 98]", "'ab'"),
    ("[a: 1]", "[{:a, 1}]"),
    ("[\n  1,\n  2\n]", "[1, 2]"),
    ("#PID<0.1.0>", "#PID<0.99.0>"),
    ("{:ok, #Reference<0.1.2.3>}", "{:ok, #Reference<0.9.9.9>}"),
    ("#Function<6.7/1 in :erl_eval.expr/5>", "#Function<42.3/1 in :erl_eval.expr/6>"),
    ("#MapSet<[1, 2]>", "MapSet.new([2, 1])"),
    ("MapSet.new([1, ...])", "MapSet.new([2, 1])"),
    ("[1, 2, ...]", "[1, 2, 3, 4]"),
    ('<<"\u00e9", 1>>', "<<195, 169, 1>>"),
    ("{:module, Foo, <<70, 79, ...>>, {:a, 1}}", "{:module, Foo, <<70, 79, 82, 49>>, {:a, 1}}"),
    ("1..3", "1..3//1"),
    ("100_000", "100000"),
    ("0x1F", "31"),
    ("#DateTime<2016-05-24 13:26:08Z>", "~U[2016-05-24 13:26:08Z]"),
    ('"a #PID<0.1.0> b"', '"a #PID<0.2.0> b"'),
    ('"e\u0301"', '"\u00e9"'),
    ('"long text\ngoes on"', '"long text goes on"'),
    ("{:x, [line: 3], Elixir}", "{:x, [], Elixir}"),
    ("{:+, [import: Kernel], [1, 2]}", "{:+, [imports: [{1, Kernel}]], [1, 2]}"),
    ("#Stream<[enum: 1..3, f: [...]]>", "#Stream<[enum: 1..3, f: [#Function<1.2/1 in S.m/2>]]>"),
    ("%User{age: 1, name: ...}", '%User{name: "x", age: 1}'),
]  # fmt: skip
DIFFERENT = [
    ("1", "1.0"), ("1", "2"), ('"a"', '"b"'), ('"a"', "'a'"), (":a", '"a"'), ("[1, 2]", "[2, 1]"),
    ("[1]", "[1, 2]"), ("{1}", "[1]"), ("%{a: 1}", "%{a: 2}"), ("%{a: 1}", "%{a: 1, b: 2}"),
    ('%{"a" => 1}', "%{a: 1}"), ("%User{a: 1}", "%Other{a: 1}"), ("nil", "false"), ("Foo", ":foo"),
    ("1..3", "1..4"), ("MapSet.new([1])", "MapSet.new([2])"), ("&String.length/1", "&String.at/2"),
    ("~D[2020-01-01]", "~D[2020-01-02]"), ("#PID<0.1.0>", "#Reference<0.1.0>"), ("<<1>>", "<<2>>"),
    ("1.0e-10", "1.1e-10"), ("[1, ...]", "[2, 3]"), ("{:a, [line: 1], [1]}", "{:a, [], [2]}"),
]  # fmt: skip
ERLANG_SAME = [
    ("{ok,<0.1.0>}", "{ok, <0.99.0>}"), ("#{b => 1,a => 2}", "#{a => 2,b => 1}"),
    ('"ab"', "[97,98]"), ('<<"abc">>', "<<97,98,99>>"), ("#p{a = 1,b = x}", "#p{a=1, b=x}"),
    ("#Fun<erl_eval.44.1>", "#Fun<erl_eval.6.2>"), ("'ok'", "ok"), ("$a", "97"), ("16#FF", "255"),
    ("#Ref<0.1.2.3>", "#Ref<0.3.2.1>"), ('<<"\u00e9">>', "<<233>>"),
    ('<<"\u65e5",1>>', "<<229,1>>"),
    ('<<"\u00e9"/utf8>>', "<<195,169>>"), ('<<"a\u65e5"/utf8>>', "<<97,230,151,165>>"),
    ('"ab" "c"', '"abc"'), ("[1,2,...]", "[1,2,3]"),
]  # fmt: skip
ERLANG_DIFFERENT = [
    ("ok", "error"), ("{ok,1}", "{ok,2}"), ('"a"', '<<"a">>'), ("#{a => 1}", "#{a => 2}"),
    ("#p{a = 1}", "#q{a = 1}"), ("1", "1.0"), ('<<"\u00e9">>', '<<"\u00e9"/utf8>>'),
]  # fmt: skip


def judged(one: str, other: str, dialect: Dialect) -> bool:
    expected, actual = parse_term(one, dialect), parse_term(other, dialect)
    assert expected is not None, one
    assert actual is not None, other
    return same(expected, actual)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_elixir_says_the_same(one: str, other: str) -> None:
    assert judged(one, other, "elixir")


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_elixir_says_something_else(one: str, other: str) -> None:
    assert not judged(one, other, "elixir")


@pytest.mark.parametrize(("one", "other"), ERLANG_SAME)
def test_erlang_says_the_same(one: str, other: str) -> None:
    assert judged(one, other, "erlang")


@pytest.mark.parametrize(("one", "other"), ERLANG_DIFFERENT)
def test_erlang_says_something_else(one: str, other: str) -> None:
    assert not judged(one, other, "erlang")


@pytest.mark.parametrize("text", ["", "1 2", "[1", "foo(", "hello there", '"open', "%{a: 1},", "{"])
def test_what_is_no_value(text: str) -> None:
    assert parse_term(text, "elixir") is None
    assert parse_term(text, "erlang") is None


def show(value: object) -> str:
    """As ``inspect`` writes it."""
    match value:
        case None | bool():
            return {None: "nil", True: "true", False: "false"}[value]
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        case list():
            return f"[{', '.join(map(show, value))}]"
        case tuple():
            return f"{{{', '.join(map(show, value))}}}"
        case dict():
            return f"%{{{', '.join(f'{show(k)} => {show(v)}' for k, v in value.items())}}}"
        case _:
            return repr(value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('ab "\\\n#é', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.integers(0, 9), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_a_value_is_itself_in_any_order_and_on_any_lines(value: object) -> None:
    text = show(value)
    assert judged(text, text, "elixir")
    if isinstance(value, dict):
        turned = dict(reversed(list(value.items())))
        assert judged(show(turned).replace(", ", ",\n  "), text, "elixir")


@given(VALUES, VALUES)
def test_two_values_are_not_each_other(one: object, other: object) -> None:
    assume(show(one) != show(other) and not _alike(one, other))
    assert not judged(show(one), show(other), "elixir")


def _alike(one: object, other: object) -> bool:
    """Equal as Python sees it, or apart by what a narrow page does to strings."""
    return one == other or "".join(show(one).replace("\\n", "").split()) == "".join(
        show(other).replace("\\n", "").split()
    )


@given(st.text(max_size=40))
def test_no_text_is_too_odd(text: str) -> None:
    for dialect in ("elixir", "erlang"):
        parse_term(text, dialect)
