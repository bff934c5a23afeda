"""The engine on vLLM: its own interpreter, this process's tokenizer.

Belongs here: prompts as token ids, stop rules, seeds, the conversation with ``vllm_child.py``.
Does not: vLLM itself, its command line (``engines.py``), keeping answers (whoever asks).

Prompts, stop rules and seeds are those of ``transformers_engine.py``: the same ids go in, and text
is cut here. Greedy answers agree as far as rounding lets them; sampled ones are drawn by vLLM's own
sampler, so one seed gives both arms the same stream here, and another one than transformers has.
The child gives vLLM no seeds on a CPU, which dies of them: there each answer has another draw.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, cast

from booktune_assets.errors import BookError, BooktuneError, Code
from booktune_assets.ids import digest, stable_int
from booktune_assets.llm import vllm_child
from booktune_assets.llm.chat import Turn, render_prompt, text_ids
from booktune_assets.llm.engine import Prompt, Scored
from booktune_assets.llm.loading import load_tokenizer

__all__ = ["VllmEngine"]

LAST = 4_000  # bytes of its log that an error shows
END = 30.0  # seconds it gets to end by itself


class VllmEngine:
    """``python`` has vLLM; ``arguments`` are those of its server; ``adapter`` is peft's folder."""

    def __init__(
        self, path: Path, adapter: Path | None, python: str, arguments: Sequence[str]
    ) -> None:
        self.tokenizer = load_tokenizer(path)
        self.adapted, self._on = adapter is not None, adapter is not None
        self._log = cast("IO[bytes]", tempfile.TemporaryFile())  # noqa: SIM115, closed by close
        self._child = subprocess.Popen(
            [python, "-I", vllm_child.__file__],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True,
            encoding="utf-8", start_new_session=True,
            env={**os.environ, "PYTHONPATH": "", "HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1",
                 "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
                 "VLLM_CPU_KVCACHE_SPACE": os.environ.get("VLLM_CPU_KVCACHE_SPACE", "2")},
        )  # fmt: skip
        ready = self._asked({
            "arguments": list(arguments), "adapter": str(adapter) if adapter else "",
            "parent": os.getpid(),
        })  # fmt: skip
        self._limit = int(ready["ready"])

    @contextmanager
    def with_adapter(self, on: bool) -> Generator[None]:
        """Within the block, the adapter takes part, or the base model answers alone."""
        if on and not self.adapted:
            raise BookError(Code.BAD_SETTING, "Open the engine with an adapter first")
        before, self._on = self._on, on
        try:
            yield
        finally:
            self._on = before

    def generate(
        self,
        prompts: Sequence[Prompt],
        *,
        max_new_tokens: int,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int | Sequence[int] = 0,
        stop: Sequence[str] = (),
        repetition: float = 1.0,
    ) -> list[str]:
        """See :class:`~booktune_assets.llm.engine.Engine`."""
        ids = [self.prompt_ids(prompt) for prompt in prompts]
        for one in ids:
            self._fits(len(one) + max_new_tokens)
        seeds = [seed] * len(ids) if isinstance(seed, int) else list(seed)
        said = self._asked({
            "do": "write", "on": self._on, "ids": ids, "seeds": _streams(ids, seeds),
            "new": max_new_tokens, "temperature": temperature, "top_p": top_p, "stop": list(stop),
            "repetition": repetition,
        })  # fmt: skip
        return [self._text(written, stop) for written in said["written"]]

    def score(self, texts: Sequence[str]) -> list[Scored]:
        """See :class:`~booktune_assets.llm.engine.Engine`."""
        encoded = [text_ids(self.tokenizer, text) for text in texts]
        return self._scored(encoded, [1] * len(texts), texts)

    def score_answers(self, pairs: Sequence[tuple[Prompt, str]]) -> list[Scored]:
        """See :class:`~booktune_assets.llm.engine.Engine`."""
        heads = [self.prompt_ids(prompt) for prompt, _ in pairs]
        encoded = [
            head + text_ids(self.tokenizer, answer, start=False)
            for head, (_, answer) in zip(heads, pairs, strict=True)
        ]
        return self._scored(encoded, [len(head) for head in heads], [text for _, text in pairs])

    def prompt_ids(self, prompt: Prompt) -> list[int]:
        """The token ids of a prompt of any form; given ids stay as they are."""
        if isinstance(prompt, str):
            return text_ids(self.tokenizer, prompt)
        if isinstance(prompt[0], int):
            return list(cast("Sequence[int]", prompt))
        return render_prompt(self.tokenizer, cast("Sequence[Turn]", prompt))

    def close(self) -> None:
        """End the child."""
        with suppress(OSError):
            cast("IO[str]", self._child.stdin).close()
        try:
            self._child.wait(END)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        cast("IO[str]", self._child.stdout).close()
        self._log.close()

    def _scored(
        self, encoded: Sequence[list[int]], starts: Sequence[int], texts: Sequence[str]
    ) -> list[Scored]:
        for ids in encoded:
            self._fits(len(ids) + 1)  # vLLM always writes one more
        said = self._asked({"do": "score", "on": self._on, "ids": encoded, "starts": starts})
        return [
            Scored(float(nats), len(ids) - start, len(text.encode()))
            for nats, ids, start, text in zip(said["nats"], encoded, starts, texts, strict=True)
        ]

    def _asked(self, job: dict[str, Any]) -> dict[str, Any]:
        """The child's answer. Raises ``CHILD_FAILED`` when there is none."""
        line = ""
        with suppress(OSError):
            pipe = cast("IO[str]", self._child.stdin)
            pipe.write(json.dumps(job) + "\n")
            pipe.flush()
            line = cast("IO[str]", self._child.stdout).readline()
        said: dict[str, Any] = json.loads(line) if line.endswith("\n") else {}
        if "error" in said or not said:
            why = said.get("error") or f"it ended. Its last lines:\n{self._last()}"
            raise BooktuneError(
                Code.CHILD_FAILED, f"See to vLLM, then run again: what was answered is kept. {why}",
                child="vllm",
            )  # fmt: skip
        return said

    def _last(self) -> str:
        self._child.kill()
        self._child.wait()
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - LAST))
        return self._log.read().decode("utf-8", "replace").strip() or "(it said nothing)"

    def _fits(self, tokens: int) -> None:
        if tokens > self._limit:
            raise BookError(
                Code.TOO_LONG,
                f"The model reads {self._limit} tokens at most: shorten the text",
                tokens=tokens,
            )

    def _text(self, written: list[int], stop: Sequence[str]) -> str:
        text: str = self.tokenizer.decode(written, skip_special_tokens=True)
        cuts = [text.find(word) for word in stop if word in text]
        return text[: min(cuts)] if cuts else text


def _streams(prompts: Sequence[list[int]], seeds: Sequence[int]) -> list[int]:
    """Seed of each prompt's stream, made as ``transformers_engine`` makes it."""
    seen: dict[tuple[int, str], int] = {}
    found: list[int] = []
    for ids, own in zip(prompts, seeds, strict=True):
        name = digest(ids)
        turn = seen[own, name] = seen.get((own, name), -1) + 1
        found.append(stable_int(f"{own}:{turn}:{name}") >> 1)
    return found
