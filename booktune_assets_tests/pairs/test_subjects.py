"""Names of subjects: nouns that stand for themselves, not for something on the page."""

import pytest

from booktune_assets.pairs.plurals import several
from booktune_assets.pairs.subjects import names_a_thing, ours


@pytest.mark.parametrize(
    "name",
    ["supervision trees", "a process", "the capture operator", "`Enum.map/2`", "dead letters",
     "the IO module", "assembly code"],
)  # fmt: skip
def test_nouns_name_things(name: str) -> None:
    assert names_a_thing(name)


@pytest.mark.parametrize(
    "name",
    ["functions not", "just like there", "each host", "my particular telnet client",
     "the last step", "the reverse operation", "Reason: When code", "a similar bug",
     "the output from calling Enum.map/2", "whereas the code point", "highly loaded hosts",
     "Erlang developers thus", "sometimes functions"],
)  # fmt: skip
def test_what_leans_on_its_page_names_nothing(name: str) -> None:
    assert not names_a_thing(name)


def test_clauses_of_author_and_reader_are_known() -> None:
    assert ours("when we use clauses")
    assert ours("if you are learning Elixir")
    assert not ours("if you use a list")


@pytest.mark.parametrize(
    ("name", "plural"),
    [("list", "lists"), ("binary", "binaries"), ("supervision tree", "supervision trees"),
     ("recursion", "recursion"), ("pattern matching", "pattern matching"), ("switch", "switches"),
     ("string", "strings"), ("anti-pattern", "anti-patterns"), ("Mix", "Mix"), ("nil", "nil")],
)  # fmt: skip
def test_what_can_be_counted_has_a_plural(name: str, plural: str) -> None:
    assert several(name) == plural
