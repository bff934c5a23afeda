"""How like a reference an answer is: chrF, chrF++, BLEU and equality, all of sacrebleu.

Belongs here: figures of one answer, code made comparable first. Does not: suites, running code and
its formatters (``beam/``).

Two programs that differ in layout or comments are the same program: code loses its comments (by
tree-sitter) and is laid out by its language's formatter before it is compared. What does not parse
is compared as it is, and whoever asks is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from booktune_assets.beam.formatted import formatted

__all__ = ["CHRF_GUARD", "METRICS", "comparable", "guarded", "likeness", "uncommented"]

METRICS = ("chrf", "chrf++", "bleu", "exact")
# points of chrF or BLEU below which raters do not tell two models apart (Evtikhiev et al. 2023)
CHRF_GUARD = 5.0


def likeness(answer: str, reference: str, language: str = "") -> dict[str, float]:
    """Points from 0 to 100 of each of :data:`METRICS`; ``language`` says that both are code.

    BLEU is that of one sentence (effective order); ``exact`` disregards white space at the ends.
    """
    if language:
        (answer, _), (reference, _) = comparable([answer, reference], language)
    found = {
        name: float(metric.sentence_score(answer, [reference]).score)
        for name, metric in _metrics().items()
    }
    return found | {"exact": 100.0 * (answer.strip() == reference.strip())}


def comparable(codes: Sequence[str], language: str) -> list[tuple[str, bool]]:
    """Each program laid out, without comments; or, with False, as it is: it does not parse."""
    layouts = formatted([uncommented(code, language) for code in codes], language)
    return [
        (code, False) if layout is None else (layout, True)
        for code, layout in zip(codes, layouts, strict=True)
    ]


def uncommented(code: str, language: str) -> str:
    """``code`` without comments, and without the lines that held nothing else."""
    from tree_sitter_language_pack import get_parser

    parser: Any = get_parser("elixir" if language == "elixir" else "erlang")
    data = code.encode("utf-8", "replace")
    kept: list[bytes] = []
    last = 0
    for start, end in _comments(parser.parse(data).root_node):
        line = data.rfind(b"\n", 0, start) + 1
        stop = data.find(b"\n", end)
        stop = len(data) if stop < 0 else stop
        if not data[line:start].strip() and not data[end:stop].strip():
            start, end = line, min(stop + 1, len(data))
        kept.append(data[last : max(last, start)])
        last = max(last, end)
    return b"".join([*kept, data[last:]]).decode("utf-8", "replace")


@cache
def _metrics() -> dict[str, Any]:
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    return {"chrf": CHRF(), "chrf++": CHRF(word_order=2), "bleu": BLEU(effective_order=True)}


def _comments(root: Any) -> list[tuple[int, int]]:
    """Bytes of comments, from left to right; no recursion, programs may be deep."""
    found: list[tuple[int, int]] = []
    left = [root]
    while left:
        node = left.pop()
        if "comment" in node.type:
            found.append((node.start_byte, node.end_byte))
        else:
            left += node.children
    return sorted(found)


def guarded(metric: str, gain: float) -> bool:
    """Is it a difference of chrF or BLEU that readers do not see, however sure it is?"""
    return metric.startswith(("chrf", "bleu")) and abs(gain) < CHRF_GUARD
