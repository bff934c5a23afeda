"""What points at other places of the book: cross references, titles that two places have, items
of a list that tell of the item before."""

import pytest

from booktune_assets.concepts.graph import into_concepts
from booktune_assets.pairs.extract import into_pairs
from booktune_assets.pairs.gates import unclear
from booktune_assets.pairs.illustrate import _claim  # pyright: ignore[reportPrivateUsage]
from booktune_assets.pairs.prose import leans
from booktune_assets.pairs.topics import titles_above
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.lab import book


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("State enter calls go to the same callback. See section State Enter Calls.", True),
        ("How to program releases is described in Releases.", True),
        ("Default values are described in Defaults, further on.", True),
        ("Variables start with a capital letter (see Variables).", True),
        ("How a list grows is described in Erlang.", False),
        ("The function is defined in Kernel.", False),
        ("It is faster for large maps (see Map.get/2).", False),
        ("Whoever reads it will see sections of a file.", True),
    ],
)
def test_cross_references_point_elsewhere(text: str, points: bool) -> None:
    assert bool(unclear(text)) is points


@pytest.mark.parametrize(
    ("text", "rests"),
    [
        ("If that turns out to be too slow, profile the application.", True),
        ("Whether that is faster depends on the size of the map.", True),
        ("You start one with spawn/1, which returns a process identifier.", True),
        ("A map that is empty has no keys at all.", False),
        ("Create one process for each connection of the server.", False),
    ],
)
def test_that_and_one_stand_for_something_said_before(text: str, rests: bool) -> None:
    assert leans(text) is rests


def test_a_title_of_two_places_goes_with_the_nearest_one_of_its_own() -> None:
    paths = [
        ["Servers"], ["Servers", "Stopping"], ["Servers", "Stopping", "In a Tree"],
        ["Machines"], ["Machines", "Stopping"], ["Machines", "Stopping", "In a Tree"],
        ["Machines", "Basics"], ["Servers", "Basics"], ["Lone"], ["Servers", "Once"],
    ]  # fmt: skip
    assert titles_above(paths, "Basics".__eq__) == [
        ("", False), ("Servers", True), ("Servers", True),
        ("", False), ("Machines", True), ("Machines", True),
        ("Machines", False), ("Servers", False), ("", False), ("Servers", False),
    ]  # fmt: skip


TREE = """# {one}

## In a Supervision Tree

If the process is part of a supervision tree, no stop function is needed, for the supervisor of
the tree ends each process in it by a shutdown strategy.

# {other}

## {title}

If the machine is part of a supervision tree, it is ended by its supervisor, which waits for as long
as the shutdown strategy of the child says.
"""


@pytest.mark.parametrize("title", ["In a Supervision Tree", "Ending a machine"])
def test_a_topic_that_two_chapters_have_is_asked_with_its_chapter(title: str) -> None:
    made = book(TREE.format(one="Generic servers", other="State machines", title=title))
    graph = into_concepts("lab", made["sections"], made["blocks"])
    pairs = into_pairs(
        "lab", made["sections"], made["blocks"], graph["concept_graph"],
        graph["concept_graph__mentions"], Pairs(),
    ).frames["instruction_pairs"]  # fmt: skip
    asked = [row["turns"][0]["content"] for row in pairs.rows(named=True)]
    topics = [text for text in asked if "In a Supervision Tree" in text]
    assert topics
    twice = title == "In a Supervision Tree"
    assert all(("Generic servers:" in one or "State machines:" in one) is twice for one in topics)


MODES = """# Machines

## Callback modes

The behaviour supports two callback modes:

- state_functions

- Events are handled by one callback function per state of the machine.

- handle_event_function

- Events are handled by one single callback function for all states.
"""


def test_what_a_list_says_of_a_name_does_not_stand_without_it() -> None:
    made = book(MODES)
    graph = into_concepts("lab", made["sections"], made["blocks"])
    pairs = into_pairs(
        "lab", made["sections"], made["blocks"], graph["concept_graph"],
        graph["concept_graph__mentions"], Pairs(),
    ).frames["instruction_pairs"]  # fmt: skip
    said = [row["turns"][-1]["content"] for row in pairs.rows(named=True)]
    assert not [text for text in said if "Events are handled" in text and "functions" not in text]


@pytest.mark.parametrize(
    ("said", "claim"),
    [
        ("handle_call/3 answers each request of a client, and handle_cast/2 answers none:",
         "handle_call/3 answers each request of a client, and handle_cast/2 answers none."),
        ("map takes a function of one argument and a list of terms:",
         "map takes a function of one argument and a list of terms."),
        ("For example, maps are made from lists of pairs with Map.new/1:",
         "Maps are made from lists of pairs with Map.new/1."),
        ("For example, handle_call/3 answers each request that a client makes:",
         "handle_call/3 answers each request that a client makes."),
        ("You start one with spawn/1, which returns a process identifier:", ""),
    ],
)  # fmt: skip
def test_a_name_of_code_keeps_its_small_letter(said: str, claim: str) -> None:
    assert _claim(said) == claim
