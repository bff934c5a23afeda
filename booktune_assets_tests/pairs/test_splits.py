"""Held out by section, and like sections together."""

import re

from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.pairs.splits import anchor, bare, cluster_names, clusters, split_of

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


def test_a_cluster_has_one_name_in_every_book() -> None:
    """Other ids, other line ends, other marks, a near copy less: the same side of the split."""
    one = {"sec_1": LONG, "sec_2": "Something else is said here, at length.", "sec_3": LONG}
    two = {"sec_9": LONG.replace(". ", ".\n").replace("own", "own "), "sec_8": one["sec_2"].upper()}
    first, second = (cluster_names(texts, clusters(texts), {}) for texts in (one, two))
    assert first["sec_1"] == first["sec_3"] == second["sec_9"] != first["sec_2"] == second["sec_8"]


def test_an_edit_changes_no_side() -> None:
    """Titles say on which side a section stands: its words may change, and its number."""
    titles = {"sec_1": ["Processes", "Links"], "sec_2": ["Processes", "Monitors"]}
    texts = {"sec_1": LONG, "sec_2": "Something else is said here, at length."}
    before = cluster_names(texts, clusters(texts), titles)
    edited = {"sec_1": f"{LONG} One sentence more.", "sec_2": texts["sec_2"]}
    numbered = titles | {"sec_1": ["Chapter 8 Processes", "8.2. Links"]}
    assert cluster_names(edited, clusters(edited), numbered) == before
    assert before["sec_1"] != before["sec_2"]
    assert anchor(["3 Maps", "**"]) == ["maps"] and anchor([]) == []


def test_what_may_not_be_parted_has_one_name_under_any_titles() -> None:
    titles = {"sec_1": ["Here"], "sec_3": ["There"]}
    texts = {"sec_1": LONG, "sec_3": LONG}
    names = cluster_names(texts, clusters(texts), titles)
    assert names["sec_1"] == names["sec_3"]


@given(st.text(alphabet="aZ9 _-\n\u2019é."))
def test_letters_and_digits_are_left(text: str) -> None:
    assert bare(text) == bare(bare(text)) == bare(text.upper())
    assert all(sign.isalnum() for sign in bare(text))


@given(st.text(), st.integers(0, 50))
def test_a_larger_share_keeps_what_was_held_out(name: str, percent: int) -> None:
    if split_of(name, percent) == "heldout":
        assert split_of(name, percent + 1) == "heldout"


def test_the_share() -> None:
    held = sum(split_of(f"sec_{number}", 12) == "heldout" for number in range(4000))
    assert 0.10 < held / 4000 < 0.14
    assert split_of("sec", 0) == "train"


@given(st.text(alphabet="aZ9 _-\n\u2019\u00e9\u00df.!?"))
def test_the_quick_way_for_plain_text_is_the_slow_way(text: str) -> None:
    plain = text.encode("ascii", "ignore").decode()
    assert bare(plain) == re.sub(r"[\W_]+", "", plain.casefold())
    assert bare(text) == re.sub(r"[\W_]+", "", text.casefold())


def test_sections_of_short_lines_are_compared_whole() -> None:
    found = clusters({"sec_a": "iex> 1\n1", "sec_b": "iex>  1\n\n1.", "sec_c": "iex> 2\n2"})
    assert found["sec_a"] == found["sec_b"] != found["sec_c"]
