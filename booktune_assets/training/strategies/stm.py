"""Selective token masking, STM (arXiv 2501.14315): what surprises the reference teaches nothing.

    L = mean over tokens of [loss_ref ≤ cut] · loss,   loss_ref = −log p_ref(token | before)

The reference's losses are computed once, before the first step. The paper cuts at a perplexity of
2.5 (``perplexity``); with a base that does not know the subject that takes most of the supervision
away, and a pilot of ours then learned nothing. So the default is a ``quantile``: the share of
learned tokens that stay, those that surprise least. A run that masks more than ``masked_max`` is
refused before it begins.

Ours as well: tokens of code names are exempt (``keep_identifiers``), for they are what a book
teaches and exactly what surprises. They count when the quantile is taken, so less than its
complement is masked. Rows that rehearse are left alone. The mean stays one over all learned tokens,
so masking also makes the step smaller. Cost: the new samples forwards once, in the beginning, and 4
bytes for each learned token.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from booktune_assets.errors import BookError, Code
from booktune_assets.ids import digest
from booktune_assets.llm.heads import token_nll
from booktune_assets.settings_training import Stm as Settings
from booktune_assets.training.batches import PackedRow, Sample
from booktune_assets.training.identifiers import names_of_code
from booktune_assets.training.rotation import apart
from booktune_assets.training.strategies.base import Output, Passive, Run
from booktune_assets.training.trainer import row_inputs

__all__ = ["Stm"]


class Stm(Passive):
    """Masks by the reference's losses. ``names`` tells which tokens of a sample name code.

    Without ``names`` the run's tokenizer tells (``training/identifiers.py``).
    """

    name = "stm"

    def __init__(
        self,
        settings: Settings | None = None,
        names: Callable[[Sample], Sequence[bool]] | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.names = names
        self.cut = math.inf
        self.masked = 0.0
        self._keep: dict[str, Any] = {}  # of each sample: bool tensor [its learned tokens]

    def prepare(self, run: Run) -> None:
        """Losses of the reference, the cut, the masks. Raises ``BAD_SETTING``."""
        exempt = self._exempt(run)
        if run.resumed:
            return
        losses: dict[str, Any] = {}
        free: dict[str, Any] = {}
        with run.reference.shown(run.model):
            device = next(run.model.parameters()).device
            for row in apart(run.new):
                sample = row.samples[0]
                targets = torch.tensor(row.targets, dtype=torch.long, device=device).view(-1, 2)
                found = token_nll(run.model, row_inputs(row, device), targets[:, 0], targets[:, 1])
                mask = exempt(sample)
                losses[_key(sample)] = found.float().cpu()
                free[_key(sample)] = torch.tensor(
                    [mask[place] for place, on in enumerate(sample.learned) if on and place],
                    dtype=torch.bool,
                )
        self.cut = self._cut(losses)
        self._keep = {key: (loss <= self.cut) | free[key] for key, loss in losses.items()}
        self._guard()

    def row_weights(self, model: Any, row: PackedRow, output: Output) -> Any | None:
        """1 for what teaches, 0 for what is masked; none on rows that rehearse."""
        if row.rehearsal:
            return None
        keep = torch.cat([self._keep[_key(sample)] for sample in row.samples])
        return keep.to(output.nll)

    def metrics(self) -> dict[str, float]:
        """The cut in nats and the share of learned tokens under the mask."""
        return {"cut": self.cut, "masked": self.masked}

    def state_dict(self) -> dict[str, Any]:
        """Cut and masks: a resumed run masks the same, whatever its model is by then."""
        return {"cut": self.cut, "masked": self.masked, "keep": dict(self._keep)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take the masks up."""
        self.cut, self.masked, self._keep = state["cut"], state["masked"], dict(state["keep"])

    def _exempt(self, run: Run) -> Callable[[Sample], Sequence[bool]]:
        if not self.settings.keep_identifiers:
            return lambda sample: [False] * len(sample.ids)
        if self.names is not None:
            return self.names
        if run.tokenizer is None:
            raise BookError(
                Code.BAD_SETTING,
                "Set keep_identifiers = false: without a tokenizer names of code are not seen",
                forgetting=self.name,
            )
        return lambda sample: names_of_code(run.tokenizer, sample.ids)

    def _cut(self, losses: dict[str, Any]) -> float:
        """The largest loss that is kept, in nats."""
        if self.settings.perplexity is not None:
            return math.log(self.settings.perplexity)
        if self.settings.quantile is None or not losses:
            return math.inf
        ordered = torch.cat(list(losses.values())).sort().values
        kept = max(1, round(self.settings.quantile * len(ordered)))
        return float(ordered[kept - 1])

    def _guard(self) -> None:
        total = sum(len(keep) for keep in self._keep.values())
        self.masked = 1 - sum(int(keep.sum()) for keep in self._keep.values()) / max(1, total)
        if self.masked > self.settings.masked_max:
            raise BookError(
                Code.BAD_SETTING,
                "The base model knows too little of the subject for this mask: raise stm.quantile "
                "or stm.perplexity, or leave stm out of training.forgetting",
                masked=round(self.masked, 3),
                masked_max=self.settings.masked_max,
                cut_nats=round(self.cut, 3),
            )


def _key(sample: Sample) -> str:
    return f"{sample.name}:{digest(sample.ids)}"
