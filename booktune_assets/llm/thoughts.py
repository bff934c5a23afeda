"""What a model says after it has thought aloud.

Belongs here: marks of thoughts. Does not: what an answer holds (``beam/extract_code.py``), calls.

A server with a parser for them sends answers without thoughts; a model of a folder writes them into
its answer. Both have to be read alike.
"""

from __future__ import annotations

import re

__all__ = ["after_thought"]

_NAMES = r"think|thinking|thought|reasoning"
_BEGIN = re.compile(rf"\s*(?:<(?:{_NAMES})>|\[THINK\])")
_END = re.compile(rf"</(?:{_NAMES})>|\[/THINK\]")


def after_thought(answer: str) -> str | None:
    """The answer behind its thought, or as it is; None for a thought that never ends.

    The mark of the beginning may be missing: some templates write it as the end of the prompt. A
    mark within an answer that does not begin with one is text, unless it only ends a thought.
    """
    begun, end = _BEGIN.match(answer), _END.search(answer)
    if end is None:
        return None if begun else answer
    opened = begun or not re.search(rf"<(?:{_NAMES})>|\[THINK\]", answer[: end.start()])
    return answer[end.end() :].lstrip("\n") if opened else answer
