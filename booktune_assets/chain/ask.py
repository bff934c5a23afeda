"""An answer of the trained model: with its adapter or without, as the question asks for.

Belongs here: which adapter, the threshold that is kept with its measured accuracy, the call. Does
not: scoring questions (``training/post/routing.py``), passages (``retrieval.py``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from booktune_assets.chain.house import House
from booktune_assets.chain.models import base_of, model_name, standing
from booktune_assets.chain.post import routing
from booktune_assets.chain.retrieval import answered
from booktune_assets.ids import digest
from booktune_assets.lake import write_json

if TYPE_CHECKING:
    from booktune_assets.concepts.retrieval import Hit, Index

__all__ = ["Choice", "choose", "tuned_answer"]

_VERSION = "routing.2"
PASSAGE_CHARS = 2400  # before a question; short enough for small models
Wanted = Literal["auto", "on", "off"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Is the adapter on, and why. ``accuracy`` is that of the threshold, on held-out questions."""

    on: bool
    score: float | None = None
    threshold: float | None = None
    accuracy: float | None = None

    def words(self) -> str:
        """For a person."""
        state = "on" if self.on else "off"
        if self.score is None or self.threshold is None:
            return f"adapter {state}, as asked for"
        than = "at least" if self.on else "below"
        return (
            f"adapter {state}: the shelf covers {self.score:.2f} of the question, {than} "
            f"{self.threshold:.2f} (right for {self.accuracy:.0%} of held-out questions)"
        )


def choose(house: House, question: str, index: Index, wanted: Wanted) -> Choice:
    """Adapter on or off for a question. Raises ``NO_EXAMPLES`` when nothing can set a threshold."""
    from booktune_assets.training.post.routing import Router

    if wanted != "auto":
        return Choice(wanted == "on")
    adapter, _ = standing(house, "lora_adapter")
    dataset = str(house.lake.read("lora_adapter", adapter)["dataset_id"][0])
    shelf = digest([_VERSION, dataset, [one.passage_id for one in index.passages]])
    file = house.settings.cache / "routing" / f"{shelf}.json"
    router = Router(index)
    found: dict[str, Any] | None = None
    with suppress(OSError, ValueError):
        found = json.loads(file.read_text())
    if found is None:
        found = routing(house, dataset, router)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_json(file, found)
    score, threshold = router.score(question), float(found["threshold"])
    return Choice(score >= threshold, score, threshold, float(found["accuracy"]))


def tuned_answer(
    house: House, question: str, hits: Sequence[Hit], choice: Choice
) -> dict[str, Any]:
    """The trained model's answer from the passages, as ``retrieval.answered`` gives it.

    Passages are as short as those that ``eval_report`` puts before questions; a question that was
    routed away from the shelf is asked alone. ``adapter`` is the name of the one that answered,
    empty for the model alone. The engine of ``[llm]`` answers where it can serve that model, else
    transformers in a process of its own.
    """
    from booktune_assets.llm.engines import Adapter
    from booktune_assets.rehearsal.callers import serving

    beside, model = None, model_name(house)
    if choice.on:
        adapter, _ = standing(house, "lora_adapter")
        beside = Adapter.at(house.lake.folder("lora_adapter", adapter) / "adapter")
        model = base_of(house, adapter)
    routed_away = not choice.on and choice.score is not None
    found = answered(
        serving(house.settings, model), question, [] if routed_away else hits, beside,
        chars=PASSAGE_CHARS,
    )  # fmt: skip
    return found | {"adapter": beside.name if beside else "", "score": choice.score}
