"""The concept graph as GraphML, for yEd, Gephi, networkx.

Belongs here: the file. Does not: the picture (``picture.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as ET

import polars as pl

__all__ = ["into_graphml"]

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_NODE = {
    "label": "string", "kind": "string", "level": "int", "depth": "int", "path": "int",
    "definition": "string", "book_id": "string", "books": "string",
}  # fmt: skip
_EDGE = {
    "score": "double", "order": "double", "refd": "double", "code": "double", "chain": "double",
    "cue": "double", "wide": "double", "direct": "boolean", "decided_by": "string",
    "evidence_kind": "string",
    "evidence_section": "string", "evidence_block_id": "string", "quote": "string",
    "votes_for": "double", "votes_against": "double",
}  # fmt: skip
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def into_graphml(concepts: pl.DataFrame, edges: pl.DataFrame) -> str:
    """GraphML of the concepts and edges of a book or of the shelf; dropped edges are left out."""
    root = ET.Element("graphml", {"xmlns": _NAMESPACE})
    names = (
        [("node", name, kind) for name, kind in _NODE.items() if name in concepts.columns]
        + [("edge", name, kind) for name, kind in _EDGE.items() if name in edges.columns]
    )  # fmt: skip
    for domain, name, kind in names:
        ET.SubElement(
            root, "key",
            {"id": f"{domain}_{name}", "for": domain, "attr.name": name, "attr.type": kind},
        )  # fmt: skip
    graph = ET.SubElement(root, "graph", {"id": "concepts", "edgedefault": "directed"})
    for row in concepts.sort("path").iter_rows(named=True):
        node = ET.SubElement(graph, "node", {"id": row["concept_id"]})
        _data(node, "node", row, [name for domain, name, _ in names if domain == "node"])
    kept = edges.filter(~pl.col("dropped")) if "dropped" in edges.columns else edges
    for number, row in enumerate(kept.sort("source_id", "target_id").iter_rows(named=True)):
        ends = {"id": f"e{number}", "source": row["source_id"], "target": row["target_id"]}
        edge = ET.SubElement(graph, "edge", ends)
        _data(edge, "edge", row, [name for domain, name, _ in names if domain == "edge"])
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _data(
    element: ET.Element, domain: str, row: Mapping[str, object], names: Iterable[str]
) -> None:
    for name in names:
        value = row[name]
        if value is None:
            continue
        words = ", ".join(str(v) for v in value) if isinstance(value, list) else str(value)
        if isinstance(value, bool):
            words = words.lower()
        ET.SubElement(element, "data", {"key": f"{domain}_{name}"}).text = _NOT_XML.sub(" ", words)
