"""Child process of the evaluation: loads the model once and answers for both arms.

Belongs here: asking the engine what the cache does not know. Does not: choosing items, scoring.

    python -m booktune_assets.evaluation.child SPEC RESULT
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from booktune_assets.children import child_main
from booktune_assets.errors import BookError
from booktune_assets.evaluation.cache import CallCache, call_key
from booktune_assets.progress import advance

if TYPE_CHECKING:
    from booktune_assets.llm.engine import Engine

__all__ = ["run"]

BATCH = 8  # calls between two writes of the cache: what a kill can lose


def run(spec: dict[str, Any]) -> dict[str, Any]:
    """``{"scores": {arm: {item: …}}, "answers": {arm: {item: …}}, "asked": n, "reused": n}``."""
    desk = _Desk(spec)
    scores: dict[str, dict[str, Any]] = {}
    answers: dict[str, dict[str, Any]] = {}
    for arm in spec["arms"]:
        scores[arm] = desk.scores(arm)
        answers[arm] = desk.answers(arm)
    return {"scores": scores, "answers": answers, "asked": desk.asked, "reused": desk.reused}


class _Desk:
    """Looks each call up, and opens the engine only when something is missing."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.engine: Engine | None = None
        self.asked = self.reused = 0

    def scores(self, arm: str) -> dict[str, Any]:
        """Nats, tokens and bytes of every text."""
        texts: list[dict[str, str]] = self.spec["texts"]
        keys = [call_key("score", text=text["text"]) for text in texts]

        def ask(engine: Engine, some: Sequence[int]) -> list[Any]:
            found = engine.score([texts[number]["text"] for number in some])
            return [[one.nats, one.tokens, one.bytes] for one in found]

        values = self._fill(arm, keys, ask, "scoring texts")
        return {text["id"]: values[key] for text, key in zip(texts, keys, strict=True)}

    def answers(self, arm: str) -> dict[str, Any]:
        """What the arm writes to every prompt, by the likeliest token each time."""
        from booktune_assets.llm.chat import STOP

        prompts: list[dict[str, Any]] = self.spec["prompts"]
        found: dict[str, Any] = {}
        for length in sorted({prompt["new_tokens"] for prompt in prompts}):
            some = [prompt for prompt in prompts if prompt["new_tokens"] == length]
            turns = [[{"role": "user", "content": prompt["text"]}] for prompt in some]
            keys = [
                call_key("generate", turns=turn, new=length, temperature=0, stop=STOP)
                for turn in turns
            ]

            def ask(
                engine: Engine,
                numbers: Sequence[int],
                turns: list[list[dict[str, str]]] = turns,
                length: int = length,
            ) -> list[Any]:
                asked = [turns[number] for number in numbers]
                seed = int(self.spec["seed"])
                return list(engine.generate(asked, max_new_tokens=length, seed=seed, stop=STOP))

            values = self._fill(arm, keys, ask, "writing answers")
            found |= {one["id"]: values[key] for one, key in zip(some, keys, strict=True)}
        return found

    def _fill(
        self,
        arm: str,
        keys: Sequence[str],
        ask: Callable[[Engine, Sequence[int]], list[Any]],
        what: str,
    ) -> dict[str, Any]:
        """Values of all keys: from the cache, or asked batch by batch."""
        cache = CallCache(Path(self.spec["cache"]) / f"{self.spec['who'][arm]}.jsonl")
        todo = [number for number, key in enumerate(keys) if key not in cache]
        self.asked += len(todo)
        self.reused += len(keys) - len(todo)
        for start in range(0, len(todo), BATCH):
            batch = todo[start : start + BATCH]
            for number, value in zip(batch, self._ask(arm, ask, batch), strict=True):
                cache.put(keys[number], value)
            advance(f"{what}, {arm} model", start + len(batch), len(todo))
        return {key: cache.get(key) for key in keys}

    def _ask(
        self, arm: str, ask: Callable[[Engine, Sequence[int]], list[Any]], batch: list[int]
    ) -> list[Any]:
        """One batch; when an item is impossible (too long), only that item is lost."""
        if self.engine is None:
            self.engine = _open(self.spec)
        with self.engine.with_adapter(arm == "tuned"):
            try:
                return ask(self.engine, batch)
            except BookError as problem:
                if len(batch) == 1:
                    return [{"error": problem.code.value}]
        return [self._ask(arm, ask, [number])[0] for number in batch]


def _open(spec: dict[str, Any]) -> Engine:
    from booktune_assets.llm.engine import open_engine

    return open_engine(Path(spec["model"]), Path(spec["adapter"]))


if __name__ == "__main__":
    child_main(run)
