"""Items, replies and scores: what every suite speaks.

Belongs here: the records that go from a suite to the model and back. Does not: any suite
(``suites/``), asking (``child.py``), doubt (``statistics.py``).

A reply is what the child gives for an item under one arm: ``[nats, tokens, bytes]`` for a text, a
list of strings (one for each sample) for an answer, a list of ``[nats, tokens, bytes]`` (one for
each option) for a choice, ``[nats, tokens, text]`` for a drift, what the task's own library found
for a harness (``suites/lm_eval.py``), and ``{"error": CODE}`` where the item was impossible.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from booktune_assets.llm.thoughts import after_thought
from booktune_assets.pairs.tongue import tongue

__all__ = ["ARMS", "Item", "ItemScore", "Replies", "bits", "error_of", "samples_of", "within"]

ARMS = ("base", "tuned")
_LOOP = 4  # the same ending this often in a row is a model that does not stop
_END = 12  # characters of that ending
_PROSE = 0.97  # of the characters: with fewer letters it is code, whose words are of no language
_POINTS = ".,;:!?'\u2019\u3001\u3002-"
# what templates of chat models put between turns; no answer has a use for it
_ROLES = re.compile(
    r"<\|(?:im_start|im_end|eot_id|start_header_id|end_header_id|user|assistant|system|end)\|>"
    r"|\[/?INST\]|</?(?:start|end)_of_turn>|^### (?:Instruction|Response):",
    re.MULTILINE,
)
_FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)

Replies = Mapping[str, Mapping[str, object]]  # arm → item id → reply


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that both arms are asked.

    ``ask`` says what is done with ``text``: scored as it stands (``text``), answered as a user's
    turn (``answer``), gone on from (``completion``), or followed by each of ``options`` as the
    assistant's turn, to see which surprises least (``choice``). With ``drift`` the base goes on
    from the text, with ``drift_answer`` it answers it, and both arms say how likely every next
    token was; ``harness`` is a task of lm-evaluation-harness. ``system`` is a turn before the
    user's. Items of one ``cluster`` (variants
    of one source problem) are no independent evidence and are resampled together; empty: the item
    stands alone. Items of one ``group`` are only scored together (an original and its variants):
    a limit takes all of them or none. ``judge`` is a digest of what judges the answer beside the
    reference (tests). ``about`` is for the suite's own scoring and is not shown to the model.
    """

    item_id: str
    ask: Literal["text", "answer", "completion", "choice", "drift", "drift_answer", "harness"]
    text: str
    reference: str = ""
    cluster: str = ""
    options: tuple[str, ...] = ()
    new_tokens: int = 0
    samples: int = 1
    temperature: float = 0.0
    stop: tuple[str, ...] = ()
    system: str = ""
    concepts: tuple[str, ...] = ()
    group: str = ""
    judge: str = ""
    about: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class ItemScore:
    """One item under one arm and one metric: a row of ``eval_report__items`` without its ids.

    ``score`` None: it counts for neither arm, and ``status`` says why. ``samples`` of them
    ``passed``, where the metric counts passes.
    """

    suite: str
    metric: str
    item_id: str
    arm: str
    score: float | None
    weight: float = 1.0
    prompt: str | None = None
    output: str | None = None
    reference: str | None = None
    status: str = "ok"
    cluster: str = ""
    concepts: tuple[str, ...] = ()
    samples: int = 1
    passed: int | None = None


def within(items: Sequence[Item], limit: int) -> list[Item]:
    """The first ``limit`` items at most, in their order; groups that do not fit are passed over."""
    size = Counter(item.group for item in items if item.group)
    chosen: dict[str, bool] = {}
    room, found = limit, list[Item]()
    for item in items:
        if not item.group:
            takes, room = room > 0, room - (room > 0)
        elif item.group not in chosen:
            chosen[item.group] = takes = size[item.group] <= room
            room -= size[item.group] * takes
        else:
            takes = chosen[item.group]
        found += [item] * takes
    return found


def bits(reply: object, size: int) -> tuple[float | None, float, str]:
    """Bits per byte, weight and status of a scored text of ``size`` bytes."""
    if not isinstance(reply, list):
        return None, float(size), error_of(reply)
    nats, _tokens, bytes_ = (float(figure) for figure in reply)
    if not math.isfinite(nats) or bytes_ <= 0:
        return None, float(size), "not_finite"
    return nats / math.log(2) / bytes_, bytes_, "ok"


def samples_of(reply: object, *, whole: bool = False) -> list[tuple[str | None, str]]:
    """(text, status) of each sample of an answer; an error is one sample without text.

    The text is what stands behind a thought, as a server sends it, or with ``whole`` all of it. Of
    a thought that never ends all is the text, and its status is ``thought``.
    """
    if not isinstance(reply, list):
        return [(None, error_of(reply))]
    found: list[tuple[str | None, str]] = []
    for one in map(str, cast("list[object]", reply)):
        said = after_thought(one)
        text = one if said is None or whole else said
        found.append((text, "thought" if said is None else _status(said)))
    return found


def error_of(reply: object) -> str:
    """The code of an impossible item, or ``no_answer``."""
    return str(reply.get("error")) if isinstance(reply, dict) else "no_answer"


def _status(text: str) -> str:
    """What is wrong with an answer whatever it was asked; it is scored as it stands all the same.

    ``empty``, ``template`` (it writes turns of its own), ``loops``, ``language`` (prose that is not
    English), else ``ok``. What never came out of its thought is ``thought`` (:func:`samples_of`).
    """
    if not text.strip():
        return "empty"
    if _ROLES.search(text):
        return "template"
    end = text[-_END:]
    if len(text) > _END * _LOOP and text.count(end) >= _LOOP:
        return "loops"
    prose = _FENCED.sub(" ", text)
    plain = sum(char.isalpha() or char.isspace() or char in _POINTS for char in prose)
    if plain >= _PROSE * len(prose) and tongue(prose) not in ("", "en"):
        return "language"
    return "ok"
