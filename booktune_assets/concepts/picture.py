"""A picture of a prerequisite graph: layers from left to right, as SVG.

Belongs here: which concepts are shown, the layout, the drawing. Does not: tables (``graph.py``).

Layers are the depths of the graph; within a layer concepts are put near what they build on, in a
few sweeps over the layers. Everything is a function of the frames: the same graph, the same bytes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import polars as pl

__all__ = ["CONCEPTS_MAX", "graph_svg"]

CONCEPTS_MAX = 60
_EDGES_IN = 3  # of a concept, in the picture
_ROW, _COLUMN, _LETTER, _PAD = 24, 46, 6.6, 8
_LONGEST = 26  # letters of a label
_SWEEPS = 6
_FILLS = ("#e8f1fb", "#d3e5f7", "#b6d3ef", "#92bbe3", "#6a9fd3")  # levels 1 to 5
_SHRUNK = 0.8  # of its size: smaller letters cannot be read
_SWATCH = 30
_LEGEND = 270.0  # as wide as the line below the picture
_LINES = '<g fill="none" stroke="#7a8794" stroke-opacity=".55">'
_BOXES = '<g font-family="sans-serif" font-size="11" fill="#1b2530">'


@dataclass(slots=True)
class _Node:
    label: str
    level: int
    layer: int = 0
    above: list[str] = field(default_factory=list[str])
    below: list[str] = field(default_factory=list[str])
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0


def graph_svg(
    concepts: pl.DataFrame, edges: pl.DataFrame, most: int = CONCEPTS_MAX, title: str = "Concepts"
) -> str:
    """SVG of the graph of a book or of the shelf; empty when there is nothing to draw.

    ``concepts`` needs ``concept_id label kind level path``, ``edges`` ``source_id target_id score
    direct`` (and ``dropped``). Of many concepts those with the most edges are shown.
    """
    nodes = _nodes(concepts, edges, most)
    if not nodes:
        return ""
    layers = _layers(nodes)
    _place(nodes, layers)
    width = max(_LEGEND, *(node.x + node.width for node in nodes.values())) + _PAD
    foot = max(node.y for node in nodes.values()) + 2 * _ROW
    height = foot + _ROW / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" '
        f'style="max-width:max(100%,{_SHRUNK * width:.0f}px)">',  # less than that is scrolled
        f'<title>{escape(title)}</title><rect width="100%" height="100%" fill="#fff"/>',
        _LINES,
    ]
    for name in sorted(nodes, key=lambda n: (nodes[n].layer, nodes[n].y)):
        parts += [_curve(nodes[source], nodes[name]) for source in nodes[name].above]
    parts += ["</g>", _BOXES, *(_box(node) for node in nodes.values())]
    return "".join([*parts, _legend(foot), "</g></svg>"])


def _nodes(concepts: pl.DataFrame, edges: pl.DataFrame, most: int) -> dict[str, _Node]:
    """Concepts with edges between them; functions of libraries are left to the table."""
    rows = {
        str(row["concept_id"]): row
        for row in concepts.sort("path").to_dicts()
        if row["kind"] != "api"
    }
    kept = edges.filter(pl.col("direct"))
    if "dropped" in kept.columns:
        kept = kept.filter(~pl.col("dropped"))
    links = [
        row
        for row in kept.sort("score", "source_id", "target_id", descending=[True, False, False])
        .select("source_id", "target_id")
        .rows()
        if row[0] in rows and row[1] in rows
    ]
    degree: dict[str, int] = defaultdict(int)
    for source, target in links:
        degree[source] += 1
        degree[target] += 1
    place = {name: number for number, name in enumerate(rows)}
    chosen = set(sorted(degree, key=lambda name: (-degree[name], place[name]))[:most])
    nodes = {
        name: _Node(str(row["label"]), int(row["level"]))
        for name, row in rows.items()
        if name in chosen
    }
    for source, target in links:
        if source in nodes and target in nodes and len(nodes[target].above) < _EDGES_IN:
            nodes[target].above.append(source)
            nodes[source].below.append(target)
    return {name: node for name, node in nodes.items() if node.above or node.below}


def _layers(nodes: Mapping[str, _Node]) -> list[list[str]]:
    """Names by layer; the order of ``nodes`` is a learning path, so one pass finds depths."""
    for node in nodes.values():
        node.layer = max((nodes[name].layer + 1 for name in node.above), default=0)
    layers: list[list[str]] = [[] for _ in range(max(n.layer for n in nodes.values()) + 1)]
    for name, node in nodes.items():
        layers[node.layer].append(name)
    return layers


def _place(nodes: Mapping[str, _Node], layers: Sequence[list[str]]) -> None:
    rank = {name: float(n) for layer in layers for n, name in enumerate(layer)}
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            near = {
                name: _mean([rank[n] for n in _side(nodes[name], sweep)], rank[name])
                for name in layer
            }
            layer.sort(key=lambda name: (round(near[name], 6), nodes[name].label))
            rank |= {name: number * _tall(layers) / len(layer) for number, name in enumerate(layer)}
    x = float(_PAD)
    for layer in layers:
        wide = 0.0
        for number, name in enumerate(layer):
            node = nodes[name]
            node.width = min(len(node.label), _LONGEST) * _LETTER + 2 * _PAD
            node.x, wide = x, max(wide, node.width)
            node.y = _PAD + _ROW * (number + 0.5) * max(1.0, _tall(layers) / len(layer))
        x += wide + _COLUMN


def _side(node: _Node, sweep: int) -> list[str]:
    return node.above if sweep % 2 == 0 else node.below


def _tall(layers: Sequence[Sequence[str]]) -> float:
    return float(max(len(layer) for layer in layers))


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _curve(source: _Node, target: _Node) -> str:
    x, y, to_x, to_y = source.x + source.width, source.y, target.x, target.y
    half = (x + to_x) / 2
    bend = f"{half:.0f} {y:.0f} {half:.0f} {to_y:.0f}"
    return f'<path d="M{x:.0f} {y:.0f}C{bend} {to_x:.0f} {to_y:.0f}"/>'


def _box(node: _Node) -> str:
    label = node.label
    short = label if len(label) <= _LONGEST else label[: _LONGEST - 1] + "…"
    place = f'x="{node.x:.0f}" y="{node.y - 9:.0f}" width="{node.width:.0f}" height="18" rx="4"'
    return (
        f'<rect {place} stroke="#4a6f96" fill="{_FILLS[node.level - 1]}">'
        f"<title>{escape(label)}, level {node.level}</title></rect>"
        f'<text x="{node.x + _PAD:.0f}" y="{node.y + 4:.0f}">{escape(short)}</text>'
    )


def _legend(y: float) -> str:
    """What the colours say: levels from the first to the last."""
    first = _PAD + 38
    boxes = "".join(
        f'<rect x="{first + place * _SWATCH}" y="{y - 8:.0f}" width="{_SWATCH - 4}" height="14" '
        f'rx="3" stroke="#4a6f96" fill="{fill}"/>'
        f'<text x="{first + place * _SWATCH + 10}" y="{y + 3:.0f}">{place + 1}</text>'
        for place, fill in enumerate(_FILLS)
    )
    after = first + len(_FILLS) * _SWATCH
    return (
        f'<text x="{_PAD}" y="{y + 3:.0f}">level</text>{boxes}'
        f'<text x="{after}" y="{y + 3:.0f}">· right needs left</text>'
    )
