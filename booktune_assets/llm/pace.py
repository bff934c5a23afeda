"""What calls of a task take: learnt from those that were made.

Belongs here: running means for each task, and what follows from them (prompt tokens, time left).
Does not: where they are kept between runs (``cache.py``), limits (``budget.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from booktune_assets.llm.request import Request

__all__ = ["Pace", "Paces"]

NEWEST = 0.1  # weight of the newest call once ten were made
TOKEN_CHARS = 3.0  # before any call: dense code; a reservation must rather be high


@dataclass(frozen=True, slots=True)
class Pace:
    """Of one task: calls made, characters per prompt token, tokens written, seconds per call."""

    calls: int = 0
    token_chars: float = TOKEN_CHARS
    completion_tokens: float = 0.0
    seconds: float = 0.0

    def after(self, chars: int, prompt: int, completion: int, seconds: float) -> Pace:
        """With one call more."""
        share = max(NEWEST, 1 / (self.calls + 1))
        chars_now = chars / max(1, prompt) if prompt else self.token_chars
        return Pace(
            self.calls + 1,
            self.token_chars + share * (chars_now - self.token_chars),
            self.completion_tokens + share * (completion - self.completion_tokens),
            self.seconds + share * (seconds - self.seconds),
        )


class Paces:
    """Of all tasks of one model. A task that was never called is taken for the mean of the rest."""

    def __init__(self, known: Mapping[str, Pace] | None = None) -> None:
        self.by_task: dict[str, Pace] = dict(known or {})

    def learn(self, request: Request, prompt: int, completion: int, seconds: float) -> None:
        """Take a call into account that was made now."""
        before = self.by_task.get(request.task, Pace())
        self.by_task[request.task] = before.after(request.chars, prompt, completion, seconds)

    def of(self, task: str) -> Pace | None:
        """Of the task, or the mean of all tasks; None when no call was ever made."""
        if task in self.by_task:
            return self.by_task[task]
        known = list(self.by_task.values())
        if not known:
            return None
        size = len(known)
        return Pace(
            0,
            sum(pace.token_chars for pace in known) / size,
            sum(pace.completion_tokens for pace in known) / size,
            sum(pace.seconds for pace in known) / size,
        )

    def prompt_tokens(self, request: Request) -> int:
        """Tokens of the prompt, expected."""
        pace = self.of(request.task)
        return int(request.chars / (pace.token_chars if pace else TOKEN_CHARS)) + 1

    def prompt_tokens_most(self, request: Request) -> int:
        """Tokens of the prompt for a reservation: a tenth above, and the frame of a chat."""
        frame = 8 * (len(request.messages) + 1)
        return int(1.1 * self.prompt_tokens(request)) + frame

    def completion_tokens(self, request: Request) -> int:
        """Tokens that will be written, expected; ``max_tokens`` for a task without calls."""
        pace = self.by_task.get(request.task)
        if pace is None:
            return request.max_tokens
        return min(request.max_tokens, round(pace.completion_tokens))

    def seconds(self, tasks: Iterable[tuple[str, int]], window: int) -> float | None:
        """Until (task, calls) are done with ``window`` calls side by side; None if nobody knows.

        Little's law: in the long run as many calls end in a second as are in flight, divided by
        how long one takes.
        """
        total, calls = 0.0, 0
        for task, number in tasks:
            pace = self.of(task)
            if pace is None:
                return None if number else 0.0
            total, calls = total + number * pace.seconds, calls + number
        return total / max(1, min(window, calls))
