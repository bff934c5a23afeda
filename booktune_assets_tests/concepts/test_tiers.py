"""Tiers of the lexicon: what can be no prerequisite of what, in any book."""

import pytest

from booktune_assets.concepts.lexicon import LEXICON
from booktune_assets.concepts.tiers import backwards


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("supervisor", "map"), ("state machine", "variable"), ("GenServer", "receive"),
        ("process", "atom"), ("link", "case"), ("supervisor", "process"),
    ],
)  # fmt: skip
def test_otp_is_no_prerequisite_of_processes_nor_both_of_the_language(
    source: str, target: str
) -> None:
    assert backwards(source, target)
    assert not backwards(target, source)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("map", "tuple"), ("link", "monitor"), ("GenServer", "supervisor"),
        ("process", "PID"), ("GenServer", "use macro"), ("exception", "map"), ("protocol", "atom"),
        ("Elixir", "OTP"), ("a concept of the book", "map"),
    ],
)  # fmt: skip
def test_within_a_tier_and_outside_of_all_the_book_decides(one: str, other: str) -> None:
    assert not backwards(one, other)
    assert not backwards(other, one)


@pytest.mark.parametrize(
    ("source", "target"),
    [("module", "map"), ("anonymous function", "tuple"), ("named function", "list")],
)
def test_literals_need_no_functions(source: str, target: str) -> None:
    assert backwards(source, target) and not backwards(target, source)
    assert not backwards(source, "struct") and not backwards("list", target)


def test_nothing_is_backwards_both_ways() -> None:
    labels = [entry.label for entry in LEXICON]
    assert any(backwards(one, other) for one in labels for other in labels)
    assert not any(backwards(one, one) for one in labels)
    assert not any(
        backwards(one, other) and backwards(other, one) for one in labels for other in labels
    )
