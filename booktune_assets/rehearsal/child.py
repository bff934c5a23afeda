"""Child: the base model goes on from the prompts.

Belongs here: nothing but asking the engine. Does not: prompts, filters (``synthesise.py``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from booktune_assets.children import child_main
from booktune_assets.llm.engine import open_engine
from booktune_assets.rehearsal.synthesise import STOP, refusal, tidy

__all__ = ["run"]


def run(spec: dict[str, Any]) -> dict[str, Any]:
    """Answers in rounds until ``wanted`` of them are fit, or the prompts are used up."""
    engine = open_engine(Path(spec["model"]))
    waiting: list[dict[str, Any]] = list(spec["prompts"])
    answers: list[dict[str, str]] = []
    missing = int(spec["wanted"])
    while waiting and missing > 0:
        size = missing + (missing + 1) // 2  # one round with spares is cheaper than two rounds
        batch, waiting = waiting[:size], waiting[size:]
        written = engine.generate(
            [prompt["text"] for prompt in batch],
            max_new_tokens=spec["new_tokens"],
            temperature=spec["temperature"],
            top_p=spec["top_p"],
            seed=spec["seed"],
            stop=STOP,
        )
        for prompt, text in zip(batch, map(tidy, written), strict=True):
            reason = refusal(text, prompt["shown"]) or ("" if missing > 0 else "spare")
            missing -= not reason
            answers.append({"prompt_id": prompt["prompt_id"], "text": text, "reason": reason})
    return {"answers": answers}


if __name__ == "__main__":
    child_main(run)
