"""Child of another interpreter: vLLM, asked by lines of JSON. Imports nothing of ours.

Belongs here: what only an interpreter with vLLM can do, token ids in and token ids out. Does not:
text, templates, stop rules (``vllm_engine.py``), servers (``engines.py``).

    PYTHON -I vllm_child.py     (first line: {"arguments": […], "adapter": FOLDER, "parent": PID})

Each later line is a job, each line out its answer: ``{"ready": TOKENS}``, ``{"written": …}``,
``{"nats": …}`` or ``{"error": …}``. Whatever vLLM prints goes to standard error.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from typing import Any

__all__ = ["main"]


def main() -> None:
    """Load the model, then answer until the input ends."""
    replies = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    spec = json.loads(sys.stdin.readline())
    _die_with(int(spec["parent"]))
    model = _Model(spec)
    replies.write(json.dumps({"ready": model.limit}) + "\n")
    for line in sys.stdin:
        try:
            answer = model.answer(json.loads(line))
        except Exception as problem:  # the job's fault or ours: its asker decides
            answer = {"error": f"{type(problem).__name__}: {problem}"}
        replies.write(json.dumps(answer) + "\n")


class _Model:
    """vLLM's offline engine, with an adapter or without."""

    def __init__(self, spec: dict[str, Any]) -> None:
        from vllm import LLM  # pyright: ignore
        from vllm.engine.arg_utils import EngineArgs  # pyright: ignore
        from vllm.utils.argparse_utils import FlexibleArgumentParser  # pyright: ignore

        parser: Any = EngineArgs.add_cli_args(FlexibleArgumentParser())  # pyright: ignore
        given: Any = EngineArgs.from_cli_args(parser.parse_args(spec["arguments"]))  # pyright: ignore
        self.llm: Any = LLM.from_engine_args(given)  # pyright: ignore
        # The CPU build (0.32) dies of a sampled request with a seed whose prompt it reads in parts;
        # without one it samples from the stream of the engine.
        self.seeds = str(self.llm.llm_engine.vllm_config.device_config.device_type) != "cpu"
        self.limit = int(self.llm.llm_engine.model_config.max_model_len)
        self.adapter: Any = None
        if spec["adapter"]:
            from vllm.lora.request import LoRARequest  # pyright: ignore

            self.adapter = LoRARequest("tuned", 1, spec["adapter"])  # pyright: ignore

    def answer(self, job: dict[str, Any]) -> dict[str, Any]:
        """Of ``{"do": "write" | "score", "on": adapter?, "ids": [[…]], …}``."""
        from vllm import SamplingParams  # pyright: ignore

        if job["do"] == "score":
            how = SamplingParams(
                temperature=0.0, max_tokens=1, prompt_logprobs=0, detokenize=False
            )  # fmt: skip
            said = self._said(job, [how] * len(job["ids"]))
            return {"nats": [_nats(one, start) for one, start in
                             zip(said, job["starts"], strict=True)]}  # fmt: skip
        how = [
            SamplingParams(
                temperature=job["temperature"], top_p=job["top_p"], max_tokens=job["new"],
                seed=seed, stop=job["stop"], repetition_penalty=job["repetition"],
            )
            for seed in (job["seeds"] if self.seeds else [None] * len(job["ids"]))
        ]  # fmt: skip
        return {"written": [_written(one.outputs[0]) for one in self._said(job, how)]}

    def _said(self, job: dict[str, Any], how: list[Any]) -> list[Any]:
        prompts = [{"prompt_token_ids": ids} for ids in job["ids"]]
        lora = self.adapter if job["on"] else None
        return self.llm.generate(prompts, how, lora_request=lora, use_tqdm=False)


def _written(said: Any) -> list[int]:
    """Ids without the end token; those of a stop string are there."""
    ids = list(said.token_ids)
    ended = said.finish_reason == "stop" and not isinstance(said.stop_reason, str)
    return ids[:-1] if ended else ids


def _nats(said: Any, start: int) -> float:
    """Negative log likelihood of a prompt's tokens from ``start`` on."""
    pairs = zip(said.prompt_token_ids, said.prompt_logprobs, strict=True)
    return -sum(step[token].logprob for token, step in list(pairs)[start:])


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


if __name__ == "__main__":
    main()
