"""The graph as SVG and as GraphML."""

from pathlib import Path
from xml.etree import ElementTree as ET

import networkx as nx
import polars as pl

from booktune_assets.concepts.graphml import into_graphml
from booktune_assets.concepts.picture import CONCEPTS_MAX, graph_svg
from booktune_assets_tests.concepts.shelf_lab import WHOLE, graphed

_SVG = "{http://www.w3.org/2000/svg}"


def _made() -> tuple[pl.DataFrame, pl.DataFrame]:
    frames = graphed(WHOLE)
    return frames["concept_graph"], frames["concept_graph__edges"]


def test_graphml_is_what_networkx_reads(tmp_path: Path) -> None:
    concepts, edges = _made()
    odd = concepts.with_columns(definition=pl.lit('<b> & "quoted" \x07 end'))
    file = tmp_path / "graph.graphml"
    file.write_text(into_graphml(odd, edges), encoding="utf-8")
    graph = nx.read_graphml(file)
    assert nx.is_directed_acyclic_graph(graph)
    assert set(graph.nodes) == set(concepts["concept_id"])
    assert set(graph.edges) == set(edges.select("source_id", "target_id").rows())
    first = graph.nodes[concepts["concept_id"][0]]
    assert first["label"] == concepts["label"][0] and first["level"] == concepts["level"][0]
    assert first["definition"] == '<b> & "quoted"   end'
    row = edges.row(0, named=True)
    assert graph.edges[row["source_id"], row["target_id"]]["score"] == row["score"]
    assert graph.edges[row["source_id"], row["target_id"]]["direct"] is row["direct"]


def test_the_reduction_is_that_of_networkx() -> None:
    _, edges = _made()
    whole = nx.DiGraph(edges.select("source_id", "target_id").rows())
    fewer = edges.filter("direct").select("source_id", "target_id").rows()
    assert set(nx.transitive_reduction(whole).edges) == set(fewer)


def test_the_picture_shows_layers() -> None:
    concepts, edges = _made()
    svg = graph_svg(concepts, edges)
    assert svg == graph_svg(concepts.sample(fraction=1.0, shuffle=True, seed=2), edges.reverse())
    root = ET.fromstring(svg)
    words = {text.text: float(text.get("x", 0)) for text in root.iter(f"{_SVG}text")}
    assert words["list"] < words["recursion"] < words["process"]
    assert len(list(root.iter(f"{_SVG}path"))) >= 2


def test_a_picture_of_many_concepts_stays_small() -> None:
    count = 400
    names = [f"con_{number:020x}" for number in range(count)]
    concepts = pl.DataFrame({
        "concept_id": names, "label": [f'name <{n}> & "co"' * 3 for n in range(count)],
        "kind": ["term"] * count, "level": [1 + n % 5 for n in range(count)],
        "path": list(range(count)),
    })  # fmt: skip
    ends = [(a, b) for a in range(count) for b in (a + 1, 2 * a + 1, a + 7) if a < b < count]
    edges = pl.DataFrame({
        "source_id": [names[a] for a, _ in ends], "target_id": [names[b] for _, b in ends],
        "score": [0.5 + (a % 7) / 20 for a, _ in ends], "direct": [True] * len(ends),
    }).unique(("source_id", "target_id"), keep="first", maintain_order=True)  # fmt: skip
    svg = graph_svg(concepts, edges)
    assert len(svg.encode()) < 100_000
    assert 2 <= len(list(ET.fromstring(svg).iter(f"{_SVG}text"))) <= CONCEPTS_MAX


def test_nothing_to_draw() -> None:
    concepts, edges = _made()
    assert graph_svg(concepts, edges.clear()) == "" == graph_svg(concepts.clear(), edges.clear())
    assert nx.parse_graphml(into_graphml(concepts.clear(), edges.clear())).number_of_nodes() == 0
