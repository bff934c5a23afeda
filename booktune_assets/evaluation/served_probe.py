"""What a server said of itself: its model's name, and whether it can score texts.

Belongs here: asking that, and keeping the answer. Does not: how it is asked (``served.py``).

The answer is kept by address, name and revision, like all that a model says, so that an evaluation
which has every answer is scored again without the server. Which model an address has may change at
any time: where nobody names it, the server is asked, and what it said last counts only while it
does not answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from booktune_assets.errors import ServiceDown
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
    url = llm.base_url.rstrip("/")
    model = name or _named(llm, key, cache, call_key("served", url=url), again)
    about = call_key("lacks", url=url, model=model, revision=revision)
    if about in cache and not again:
        return Probed(model, str(cache.get(about)), True)
    lacks = lacking(llm, key, model)
    _keep(cache, about, lacks)
    return Probed(model, lacks, False)


def _named(llm: Llm, key: str, cache: CallCache, about: str, again: bool) -> str:
    """The one model of the server, or the one that it had when it answered last."""
    try:
        model = served_model(llm, key)
    except ServiceDown:
        if again or about not in cache:
            raise
        return str(cache.get(about))
    _keep(cache, about, model)
    return model


def _keep(cache: CallCache, about: str, said: str) -> None:
    if about not in cache or cache.get(about) != said:
        cache.put(about, said)
