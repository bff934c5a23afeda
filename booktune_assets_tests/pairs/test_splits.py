"""Held out by section, and like sections together."""

from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.pairs.splits import clusters, split_of

LONG = "A process is an independent piece of a running program. It has a memory of its own."


def test_sections_that_repeat_each_other_are_one() -> None:
    found = clusters(
        {"sec_a": LONG, "sec_b": LONG.upper(), "sec_c": "Something else is said here, at length."}
    )
    assert found["sec_a"] == found["sec_b"] == "sec_a"
    assert found["sec_c"] == "sec_c"


def test_a_longer_copy_falls_on_the_same_side() -> None:
    found = clusters({"sec_a": LONG, "sec_b": LONG + " And here is one more sentence about it."})
    assert found["sec_b"] == "sec_a"


def test_ties() -> None:
    found = clusters({"sec_a": "One thing only.", "sec_b": "Another thing."}, [("sec_b", "sec_a")])
    assert set(found.values()) == {"sec_a"}


@given(st.dictionaries(st.text("abc", min_size=1), st.text("xyz .", max_size=60), max_size=8))
def test_the_order_does_not_matter(texts: dict[str, str]) -> None:
    turned = dict(reversed(texts.items()))
    assert clusters(texts) == clusters(turned)
    assert all(found <= name for name, found in clusters(texts).items())


@given(st.text(), st.integers(0, 50))
def test_a_larger_share_keeps_what_was_held_out(name: str, percent: int) -> None:
    if split_of(name, percent) == "heldout":
        assert split_of(name, percent + 1) == "heldout"


def test_the_share() -> None:
    held = sum(split_of(f"sec_{number}", 12) == "heldout" for number in range(4000))
    assert 0.10 < held / 4000 < 0.14
    assert split_of("sec", 0) == "train"
