"""A book's own name: what counts as one, and what is refused for it."""

import pytest

from booktune_assets.concepts.graph import into_concepts
from booktune_assets.pairs.called import names_here, own_names
from booktune_assets.pairs.extract import PairsMade, into_pairs
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.lab import book

PLAIN = ["A tuple is a fixed group of values."] * 40


@pytest.mark.parametrize(
    ("title", "said", "names"),
    [
        ("River Erlang", "Welcome to River Erlang, where servers are built.", ("River Erlang",)),
        ("River Erlang: Servers by Example", "At River Erlang we build.",
         ("River Erlang", "Servers by Example")),
        ("RIVER ERLANG (2nd edition)", "In River Erlang", ("RIVER ERLANG", "2nd edition")),
        ("The Joy of Actors", "The joy of actors is that they share nothing.", ()),
        ("Pattern Matching", "Read about pattern matching, pattern matching first.", ()),
        ("Herons", "Herons routes each request.", ()),
    ],
)  # fmt: skip
def test_a_name_is_two_words_that_the_prose_writes_as_a_name(
    title: str, said: str, names: tuple[str, ...]
) -> None:
    assert own_names(title, [said, *PLAIN]) == names


def test_what_the_book_is_about_is_no_name() -> None:
    told = ["Heron Router sends each request to a handler."] * 5
    assert own_names("Heron Router", [*told, *PLAIN]) == ()
    assert own_names("Heron Router", [*told[:2], *PLAIN]) == ("Heron Router",)


def test_a_name_in_the_prose_is_found_and_a_like_one_is_not() -> None:
    names = ("River Erlang", "Mina")
    for text in ("At River\nErlang we build.", "RiverErlang has it.", "It is Mina's.", "Mina: yes"):
        assert names_here(text, names), text
    for text in ("a river erlang", "River Erlangs", "River and Erlang", "@RiverErlang", "a mina"):
        assert not names_here(text, names), text


def test_people_are_told_from_programs_by_what_they_do() -> None:
    story = [
        "Mina nods. Mina asks what a process is.",
        "Herons asks for a key and answers with a value. Herons says no. Herons tries again.",
        "Elixir thinks so. Elixir smiles. They laugh. He says so. He nods.",
    ]
    assert own_names("", story) == ("Mina",)


PAGE = """# Processes

## Mailboxes

A *mailbox* is a queue in which messages to a process wait, as River Erlang draws it. Messages
are kept in the order of arrival.

## Links

A *link* is a connection between two processes: when one of them crashes, the other one gets a
signal. A supervisor links itself to its children because it has to hear of their end.
"""


def _made(title: str) -> PairsMade:
    made = book(PAGE)
    graph = into_concepts("lab", made["sections"], made["blocks"])
    return into_pairs(
        "lab", made["sections"], made["blocks"], graph["concept_graph"],
        graph["concept_graph__mentions"], Pairs(), title=title,
    )  # fmt: skip


def test_what_names_the_book_is_a_row_with_its_reason() -> None:
    plain, named = _made(""), _made("River Erlang")
    rejects = named.frames["instruction_pairs__rejected"]
    said = rejects.filter(rejects["reason"] == "names_the_book")
    assert said.height > 0
    assert all("River Erlang" in str(row["turns"]) for row in said.to_dicts())

    def kept(made: PairsMade) -> str:
        return str(made.frames["instruction_pairs"]["turns"].to_list())

    assert "River Erlang" in kept(plain)
    assert "River Erlang" not in kept(named)
    assert "between two processes" in kept(named)


def test_a_new_title_remakes_only_the_sections_that_name_it() -> None:
    made = book(PAGE)
    graph = into_concepts("lab", made["sections"], made["blocks"])

    def again(title: str, before: PairsMade | None) -> PairsMade:
        return into_pairs(
            "lab", made["sections"], made["blocks"], graph["concept_graph"],
            graph["concept_graph__mentions"], Pairs(), before and before.frames, title=title,
        )  # fmt: skip

    first = again("", None)
    assert again("River Erlang", first).counts["sections_made"] == 1
