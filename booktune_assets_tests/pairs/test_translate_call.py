"""Calls of Erlang's library in Elixir, and the same in Erlang: kept when both give the same."""

from pathlib import Path

import pytest

from booktune_assets.beam.crossing import as_erlang
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.test_execute import needs_beam, refused, rows, runner

PAGE = """# Erlang's libraries

All of Erlang's library can be called.

```iex
iex> :lists.flatten([1, [2], 3])
[1, 2, 3]
iex> :binary.bin_to_list("Ø")
[195, 152]
iex> :string.pad('fog', 5, :leading)
[[32, 32], 102, 111, 103]
iex> :rand.uniform(6)
4
iex> :os.timestamp()
{1732, 700000, 15}
iex> queue = :queue.new()
{[], []}
iex> :queue.in("A", queue)
{["A"], []}
iex> String.length("fog bank")
8
```
"""


@pytest.mark.parametrize(
    ("elixir", "erlang"),
    [
        (":math.pi", "math:pi()"),
        (":lists.nth(2, [-1, 1_000, 2.5e3])", "lists:nth(2, [-1, 1_000, 2.5e3])"),
        (':io_lib.format("~w\\n", [:end, :"$1"])', "io_lib:format(<<\"~w\\n\">>, ['end', '$1'])"),
        (":lists.last([a: 1, b: {2, nil}])", "lists:last([{a, 1}, {b, {2, nil}}])"),
        (':string.trim(~c"fog")', 'string:trim("fog")'),
        (":crypto.strong_rand_bytes 3", "crypto:strong_rand_bytes(3)"),
        (":math.sin(:math.pi())", "math:sin(math:pi())"),
        ('String.length("fog")', None),
        (":lists.map(fn x -> x end, [1])", None),
        (":lists.max(numbers)", None),
        (':io.format("#{1}")', None),
        (':io.format("a" <> "b")', None),
        (":math.exp(1) |> round", None),
        (':io.format("\\e[1m")', None),
        (":lists.max([1", None),
    ],
)  # fmt: skip
def test_only_calls_with_plain_values_are_written_in_erlang(
    elixir: str, erlang: str | None
) -> None:
    assert as_erlang(elixir) == erlang


@needs_beam
def test_what_both_give_alike_is_asked(tmp_path: Path) -> None:
    made = pairs_of(book(PAGE), runner=runner(tmp_path))
    found = [(row["turns"][0]["content"], row["turns"][1]["content"], row["verification"])
             for row in rows(made, "translate")]  # fmt: skip
    assert [answer.split("\n")[1] for _, answer, _ in found] == [
        ":lists.flatten([1, [2], 3])", ':binary.bin_to_list("Ø")',
    ]  # fmt: skip
    assert "lists:flatten([1, [2], 3])." in found[0][0]
    assert 'binary:bin_to_list(<<"Ø"/utf8>>).' in found[1][0]
    assert {level for _, _, level in found} == {"executed"}
    assert "values_differ" in {why for _, why in refused(made, "translate").values()}


def test_without_a_run_no_call_is_asked() -> None:
    assert rows(pairs_of(book(PAGE)), "translate") == []
