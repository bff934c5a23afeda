"""How like a reference an answer is: chrF, chrF++, BLEU and equality, all of sacrebleu.

Belongs here: figures of one answer, code made comparable first. Does not: suites, running code
(``beam/``).

Two programs that differ in layout or comments are the same program, so code loses its comments and
its layout before it is compared: by tree-sitter's tokens, one blank between them. That is not
``mix format``, which needs a parsable program and a running BEAM; it makes the same programs equal
and keeps what a broken answer has.
"""

from __future__ import annotations

from functools import cache
from typing import Any

__all__ = ["METRICS", "bare_code", "likeness"]

METRICS = ("chrf", "chrf++", "bleu", "exact")


def likeness(answer: str, reference: str, language: str = "") -> dict[str, float]:
    """Points from 0 to 100 of each of :data:`METRICS`; ``language`` says that both are code.

    BLEU is that of one sentence (effective order); ``exact`` disregards white space at the ends.
    """
    if language:
        answer, reference = bare_code(answer, language), bare_code(reference, language)
    found = {
        name: float(metric.sentence_score(answer, [reference]).score)
        for name, metric in _metrics().items()
    }
    return found | {"exact": 100.0 * (answer.strip() == reference.strip())}


def bare_code(code: str, language: str) -> str:
    """Tokens of ``code`` without comments, one blank between them, a line for each that had one."""
    from tree_sitter_language_pack import get_parser

    parser: Any = get_parser("elixir" if language == "elixir" else "erlang")
    data = code.encode()
    lines: list[list[str]] = []
    last = -1
    for node in _leaves(parser.parse(data).root_node):
        text = data[node.start_byte : node.end_byte].decode("utf-8", "replace")
        if "comment" in node.type or not (text.strip() or "content" in node.type):
            continue  # blanks within a string are part of the program
        row = node.start_point[0]
        if row != last:
            lines.append([])
        lines[-1].append(text)
        last = node.end_point[0]
    return "\n".join(" ".join(line) for line in lines)


@cache
def _metrics() -> dict[str, Any]:
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    return {"chrf": CHRF(), "chrf++": CHRF(word_order=2), "bleu": BLEU(effective_order=True)}


def _leaves(root: Any) -> list[Any]:
    """Nodes without children, from left to right; no recursion, programs may be deep."""
    found: list[Any] = []
    left = [root]
    while left:
        node = left.pop()
        children = node.children
        if not children or "comment" in node.type:
            found.append(node)
        else:
            left += reversed(children)
    return found
