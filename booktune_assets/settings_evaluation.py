"""Settings of the evaluation: what is measured, on how much, with how many samples.

Belongs here: every knob of ``[evaluation]``. Does not: behaviour (``evaluation/``).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["ALL", "Evaluation"]

ALL = 100_000  # more items than any suite has
_ON_GPU = {
    "problems": ALL, "otp": ALL, "variation": ALL, "choices": 400, "answers": 200,
    "retrieval": 100, "verbatim": 200, "regurgitation": 200, "heldout_sections": 200,
    "general_texts": 200, "stage_texts": 200, "drift": ALL, "drift_tokens": 128,
    "tool_calls": ALL, "formats": ALL, "short_answers": 200,
}  # fmt: skip

# the number of items of each suite that has one
_COUNTS = {
    "book_sections": "heldout_sections", "book_choice": "choices",
    "short_answers": "short_answers", "heldout_answers": "answers", "problems": "problems",
    "otp": "otp", "retrieval": "retrieval", "stage_texts_general": "stage_texts",
    "stage_texts_domain": "stage_texts", "general_text": "general_texts",
    "general_code": "general_texts", "drift": "drift", "tool_calls": "tool_calls",
    "formats": "formats", "variation": "variation", "verbatim": "verbatim",
    "regurgitation": "regurgitation",
}  # fmt: skip


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Evaluation(_Section):
    """How base and tuned are compared. A number of items of 0 leaves the suite out.

    The defaults are for two CPU cores; GPU profiles ask for more (``on``).
    """

    suites: list[str] = Field(default=[], description="suites that are run; none named: all")
    heldout_sections: int = Field(default=24, ge=0, description="held-out sections scored, at most")
    general_texts: int = Field(default=16, ge=0, description="general texts, prose and code each")
    stage_texts: int = Field(
        default=24, ge=0, description="passages of held-out documents of each stage, at most"
    )
    answers: int = Field(default=8, ge=0, description="held-out questions answered (chrF)")
    short_answers: int = Field(
        default=4, ge=0, description="short answers that held-out sections give, at most"
    )
    choices: int = Field(default=16, ge=0, description="multiple choice questions, at most")
    retrieval: int = Field(
        default=2, ge=0, description="held-out questions asked with and without passages"
    )
    verbatim: int = Field(default=2, ge=0, description="listings that are gone on from, at most")
    regurgitation: int = Field(
        default=2, ge=0, description="trained questions whose answers are searched for copies"
    )
    verbatim_chars: int = Field(
        default=200, ge=20, description="longest run out of a book that an answer may have"
    )
    problems: int = Field(default=6, ge=0, description="programming problems sampled (pass@1)")
    otp: int = Field(default=2, ge=0, description="OTP tasks, spread over topics and kinds")
    variation: int = Field(default=0, ge=0, description="variants of problems, beside originals")
    files: list[str] = Field(
        default=[], description="files or folders of problems in the form of MultiPL-E, McEval, "
        "Exercism or booktune",
    )  # fmt: skip
    protocols: Literal["both", "chat", "completion"] = Field(
        default="both", description="how problems of files are asked"
    )
    drift: int = Field(
        default=2, ge=0, description="new prompts on which the tuned model's next tokens are "
        "compared with the base's",
    )  # fmt: skip
    drift_tokens: int = Field(default=32, ge=1, description="tokens that the base writes to each")
    tool_calls: int = Field(default=2, ge=0, description="requests that want a tool called")
    formats: int = Field(default=2, ge=0, description="requests for an answer of a given form")
    lm_eval_tasks: list[str] = Field(
        default=[], description="tasks of lm-evaluation-harness whose data is on this machine: "
        "names, or YAML files and folders of them; nothing is downloaded",
    )  # fmt: skip
    lm_eval_limit: int = Field(default=200, ge=1, description="items of each task, at most")
    lm_eval_python: str = Field(
        default="", description="Python that has lm-eval and torch; default "
        "BOOKTUNE_LM_EVAL_PYTHON, else this one",
    )  # fmt: skip
    samples: int = Field(default=1, ge=1, description="programs sampled for each problem")
    temperature: float = Field(
        default=0.0, ge=0, description="of those; 0 takes the likeliest token and allows one sample"
    )
    engine: Literal["transformers", "vllm"] = Field(
        default="transformers", description="asked for folders; vllm: its offline engine, in the "
        "interpreter of llm.vllm_python, with llm.vllm_args",
    )  # fmt: skip
    comparison: bool = Field(
        default=True, description="ways of not forgetting, compared in small for the report (a "
        "minute, once)",
    )  # fmt: skip
    new_tokens: int = Field(default=96, ge=8, description="longest answer, tokens")
    text_chars: int = Field(default=1200, ge=100, description="longest scored text, characters")
    bootstrap: int = Field(default=10_000, ge=100, description="resamples for the intervals")
    seed: int = 0

    def harness(self) -> dict[str, object]:
        """What runs tasks of lm-evaluation-harness: its interpreter, how many items."""
        named = self.lm_eval_python or os.environ.get("BOOKTUNE_LM_EVAL_PYTHON", "")
        python = str(Path(named).expanduser()) if named else sys.executable
        return {"python": python, "limit": self.lm_eval_limit}

    def on(self, profile: str) -> Evaluation:
        """With a GPU more is asked, where nobody set a number."""
        if profile == "tiny":
            return self
        free = {name: many for name, many in _ON_GPU.items() if name not in self.model_fields_set}
        return self.model_copy(update=free)

    def named(self, suites: Sequence[str], limit: int = 0) -> Evaluation:
        """Of suites that somebody names, as many items as ``limit`` says; without it as many as
        with a GPU (all of ours), where nobody set a number."""
        names = [_COUNTS[suite] for suite in suites if suite in _COUNTS]
        known = {name for name in self.model_fields_set if getattr(self, name)}
        free = [name for name in names if limit or name not in known]
        return self.model_copy(update={name: limit or _ON_GPU[name] for name in free})
