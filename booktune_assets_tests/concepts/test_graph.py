"""The concept graph of a small book."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.concepts import dag
from booktune_assets.concepts.edges import Edge
from booktune_assets.concepts.graph import into_concepts
from booktune_assets.concepts.lexicon import LEXICON
from booktune_assets.contracts import check, row_digest
from booktune_assets.schemas import tables_of
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.sample import PAGE


def test_concepts_of_a_page() -> None:
    made = book(PAGE)
    frames = into_concepts("lab", made["sections"], made["blocks"])
    for table in tables_of("concept_graph"):
        check(table, frames[table.name])
    concepts = frames["concept_graph"]
    labels = concepts["label"].to_list()
    assert {"process", "mailbox", "list", "Enum.map", "lists:reverse"} <= set(labels)
    assert labels.index("process") < labels.index("list")
    assert concepts["order"].to_list() == list(range(len(labels)))
    process = concepts.row(by_predicate=pl.col("label") == "process", named=True)
    assert process["definition"].startswith("A *process* is an independent piece")
    assert not {"Tally.next", "next/1", "example", "this"} & set(labels)


def test_mentions_are_exact() -> None:
    made = book(PAGE)
    frames = into_concepts("lab", made["sections"], made["blocks"])
    texts = dict(made["sections"].select("section_id", "text").iter_rows())
    known = dict(frames["concept_graph"].select("concept_id", "label").iter_rows())
    for row in frames["concept_graph__mentions"].iter_rows(named=True):
        said = texts[row["section_id"]][row["char_start"] : row["char_end"]]
        assert said
        if row["how"] == "definition" and known[row["concept_id"]] == "process":
            assert said == "process"


def test_edges_follow_the_order_of_introduction() -> None:
    made = book(PAGE)
    frames = into_concepts("lab", made["sections"], made["blocks"])
    order = dict(frames["concept_graph"].select("concept_id", "order").iter_rows())
    edges = frames["concept_graph__edges"]
    assert all(order[row["source_id"]] < order[row["target_id"]] for row in edges.to_dicts())
    texts = dict(made["sections"].select("section_id", "text").iter_rows())
    assert edges.height
    for row in edges.to_dicts():
        text = texts[row["evidence_section"]]
        assert text[row["char_start"] : row["char_end"]] == row["quote"]


def test_the_same_book_gives_the_same_bytes() -> None:
    made = book(PAGE)
    shuffled = made["blocks"].sample(fraction=1.0, shuffle=True, seed=1)
    first = into_concepts("lab", made["sections"], made["blocks"])
    second = into_concepts("lab", made["sections"].reverse(), shuffled)
    for table in tables_of("concept_graph"):
        assert row_digest(table, first[table.name]) == row_digest(table, second[table.name])
        assert first[table.name].equals(second[table.name])


def test_a_book_without_words() -> None:
    made = book("# Nothing\n")
    frames = into_concepts("lab", made["sections"], made["blocks"])
    assert all(frame.is_empty() for frame in frames.values())


def test_lexicon_says_each_thing_once() -> None:
    labels = [entry.label for entry in LEXICON]
    assert len(labels) == len(set(labels)) >= 80


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=40))
def test_reduction_keeps_what_can_be_reached(pairs: list[tuple[int, int]]) -> None:
    labels = [f"c{number:02}" for number in range(13)]
    edges = [Edge(labels[min(p)], labels[max(p)], 1.0) for p in set(pairs) if p[0] != p[1]]
    path = dag.in_order(labels, edges)
    assert sorted(path) == labels
    marked = dag.direct(path, edges)
    fewer = [edge for edge in marked if edge.direct]
    assert _reach(edges) == _reach(fewer)
    assert dag.depths(path, edges) == dag.depths(path, fewer)
    needs = dag.prerequisites_of(path, edges)
    assert {(a, b) for b, sources in needs.items() for a in sources} == _reach(edges)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.floats(0, 1)), max_size=40,
        unique_by=lambda item: item[:2],
    )
)  # fmt: skip
def test_of_each_circle_the_weakest_edge_goes(found: list[tuple[int, int, float]]) -> None:
    edges = [Edge(str(a), str(b), score) for a, b, score in found if a != b]
    kept, dropped = dag.acyclic(edges)
    assert sorted(map(repr, [*kept, *dropped])) == sorted(map(repr, edges))
    assert all(a != b for a, b in _reach(kept))
    for edge in dropped:  # what is stronger closes the circle without it
        stronger = [one for one in kept if one.score >= edge.score]
        assert (edge.target, edge.source) in _reach(stronger)


def _reach(edges: list[Edge]) -> set[tuple[str, str]]:
    found = {(edge.source, edge.target) for edge in edges}
    while True:
        more = {(a, d) for a, b in found for c, d in found if b == c} - found
        if not more:
            return found
        found |= more
