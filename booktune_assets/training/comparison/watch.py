"""A strategy that changes nothing: it measures at checkpoints, and keeps what the run was.

Belongs here: looking on. Does not: what is measured (``measure.py``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from booktune_assets.training.strategies.base import Passive, Run, Strategy

__all__ = ["Watch", "left"]


class Watch(Passive):
    """Calls ``look`` after some steps. Stand it last: then it sees what the others left.

    ``seconds`` are the CPU seconds that looking took, which are no part of a method's cost.
    """

    name = "watch"

    def __init__(
        self, look: Callable[[Any, int], None] | None = None, steps: Sequence[int] = ()
    ) -> None:
        self._run: Run | None = None
        self.seconds = 0.0
        self._look, self._steps = look, set(steps)

    def prepare(self, run: Run) -> None:
        """Keep the run: what strategies leave is asked for after it."""
        self._run = run

    def on_step_end(self, model: Any, step: int) -> None:
        """Look, if this is a checkpoint."""
        if self._look is not None and step in self._steps:
            began = time.process_time()
            self._look(model, step)
            self.seconds += time.process_time() - began

    def seen(self) -> Run:
        """The run that was looked at."""
        assert self._run is not None, "fit comes first"
        return self._run


def left(ways: Sequence[Strategy], run: Run, only: str = "") -> dict[str, dict[str, Any]]:
    """What strategies (or one of them) leave of a run for the next stage, by name."""
    found = {way.name: way.leave(run) for way in ways if only in ("", way.name)}
    return {name: state for name, state in found.items() if state}
