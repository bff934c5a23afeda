"""What a server said of itself: its model's name, and whether it can score texts.

Belongs here: asking that, and keeping the answer. Does not: how it is asked (``served.py``).

The answer is kept by address, name and revision, like all that a model says, so that an evaluation
which has every answer is scored again without the server.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from booktune_assets.evaluation.cache import CallCache, call_key
from booktune_assets.evaluation.served import lacking, served_model
from booktune_assets.settings import Llm

__all__ = ["Probed", "probe"]


@dataclass(frozen=True, slots=True)
class Probed:
    """``lacks``: why texts cannot be scored, empty when they can. ``kept``: said earlier."""

    model: str
    lacks: str
    kept: bool


def probe(
    llm: Llm, key: str, name: str, revision: str, file: Path, *, again: bool = False
) -> Probed:
    """What is known of the server at ``llm.base_url``; it is asked when nothing is, or ``again``.

    Raises what :func:`~booktune_assets.evaluation.served.lacking` raises.
    """
    cache = CallCache(file)
    about = call_key("server", url=llm.base_url.rstrip("/"), name=name, revision=revision)
    if about in cache and not again:
        model, lacks = cache.get(about)
        return Probed(str(model), str(lacks), True)
    model = name or served_model(llm, key)
    found = Probed(model, lacking(llm, key, model), False)
    if about not in cache or cache.get(about) != [found.model, found.lacks]:
        cache.put(about, [found.model, found.lacks])
    return found
