"""Settings of the evaluation: what is measured, on how much, with how many samples.

Belongs here: every knob of ``[evaluation]``. Does not: behaviour (``evaluation/``).
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["ALL", "Evaluation"]

ALL = 100_000  # more items than any suite has
_ON_GPU = {
    "problems": ALL, "otp": ALL, "variation": ALL, "choices": 400, "answers": 200,
    "retrieval": 100, "verbatim": 200, "regurgitation": 200, "heldout_sections": 200,
    "general_texts": 200, "short_answers": 200,
}  # fmt: skip


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Evaluation(_Section):
    """How base and tuned are compared. A number of items of 0 leaves the suite out.

    The defaults are for two CPU cores; GPU profiles ask for more (``on``).
    """

    suites: list[str] = Field(default=[], description="suites that are run; none named: all")
    heldout_sections: int = Field(default=24, ge=0, description="held-out sections scored, at most")
    general_texts: int = Field(default=24, ge=0, description="general texts, prose and code each")
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
    problems: int = Field(default=8, ge=0, description="programming problems sampled (pass@1)")
    otp: int = Field(default=2, ge=0, description="OTP tasks, spread over topics and kinds")
    variation: int = Field(default=0, ge=0, description="variants of problems, beside originals")
    samples: int = Field(default=1, ge=1, description="programs sampled for each problem")
    temperature: float = Field(
        default=0.0, ge=0, description="of those; 0 takes the likeliest token and allows one sample"
    )
    comparison: bool = Field(
        default=True, description="ways of not forgetting, compared in small for the report (a "
        "minute, once)",
    )  # fmt: skip
    new_tokens: int = Field(default=96, ge=8, description="longest answer, tokens")
    text_chars: int = Field(default=1200, ge=100, description="longest scored text, characters")
    bootstrap: int = Field(default=10_000, ge=100, description="resamples for the intervals")
    seed: int = 0

    def on(self, profile: str) -> Evaluation:
        """With a GPU more is asked, where nobody set a number."""
        if profile == "tiny":
            return self
        free = {name: many for name, many in _ON_GPU.items() if name not in self.model_fields_set}
        return self.model_copy(update=free)
