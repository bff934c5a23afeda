"""Settings of the sets: what they are composed of, which books may be trained on.

Belongs here: ``[mix]`` and ``[licences]`` with their defaults. Does not: all other sections, the
file and the environment (``settings.py``), behaviour (``pairs/``).
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["Licences", "Mix"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Mix(_Section):
    """What a set is composed of. Bands are targets: what is missing is reported, never padded."""

    on: bool = Field(default=True, description="compose; off: all pairs go in")
    size: int = Field(default=0, ge=0, description="training examples at most; 0: no bound")
    drop_max: float = Field(
        default=0.2, ge=0, le=1,
        description="share of rows given up at most for each band but negatives",
    )  # fmt: skip
    code_low: float = Field(default=0.3, ge=0, le=1, description="least share of answers in code")
    code_high: float = Field(default=0.4, ge=0, le=1, description="largest share, answer tokens")
    negatives_low: float = Field(default=0.03, ge=0, le=1, description="least share of negatives")
    negatives_high: float = Field(default=0.05, ge=0, le=1, description="largest share, rows")
    turns_low: float = Field(default=0.2, ge=0, le=1, description="least share of multi-turn rows")
    turns_high: float = Field(default=0.3, ge=0, le=1, description="largest share, rows")
    per_span: int = Field(default=6, ge=1, description="examples with one and the same answer span")
    per_concept: int = Field(default=400, ge=1, description="examples first of all on one concept")
    order: Literal["book", "interleaved", "competence", "shuffled"] = Field(
        default="book", description="order of learning; shuffled is the control"
    )
    salt: str = Field(default="", description="another salt chooses and shuffles anew")

    @model_validator(mode="after")
    def _bands(self) -> Self:
        """No share is in a band whose least is above its largest."""
        for name in ("code", "negatives", "turns"):
            low, high = getattr(self, f"{name}_low"), getattr(self, f"{name}_high")
            if low > high:
                raise ValueError(f"mix.{name}_low is {low}, above mix.{name}_high, {high}")
        return self


Held = Literal["hold", "allow"]


class Licences(_Section):
    """Which books may be trained on, and how much of one may be copied."""

    unknown: Held = Field(default="hold", description="no licence is stated, or none that is known")
    reserved: Held = Field(default="hold", description="all rights reserved")
    noncommercial: Held = Field(default="allow", description="CC BY-NC and the like")
    noderivatives: Held = Field(default="allow", description="CC BY-ND: train, but do not share")
    run_chars_max: int = Field(
        default=0, ge=0,
        description="longest run copied from a book without a permissive licence; 0: no bound",
    )  # fmt: skip
    book_share_max: float = Field(
        default=0, ge=0, le=1, description="largest share of such a book in examples; 0: no bound"
    )
