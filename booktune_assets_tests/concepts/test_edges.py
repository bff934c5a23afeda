"""Which edges get a place, and what is no evidence of one."""

import pytest

from booktune_assets.concepts.candidates import known_concepts, matcher
from booktune_assets.concepts.edges import Edge, best_edges
from booktune_assets.concepts.graph import into_graph
from booktune_assets.concepts.opened import open_book
from booktune_assets.concepts.signals import FEATURES
from booktune_assets_tests.pairs.lab import book

MATCHER = matcher(known_concepts().values())


def _edge(source: str, score: float, wide: float, by: str = "score") -> Edge:
    features = tuple(wide if name == "wide_code" else 0.0 for name in FEATURES)
    return Edge(source, "target", score, features, by)


def test_what_everything_uses_leaves_places_to_others() -> None:
    literals = [_edge(name, 0.9, 0.5) for name in ("atom", "list", "map", "string", "tuple")]
    others = [_edge(f"other {number}", 0.6, 0.1) for number in range(7)]
    taken = [edge.source for edge in best_edges([*others, *literals])]
    assert taken == ["atom", "list", "map", *(f"other {number}" for number in range(5))]


def test_what_a_model_said_counts_whatever_uses_it() -> None:
    literals = [_edge(name, 0.9, 0.5, "model") for name in ("atom", "list", "map", "string")]
    assert len(best_edges(literals)) == 4


@pytest.mark.parametrize(
    "code",
    [
        "iex> Process.exit(pid, :boom)\n\n12:37:33.229 [error] it raised\n** (x) {1}",
        "2024-01-02T10:00:00.5Z worker started in 2.5 ms",
        '{:phoenix, "1.7"}\n@version Version.parse!(1.7.2)',
    ],
)
def test_times_and_versions_are_no_numbers(code: str) -> None:
    assert "float" not in {hit.name for hit in MATCHER.in_code(code)}


@pytest.mark.parametrize("code", ["1.5", "X = 1.0.", "[0.1, 2.0e-3]", "f(-3.25)\n~T[10:00:00]"])
def test_numbers_are(code: str) -> None:
    assert "float" in {hit.name for hit in MATCHER.in_code(code)}


def test_a_log_ends_at_the_next_prompt() -> None:
    session = "12:00:00.100 [info] up {1}\niex> {:ok, 1.5}"
    assert {"float", "tuple"} <= {hit.name for hit in MATCHER.in_code(session)}
    assert not list(MATCHER.in_code(session.partition("\n")[0]))


def test_what_a_concept_is_opened_with_is_known() -> None:
    page = """
# Processes

A process is an independent piece of a program, with a memory of its own.

# Streams

A stream is a description of work that nobody has done yet. Streams are lazy.

# Links

A link joins one process to another one. When one of them fails, the link tells the other.

LONG

The last paragraph speaks of streams again: a stream is nothing that a link has to do with.
"""
    made = book(page.replace("LONG", "Much is said here that names nothing at all. " * 14))
    frames = {"sections": made["sections"], "sections__blocks": made["blocks"]}
    graph = into_graph(open_book("lab", frames))
    opening = FEATURES.index("opening")
    process, stream = (graph.signals.features(name, "link") for name in ("process", "stream"))
    assert process is not None and process[opening] == 1.0
    assert stream is not None and stream[opening] == 0.0


def test_what_says_what_a_concept_is_comes_before_it() -> None:
    page = """
# Processes

A process is an independent piece of a program, with a memory of its own.

Two processes share nothing. Each process has a mailbox.

## Registries

A registry is a table that maps names to processes. A registry has one owner.

"""
    made = book(page)
    frames = {"sections": made["sections"], "sections__blocks": made["blocks"]}
    found = into_graph(open_book("lab", frames))
    assert found.counts.defines["Registry"] == {"process"}
    features = found.signals.features("process", "Registry")
    assert features is not None and features[FEATURES.index("defines")] == 1.0
    shown = found.evidence(Edge("process", "Registry", 0.9))
    assert shown is not None and shown.kind == "definition"
    assert shown.quote == "A registry is a table that maps names to processes."


@pytest.mark.parametrize(
    "text", ["that processes messages", "it links the caller", "a tool which lists all files"]
)
def test_a_verb_is_no_plural(text: str) -> None:
    assert not list(MATCHER.in_prose(text))


@pytest.mark.parametrize("text", ["which processes are alive", "note that maps are unordered"])
def test_a_plural_is_no_verb(text: str) -> None:
    assert list(MATCHER.in_prose(text))


def test_words_that_name_both_show_an_edge() -> None:
    page = """
# Processes

A process is an independent piece of a program, with a memory of its own.

# GenServer

Processes are cheap. Each GenServer runs in a process of its own. Processes die. GenServer is old.
"""
    made = book(page)
    frames = {"sections": made["sections"], "sections__blocks": made["blocks"]}
    shown = into_graph(open_book("lab", frames)).evidence(Edge("process", "GenServer", 0.9))
    assert shown is not None and shown.quote == "Each GenServer runs in a process of its own."
