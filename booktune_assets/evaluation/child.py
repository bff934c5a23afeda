"""Child process of the evaluation: loads the model once and answers for both arms.

Belongs here: asking the engine what the cache does not know. Does not: choosing items, scoring.

    python -m booktune_assets.evaluation.child SPEC RESULT
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from booktune_assets.children import child_main
from booktune_assets.errors import BookError
from booktune_assets.evaluation.cache import CallCache, call_key
from booktune_assets.evaluation.cost import Expected, SuiteCost
from booktune_assets.evaluation.harness import run_tasks
from booktune_assets.evaluation.spent import Spent
from booktune_assets.progress import advance

if TYPE_CHECKING:
    from booktune_assets.llm.engine import Engine, Scored

__all__ = ["expected", "run"]

WHY = 400  # characters of an error that are kept with an item
BATCH = 8  # calls between two writes of the cache: what a kill can lose
WRITING = "writing answers"
WIDE = 64  # the same where the engine answers many side by side


def run(spec: dict[str, Any]) -> dict[str, Any]:
    """``{"replies": {arm: {item: reply}}, "asked": n, "reused": n, "spent": rows}``.

    Replies are those of ``items.py``; ``spent`` has a row per suite and arm: calls, tokens read and
    written, seconds of asking, whenever that was.
    """
    desk = _Desk(spec)
    # tasks of a harness load the model themselves: before the engine has it too
    replies = {arm: desk.tasks(arm) for arm in spec["arms"]}
    for arm in spec["arms"]:
        for ask in (desk.scores, desk.choices, desk.answers, desk.drifts):
            replies[arm] |= ask(arm)
    return {"replies": replies, "asked": desk.asked, "reused": desk.reused,
            "spent": desk.spent.rows()}  # fmt: skip


def expected(spec: dict[str, Any]) -> list[SuiteCost]:
    """What :func:`run` has still to do, by suite; nothing is asked."""
    desk = _Desk({**spec, "dry": True})
    for arm in spec["arms"]:
        for ask in (desk.tasks, desk.scores, desk.choices, desk.answers, desk.drifts):
            ask(arm)
    return desk.expected.suites()


class _Desk:
    """Looks each call up, and opens the engine only when something is missing."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.engine: Engine | None = None
        self.spent = Spent({item["id"]: item for item in spec["items"]})
        self.expected = Expected(spec["items"])
        self.asked = self.reused = 0
        self._begun: dict[str, Any] = {}  # what the base wrote, for drifts

    def scores(self, arm: str) -> dict[str, Any]:
        """Nats, tokens and bytes of every text."""
        items = self._of("text")
        keys = [call_key("score", text=item["text"]) for item in items]

        def ask(engine: Engine, some: Sequence[int]) -> list[Any]:
            return [_figures(one) for one in engine.score([items[n]["text"] for n in some])]

        values = self._fill(arm, keys, ask, "scoring texts", [item["id"] for item in items])
        return {item["id"]: values[key] for item, key in zip(items, keys, strict=True)}

    def choices(self, arm: str) -> dict[str, Any]:
        """Nats, tokens and bytes of every option after its question."""
        items = self._of("choice")
        pairs = [(_turns(item), option) for item in items for option in item["options"]]
        keys = [call_key("option", turns=turns, option=option) for turns, option in pairs]

        def ask(engine: Engine, some: Sequence[int]) -> list[Any]:
            return [_figures(one) for one in engine.score_answers([pairs[n] for n in some])]

        owners = [item["id"] for item in items for _ in item["options"]]
        values = self._fill(arm, keys, ask, "weighing options", owners)
        found: dict[str, Any] = {}
        left = iter(keys)
        for item in items:
            options = [values[next(left)] for _ in item["options"]]
            broken = [one for one in options if isinstance(one, dict)]
            found[item["id"]] = broken[0] if broken else options
        return found

    def answers(self, arm: str) -> dict[str, Any]:
        """All samples of what the arm writes to every prompt."""
        found: dict[str, Any] = {}
        items = self._of("answer", "completion")
        groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for item in items:
            how = (item["new_tokens"], item["temperature"], tuple(item["stop"]))
            groups.setdefault(how, []).append(item)
        for (length, heat, stop), some in sorted(groups.items()):
            found |= self._written(arm, some, length, heat, stop)
        return found

    def drifts(self, arm: str) -> dict[str, Any]:
        """Nats and tokens of the way from the base, over what the base writes to every prompt."""
        items = self._of("drift", "drift_answer")
        prompts = [item["text"] if item["ask"] == "drift" else _turns(item) for item in items]
        seed = int(self.spec["seed"])
        keys = [
            call_key(
                "drift", rule=2,  # before 2 what was not finite was kept as 0
                turns=prompt, new=item["new_tokens"], temperature=item["temperature"],
                **({"seed": seed} if item["temperature"] else {}),
            )
            for item, prompt in zip(items, prompts, strict=True)
        ]  # fmt: skip

        def ask(engine: Engine, some: Sequence[int]) -> list[Any]:
            from booktune_assets.evaluation.drift import apart, begun

            if arm != "base":
                bases = [self._begun[keys[n]] for n in some]
                return [
                    base if isinstance(base, dict) else apart(engine, prompts[n], base)
                    for n, base in zip(some, bases, strict=True)
                ]
            made: dict[int, Any] = {}
            for heat in sorted({items[n]["temperature"] for n in some}):
                own = [n for n in some if items[n]["temperature"] == heat]
                told = begun(
                    engine, [prompts[n] for n in own], items[own[0]]["new_tokens"], heat, seed
                )
                made |= dict(zip(own, told, strict=True))
            return [made[n] for n in some]

        owners = [item["id"] for item in items]
        values = self._fill(arm, keys, ask, "looking for drift", owners)
        if arm == "base":
            self._begun = values
        found = {item["id"]: values[key] for item, key in zip(items, keys, strict=True)}
        return {name: one if isinstance(one, dict) else one[:3] for name, one in found.items()}

    def tasks(self, arm: str) -> dict[str, Any]:
        """Rows of every task of lm-evaluation-harness. What failed is not kept: it may be there
        the next time."""
        items = self._of("harness")
        if not items:
            return {}
        how = self.spec["lm_eval"]
        keys = [call_key("harness", task=item["text"], limit=how["limit"]) for item in items]
        cache = self._cache(arm)
        todo = [(item, key) for item, key in zip(items, keys, strict=True) if key not in cache]
        self._count(len(todo), len(items) - len(todo))
        if self.spec.get("dry"):
            left = {number for number, key in enumerate(keys) if key not in cache}
            self.expected.add([item["id"] for item in items], left, cache)
        names = {key: json.loads(item["text"])["task"] for item, key in todo}
        made: dict[str, Any] = {}
        if todo and not self.spec.get("dry"):
            advance(f"tasks of lm-eval, {arm} model", 0, len(todo))
            made = run_tasks(
                how["python"], self.spec["model"],
                self.spec["adapter"] if arm == "tuned" else None, list(names.values()),
                how["limit"], Path(self.spec["cache"]) / "lm_eval",
            )  # fmt: skip
        for key, name in names.items():
            if isinstance(made.get(name), list):
                cache.put(key, made[name])
        return {
            item["id"]: cache.get(key) if key in cache else made.get(names[key], {"error": "lost"})
            for item, key in zip(items, keys, strict=True)
        }

    def _written(
        self, arm: str, items: list[dict[str, Any]], length: int, heat: float, stop: tuple[str, ...]
    ) -> dict[str, Any]:
        """Samples of prompts that are asked alike. Sample k is the same for every n above k."""
        from booktune_assets.llm.chat import STOP

        calls = [(item, number) for item in items for number in range(item["samples"])]
        prompts = [item["text"] if item["ask"] == "completion" else _turns(item) for item in items]
        asked = {item["id"]: prompt for item, prompt in zip(items, prompts, strict=True)}
        ends = (*stop, *STOP) if stop else STOP
        seed = int(self.spec["seed"])
        keys = [
            call_key(
                "generate", turns=asked[item["id"]], new=length, temperature=heat, stop=ends,
                **({"sample": number, "seed": seed} if heat else {}),
            )
            for item, number in calls
        ]  # fmt: skip

        def ask(engine: Engine, numbers: Sequence[int]) -> list[Any]:
            return engine.generate(
                [asked[calls[number][0]["id"]] for number in numbers], max_new_tokens=length,
                temperature=heat, seed=[seed + calls[number][1] for number in numbers], stop=ends,
            )  # fmt: skip

        owners = [item["id"] for item, _ in calls]
        values = self._fill(arm, keys, ask, WRITING, owners)
        found: dict[str, Any] = {item["id"]: [] for item in items}
        for (item, _), key in zip(calls, keys, strict=True):
            value = values[key]
            if isinstance(value, dict) or isinstance(found[item["id"]], dict):
                found[item["id"]] = value if isinstance(value, dict) else found[item["id"]]
            else:
                found[item["id"]].append(value)
        return found

    def _of(self, *kinds: str) -> list[dict[str, Any]]:
        return [item for item in self.spec["items"] if item["ask"] in kinds]

    def _cache(self, arm: str) -> CallCache:
        return CallCache(Path(self.spec["cache"]) / f"{self.spec['who'][arm]}.jsonl")

    def _count(self, asked: int, reused: int) -> None:
        self.asked += asked
        self.reused += reused

    def _fill(
        self,
        arm: str,
        keys: Sequence[str],
        ask: Callable[[Engine, Sequence[int]], list[Any]],
        what: str,
        owners: Sequence[str],
    ) -> dict[str, Any]:
        """Values of all keys: from the cache, or asked batch by batch. ``owners``: their items."""
        cache = self._cache(arm)
        first: dict[str, int] = {}  # two suites may ask the same: once is enough
        todo = [
            number for number, key in enumerate(keys)
            if key not in cache and first.setdefault(key, number) == number
        ]  # fmt: skip
        self._count(len(todo), len(keys) - len(todo))
        if self.spec.get("dry"):
            self.expected.add(owners, set(todo), cache)
            return defaultdict(lambda: {"error": "not asked"})
        # of a server each answer is kept when it comes, so many at a time are no risk
        wide = self.spec.get("vllm") or (self.spec.get("server") and what == WRITING)
        size = WIDE if wide else BATCH
        for start in range(0, len(todo), size):
            batch = todo[start : start + size]
            if self.engine is None:  # loading the model is no item's time
                self.engine = _open(self.spec)
            began = time.monotonic()
            values = self._ask(arm, ask, batch)
            each = (time.monotonic() - began) / len(batch)
            for number, value in zip(batch, values, strict=True):
                cache.put(keys[number], value, each)
            advance(f"{what}, {arm} model", start + len(batch), len(todo))
        for key, owner in dict(zip(keys, owners, strict=True)).items():
            self.spent.add(owner, arm, cache.get(key), cache.seconds(key))
        return {key: cache.get(key) for key in keys}

    def _ask(
        self, arm: str, ask: Callable[[Engine, Sequence[int]], list[Any]], batch: list[int]
    ) -> list[Any]:
        """One batch; when an item is impossible (too long), only that item is lost."""
        assert self.engine is not None
        with self.engine.with_adapter(arm == "tuned"):
            try:
                return ask(self.engine, batch)
            except BookError as problem:
                if len(batch) == 1:
                    return [{"error": problem.code.value, "why": str(problem)[:WHY]}]
        return [self._ask(arm, ask, [number])[0] for number in batch]


def _turns(item: dict[str, Any]) -> list[dict[str, str]]:
    turns = [{"role": "user", "content": item["text"]}]
    system = item.get("system")
    return [{"role": "system", "content": system}, *turns] if system else turns


def _figures(one: Scored) -> list[float]:
    return [one.nats, one.tokens, one.bytes]


def _open(spec: dict[str, Any]) -> Engine:
    from booktune_assets.llm.engine import open_engine

    adapter = spec.get("adapter")
    if server := spec.get("server"):
        from booktune_assets.evaluation.served import ServedEngine
        from booktune_assets.settings import Llm

        llm = Llm.model_validate(server["llm"])
        key = os.environ.get(llm.api_key_env, "") if llm.api_key_env else ""
        return ServedEngine(
            llm, key, Path(server["calls"]), server["model"], server["revision"], adapter or ""
        )
    folder = Path(adapter) if adapter else None
    if vllm := spec.get("vllm"):
        from booktune_assets.llm.vllm_engine import VllmEngine

        return VllmEngine(Path(spec["model"]), folder, vllm["python"], vllm["arguments"])
    return open_engine(Path(spec["model"]), folder)


if __name__ == "__main__":
    child_main(run)
